"""How a repair is surveyed, planned, done, verified and closed (M-25.6 to M-25.16, M-33)."""

from __future__ import annotations

from services.chassis.moves import Obstacle, To
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.maintenance import (
    RepairPlanConfirmed,
    RepairReworkOrdered,
    WorkOrderClosed,
    WorkOrderVerified,
)
from services.contracts.events.property import (
    RepairArrived,
    RepairCompleted,
    RepairResumed,
    RepairStarted,
    RepairSurveyReported,
    RepairSuspended,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Days,
    Files,
    LongText,
    Moment,
    Money,
    PersonName,
    Rating,
    Reason,
    ShortText,
)
from services.contracts.vocabulary.maintenance import Payer
from services.maintenance.work_orders.intake import COMPANY, DESK
from services.maintenance.work_orders.order import SURVEY_CLASSES, WorkOrder, orders, plan_approval


@orders.move("accepted", "on_site", by=COMPANY, on=RepairArrived)
def arrive(order: WorkOrder, arrived_at: Moment, technician: PersonName, work: Work) -> None:
    """The technician is at the home; the 48-hour clock stops (M-25.6)."""
    if arrived_at > work.now:
        raise ValidationFailed.of("arrived_at", "in_the_future")
    if arrived_at < order.reported_at:
        raise ValidationFailed.of("arrived_at", "before_report")
    order.arrived_at, order.technician = arrived_at, technician


@orders.move("on_site", "surveyed", by=[*COMPANY, Role.INSPECTION_ENGINEER], on=RepairSurveyReported)
def survey(
    order: WorkOrder, findings: LongText, cause: LongText, liability: ShortText, photos: Files | None = None
) -> None:
    """Write down what was found at the home, why, and who is liable (M-25.7)."""
    order.findings, order.cause, order.liability, order.survey_photos = findings, cause, liability, photos


@orders.change(("surveyed", "expert_review"), by=[*DESK, Role.INSPECTION_ENGINEER], submits=plan_approval)
def submit_plan(
    order: WorkOrder, plan: LongText, materials: LongText, duration_days: Days, cost: Money | None = None
) -> None:
    """Put a repair plan before the head of the department (M-25.8, X-36.8)."""
    order.plan, order.materials, order.duration_days, order.cost = plan, materials, duration_days, cost


@orders.move(
    ("surveyed", "expert_review"),
    "plan_confirmed",
    approves=plan_approval,
    emits=[RepairPlanConfirmed, To(RepairPlanConfirmed, "property_company")],
)
def approve_plan(order: WorkOrder, comment: Reason = "") -> None:
    """Confirm the plan; only now the repair of these classes may begin (M-25.8, M-33)."""


@orders.change(("surveyed", "expert_review"), rejects=plan_approval)
def reject_plan(order: WorkOrder, reason: Reason) -> None:
    """Ask for a new plan, with the reason (X-36.8)."""


@orders.move("surveyed", "expert_review", by=DESK)
def consult_experts(order: WorkOrder, experts: ShortText) -> None:
    """Let experts look at the findings before a plan is confirmed (M-25.9)."""
    order.experts = experts


@orders.change("expert_review", by=[*DESK, Role.EXPERT])
def record_opinion(order: WorkOrder, expert_opinion: LongText) -> None:
    """Write down the experts' recommendation (M-25.9)."""
    order.expert_opinion = expert_opinion


def _plan_where_compulsory(order: WorkOrder, work: Work) -> Obstacle | None:
    if order.state == "on_site" and order.repair_class in SURVEY_CLASSES:
        return Obstacle("survey_required", {"repair_class": str(order.repair_class)})
    return None


@orders.move(("on_site", "plan_confirmed"), "repairing", by=COMPANY, on=RepairStarted, guard=_plan_where_compulsory)
def start(order: WorkOrder) -> None:
    """Begin the repair; survey-mandatory classes need a confirmed plan (M-25.10, M-33)."""


@orders.move("repairing", "suspended", by=COMPANY, on=RepairSuspended)
def suspend(order: WorkOrder, reason: Reason, suspended_until: Moment | None = None) -> None:
    """Stop for a reason: parts, weather, access or design (M-25.11)."""
    order.suspended_for, order.suspended_until = reason, suspended_until


@orders.move("suspended", "repairing", by=COMPANY, on=RepairResumed)
def resume(order: WorkOrder) -> None:
    """Go on (M-25.11)."""
    order.suspended_for, order.suspended_until = None, None


@orders.move("repairing", "done", by=COMPANY, on=RepairCompleted)
def complete(
    order: WorkOrder,
    work_done: LongText,
    completed_at: Moment,
    work: Work,
    parts: LongText = "",
    photos: Files | None = None,
) -> None:
    """Say what was done and with which parts; the result waits for verification (M-25.12)."""
    if completed_at > work.now:
        raise ValidationFailed.of("completed_at", "in_the_future")
    order.work_done, order.parts, order.completed_at, order.completion_photos = work_done, parts, completed_at, photos


@orders.move("done", "verified", by=[*DESK, Role.MAINTENANCE_LEAD, Role.INSPECTION_ENGINEER], emits=[WorkOrderVerified])
def verify(order: WorkOrder, result: LongText) -> None:
    """Inspect the result (M-25.13)."""
    order.verification = result


@orders.move("verified", "owner_confirmed", by=[*DESK, Role.CUSTOMER_MANAGER, Role.HOTLINE_OPERATOR])
def confirm(order: WorkOrder, rating: Rating, owner_remark: LongText = "") -> None:
    """Note the owner's confirmation and rating (M-25.14)."""
    order.rating, order.owner_remark = rating, owner_remark


@orders.move(
    ("done", "owner_confirmed"),
    "repairing",
    by=[*DESK, Role.MAINTENANCE_LEAD],
    emits=[RepairReworkOrdered, To(RepairReworkOrdered, "property_company")],
)
def order_rework(order: WorkOrder, reason: Reason) -> None:
    """Have it repaired again; it counts as a repeat (M-25.15)."""
    order.rework_count += 1


@orders.move("owner_confirmed", "closed", by=DESK, emits=[WorkOrderClosed])
def close(order: WorkOrder, cost: Money, payer: Payer) -> None:
    """Book the cost and close (M-25.16)."""
    order.cost, order.payer = cost, payer
