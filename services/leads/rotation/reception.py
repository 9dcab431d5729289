"""A reception: who receives which customer, by which right and why, from intake to summary (L-24, L-25, L-27)."""

from __future__ import annotations

from collections.abc import Iterable

from services.chassis.process import Process
from services.chassis.work import Work
from services.contracts.errors import IllegalMove
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Count,
    CustomerUid,
    LongText,
    PersonName,
    Phone,
    ProjectId,
    Reason,
    User,
)
from services.contracts.vocabulary.rotation import Assignment, TurnBlock
from services.contracts.vocabulary.sales import HowNamed, ViolationKind, VisitPlace
from services.leads import violations
from services.leads.readers import FLOOR_READERS
from services.leads.reception import visits
from services.leads.reception.entries import VisitEntry
from services.leads.rotation import facts, notices, readiness
from services.leads.rotation.records import Reception
from services.leads.rotation.ring import pass_round, slot_of
from services.leads.rotation.roster import (
    SITE,
    MakeUpTurn,
    Roster,
    RotationSlot,
    begin_deputising,
    begin_receiving,
    go_off,
    held,
    make_ups,
    owed_in,
    own_only,
    rejoin,
    ring_of,
    roster_today,
    settle,
    to_the_tail,
    use,
)
from services.leads.rotation.turns import Decision, Intake, Place, decide

receptions = Process(
    Reception,
    numbered="RC",
    readers=FLOOR_READERS,
    listed=["number", "started_at", "uid", "agent", "for_agent", "assignment", "turn_counted", "why", "ended_at"],
    filters=[
        *("roster_id", "project_id", "uid", "agent", "for_agent"),
        *("assignment", "turn_counted", "started_at"),
    ],
)


@receptions.create("receiving", by=SITE)
def receive(
    *,
    phone: Phone | None = None,
    name: PersonName | None = None,
    uid: CustomerUid | None = None,
    been_before: bool,
    has_called: bool,
    is_recommended: bool,
    named_agent: User | None = None,
    how_named: HowNamed | None = None,
    brought_by_uid: CustomerUid | None = None,
    referrer_uid: CustomerUid | None = None,
    party_size: Count = 1,
    place: VisitPlace = VisitPlace.SALES_SITE,
    needs: LongText | None = None,
    project_id: ProjectId,
    work: Work,
) -> Reception:
    """Take the intake of a customer who arrives; the rotation decides who receives, and the visit is written down
    (L-24, L-25)."""
    roster = roster_today(work, project_id)
    referrer_uid = referrer_uid or brought_by_uid
    known = visits.identified(
        work, project_id, named_agent, how_named, referrer_uid, is_recommended=is_recommended, uid=uid, phone=phone
    )
    named_agent, how_named, referrer_uid = known
    decision = _decide(work, roster, Intake(named_agent, brought_by_uid is not None))
    visit: VisitEntry = work.perform(
        visits.register,
        uid=uid,
        name=name,
        phone=phone,
        project_id=project_id,
        been_before=been_before,
        has_called=has_called,
        is_recommended=is_recommended or brought_by_uid is not None,
        agent=decision.for_agent or decision.agent,
        deputy=decision.agent if decision.for_agent else None,
        named_agent=named_agent,
        how_named=how_named,
        referrer_uid=referrer_uid,
        place=place,
        party_size=party_size,
        needs=needs,
    )
    slot = slot_of(work, roster, decision.agent)
    reception = Reception(
        roster_id=roster.id,
        slot_id=slot.id,
        visit_id=visit.id,
        uid=visit.uid,
        agent=decision.agent,
        for_agent=decision.for_agent,
        brought_by_uid=brought_by_uid,
        assignment=decision.assignment,
        turn_counted=decision.is_counted,
        why=list(decision.why),
        started_at=work.now,
        project_id=roster.project_id,
        company_id=roster.company_id,
    )
    work.begin_life(receptions, reception, "receiving")
    _carry_through(work, roster, slot, reception, decision)
    return reception


@receptions.move("receiving", "finished", by=SITE, guard=own_only)
def finish(reception: Reception, work: Work, summary: LongText | None = None) -> None:
    """The reception is over; whoever used a turn goes to the tail of the ring (L-25)."""
    reception.summary = summary
    _end(work, reception)


@receptions.move("receiving", "abandoned", by=[Role.SITE_SALES_LEAD])
def abandon(reception: Reception, reason: Reason, work: Work) -> None:
    """The agent left the customer midway, for material or props: a violation (L-31)."""
    reception.summary = reason
    _end(work, reception)
    work.perform(
        violations.record,
        project_id=reception.project_id,
        agent=reception.agent,
        kind=ViolationKind.LEFT_RECEPTION,
        occurred_on=work.today,
        evidence=reason,
        reception_id=reception.id,
    )


def places_of(work: Work, roster: Roster) -> list[Place]:
    """The ring as a decision sees it: who stands where, and whom readiness or unread changes block (L-29, L-30)."""
    ring = ring_of(work, roster)
    assert roster.project_id is not None
    checks = readiness.checks_of(work, roster.project_id, roster.day)
    ready = {agent for agent, check in checks.items() if check.state == "passed"}
    behind = facts.behind(work, roster.project_id, [slot.agent for slot in ring])

    def block(agent: str) -> TurnBlock | None:
        if agent not in ready:
            return TurnBlock.UNREADY
        return TurnBlock.UNACKNOWLEDGED if agent in behind else None

    return [Place(slot.agent, slot.position, slot.state, block(slot.agent)) for slot in ring]


def _decide(work: Work, roster: Roster, intake: Intake) -> Decision:
    owed = [make_up.agent for make_up in owed_in(work, roster)]
    places = places_of(work, roster)
    decision = decide(places, intake, owed)
    if decision is None:
        work.if_refused(lambda after: _tell_of_everybody(after, roster.id))
        raise IllegalMove(code="nobody_can_receive", count=len(places))
    return decision


def _carry_through(work: Work, roster: Roster, slot: RotationSlot, reception: Reception, decision: Decision) -> None:
    """What the decision means for the ring, for what is owed, and for who has to be told."""
    if decision.for_agent is not None:
        work.perform(begin_deputising, slot)
        notices.send(work, reception)
    else:
        work.perform(begin_receiving, slot)
    if decision.assignment == Assignment.MAKE_UP:
        owed = next(one for one in owed_in(work, roster) if one.agent == slot.agent)
        work.perform(use, owed, reception_id=reception.id)
        slot.makeup_owed -= 1
    if decision.owes_make_up:
        _owe(work, roster, slot, reception)
    if decision.is_counted:
        slot.turn_counted += 1
    if decision.assignment == Assignment.IN_TURN:
        pass_round(work, roster)
    _tell_unready(work, roster, decision.passed)
    settle(work, roster)


def _tell_unready(work: Work, roster: Roster, places: Iterable[Place]) -> None:
    for one in places:
        if one.hindrance == TurnBlock.UNREADY:
            readiness.tell_unready(work, slot_of(work, roster, one.agent))


def _tell_of_everybody(work: Work, roster_id: str) -> None:
    """A customer stood there and nobody could receive: whoever was not ready is told, although nothing came of it."""
    roster = held(work, roster_id)
    _tell_unready(work, roster, places_of(work, roster))


def _owe(work: Work, roster: Roster, slot: RotationSlot, reception: Reception) -> None:
    make_up = MakeUpTurn(day=roster.day, agent=slot.agent, roster_id=roster.id, earned_by=reception.id)
    make_up.project_id, make_up.company_id = roster.project_id, roster.company_id
    work.begin_life(make_ups, make_up, "owed")
    slot.makeup_owed += 1


def _end(work: Work, reception: Reception) -> None:
    """The agent is free again: at the tail, or where they stood when the customer had named them."""
    reception.ended_at = work.now
    roster = held(work, reception.roster_id)
    slot = slot_of(work, roster, reception.agent)
    if reception.turn_counted or reception.for_agent is not None:
        to_the_tail(work, roster, slot)
    work.perform(rejoin if roster.state == "open" else go_off, slot)
    settle(work, roster)
