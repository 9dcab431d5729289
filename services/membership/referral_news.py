"""What leads tells of recommended customers: step by step, in any order, and late (B-52, X-405).

Every event that names a referral names the customer as well, so each can be the first that is heard. The facts are
kept whenever they come; the state goes on to the furthest step, and once void a referral stays void.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.chassis import joining
from services.chassis.moves import MOVES
from services.chassis.work import Work
from services.contracts.events.leads import ContractSigned, ContractTerminated
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import CustomersMerged, HomeReserved, ReservationCancelled, VisitRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.referrals import VoidCause
from services.membership.referrals import (
    Referral,
    annul,
    contract,
    fall_due,
    keep,
    match,
    referrals,
    reserve,
    visit,
)

__all__ = ["referrals"]

REVIEW = "rewarded_referral_ended"


@referrals.reacts(ReferralMatched)
def on_referral_matched(event: ReferralMatched, work: Work) -> None:
    """The customer is on record and has their agent; they may have come or bought before that was heard (B-52)."""
    names = ("agent", "visit_id", "reservation_id", "contract_id", "home_id", "withdrawal_deadline")
    _go_on(work, event, **{name: getattr(event, name) for name in names})


@referrals.reacts(ReferralRefused)
def on_referral_refused(event: ReferralRefused, work: Work) -> None:
    """Nobody new: the referrer themselves, a customer whom somebody looks after, or no telephone (B-52)."""
    referral = work.session.get(Referral, event.referral_id)
    if referral is not None:
        _void(work, referral, VoidCause(event.cause))


@referrals.reacts(VisitRegistered)
def on_visit_registered(event: VisitRegistered, work: Work) -> None:
    """The recommended customer has come (B-52, L-21)."""
    _go_on(work, event, visit_id=event.visit_id)


@referrals.reacts(HomeReserved)
def on_home_reserved(event: HomeReserved, work: Work) -> None:
    """The recommended customer has reserved a home (B-52, L-66)."""
    kept = {"home_id": event.home_id, "withdrawal_deadline": event.withdrawal_deadline}
    _go_on(work, event, reservation_id=event.reservation_id, **kept)


@referrals.reacts(ContractSigned)
def on_contract_signed(event: ContractSigned, work: Work) -> None:
    """The recommended customer has bought (B-52, L-76)."""
    kept = {"home_id": event.home_id, "withdrawal_deadline": event.withdrawal_deadline}
    _go_on(work, event, contract_id=event.contract_id, **kept)


@referrals.reacts(ReservationCancelled)
def on_reservation_cancelled(event: ReservationCancelled, work: Work) -> None:
    """The recommended customer has withdrawn (B-52, L-74)."""
    _come_to_nothing(work, event, VoidCause.RESERVATION_CANCELLED)


@referrals.reacts(ContractTerminated)
def on_contract_terminated(event: ContractTerminated, work: Work) -> None:
    """The recommended customer's contract has ended before the handover (B-52, L-77)."""
    _come_to_nothing(work, event, VoidCause.CONTRACT_TERMINATED)


@referrals.reacts(CustomersMerged)
def on_customers_merged(event: CustomersMerged, work: Work) -> None:
    """Who recommended turns out to be who was recommended (B-52, X-407)."""
    (survivor,) = joining.current(work, "leads/customer", [event.surviving_uid]).values()
    for referral in work.all(Referral, Referral.referrer_uid == survivor, Referral.uid == survivor):
        _void(work, referral, VoidCause.SELF_REFERRAL)


def _known(work: Work, event: Any) -> Referral | None:
    """The referral that an event is about, matched with the customer whom it names."""
    referral = work.session.get(Referral, event.referral_id) if event.referral_id else None
    if referral is not None and referral.state == "registered":
        work.perform(match, referral, uid=event.uid)
    return referral


def _go_on(work: Work, event: Any, **facts: Any) -> None:
    referral = _known(work, event)
    if referral is None:
        return
    work.perform(keep, referral, **facts)
    reached: list[tuple[str | None, Callable[..., None]]] = [
        (referral.visit_id, visit),
        (referral.reservation_id, reserve),
        (referral.contract_id, contract),
    ]
    for fact, step in reached:
        if fact is not None and MOVES[step].allows(referral.state):
            work.perform(step, referral)
    if referral.state == "contracted" and referral.withdrawal_deadline is None:
        work.perform(fall_due, referral)


def _come_to_nothing(work: Work, event: Any, cause: VoidCause) -> None:
    referral = _known(work, event)
    if referral is not None:
        _void(work, referral, cause)


def _void(work: Work, referral: Referral, cause: VoidCause) -> None:
    if MOVES[annul].allows(referral.state):
        work.perform(annul, referral, cause=cause)
    elif referral.state == "rewarded":
        work.task(REVIEW, referral, role=Role.CLUB_OFFICER)
