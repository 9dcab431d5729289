"""Published by leads (domain 4.2). `*_updated` snapshots feed the replicas of projects, homes and customers."""

from __future__ import annotations

from dataclasses import field

from services.contracts.events import Event
from services.contracts.events.leads_referrals import ReferralMatched as ReferralMatched
from services.contracts.events.leads_referrals import ReferralRefused as ReferralRefused
from services.contracts.events.leads_sales import CallRegistered as CallRegistered
from services.contracts.events.leads_sales import ChurnRiskDetected as ChurnRiskDetected
from services.contracts.events.leads_sales import CommissionSplitDecided as CommissionSplitDecided
from services.contracts.events.leads_sales import CustomersMerged as CustomersMerged
from services.contracts.events.leads_sales import CustomersUnmerged as CustomersUnmerged
from services.contracts.events.leads_sales import HomeReserved as HomeReserved
from services.contracts.events.leads_sales import ObjectionRecorded as ObjectionRecorded
from services.contracts.events.leads_sales import OwnershipAssigned as OwnershipAssigned
from services.contracts.events.leads_sales import OwnershipExpired as OwnershipExpired
from services.contracts.events.leads_sales import OwnershipExpiring as OwnershipExpiring
from services.contracts.events.leads_sales import ReservationCancelled as ReservationCancelled
from services.contracts.events.leads_sales import SalesViolationRecorded as SalesViolationRecorded
from services.contracts.events.leads_sales import VisitFollowUpOverdue as VisitFollowUpOverdue
from services.contracts.events.leads_sales import VisitRegistered as VisitRegistered
from services.contracts.vocabulary.common import (
    CompanyId,
    ContractId,
    CustomerUid,
    Day,
    Details,
    HomeId,
    LifecycleStage,
    MaskedContact,
    Moment,
    Money,
    Number,
    PersonName,
    ProjectId,
    Reason,
    ShortText,
    Title,
)
from services.contracts.vocabulary.referrals import ReferralId


class ProjectUpdated(Event, subject="project_id", snapshot_of="leads/project"):
    """A project as it stands: told at set-up and at every change, close-out included."""

    project_id: ProjectId
    record_version: int
    name: Title
    company_id: CompanyId
    sales_closed_on: Day | None = None


class HomeUpdated(Event, subject="home_id", snapshot_of="leads/home"):
    """A home as it stands: told at set-up and at every change of its status or owner."""

    home_id: HomeId
    record_version: int
    project_id: ProjectId
    company_id: CompanyId
    building: ShortText
    unit: ShortText
    unit_type: ShortText | None = None
    state: ShortText
    owner_uid: CustomerUid | None = None
    handed_over_on: Day | None = None


class CustomerUpdated(Event, subject="uid", snapshot_of="leads/customer"):
    """A customer as it stands; contacts are masked because events carry no free personal data (X-404).

    `tags` are the values that hold by the code of their tag, lists where a tag has several (L-13). `state` tells a
    customer on record from one who was merged or withdrawn.
    """

    uid: CustomerUid
    record_version: int
    name: PersonName
    masked_phone: ShortText | None = None
    lifecycle_stage: LifecycleStage
    tags: Details | None = None
    state: ShortText | None = None


class CustomerRegistered(Event, subject="uid"):
    """A new customer got a UID (L-01).

    Nothing has been said of them yet: base and screening tags are told by `customer_updated` as they come to hold, and
    who referred them by `visit_registered`. No service records consent yet.
    """

    uid: CustomerUid
    kind: ShortText
    source: ShortText | None = None


class CustomerWithdrawn(Event, subject="uid"):
    """The import that registered a customer was taken back; the UID is not used again (L-01, L-02)."""

    uid: CustomerUid


class CustomerStageChanged(Event, subject="uid"):
    """A customer moved to another stage of the lifecycle (X-72)."""

    uid: CustomerUid
    project_id: ProjectId | None = None
    from_stage: LifecycleStage
    to_stage: LifecycleStage
    at: Moment


class ContractSigned(Event, subject="contract_id"):
    """A sale contract was signed; the customer is a prospective owner (L-76)."""

    contract_id: ContractId
    number: Number
    home_id: HomeId
    uid: CustomerUid
    amount: Money
    planned_handover: Day | None = None
    signed_on: Day | None = None
    withdrawal_deadline: Moment | None = None
    referral_id: ReferralId | None = None


class ContractTerminated(Event, subject="contract_id"):
    """A sale contract ended before handover; schedules are cancelled (L-77)."""

    contract_id: ContractId
    number: Number
    home_id: HomeId
    uid: CustomerUid
    reason: Reason
    referral_id: ReferralId | None = None


class ProjectSalesClosed(Event, subject="project_id"):
    """Sales of a project were closed: the competent department switches on every open object (L-106, X-41)."""

    project_id: ProjectId
    from_department: ShortText
    to_department: ShortText
    at: Moment


class HandoverAnnounced(Event, subject="handover_id"):
    """The owner was invited to take over the home (L-114)."""

    handover_id: ShortText
    home_id: HomeId
    uid: CustomerUid
    window_from: Day
    window_to: Day


class HandoverCompleted(Event, subject="home_id"):
    """The owner signed: warranty, club, care, deed file and the rest begin (L-114, L-117).

    The copy in a property company's inbox carries the masked contact and the warranty items as well.
    """

    home_id: HomeId
    uid: CustomerUid
    project_id: ProjectId
    handover_id: ShortText
    at: Moment
    residual_items: list[ShortText] = field(default_factory=list)
    contact: MaskedContact | None = None
    warranty_items: list[Details] = field(default_factory=list)


class HandoverRefused(Event, subject="home_id"):
    """The owner refused the home; a survey and a plan are needed (L-114, M-33)."""

    home_id: HomeId
    uid: CustomerUid
    project_id: ProjectId
    handover_id: ShortText
    reason: Reason
    defects: list[ShortText] = field(default_factory=list)
    at: Moment


class TitleDeedOverdue(Event, subject="home_id"):
    """The agency's date for a title deed has passed (L-127)."""

    home_id: HomeId
    agency: ShortText | None = None
    due_at: Moment


class TitleDeedIssued(Event, subject="home_id"):
    """A title deed was issued (L-127)."""

    home_id: HomeId
    deed_number: ShortText
    issued_on: Day


class MortgageGuaranteeReleased(Event, subject="home_id"):
    """Finance released the company's mortgage guarantee (L-127)."""

    home_id: HomeId
    released_on: Day
