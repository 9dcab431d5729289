"""Published by membership about owners and members who bring new customers (domain 4.5)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerUid,
    HomeId,
    Moment,
    Number,
    PersonName,
    Phone,
    ProjectId,
    Reason,
    ShortText,
)
from services.contracts.vocabulary.referrals import ReferralId, RewardKind, VoidCause


class ReferralRegistered(Event, subject="referral_id"):
    """An owner or member recommends somebody, who agreed to be called (B-51).

    The one event with a telephone in full: leads cannot find or register a customer without it (ADR 15).
    """

    referral_id: ReferralId
    number: Number
    referrer_uid: CustomerUid
    project_id: ProjectId
    name: PersonName
    phone: Phone
    channel: ContactChannel
    at: Moment


class ReferralVoided(Event, subject="referral_id"):
    """A referral came to nothing: nobody is handed over for it any more (B-52)."""

    referral_id: ReferralId
    cause: VoidCause
    reason: Reason | None = None


class ReferralRewarded(Event, subject="referral_id"):
    """A successful referral was rewarded; `value` is the years of property fee for a home, the points, or the gift
    (B-53)."""

    referral_id: ReferralId
    number: Number
    referrer_uid: CustomerUid
    kind: RewardKind
    value: ShortText
    fee_home_id: HomeId | None = None
    at: Moment
