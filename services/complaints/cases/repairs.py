"""The repair orders of a case, as maintenance tells of them (C-24, C-51)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import OPEN, READERS, Case
from services.complaints.cases.supervision import note_breach, note_repeat_fault
from services.contracts.events.maintenance import (
    RepairVisitOverdue,
    RepeatRepairDetected,
    WorkOrderCancelled,
    WorkOrderClosed,
    WorkOrderCreated,
    WorkOrderProgressed,
    WorkOrderVerified,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    HomeId,
    LongText,
    Moment,
    Money,
    Number,
    Rating,
    Reason,
    ShortText,
    SourceRef,
    WorkOrderId,
)
from services.contracts.vocabulary.maintenance import RepairClass

SYSTEM = [Role.SYSTEM]


class CaseRepair(Record):
    """One work order of maintenance that belongs to a case. Its id is the order's."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    order_id: Mapped[WorkOrderId]
    request: Mapped[SourceRef | None]
    home_id: Mapped[HomeId | None]
    repair_class: Mapped[RepairClass | None]
    order_state: Mapped[ShortText]
    order_state_at: Mapped[Moment]
    visit_due: Mapped[Moment | None]
    overdue_hours: Mapped[int | None]
    verification: Mapped[LongText | None]
    rating: Mapped[Rating | None]
    cost: Mapped[Money | None]
    cancelled_for: Mapped[Reason | None]


repairs = Process(
    CaseRepair,
    readers=READERS,
    listed=["number", "order_state", "order_state_at", "visit_due", "overdue_hours", "verification", "rating"],
    filters=["case_id", "project_id", "home_id", "order_state"],
    search=["number"],
)


@repairs.create("open", by=SYSTEM)
def link(
    order_id: WorkOrderId,
    number: ShortText,
    case_id: CaseId,
    work: Work,
    home_id: HomeId | None = None,
    repair_class: RepairClass | None = None,
    visit_due: Moment | None = None,
    request: SourceRef | None = None,
) -> CaseRepair:
    """An order of maintenance names the case, and which of its requests it answers (C-51)."""
    case = work.get(Case, case_id, field="case_id")
    return CaseRepair(
        id=order_id,
        number=number,
        case_id=case_id,
        order_id=order_id,
        request=request,
        home_id=home_id,
        repair_class=repair_class,
        order_state="reported",
        order_state_at=work.told_at,
        visit_due=visit_due,
        project_id=case.project_id,
        company_id=case.company_id,
    )


@repairs.change(by=SYSTEM)
def learn(
    repair: CaseRepair,
    home_id: HomeId | None = None,
    repair_class: RepairClass | None = None,
    visit_due: Moment | None = None,
    request: SourceRef | None = None,
) -> None:
    """How an order began whose later news were heard first."""
    repair.home_id, repair.repair_class, repair.visit_due = home_id, repair_class, visit_due
    repair.request = request


@repairs.change(by=SYSTEM)
def follow(repair: CaseRepair, order_state: ShortText, order_state_at: Moment) -> None:
    """The order has come to another state."""
    if order_state_at >= repair.order_state_at:
        repair.order_state, repair.order_state_at = order_state, order_state_at


@repairs.change(by=SYSTEM)
def note_overdue(repair: CaseRepair, overdue_hours: int) -> None:
    """Nobody was at the home in time (C-24)."""
    repair.overdue_hours = overdue_hours


@repairs.move(("open", "verified"), "verified", by=SYSTEM)
def verify(repair: CaseRepair, verification: LongText, work: Work) -> None:
    """The result was inspected; with the last one the case can be checked (C-52)."""
    repair.verification = verification
    _tell_executor(work, repair)


@repairs.move("verified", "open", by=SYSTEM)
def rework(repair: CaseRepair) -> None:
    """The result was not accepted after all; it is repaired again."""


@repairs.move(("open", "verified"), "closed", by=SYSTEM)
def close(repair: CaseRepair, rating: Rating | None = None, cost: Money | None = None) -> None:
    """The owner confirmed and the cost is booked."""
    repair.rating, repair.cost = rating, cost


@repairs.move(("open", "verified"), "cancelled", by=SYSTEM)
def cancel(repair: CaseRepair, cancelled_for: Reason, work: Work) -> None:
    """The order will not be done; the executor of the plan has to find another way."""
    repair.cancelled_for = cancelled_for
    _tell_executor(work, repair)


def unfinished(work: Work, case: Case, apart_from: str = "") -> list[str]:
    """The repairs of a case whose result has not been inspected: orders, and requests that no order has come of yet."""
    begun = work.all(CaseRepair, CaseRepair.case_id == case.id)
    answered = {one.request for one in begun}
    asked = [one for one in case.repairs_asked if one not in answered]
    return [one.number for one in begun if one.state == "open" and one.id != apart_from] + asked


def _tell_executor(work: Work, repair: CaseRepair) -> None:
    case = work.get(Case, repair.case_id)
    if case.state == "executing" and not unfinished(work, case, apart_from=repair.id):
        work.task("repairs_done", case, role=Role.COMPLAINT_HANDLER, assignee=case.executor)


OfCase = WorkOrderProgressed | WorkOrderVerified | WorkOrderClosed | WorkOrderCancelled | RepairVisitOverdue


def _known(work: Work, event: OfCase) -> CaseRepair | None:
    """The order that the event tells of, if it belongs to a case; linked now if its creation was not heard."""
    if event.case_id is None:
        return None
    known = work.session.get(CaseRepair, event.order_id, with_for_update=True)
    if known is None:
        known = work.perform(link, order_id=event.order_id, number=event.number, case_id=event.case_id)
    return known


@repairs.reacts(WorkOrderCreated)
def on_work_order_created(event: WorkOrderCreated, work: Work) -> None:
    """Link the order to its case (C-51)."""
    if event.case_id is None:
        return
    begun = {"home_id": event.home_id, "repair_class": event.repair_class, "visit_due": event.visit_due}
    known = work.session.get(CaseRepair, event.order_id, with_for_update=True)
    if known is None:
        its_case = {"order_id": event.order_id, "number": event.number, "case_id": event.case_id}
        work.perform(link, **its_case, **begun, request=event.source_ref)
    elif known.home_id is None:
        work.perform(learn, known, **begun, request=event.source_ref)


@repairs.reacts(WorkOrderProgressed)
def on_work_order_progressed(event: WorkOrderProgressed, work: Work) -> None:
    """Show the order's latest state on the case; a repair that begins again is open again."""
    repair = _known(work, event)
    if repair is None:
        return
    work.perform(follow, repair, order_state=event.to_state, order_state_at=event.at)
    if event.to_state == "repairing" and repair.state == "verified":
        work.perform(rework, repair)


@repairs.reacts(WorkOrderVerified)
def on_work_order_verified(event: WorkOrderVerified, work: Work) -> None:
    """Continue with the check of the case (C-52)."""
    if (repair := _known(work, event)) is not None and repair.state in ("open", "verified"):
        work.perform(verify, repair, verification=event.result)


@repairs.reacts(WorkOrderClosed)
def on_work_order_closed(event: WorkOrderClosed, work: Work) -> None:
    """Keep the owner's rating and the cost with the case."""
    if (repair := _known(work, event)) is not None and repair.state in ("open", "verified"):
        work.perform(close, repair, rating=event.rating, cost=event.cost)


@repairs.reacts(WorkOrderCancelled)
def on_work_order_cancelled(event: WorkOrderCancelled, work: Work) -> None:
    """The order is off; the case is not."""
    if (repair := _known(work, event)) is not None and repair.state in ("open", "verified"):
        work.perform(cancel, repair, cancelled_for=event.reason)


@repairs.reacts(RepairVisitOverdue)
def on_repair_visit_overdue(event: RepairVisitOverdue, work: Work) -> None:
    """A missed visit is a breach of the case as well: level check (C-24, C-31)."""
    if (repair := _known(work, event)) is None:
        return
    work.perform(note_overdue, repair, overdue_hours=event.hours)
    case = work.get(Case, repair.case_id, lock=True)
    if case.state in OPEN:
        work.perform(note_breach, case)


@repairs.reacts(RepeatRepairDetected)
def on_repeat_repair_detected(event: RepeatRepairDetected, work: Work) -> None:
    """The fault came back: level check of every case that one of these orders belongs to (C-31, C-59)."""
    linked = work.all(CaseRepair, CaseRepair.order_id.in_(event.orders))
    for case_id in sorted({one.case_id for one in linked}):
        case = work.get(Case, case_id, lock=True)
        if case.state in (*OPEN, "closed"):
            work.perform(note_repeat_fault, case)
