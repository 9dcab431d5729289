"""The case: one entry of the complaint or the dispute register, with all that follows (C-05, C-06, C-60)."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.events.complaints import (
    ComplaintInformationRequested,
    ComplaintLevelRaised,
    ComplaintRegistered,
    ComplaintRepairRequested,
    CrisisWarningIssued,
)
from services.contracts.roles import COMPETENT_DEPARTMENT, Role, SwitchedRole
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Day,
    Details,
    ExecutingDepartment,
    Files,
    HomeId,
    LongText,
    Moment,
    Money,
    Number,
    Percent,
    PersonName,
    PropertyCompanyCode,
    Rating,
    Reason,
    RoleKey,
    ShortText,
    SourceRef,
    User,
)
from services.contracts.vocabulary.complaints import (
    CaseCategory,
    CaseKind,
    CaseLevel,
    CaseOutcome,
    CauseTransferForm,
    Channel,
    ExternalForum,
    LevelTrigger,
    ResponsibleParty,
    ServiceTier,
)
from services.contracts.vocabulary.lessons import CaseTopic
from services.contracts.vocabulary.maintenance import Urgency

#: States in which the customer still waits for the company.
OPEN = (
    "registered",
    "responded",
    "investigating",
    "analysed",
    "plan_drafted",
    "plan_submitted",
    "plan_approved",
    "negotiating",
    "agreed",
    "executing",
    "checked",
    "fed_back",
    "cause_transferred",
)
#: Those in which no solution has been put to the customer formally.
BEFORE_NEGOTIATION = OPEN[: OPEN.index("negotiating")]
HANDLING: list[Role | SwitchedRole] = [Role.COMPLAINT_HANDLER, COMPETENT_DEPARTMENT]
SUPERVISING = [Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE, Role.COMPANY_MANAGER]
READERS = [
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    *SUPERVISING,
    Role.GROUP_CENTRE,
    Role.PUBLIC_RELATIONS,
    Role.RESPONSIBLE_LEADER,
    Role.EXECUTIVE,
    Role.CHAIRMAN,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_MANAGER,
    Role.MAINTENANCE_DESK,
    Role.MAINTENANCE_LEAD,
    Role.AUDITOR,
]


class Case(Record):
    """One complaint or dispute. What a later round replaces stays in `plan`, in the approvals and in the audit."""

    __table_args__ = (sa.Index("ix_case_likeness", "project_id", "category", "created_at"),)

    number: Mapped[Number]
    kind: Mapped[CaseKind]
    registered_as: Mapped[CaseKind]
    dispute_number: Mapped[Number | None]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    unit_type: Mapped[ShortText | None]
    category: Mapped[CaseCategory]
    channel: Mapped[Channel]
    description: Mapped[LongText]
    expectation: Mapped[LongText | None]
    evidence: Mapped[Files | None]
    receiver: Mapped[User]
    received_at: Mapped[Moment]
    forwarded_by: Mapped[PropertyCompanyCode | None]
    separate_reason: Mapped[Reason | None]
    further_reports: Mapped[list[Details]]
    continues: Mapped[CaseId | None]
    continued_as: Mapped[CaseId | None]

    level: Mapped[CaseLevel]
    level_trigger: Mapped[LevelTrigger]
    supervisor_role: Mapped[RoleKey]
    department: Mapped[RoleKey]
    urgency: Mapped[Urgency]
    tier: Mapped[ServiceTier]
    adviser: Mapped[User | None]
    breaches: Mapped[int]
    rejections: Mapped[int]
    group_suspected: Mapped[bool]
    crisis_at: Mapped[Moment | None]
    repeat_fault_at: Mapped[Moment | None]

    counterpart: Mapped[PersonName | None]
    legal_basis: Mapped[LongText | None]
    amount_claimed: Mapped[Money | None]
    lawyer: Mapped[PersonName | None]
    mediation_attempts: Mapped[list[Details]]

    handler: Mapped[User | None]
    acknowledged_at: Mapped[Moment | None]
    responded_at: Mapped[Moment | None]
    first_contact: Mapped[LongText | None]
    interim_answer: Mapped[LongText | None]
    next_answer_on: Mapped[Day | None]
    solution_fed_back_at: Mapped[Moment | None]
    accompanied_to: Mapped[Role | None]
    public_reply: Mapped[LongText | None]

    investigator: Mapped[User | None]
    question_to: Mapped[PropertyCompanyCode | None]
    question: Mapped[LongText | None]
    question_due_at: Mapped[Moment | None]
    company_answer: Mapped[LongText | None]
    cause: Mapped[LongText | None]
    topic: Mapped[CaseTopic | None]
    supplier: Mapped[ShortText | None]
    responsible_party: Mapped[ResponsibleParty | None]
    developer_share: Mapped[Percent | None]
    responsibility_note: Mapped[LongText | None]

    plan_version: Mapped[int]
    plan: Mapped[LongText | None]
    amount_proposed: Mapped[Money | None]
    repair_part: Mapped[LongText | None]
    consultation: Mapped[LongText | None]
    consultation_result: Mapped[LongText | None]
    approver: Mapped[User | None]

    minutes: Mapped[LongText | None]
    offers: Mapped[LongText | None]
    attendance: Mapped[LongText | None]
    differences: Mapped[LongText | None]
    failed_rounds: Mapped[int]
    agreement: Mapped[LongText | None]
    amount_agreed: Mapped[Money | None]
    signed_by: Mapped[PersonName | None]
    signed_on: Mapped[Day | None]
    signature: Mapped[Files | None]
    external_forum: Mapped[ExternalForum | None]
    external_grounds: Mapped[LongText | None]

    executor: Mapped[User | None]
    execute_by: Mapped[Moment | None]
    repairs_asked: Mapped[list[SourceRef]]
    result: Mapped[LongText | None]
    check_note: Mapped[LongText | None]
    told: Mapped[LongText | None]
    opinion: Mapped[LongText | None]
    fed_back_at: Mapped[Moment | None]
    transfer_form: Mapped[CauseTransferForm | None]
    transfer_document: Mapped[LongText | None]
    departments: Mapped[list[ExecutingDepartment]]
    corrective_action: Mapped[LongText | None]
    no_action_reason: Mapped[Reason | None]

    outcome: Mapped[CaseOutcome | None]
    accepting_party: Mapped[ShortText | None]
    closing_note: Mapped[LongText | None]
    satisfaction: Mapped[Rating | None]
    closed_at: Mapped[Moment | None]
    follow_up_score: Mapped[Rating | None]
    followed_up_at: Mapped[Moment | None]
    no_defect_reason: Mapped[Reason | None]
    withdrawal_statement: Mapped[LongText | None]

    @hybrid_property
    def counted_from(self) -> Moment:
        """What the property company forwards is timed from when it received it, as if it had come to us (C-01, 4.6)."""
        return self.received_at if self.forwarded_by is not None else self.created_at

    @counted_from.inplace.expression
    @classmethod
    def _counted_from(cls) -> sa.ColumnElement[Moment]:
        return sa.case((cls.forwarded_by.is_not(None), cls.received_at), else_=cls.created_at)


REGISTERS = {CaseKind.COMPLAINT: "CP", CaseKind.DISPUTE: "DP"}

cases = Process(
    Case,
    numbered=lambda case: REGISTERS[CaseKind(case.kind)],
    readers=READERS,
    listed=["number", "kind", "uid", "home_id", "category", "level", "description", "handler", "created_at"],
    filters=[
        *("kind", "registered_as", "company_id", "project_id", "home_id", "uid", "category", "channel", "created_at"),
        *("level", "level_trigger", "tier", "urgency", "handler", "supervisor_role", "department"),
        *("topic", "supplier", "unit_type", "received_at", "closed_at", "satisfaction", "follow_up_score"),
    ],
    search=["number", "dispute_number", "description", "home_id"],
    announces=[
        ComplaintRegistered,
        ComplaintLevelRaised,
        CrisisWarningIssued,
        ComplaintInformationRequested,
        ComplaintRepairRequested,
    ],
)

#: X-36.1: the company manager in charge, or whom the authority matrix names for the level and the amount (D-05).
plan_approval = ApprovalRule(
    "complaint_plan",
    "X-36.1",
    Role.COMPANY_MANAGER,
    snapshot=(
        *("number", "kind", "uid", "home_id", "category", "level", "description"),
        *("cause", "responsible_party", "developer_share"),
        *("plan_version", "plan", "amount_proposed", "repair_part", "consultation", "consultation_result"),
        "evidence",
    ),
    level=lambda case: case.level,
    amount=lambda case: case.amount_proposed or Decimal(0),
    group=lambda case: case.group_suspected,
)

#: C-58: the manager agrees that others than the two sides have to resolve it.
external_consent = ApprovalRule(
    "external_resolution",
    "C-58",
    Role.COMPANY_MANAGER,
    snapshot=(
        *("number", "kind", "uid", "level", "failed_rounds", "differences"),
        *("plan", "external_forum", "external_grounds"),
    ),
    level=lambda case: case.level,
    amount=lambda case: case.amount_claimed,
)
