"""Published by membership about what customers are worth (domain 4.5)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import CustomerUid, Details, Moment, Number, Percent
from services.contracts.vocabulary.segments import Segment


class SegmentChanged(Event, subject="uid"):
    """A customer came into another segment (B-83); `rfm` holds the recency in days, the frequency and the amount.

    `run` is the number of the computation; none where records were joined or parted. The referral-willingness index is
    the one that was computed with it (L-09).
    """

    uid: CustomerUid
    from_segment: Segment | None = None
    to_segment: Segment
    rfm: Details
    referral_index: Percent
    run: Number | None = None
    at: Moment


class ReferralWillingnessChanged(Event, subject="uid"):
    """A customer of the same segment became more, or less, likely to recommend us (B-56, L-09)."""

    uid: CustomerUid
    referral_index: Percent
    run: Number | None = None
    at: Moment
