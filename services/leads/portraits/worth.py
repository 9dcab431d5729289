"""What membership says a customer is worth: kept with where it comes from and since when (L-09, B-82, B-83, B-56).

It is computed, and mostly because nothing was heard: the portrait is no fresher for it (L-13).
"""

from __future__ import annotations

from typing import Any

from services.chassis.work import Work
from services.contracts.events.membership import (
    HighValueCustomerDesignated,
    HighValueCustomerRevoked,
    ReferralWillingnessChanged,
    SegmentChanged,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Percent, SourceRef
from services.contracts.vocabulary.segments import Segment
from services.leads.customers import Customer
from services.leads.customers.holdings import customers
from services.leads.portraits.behaviour import derive
from services.leads.portraits.portrait import portrait_of
from services.leads.portraits.standard import YES, tier
from services.leads.portraits.tags import written

__all__ = ["customers"]


@customers.change(by=[Role.SYSTEM])
def value(customer: Customer, is_high: bool, work: Work) -> None:
    """Keep what membership says a customer is worth (L-09)."""
    portrait = portrait_of(work, customer.id)
    derive(portrait, "high_value", [YES] if is_high else [])
    portrait.follow()


@customers.change(by=[Role.SYSTEM])
def rank(
    customer: Customer,
    referral_index: Percent,
    work: Work,
    segment: Segment | None = None,
    run: SourceRef | None = None,
) -> None:
    """Keep the segment and the referral-willingness index, by the number of their computation (L-09)."""
    portrait = portrait_of(work, customer.id)
    if segment is not None:
        customer.segment = segment
        derive(portrait, "segment", [tier(segment)], cause=run)
    customer.referral_index = referral_index
    derive(portrait, "referral_index", [written(referral_index)], cause=run)
    portrait.follow()


@customers.reacts(HighValueCustomerDesignated)
def on_high_value(event: HighValueCustomerDesignated, work: Work) -> None:
    """Membership designates a customer (L-09, B-82)."""
    _keep(work, value, event.uid, is_high=True)


@customers.reacts(HighValueCustomerRevoked)
def on_high_value_revoked(event: HighValueCustomerRevoked, work: Work) -> None:
    """Membership revokes it (L-09, B-82)."""
    _keep(work, value, event.uid, is_high=False)


@customers.reacts(SegmentChanged)
def on_segment_changed(event: SegmentChanged, work: Work) -> None:
    """The customer came into another segment (L-09, B-83)."""
    _keep(work, rank, event.uid, segment=event.to_segment, referral_index=event.referral_index, run=event.run)


@customers.reacts(ReferralWillingnessChanged)
def on_referral_willingness_changed(event: ReferralWillingnessChanged, work: Work) -> None:
    """The customer is more, or less, likely to recommend us (L-09, B-56)."""
    _keep(work, rank, event.uid, referral_index=event.referral_index, run=event.run)


def _keep(work: Work, function: Any, uid: str, **said: Any) -> None:
    customer = work.session.get(Customer, uid)
    if customer is not None:
        work.perform(function, customer, **said)
