"""Who has brought a buyer is known as a referrer: a value tag of the portrait (L-09, B-53, X-73)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.events.membership_referrals import ReferralRewarded
from services.contracts.roles import Role
from services.leads.customers import Customer, customers
from services.leads.portraits.behaviour import derive
from services.leads.portraits.portrait import portrait_of
from services.leads.portraits.standard import YES
from services.leads.referrals.matching import referred_customers

__all__ = ["referred_customers"]


@customers.change(by=[Role.SYSTEM])
def note_referrer(customer: Customer, work: Work) -> None:
    """The customer has brought somebody who bought, and was rewarded for it, which is nothing heard of them (B-53,
    L-13)."""
    portrait = portrait_of(work, customer.id)
    derive(portrait, "referrer", [YES])
    portrait.follow()


@customers.reacts(ReferralRewarded)
def on_referral_rewarded(event: ReferralRewarded, work: Work) -> None:
    """The club rewarded a referral (B-53)."""
    referrer = work.session.get(Customer, event.referrer_uid)
    if referrer is not None:
        work.perform(note_referrer, referrer)
