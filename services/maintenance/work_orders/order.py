"""The work order: its register entry, its limits, and what is declared about it (M-23, M-30 to M-35)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.maintenance import (
    ExpertConsultationOpened,
    RepairVisitOverdue,
    RepeatRepairDetected,
    WorkOrderProgressed,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Days,
    Files,
    HomeId,
    LongText,
    MaskedContact,
    Moment,
    Money,
    Number,
    PersonName,
    PropertyCompanyCode,
    Rating,
    Reason,
    RecordId,
    ShortText,
    SourceRef,
)
from services.contracts.vocabulary.maintenance import Difficulty, Payer, RepairClass, RepairSource, Urgency

REPAIR_ON_SITE = Parameter("sla.repair_on_site", 48, "h", "M-31")
REPAIR_WARNING = Parameter("sla.repair_on_site_warning", 36, "h", "M-31")
LEAKAGE_ACCEPTANCE = Parameter("sla.leakage_acceptance", 2, "h", "M-32")
LEAKAGE_ON_SITE = Parameter("sla.leakage_on_site", 4, "h", "M-32")
REPEAT_PERIOD = Parameter("repair.repeat_period", 12, "months", "M-35")
PARAMETERS = [REPAIR_ON_SITE, REPAIR_WARNING, LEAKAGE_ACCEPTANCE, LEAKAGE_ON_SITE, REPEAT_PERIOD]

#: A survey at the home and a confirmed plan are compulsory for these (M-33).
SURVEY_CLASSES = (
    RepairClass.STRUCTURAL_CRACK,
    RepairClass.LARGE_AREA_HOLLOW_OR_CRACK,
    RepairClass.REPEAT_REPAIR,
    RepairClass.UNCLEAR_LIABILITY,
    RepairClass.HANDOVER_REFUSED,
)


class WorkOrder(Record):
    """One repair: who reported what, who does it, what was found, planned, done and paid (M-23)."""

    __table_args__ = (
        sa.Index(
            "uq_work_order_source_ref",
            "reported_by_company",
            "source_ref",
            unique=True,
            sqlite_where=sa.text("source_ref IS NOT NULL"),
            postgresql_where=sa.text("source_ref IS NOT NULL"),
        ),
    )

    number: Mapped[Number]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid | None]
    repair_class: Mapped[RepairClass]
    reported_class: Mapped[RepairClass]
    description: Mapped[LongText]
    defects: Mapped[list[ShortText] | None]
    source: Mapped[RepairSource]
    urgency: Mapped[Urgency]
    is_priority: Mapped[bool]
    reported_at: Mapped[Moment]
    reporter: Mapped[PersonName | None]
    contact: Mapped[MaskedContact | None]
    photos: Mapped[Files | None]
    reported_by_company: Mapped[PropertyCompanyCode | None]
    source_ref: Mapped[SourceRef | None]
    case_id: Mapped[CaseId | None]
    in_warranty: Mapped[bool | None]
    difficulty: Mapped[Difficulty | None]
    property_company: Mapped[PropertyCompanyCode | None]
    technician: Mapped[PersonName | None]
    appointment: Mapped[Moment | None]
    arrived_at: Mapped[Moment | None]
    findings: Mapped[LongText | None]
    cause: Mapped[LongText | None]
    liability: Mapped[ShortText | None]
    survey_photos: Mapped[Files | None]
    experts: Mapped[ShortText | None]
    expert_opinion: Mapped[LongText | None]
    plan: Mapped[LongText | None]
    materials: Mapped[LongText | None]
    duration_days: Mapped[Days | None]
    suspended_for: Mapped[Reason | None]
    suspended_until: Mapped[Moment | None]
    work_done: Mapped[LongText | None]
    parts: Mapped[LongText | None]
    completion_photos: Mapped[Files | None]
    completed_at: Mapped[Moment | None]
    verification: Mapped[LongText | None]
    rating: Mapped[Rating | None]
    owner_remark: Mapped[LongText | None]
    rework_count: Mapped[int]
    repeats: Mapped[list[RecordId]]
    cost: Mapped[Money | None]
    payer: Mapped[Payer | None]
    offer: Mapped[LongText | None]
    closing_reason: Mapped[Reason | None]

    @property
    def leaks(self) -> bool:
        """Whether water runs: a repeated repair is as urgent as what was reported again (M-32, M-35)."""
        again = self.repair_class == RepairClass.REPEAT_REPAIR
        return (self.reported_class if again else self.repair_class) == RepairClass.LEAKAGE


orders = Process(
    WorkOrder,
    key="order_id",
    numbered="WO",
    readers=[
        Role.MAINTENANCE_DESK,
        Role.MAINTENANCE_LEAD,
        Role.PROPERTY_COMPANY,
        Role.HOTLINE_OPERATOR,
        Role.COMPLAINT_HANDLER,
        Role.COMPLAINT_SUPERVISOR,
        Role.CUSTOMER_CENTRE,
        Role.CUSTOMER_MANAGER,
        Role.CUSTOMER_AFFAIRS,
        Role.PROJECT_DEPARTMENT,
        Role.COMPANY_MANAGER,
        Role.GROUP_CENTRE,
        Role.AUDITOR,
    ],
    listed=["number", "home_id", "repair_class", "urgency", "description", "property_company", "reported_at"],
    filters=["project_id", "home_id", "uid", "repair_class", "urgency", "property_company", "case_id", "reported_at"],
    search=["number", "description", "home_id", "source_ref"],
    announces=[ExpertConsultationOpened, RepeatRepairDetected],
    progress=WorkOrderProgressed,
)

#: X-36.8: the head of the maintenance lead department confirms the plan of a survey-mandatory repair.
plan_approval = ApprovalRule(
    "repair_plan",
    "X-36.8",
    Role.MAINTENANCE_LEAD,
    snapshot=(
        "number",
        "home_id",
        "repair_class",
        "findings",
        "cause",
        "liability",
        "plan",
        "materials",
        "duration_days",
    ),
    amount=lambda order: order.cost,
)

clock(
    orders,
    "on_site",
    limit=lambda order: LEAKAGE_ON_SITE if order.leaks else REPAIR_ON_SITE,
    warn=REPAIR_WARNING,
    since="reported_at",
    due_as="visit_due",
    starts="reported",
    stops="on_site",
    breach=RepairVisitOverdue,
    alarm=Alarm("repair_visit_overdue", "M-31", to=lambda order: Role.MAINTENANCE_LEAD),
)
clock(
    orders,
    "acceptance",
    limit=lambda order: LEAKAGE_ACCEPTANCE if order.leaks else None,
    since="reported_at",
    starts=("reported", "triaged", "dispatched"),
    stops=("accepted", "on_site"),
    alarm=Alarm("leakage_not_accepted", "M-32", to=lambda order: Role.MAINTENANCE_LEAD),
)


def reported_before(work: Work, company: str | None, source_ref: str | None) -> WorkOrder | None:
    """The order that this company's own number already made."""
    if source_ref is None:
        return None
    return work.first(WorkOrder, reported_by_company=company, source_ref=source_ref)
