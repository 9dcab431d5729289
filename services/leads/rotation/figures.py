"""What the rotation tells when it is counted, and how the ring of today stands (L-36, X-310)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, dates, during, number_of, period, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, LongText, Moment, ProjectId, User
from services.contracts.vocabulary.rotation import (
    Assignment,
    CheckState,
    FactChangeId,
    ReadinessCheckId,
    RosterId,
    SalesFactKind,
    SlotState,
    TurnBlock,
)
from services.leads.readers import FLOOR_READERS
from services.leads.rotation.facts import FactReceipt, SalesFactChange, fact_changes, to_be_known
from services.leads.rotation.readiness import checks_of
from services.leads.rotation.reception import places_of, receptions
from services.leads.rotation.records import Reception
from services.leads.rotation.roster import SITE, Roster, RotationSlot, owed_in, ring_of, rosters, slots
from services.leads.rotation.turns import Intake, decide

__all__ = ["fact_changes", "receptions"]
MANAGING = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR]

#: What is counted of an agent's receptions: the test of a row, and the filters of the list that holds the same ones.
COUNTED: dict[str, tuple[Any, dict[str, Any]]] = {
    "turns": (Reception.turn_counted, {"turn_counted": True}),
    "deputised": (Reception.assignment == Assignment.DEPUTISED, {"assignment": Assignment.DEPUTISED}),
    "make_ups": (Reception.assignment == Assignment.MAKE_UP, {"assignment": Assignment.MAKE_UP}),
}


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
    counts=("receptions", *COUNTED),
    figures=("cancelled_rounds",),
)
def receptions_by_agent(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Received]:
    """Turns, deputised receptions, make-up turns used and cancelled rounds of each agent (L-36)."""
    begin, end = period(work, since, until)
    of = [Reception.project_id == project_id] if project_id else []
    started = Reception.started_at >= begin, Reception.started_at < end
    counted = [number_of(test) for test, _ in COUNTED.values()]
    found = (
        sa.select(Reception.agent, sa.func.count(), *counted)
        .where(*views.seen(work, receptions), *started, *of)
        .group_by(Reception.agent)
    )
    received = {agent: [int(number) for number in numbers] for agent, *numbers in work.session.execute(found)}
    cancelled = _cancelled(work, since, until, project_id)
    nothing = [0] * (1 + len(COUNTED))
    for agent in sorted(received.keys() | cancelled.keys()):
        every, *numbers = received.get(agent, nothing)
        behind = {"agent": agent, "started_at": during(begin, end)}
        yield Received(
            agent=agent,
            receptions=every,
            **dict(zip(COUNTED, numbers, strict=True)),
            cancelled_rounds=cancelled.get(agent, 0),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={name: filters for name, (_, filters) in COUNTED.items()},
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
    """One agent in the ring of today, from its head, with the readiness check of the day."""

    roster_id: RosterId
    rank: Count
    agent: User
    slot_state: SlotState
    since: Moment
    block: TurnBlock | None
    check_id: ReadinessCheckId | None
    check_state: CheckState | None
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
    assert roster.project_id is not None
    places = {place.agent: place for place in places_of(work, roster)}
    coming = decide(places.values(), Intake(), [owed.agent for owed in owed_in(work, roster)])
    checks = checks_of(work, roster.project_id, roster.day)
    for rank, slot in enumerate(ring_of(work, roster), start=1):
        check = checks.get(slot.agent)
        yield InRing(
            roster_id=roster.id,
            rank=rank,
            agent=slot.agent,
            slot_state=SlotState(slot.state),
            since=slot.since,
            block=places[slot.agent].block,
            check_id=check.id if check else None,
            check_state=CheckState(check.state) if check else None,
            is_next=coming is not None and coming.agent == slot.agent,
            turn_counted=slot.turn_counted,
            makeup_owed=slot.makeup_owed,
            rounds_cancelled=slot.rounds_cancelled,
        )


@dataclass(frozen=True, kw_only=True)
class Unread(Row):
    """One change of the sales information that the reader has not acknowledged, and how many others have."""

    change_id: FactChangeId
    kind: SalesFactKind
    content: LongText
    effective_at: Moment
    acknowledged: Count


@report(fact_changes, Unread, by=SITE, along="kind", counts=(), figures=("acknowledged",))
def unread_changes(work: Work, project_id: ProjectId | None = None) -> Iterator[Unread]:
    """What whoever asks has to acknowledge before the next reception, the oldest first (L-30, X-309)."""
    of = [SalesFactChange.project_id == project_id] if project_id else []
    known = sa.select(FactReceipt.change_id).where(FactReceipt.agent == work.actor.user)
    unread = [*to_be_known(work), SalesFactChange.id.not_in(known)]
    others = sa.select(sa.func.count()).where(FactReceipt.change_id == SalesFactChange.id).scalar_subquery()
    found = sa.select(SalesFactChange, others).where(*views.seen(work, fact_changes), *unread, *of)
    for change, acknowledged in work.session.execute(found.order_by(SalesFactChange.created_at)):
        yield Unread(
            change_id=change.id,
            kind=SalesFactKind(change.kind),
            content=change.content,
            effective_at=change.effective_at,
            acknowledged=acknowledged,
        )
