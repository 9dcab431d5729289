"""How a repair begins, is judged and is given to somebody (M-25.1 to M-25.5, M-35)."""

from __future__ import annotations

from services.chassis.calendars import ZONE, add_months
from services.chassis.moves import To
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintRepairRequested, CustomerIssueReferred, RepairEnquired
from services.contracts.events.leads import HandoverRefused
from services.contracts.events.maintenance import (
    ExpertConsultationOpened,
    RepeatRepairDetected,
    WorkOrderCancelled,
    WorkOrderCreated,
    WorkOrderDispatched,
)
from services.contracts.events.property import (
    RepairAccepted,
    RepairAppointmentSet,
    RepairDeclined,
    RepairReported,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Files,
    HomeId,
    LongText,
    MaskedContact,
    Moment,
    PersonName,
    PropertyCompanyCode,
    Reason,
    ShortText,
    SourceRef,
)
from services.contracts.vocabulary.complaints import IntakeClass
from services.contracts.vocabulary.maintenance import Difficulty, RepairClass, RepairSource, Urgency
from services.maintenance.companies import PropertyCompany, engaged, in_contract
from services.maintenance.green_channel import goes_first
from services.maintenance.work_orders.order import REPEAT_PERIOD, WorkOrder, orders

DESK = [Role.MAINTENANCE_DESK]
COMPANY = [Role.PROPERTY_COMPANY, Role.MAINTENANCE_DESK]


@orders.create(
    "reported",
    by=[Role.MAINTENANCE_DESK, Role.HOTLINE_OPERATOR, Role.CUSTOMER_CENTRE, Role.PROPERTY_COMPANY],
    on=RepairReported,
    emits=[WorkOrderCreated],
)
def report(
    home_id: HomeId,
    repair_class: RepairClass,
    description: LongText,
    work: Work,
    uid: CustomerUid | None = None,
    urgency: Urgency = Urgency.NORMAL,
    source: RepairSource = RepairSource.CUSTOMER,
    reporter: PersonName | None = None,
    contact: MaskedContact | None = None,
    reported_at: Moment | None = None,
    photos: Files | None = None,
    source_ref: SourceRef | None = None,
    case_id: CaseId | None = None,
    defects: list[ShortText] | None = None,
) -> WorkOrder:
    """Open a work order for a home; the 48-hour clock starts with the report (M-25.1)."""
    home = work.need_replica("leads/home", home_id, field="home_id")
    if reported_at is not None and reported_at > work.now:
        raise ValidationFailed.of("reported_at", "in_the_future")
    company = work.actor.user.removeprefix("company:") if work.actor.user.startswith("company:") else None
    order = WorkOrder(
        home_id=home_id,
        uid=uid or home.get("owner_uid"),
        repair_class=repair_class,
        reported_class=repair_class,
        description=description,
        defects=defects,
        source=RepairSource.PROPERTY_COMPANY if company else source,
        urgency=urgency,
        is_priority=False,
        reported_at=reported_at or work.now,
        reporter=reporter,
        contact=contact,
        photos=photos,
        reported_by_company=company,
        source_ref=source_ref,
        case_id=case_id,
        rework_count=0,
        project_id=home["project_id"],
        company_id=home["company_id"],
    )
    _detect_repeat(order, work)
    return order


def _detect_repeat(order: WorkOrder, work: Work) -> None:
    """The same home and class within the period makes it a repeated repair, which needs a survey (M-35, M-33)."""
    # The number first: its series lets one transaction at a time go on, so two reports at once see each other.
    order.number = work.next_number(str(orders.numbered), order.project_id)
    since = add_months(work.today, -int(work.parameter(REPEAT_PERIOD)))
    earlier = [
        one
        for one in work.all(WorkOrder, home_id=order.home_id, reported_class=order.reported_class)
        if one.state != "cancelled" and one.reported_at.astimezone(ZONE).date() >= since
    ]
    if not earlier:
        return
    order.repair_class, order.repeats = RepairClass.REPEAT_REPAIR, [one.id for one in earlier]
    work.begin_life(orders, order, "reported")
    work.emit(RepeatRepairDetected, order, repair_class=order.reported_class, orders=[order.id, *order.repeats])
    work.alert("repeat_repair", order, role=Role.MAINTENANCE_LEAD)


@orders.move("reported", "triaged", by=DESK)
def triage(
    order: WorkOrder,
    repair_class: RepairClass,
    urgency: Urgency,
    in_warranty: bool,
    work: Work,
    difficulty: Difficulty = Difficulty.ORDINARY,
    experts: ShortText | None = None,
    is_priority: bool = False,
) -> None:
    """Decide cover, class and urgency; a difficult case gets its experts at once (M-25.2, M-34).

    Who is in the green channel goes first; others may be given priority as well (M-37).
    """
    if difficulty == Difficulty.DIFFICULT and not experts:
        raise ValidationFailed.of("experts", "required")
    order.repair_class, order.urgency, order.in_warranty = repair_class, urgency, in_warranty
    order.difficulty, order.experts = difficulty, experts
    order.is_priority = is_priority or goes_first(work, order.uid)
    if difficulty == Difficulty.DIFFICULT:
        work.emit(ExpertConsultationOpened, order)


@orders.move("triaged", "dispatched", by=DESK, emits=[WorkOrderDispatched, To(WorkOrderDispatched, "property_company")])
def dispatch(order: WorkOrder, property_company: PropertyCompanyCode, work: Work) -> None:
    """Give the order to a property company that is engaged for the project (M-25.3)."""
    company = work.get(PropertyCompany, property_company, field="property_company")
    if not in_contract(company, work.today):
        raise ValidationFailed.of("property_company", "contract_ended", ended_on=str(company.contract_until))
    if engaged(work, property_company, order.project_id) is None:
        raise ValidationFailed.of("property_company", "foreign_project")
    order.property_company = property_company


@orders.move("dispatched", "accepted", by=COMPANY, on=RepairAccepted)
def accept(order: WorkOrder, technician: PersonName, appointment: Moment) -> None:
    """The property company takes the order and names who comes when (M-25.4)."""
    order.technician, order.appointment = technician, appointment


@orders.move("dispatched", "triaged", by=COMPANY, on=RepairDeclined)
def decline(order: WorkOrder, reason: Reason) -> None:
    """The property company does not take the order; the desk dispatches it again (M-25.5)."""
    order.property_company, order.technician, order.appointment = None, None, None


@orders.change(("accepted", "on_site"), by=COMPANY, on=RepairAppointmentSet)
def reschedule(order: WorkOrder, appointment: Moment) -> None:
    """Change the technician's slot; the limit stays as it is."""
    order.appointment = appointment


@orders.move("triaged", "out_of_warranty", by=DESK)
def decline_warranty(order: WorkOrder, offer: LongText) -> None:
    """Not covered: the owner gets an offer, or the fund is asked (M-25.17)."""
    order.in_warranty, order.offer = False, offer


@orders.move(
    ("reported", "triaged", "dispatched", "accepted", "on_site", "surveyed", "expert_review", "plan_confirmed"),
    "cancelled",
    by=[*DESK, Role.HOTLINE_OPERATOR],
    emits=[WorkOrderCancelled, To(WorkOrderCancelled, "property_company")],
)
def cancel(order: WorkOrder, reason: Reason) -> None:
    """Call the repair off before it begins (M-25.18)."""
    order.closing_reason = reason


@orders.reacts(ComplaintRepairRequested)
def on_complaint_repair_requested(event: ComplaintRepairRequested, work: Work) -> None:
    """The repair part of an agreed complaint plan becomes an order that knows its case (C-51)."""
    work.perform(
        report,
        home_id=event.home_id,
        uid=event.uid,
        repair_class=RepairClass.OTHER,
        description=event.description,
        urgency=event.urgency,
        source=RepairSource.COMPLAINT,
        source_ref=event.request,
        case_id=event.case_id,
    )


@orders.reacts(RepairEnquired)
def on_repair_enquired(event: RepairEnquired, work: Work) -> None:
    """Somebody who asked has a defect: the 48 hours count from the question (C-04, M-31)."""
    work.perform(
        report,
        home_id=event.home_id,
        uid=event.uid,
        repair_class=RepairClass.OTHER,
        description=event.description,
        urgency=event.urgency,
        reported_at=event.reported_at,
        source_ref=event.number,
    )


@orders.reacts(CustomerIssueReferred)
def on_customer_issue_referred(event: CustomerIssueReferred, work: Work) -> None:
    """An employee was told of a defect: the 48 hours count from when they passed it on (C-03, C-04, M-31)."""
    if event.classification == IntakeClass.REPAIR and event.home_id is not None:
        work.perform(
            report,
            home_id=event.home_id,
            uid=event.uid,
            repair_class=RepairClass.OTHER,
            description=event.description,
            urgency=event.urgency,
            reported_at=event.reported_at,
            source_ref=event.number,
        )


@orders.reacts(HandoverRefused)
def on_handover_refused(event: HandoverRefused, work: Work) -> None:
    """A refused handover needs a survey and a plan (L-114, M-33)."""
    work.perform(
        report,
        home_id=event.home_id,
        uid=event.uid,
        repair_class=RepairClass.HANDOVER_REFUSED,
        description=event.reason,
        defects=event.defects,
        source=RepairSource.HANDOVER,
    )
