"""Named types of old-brings-new: referrals and their rewards (B-51 to B-53)."""

from __future__ import annotations

import enum
from typing import Annotated

from services.contracts.fields import Field

ReferralId = Annotated[str, Field("reference", max_length=40, to="membership/referral")]
Points = Annotated[int, Field("integer", min=1, max=10_000_000)]
Years = Annotated[int, Field("integer", min=1, max=50)]


class RewardKind(enum.StrEnum):
    """What a successful referral is rewarded with (B-52, B-53)."""

    PROPERTY_FEE = "property_fee"
    POINTS = "points"
    GIFT = "gift"


class VoidCause(enum.StrEnum):
    """Why a referral comes to nothing (B-52)."""

    SELF_REFERRAL = "self_referral"
    ACTIVE_CUSTOMER = "active_customer"
    REFERRED_ALREADY = "referred_already"
    INVALID_PHONE = "invalid_phone"
    RESERVATION_CANCELLED = "reservation_cancelled"
    CONTRACT_TERMINATED = "contract_terminated"
    CANCELLED = "cancelled"
