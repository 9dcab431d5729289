"""The rotation roster of a project and day, and each agent's place in its ring (L-25)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, Moment, Number, ProjectId, Reason, User
from services.contracts.vocabulary.rotation import ReceptionId, RosterId, SlotState
from services.leads.readers import FLOOR_READERS
from services.leads.rotation.turns import FREE

SITE = [Role.SALES_AGENT, Role.SITE_SALES_LEAD]


class Roster(Record):
    """The ring of one project on one day. `opened_from` is the roster whose order it went on with."""

    __table_args__ = (sa.Index(None, "project_id", "day"),)

    number: Mapped[Number]
    day: Mapped[Day]
    opened_from: Mapped[RosterId | None]


class RotationSlot(Record):
    """One agent's place in the ring of a day: what comes first is served first (L-25)."""

    __table_args__ = (sa.UniqueConstraint("roster_id", "agent"),)

    roster_id: Mapped[RosterId]
    day: Mapped[Day]
    agent: Mapped[User]
    position: Mapped[Count]
    turn_counted: Mapped[Count]
    makeup_owed: Mapped[Count]
    rounds_cancelled: Mapped[Count]
    since: Mapped[Moment]
    reason: Mapped[Reason | None]


class MakeUpTurn(Record):
    """A turn that a deputy may take the same day, in place of the one that was not counted (L-25)."""

    day: Mapped[Day]
    agent: Mapped[User]
    roster_id: Mapped[RosterId]
    earned_by: Mapped[ReceptionId]
    used_by: Mapped[ReceptionId | None]
    reason: Mapped[Reason | None]


rosters = Process(
    Roster,
    numbered="RT",
    readers=FLOOR_READERS,
    listed=["number", "day", "project_id", "opened_from"],
    filters=["project_id", "day"],
)

slots = Process(
    RotationSlot,
    readers=FLOOR_READERS,
    title="agent",
    listed=["agent", "day", "project_id", "position", "turn_counted", "makeup_owed", "rounds_cancelled", "since"],
    filters=["roster_id", "project_id", "agent", "day"],
    life={"queued": ()},
)

make_ups = Process(
    MakeUpTurn,
    readers=FLOOR_READERS,
    title="agent",
    listed=["agent", "day", "project_id", "earned_by", "used_by", "reason"],
    filters=["roster_id", "project_id", "agent", "day"],
    life={"owed": ()},
)


def roster_today(work: Work, project_id: ProjectId) -> Roster:
    """The open roster of the day, held until this transaction ends: turns are given one after the other (L-25)."""
    found = work.first(Roster, project_id=project_id, day=work.today, state="open")
    if found is None:
        raise ValidationFailed.of("project_id", "no_roster_today")
    return held(work, found.id)


def held(work: Work, roster_id: RosterId) -> Roster:
    """The roster, locked: whatever changes its ring holds it first."""
    return work.get(Roster, roster_id, lock=True)


def ring_of(work: Work, roster: Roster) -> list[RotationSlot]:
    """Its places, from the head."""
    return sorted(work.all(RotationSlot, roster_id=roster.id), key=lambda slot: slot.position)


def owed_in(work: Work, roster: Roster) -> list[MakeUpTurn]:
    """The make-up turns that are still owed, the oldest first."""
    return work.all(MakeUpTurn, roster_id=roster.id, state="owed")


@slots.move("queued", "up", by=[Role.SYSTEM])
def come_up(slot: RotationSlot, work: Work) -> None:
    """Whoever was before has used a turn (L-25)."""
    slot.since = work.now


@slots.move("up", "queued", by=[Role.SYSTEM])
def step_back(slot: RotationSlot, work: Work) -> None:
    """Somebody who stands before is back."""
    slot.since = work.now


@slots.move(FREE, "receiving", by=[Role.SYSTEM])
def begin_receiving(slot: RotationSlot, work: Work) -> None:
    """A customer is received (L-25)."""
    slot.since = work.now


@slots.move(FREE, "deputising", by=[Role.SYSTEM])
def begin_deputising(slot: RotationSlot, work: Work) -> None:
    """A colleague's customer is received in the colleague's place (L-25, L-26)."""
    slot.since = work.now


@slots.move(("receiving", "deputising", "cancelled_for_round", "off"), "queued", by=[Role.SYSTEM])
def rejoin(slot: RotationSlot, work: Work) -> None:
    """In the ring again (L-25)."""
    slot.since, slot.reason = work.now, None


@slots.move("up", "cancelled_for_round", by=[Role.SYSTEM])
def lose_round(slot: RotationSlot, reason: Reason, work: Work) -> None:
    """The readiness check failed: the turn goes to the next one (L-25, L-29)."""
    slot.since, slot.reason = work.now, reason
    slot.rounds_cancelled += 1


@slots.move(("queued", "up", "receiving", "deputising", "cancelled_for_round"), "off", by=[Role.SYSTEM])
def go_off(slot: RotationSlot, work: Work) -> None:
    """Off duty or out of the site."""
    slot.since, slot.reason = work.now, None


@make_ups.move("owed", "used", by=[Role.SYSTEM])
def use(make_up: MakeUpTurn, reception_id: ReceptionId) -> None:
    """The next new customer of the day is the deputy's (L-25)."""
    make_up.used_by = reception_id


@make_ups.move("owed", "lapsed", by=[Role.SYSTEM])
def lapse(make_up: MakeUpTurn, reason: Reason | None = None) -> None:
    """The day has ended, or the site sales lead does not grant it (L-25, X-04)."""
    make_up.reason = reason


def may_act_for(work: Work, agent: User, place: Any) -> bool:
    """An agent acts for themselves, the site sales lead for everybody of the site, which a roster or project is of."""
    return agent == work.actor.user or work.actor.covers([Role.SITE_SALES_LEAD], place.company_id, place.project_id)


def own_only(record: Any, work: Work) -> Obstacle | None:
    """A gate: the record's agent, or the site sales lead."""
    return None if may_act_for(work, record.agent, record) else Obstacle("not_yours")


def to_the_tail(work: Work, roster: Roster, slot: RotationSlot) -> None:
    """Behind everybody else."""
    slot.position = max(one.position for one in ring_of(work, roster)) + 1


def settle(work: Work, roster: Roster) -> None:
    """Whoever stands first of those who are free is up, and nobody else (L-25)."""
    work.session.flush()
    free = [slot for slot in ring_of(work, roster) if slot.state in FREE]
    for slot in free[1:]:
        if slot.state == SlotState.UP:
            work.perform(step_back, slot)
    if free and free[0].state == SlotState.QUEUED:
        work.perform(come_up, free[0])
