"""Named types of what customers are worth, and of who may turn to them (3.4.4, 3.4.7)."""

from __future__ import annotations

import enum


class Segment(enum.StrEnum):
    """Where a customer stands by value and activity (B-83); `active` is the quadrant that was left out (D-15)."""

    CORE = "core"
    POTENTIAL = "potential"
    DORMANT = "dormant"
    ACTIVE = "active"


class CountedKind(enum.StrEnum):
    """What a contact was that counts for recency and frequency (B-83, B-29)."""

    CALL = "call"
    VISIT = "visit"
    ENQUIRY = "enquiry"
    RESERVATION = "reservation"
    CONTRACT = "contract"
    HANDOVER = "handover"
    FOLLOW_UP = "follow_up"
    MEMBERSHIP = "membership"


class PurchaseKind(enum.StrEnum):
    """What stands behind an amount: a contract, or a reservation that is expected to become one (B-84)."""

    CONTRACT = "contract"
    RESERVATION = "reservation"


class WakeUpCause(enum.StrEnum):
    """Why the club thinks of waking a customer up, or of cultivating them (L-46, L-56)."""

    SILENCE = "silence"
    OWNERSHIP_EXPIRED = "ownership_expired"
