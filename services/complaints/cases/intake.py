"""How a case comes in, and is answered for the first time (C-05, C-09, C-40, C-41)."""

from __future__ import annotations

from services.chassis.clocks import restart, rows_of
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.places import place_of
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, Case, cases
from services.complaints.cases.levels import (
    SERIOUS,
    begin_of_days_ago,
    listen,
    signs,
    supervise,
    supervisors,
    urgency_of,
    warn,
)
from services.complaints.groups.detection import watch
from services.complaints.high_value import tier_of
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import (
    ComplaintRegistered,
    ComplaintResponded,
)
from services.contracts.events.property import ComplaintForwarded
from services.contracts.fields import to_wire
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import (
    CustomerUid,
    Day,
    Files,
    HomeId,
    LongText,
    Moment,
    Money,
    PersonName,
    ProjectId,
    PropertyCompanyCode,
    Reason,
    User,
)
from services.contracts.vocabulary.complaints import CaseCategory, CaseKind, CaseLevel, Channel, LevelTrigger

DUPLICATE_PERIOD = Parameter("complaint.duplicate_period", 7, "days", "C-09")
DESK = [Role.HOTLINE_OPERATOR, Role.COMPLAINT_HANDLER, Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE]


@cases.create("registered", by=DESK)
def register(
    kind: CaseKind,
    uid: CustomerUid,
    category: CaseCategory,
    channel: Channel,
    description: LongText,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    suggested_level: CaseLevel = 1,
    expectation: LongText | None = None,
    evidence: Files | None = None,
    received_at: Moment | None = None,
    forwarded_by: PropertyCompanyCode | None = None,
    handler: User | None = None,
    counterpart: PersonName | None = None,
    legal_basis: LongText | None = None,
    amount_claimed: Money | None = None,
    lawyer: PersonName | None = None,
    separate_reason: Reason | None = None,
) -> Case:
    """Enter a complaint or a dispute; its clocks run from now on (C-40)."""
    work.need_replica("leads/customer", uid, field="uid")
    place = place_of(work, home_id, project_id)
    if received_at is not None and received_at > work.now:
        raise ValidationFailed.of("received_at", "in_the_future")
    if kind == CaseKind.DISPUTE and not counterpart:
        raise ValidationFailed.of("counterpart", "required")
    if separate_reason is None:
        _refuse_duplicate(work, uid, home_id, category)
    tier, adviser = tier_of(work, uid)
    department = work.holder(COMPETENT_DEPARTMENT, place["project_id"])
    case = Case(
        kind=kind,
        registered_as=kind,
        uid=uid,
        home_id=home_id,
        category=category,
        channel=channel,
        description=description,
        expectation=expectation,
        evidence=evidence,
        receiver=work.actor.user,
        received_at=received_at or work.now,
        forwarded_by=forwarded_by,
        separate_reason=separate_reason,
        level=suggested_level,
        level_trigger=LevelTrigger.INTAKE,
        supervisor_role=supervisors(suggested_level, department)[0],
        department=department,
        urgency=urgency_of(suggested_level, danger=False),
        tier=tier,
        adviser=adviser,
        handler=handler,
        counterpart=counterpart,
        legal_basis=legal_basis,
        amount_claimed=amount_claimed,
        lawyer=lawyer,
        breaches=0,
        rejections=0,
        failed_rounds=0,
        plan_version=0,
        group_suspected=False,
        unit_type=(work.replica("leads/home", home_id) or {}).get("unit_type"),
        **place,
    )
    _judge(work, case)
    return case


def likely_duplicate(work: Work, uid: str, home_id: str | None, category: str) -> Case | None:
    """An open case of the same customer, home and category within the period (C-09)."""
    return work.first(
        Case,
        Case.uid == uid,
        Case.home_id == home_id,
        Case.category == category,
        Case.created_at >= begin_of_days_ago(work, int(work.parameter(DUPLICATE_PERIOD))),
        Case.state.in_(OPEN),
    )


def _refuse_duplicate(work: Work, uid: str, home_id: str | None, category: str) -> None:
    """The report belongs to the open case (C-09)."""
    likely = likely_duplicate(work, uid, home_id, category)
    if likely is not None:
        raise ValidationFailed.of("separate_reason", "likely_duplicate", id=likely.id, number=likely.number)


def _judge(work: Work, case: Case) -> None:
    """The level at intake: the operator's, raised by what is said and claimed; and the group that it may belong to.

    The registration is told first, because nobody can follow the level of a case that they have not heard of.
    """
    trigger = signs(work, case.amount_claimed, case.description, case.expectation)
    if trigger is not None and case.level < SERIOUS:
        case.level, case.level_trigger = SERIOUS, trigger
    work.begin_life(cases, case, "registered")
    supervise(work, case)
    due = {row.name: row.due_at for row in rows_of(work, cases, case.id).values()}
    work.emit(
        ComplaintRegistered,
        case,
        level=case.level,
        project_id=case.project_id,
        first_response_due=due["first_response"],
        solution_due=due["solution"],
    )
    if trigger == LevelTrigger.SAFETY_KEYWORD:
        warn(work, case)
    watch(work, case)


@cases.change(OPEN, by=DESK)
def attach_report(
    case: Case, channel: Channel, description: LongText, work: Work, evidence: Files | None = None
) -> None:
    """Add another report of the same matter to the open case instead of a second case (C-09)."""
    report = {"at": to_wire(work.now), "by": work.actor.user, "channel": str(channel), "description": description}
    case.further_reports = [*case.further_reports, {**report, "evidence": evidence or []}]
    listen(work, case, description)


@cases.reacts(ComplaintForwarded)
def on_complaint_forwarded(event: ComplaintForwarded, work: Work) -> None:
    """What a property company forwards is handled as what comes to us directly, its duplicates too (C-01, C-09)."""
    assert event.uid is not None, "the gateway names the customer"
    category = event.category or CaseCategory.OTHER
    said = {"channel": Channel.PROPERTY_COMPANY, "description": event.description, "evidence": event.photos}
    same = likely_duplicate(work, event.uid, event.home_id, category)
    if same is not None:
        work.perform(attach_report, work.get(Case, same.id, lock=True), **said)
        return
    work.perform(
        register,
        kind=CaseKind.COMPLAINT,
        uid=event.uid,
        home_id=event.home_id,
        category=category,
        received_at=event.received_at,
        forwarded_by=event.company_code,
        **said,
    )


@cases.change("registered", by=[*DESK, Role.SYSTEM])
def acknowledge(case: Case, work: Work) -> None:
    """An automatic answer has said that the complaint arrived; the clocks go on, for nobody has spoken yet (C-28)."""
    case.acknowledged_at = work.now


def _by_a_human(case: Case, work: Work) -> Obstacle | None:
    return Obstacle("human_contact_only") if work.actor.is_system else None


@cases.move("registered", "responded", by=[*DESK, COMPETENT_DEPARTMENT], emits=[ComplaintResponded], guard=_by_a_human)
def respond(case: Case, first_contact: LongText, work: Work) -> None:
    """Note the first contact of a human with the customer; the response clock stops (C-41, C-28)."""
    case.responded_at, case.first_contact = work.now, first_contact
    case.handler = case.handler or work.actor.user
    listen(work, case, first_contact)


@cases.change(OPEN[1 : OPEN.index("negotiating")], by=HANDLING)
def answer_interim(case: Case, interim_answer: LongText, next_answer_on: Day, work: Work) -> None:
    """Tell the customer how far it is and when the next answer comes; this counts as feedback of a solution (C-27)."""
    if next_answer_on < work.today:
        raise ValidationFailed.of("next_answer_on", "in_the_past")
    case.interim_answer, case.next_answer_on = interim_answer, next_answer_on
    case.solution_fed_back_at = case.solution_fed_back_at or work.now
    restart(work, cases, case, "next_answer")
