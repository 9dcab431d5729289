"""Published by leads from the sales floor (domain 4.2)."""

from __future__ import annotations

from dataclasses import field

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    Count,
    CustomerUid,
    Day,
    Details,
    HomeId,
    Hours,
    LongText,
    Moment,
    Money,
    ProjectId,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.referrals import ReferralId
from services.contracts.vocabulary.sales import (
    CallEntryId,
    ConcernTopic,
    OwnershipBasis,
    ReservationId,
    Sanction,
    SplitRule,
    Strength,
    ViolationKind,
    VisitEntryId,
    VisitKind,
)


class CustomersMerged(Event, subject="surviving_uid", joins="leads/customer"):
    """Several records were one person: everyone re-points what they hold of `merged_uids` (L-04, X-407)."""

    surviving_uid: CustomerUid
    merged_uids: list[CustomerUid]
    decided_by: User
    at: Moment


class CustomersUnmerged(Event, subject="surviving_uid", separates="leads/customer"):
    """A merge was a mistake: what had been re-pointed goes back to `merged_uids` (L-04, X-407)."""

    surviving_uid: CustomerUid
    merged_uids: list[CustomerUid]
    decided_by: User
    reason: Reason
    at: Moment


class CallRegistered(Event, subject="call_id"):
    """An incoming call was written into its register (L-20). One that corrects another takes its place (X-47)."""

    call_id: CallEntryId
    uid: CustomerUid
    project_id: ProjectId
    agent: User
    at: Moment
    window_end: Day
    topic: ConcernTopic | None = None
    corrects_id: CallEntryId | None = None


class VisitRegistered(Event, subject="visit_id"):
    """A visit was written into its register (L-21). One that corrects another takes its place (X-47)."""

    visit_id: VisitEntryId
    uid: CustomerUid
    project_id: ProjectId
    kind: VisitKind
    agent: User
    deputy: User | None = None
    named_agent: User | None = None
    referrer_uid: CustomerUid | None = None
    referral_id: ReferralId | None = None
    at: Moment
    corrects_id: VisitEntryId | None = None


class VisitFollowUpOverdue(Event, subject="visit_id"):
    """Nobody has recorded a follow-up within the hours after a visit (L-34)."""

    visit_id: VisitEntryId
    uid: CustomerUid
    agent: User
    hours: Hours


class OwnershipAssigned(Event, subject="uid"):
    """A protection began: the customer is this agent's until its end, whose day is inside it (L-40)."""

    uid: CustomerUid
    project_id: ProjectId
    agent: User
    basis: OwnershipBasis
    starts_on: Day
    ends_on: Day


class OwnershipExpiring(Event, subject="uid"):
    """A protection ends in a few days (L-46)."""

    uid: CustomerUid
    project_id: ProjectId
    agent: User
    ends_on: Day
    days_left: Count


class OwnershipExpired(Event, subject="uid"):
    """A protection has run out (L-46)."""

    uid: CustomerUid
    project_id: ProjectId
    former_agent: User
    basis: OwnershipBasis


class CommissionSplitDecided(Event, subject="deal_id"):
    """Whose performance a deal is; the shares are in per cent and sum to 100 (L-44). Told again when the split is held,
    released or void: `state` says whether it may be paid (L-49)."""

    deal_id: ShortText
    uid: CustomerUid
    shares: list[Details] = field(default_factory=list)
    rule_code: SplitRule
    decided_by: ShortText
    state: ShortText | None = None


class HomeReserved(Event, subject="reservation_id"):
    """A subscription agreement was signed: the home, listed at this price, is kept for the customer (L-66)."""

    reservation_id: ReservationId
    home_id: HomeId
    uid: CustomerUid
    project_id: ProjectId
    agent: User
    deposit: Money
    signed_at: Moment
    price: Money | None = None
    withdrawal_deadline: Moment | None = None
    referral_id: ReferralId | None = None


class ReservationCancelled(Event, subject="reservation_id"):
    """A subscription agreement has ended without a purchase: the customer withdrew, or it lapsed (L-74)."""

    reservation_id: ReservationId
    home_id: HomeId
    uid: CustomerUid
    within_window: bool
    referral_id: ReferralId | None = None


class ChurnRiskDetected(Event, subject="uid"):
    """Nobody has had contact with the customer for so many days on end (L-56)."""

    uid: CustomerUid
    project_id: ProjectId
    days: Count
    last_contact_at: Moment
    agent: User | None = None


class ObjectionRecorded(Event, subject="objection_id"):
    """What speaks against buying, for marketing's scripts (L-33)."""

    objection_id: ShortText
    uid: CustomerUid
    project_id: ProjectId
    topic: ConcernTopic
    content: LongText
    strength: Strength


class SalesViolationRecorded(Event, subject="violation_id"):
    """An agent broke a rule of the floor; the sanction is a proposal (L-37)."""

    violation_id: ShortText
    agent: User
    kind: ViolationKind
    proposal: Sanction
    deal_id: ShortText | None = None
    reason: Reason | None = None
