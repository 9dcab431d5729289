"""Running the ring of a day: opening it, who is there, who loses a round, and its end at midnight (L-25, X-04).

What concerns one agent's place is a command of the roster: it holds the roster first, so that two changes of a ring
never wait for each other.
"""

from __future__ import annotations

import sqlalchemy as sa

from services.chassis.clocks import clock
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Day, ProjectId, Reason, User
from services.contracts.vocabulary.rotation import SlotState
from services.leads.projects import project_of
from services.leads.rotation.roster import (
    SITE,
    Roster,
    RotationSlot,
    go_off,
    lapse,
    lose_round,
    make_ups,
    may_act_for,
    owed_in,
    rejoin,
    ring_of,
    rosters,
    settle,
    slots,
    to_the_tail,
)

__all__ = ["cancel", "make_ups", "rosters", "slots"]


@rosters.create("open", by=[Role.SITE_SALES_LEAD])
def open(project_id: ProjectId, work: Work, agents: list[User] | None = None, day: Day | None = None) -> Roster:
    """Open the ring of a day; without names it goes on in the order in which the last one ended (L-25)."""
    project = project_of(work, project_id)
    day = day or work.today
    if day < work.today:
        raise ValidationFailed.of("day", "in_the_past")
    work.alone("roster", project.id)
    if work.first(Roster, project_id=project.id, day=day) is not None:
        raise ValidationFailed.of("day", "roster_exists")
    last = _last_before(work, project.id, day)
    named = list(dict.fromkeys(agents or [])) or ([slot.agent for slot in ring_of(work, last)] if last else [])
    if not named:
        raise ValidationFailed.of("agents", "required")
    roster = Roster(day=day, opened_from=last.id if last else None)
    roster.project_id, roster.company_id = project.id, project.company_id
    work.begin_life(rosters, roster, "open")
    for position, agent in enumerate(named, start=1):
        _add(work, roster, agent, position)
    settle(work, roster)
    return roster


@rosters.change("open", by=[Role.SITE_SALES_LEAD])
def join(roster: Roster, agent: User, work: Work) -> None:
    """Add an agent at the tail of the ring."""
    ring = ring_of(work, roster)
    if any(slot.agent == agent for slot in ring):
        raise ValidationFailed.of("agent", "in_ring_already")
    _add(work, roster, agent, max((slot.position for slot in ring), default=0) + 1)
    settle(work, roster)


@rosters.change("open", by=SITE)
def mark_away(roster: Roster, agent: User, work: Work) -> None:
    """The agent is off or out of the site; the place in the ring stays theirs (L-25)."""
    slot = own_slot(work, roster, agent)
    if slot.state in (SlotState.RECEIVING, SlotState.DEPUTISING):
        raise ValidationFailed.of("agent", "is_receiving")
    if slot.state == SlotState.OFF:
        raise ValidationFailed.of("agent", "away_already")
    work.perform(go_off, slot)
    settle(work, roster)


@rosters.change("open", by=SITE)
def mark_back(roster: Roster, agent: User, work: Work) -> None:
    """The agent is on the site again and takes their old place (L-25)."""
    slot = own_slot(work, roster, agent)
    if slot.state != SlotState.OFF:
        raise ValidationFailed.of("agent", "not_away")
    work.perform(rejoin, slot)
    settle(work, roster)


@rosters.change("open", by=[Role.SITE_SALES_LEAD])
def cancel_round(roster: Roster, agent: User, reason: Reason, work: Work) -> None:
    """The readiness check of whoever is up failed: they lose this round (L-25, X-04)."""
    slot = slot_of(work, roster, agent)
    if slot.state != SlotState.UP:
        raise ValidationFailed.of("agent", "not_up")
    cancel(work, roster, slot, reason)


@rosters.change("open", by=[Role.SITE_SALES_LEAD])
def refuse_make_up(roster: Roster, agent: User, reason: Reason, work: Work) -> None:
    """The site sales lead does not grant the oldest make-up turn of an agent (X-04)."""
    slot = slot_of(work, roster, agent)
    owed = next((one for one in owed_in(work, roster) if one.agent == agent), None)
    if owed is None:
        raise ValidationFailed.of("agent", "no_make_up_owed")
    work.perform(lapse, owed, reason=reason)
    slot.makeup_owed -= 1


@rosters.move("open", "closed", by=[Role.SYSTEM])
def close(roster: Roster, work: Work) -> None:
    """The day is over: make-up turns lapse, and nobody is in the ring any more who is not still receiving (L-25)."""
    for owed in owed_in(work, roster):
        work.perform(lapse, owed)
    for slot in ring_of(work, roster):
        slot.makeup_owed = 0
        if slot.state not in (SlotState.OFF, SlotState.RECEIVING, SlotState.DEPUTISING):
            work.perform(go_off, slot)


clock(rosters, "day", until="day", starts="open", stops="closed", then=close)


def cancel(work: Work, roster: Roster, slot: RotationSlot, reason: Reason) -> None:
    """The round is lost: the next one takes it, and the agent goes to the tail."""
    work.perform(lose_round, slot, reason=reason)
    to_the_tail(work, roster, slot)
    settle(work, roster)


def pass_round(work: Work, roster: Roster) -> None:
    """A turn was used: those who lost theirs have lost it, and are in the ring again (L-25)."""
    for slot in ring_of(work, roster):
        if slot.state == SlotState.CANCELLED_FOR_ROUND:
            work.perform(rejoin, slot)


def slot_of(work: Work, roster: Roster, agent: User) -> RotationSlot:
    """The agent's place."""
    found = next((slot for slot in ring_of(work, roster) if slot.agent == agent), None)
    if found is None:
        raise ValidationFailed.of("agent", "not_in_ring")
    return found


def own_slot(work: Work, roster: Roster, agent: User) -> RotationSlot:
    """The agent's place, for the agent and the site sales lead."""
    if not may_act_for(work, agent, roster):
        raise ValidationFailed.of("agent", "only_yourself")
    return slot_of(work, roster, agent)


def _add(work: Work, roster: Roster, agent: User, position: int) -> None:
    slot = RotationSlot(roster_id=roster.id, day=roster.day, agent=agent, position=position, since=work.now)
    slot.turn_counted = slot.makeup_owed = slot.rounds_cancelled = 0
    slot.project_id, slot.company_id = roster.project_id, roster.company_id
    work.begin_life(slots, slot, "queued")


def _last_before(work: Work, project_id: ProjectId, day: Day) -> Roster | None:
    """The latest roster before a day."""
    earlier = sa.select(Roster).where(Roster.project_id == project_id, Roster.day < day)
    return work.session.scalar(earlier.order_by(Roster.day.desc()).limit(1))
