"""What the rotation tells when it is counted, and how the ring of today stands (L-36, X-310)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, dates, during, period, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, Moment, ProjectId, User
from services.contracts.vocabulary.rotation import Assignment, SlotState, TurnBlock
from services.leads.readers import FLOOR_READERS
from services.leads.rotation.reception import Reception, places_of, receptions
from services.leads.rotation.roster import Roster, RotationSlot, owed_in, ring_of, rosters, slots
from services.leads.rotation.turns import Intake, decide

__all__ = ["receptions"]
MANAGING = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR]


@dataclass(frozen=True, kw_only=True)
class Received(Row):
    """What one agent received in the period, and what it did to their turns."""

    agent: User
    receptions: Count
    turns: Count
    deputised: Count
    make_ups: Count
    cancelled_rounds: Count


@report(
    receptions,
    Received,
    by=MANAGING,
    along="agent",
    counts=("receptions", "turns", "deputised", "make_ups"),
    figures=("cancelled_rounds",),
)
def receptions_by_agent(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Received]:
    """Turns, deputised receptions, make-up turns used and cancelled rounds of each agent (L-36)."""
    begin, end = period(work, since, until)
    of = [Reception.project_id == project_id] if project_id else []
    started = Reception.started_at >= begin, Reception.started_at < end
    found = sa.select(Reception.agent, Reception.assignment, Reception.turn_counted)
    by_agent = defaultdict(list)
    for row in work.session.execute(found.where(*views.seen(work, receptions), *started, *of)):
        by_agent[row.agent].append(row)
    cancelled = _cancelled(work, since, until, project_id)
    for agent in sorted(by_agent.keys() | cancelled.keys()):
        rows = by_agent[agent]
        behind = {"agent": agent, "started_at": during(begin, end)}
        yield Received(
            agent=agent,
            receptions=len(rows),
            turns=sum(row.turn_counted for row in rows),
            deputised=sum(row.assignment == Assignment.DEPUTISED for row in rows),
            make_ups=sum(row.assignment == Assignment.MAKE_UP for row in rows),
            cancelled_rounds=cancelled.get(agent, 0),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={
                "turns": {"turn_counted": True},
                "deputised": {"assignment": Assignment.DEPUTISED},
                "make_ups": {"assignment": Assignment.MAKE_UP},
            },
        )


def _cancelled(work: Work, since: Day | None, until: Day | None, project_id: ProjectId | None) -> dict[User, int]:
    first, last = dates(work, since, until)
    of = [RotationSlot.project_id == project_id] if project_id else []
    lost = RotationSlot.day >= first, RotationSlot.day <= last, RotationSlot.rounds_cancelled > 0
    found = sa.select(RotationSlot.agent, sa.func.sum(RotationSlot.rounds_cancelled)).group_by(RotationSlot.agent)
    rows = work.session.execute(found.where(*views.seen(work, slots), *lost, *of))
    return {agent: int(rounds) for agent, rounds in rows}


@dataclass(frozen=True, kw_only=True)
class InRing(Row):
    """One agent in the ring of today, from its head."""

    rank: Count
    agent: User
    slot_state: SlotState
    since: Moment
    block: TurnBlock | None
    is_next: bool
    turn_counted: Count
    makeup_owed: Count
    rounds_cancelled: Count


@report(
    slots,
    InRing,
    by=FLOOR_READERS,
    along="agent",
    counts=(),
    figures=("turn_counted", "makeup_owed", "rounds_cancelled"),
)
def rotation_today(work: Work, project_id: ProjectId | None = None) -> Iterator[InRing]:
    """The ring of each roster of today: who is up, who receives, whom something blocks, and who is next (X-310)."""
    of = [Roster.project_id == project_id] if project_id else []
    today = (
        sa.select(Roster).where(*views.seen(work, rosters), Roster.day == work.today, *of).order_by(Roster.project_id)
    )
    for roster in work.session.scalars(today):
        yield from _standing(work, roster)


def _standing(work: Work, roster: Roster) -> Iterator[InRing]:
    places = {place.agent: place for place in places_of(work, roster)}
    coming = decide(places.values(), Intake(), [owed.agent for owed in owed_in(work, roster)])
    for rank, slot in enumerate(ring_of(work, roster), start=1):
        yield InRing(
            rank=rank,
            agent=slot.agent,
            slot_state=SlotState(slot.state),
            since=slot.since,
            block=places[slot.agent].block,
            is_next=coming is not None and coming.agent == slot.agent,
            turn_counted=slot.turn_counted,
            makeup_owed=slot.makeup_owed,
            rounds_cancelled=slot.rounds_cancelled,
            behind={"roster_id": roster.id},
        )
