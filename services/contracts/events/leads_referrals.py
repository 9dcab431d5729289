"""Published by leads about those whom an owner or member recommended (B-52, L-47)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import ContractId, CustomerUid, HomeId, Moment, User
from services.contracts.vocabulary.referrals import ReferralId, VoidCause
from services.contracts.vocabulary.sales import ReservationId, VisitEntryId


class ReferralMatched(Event, subject="referral_id"):
    """The recommended person is this customer, and `agent`'s to look after (B-52, L-47).

    What they had done by then, where the referral was heard of late, stands here: it was told without the referral.
    """

    referral_id: ReferralId
    uid: CustomerUid
    agent: User | None = None
    visit_id: VisitEntryId | None = None
    reservation_id: ReservationId | None = None
    contract_id: ContractId | None = None
    home_id: HomeId | None = None
    withdrawal_deadline: Moment | None = None


class ReferralRefused(Event, subject="referral_id"):
    """Nobody new was recommended, and why (B-52)."""

    referral_id: ReferralId
    cause: VoidCause
    uid: CustomerUid | None = None
