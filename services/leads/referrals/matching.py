"""A recommended person becomes a customer on record and somebody's to look after, or is nobody new (B-52, L-47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from services.chassis.registers import standing
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.membership_referrals import ReferralRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContactChannel
from services.contracts.vocabulary.reception import ContactResult, FollowUpCause
from services.contracts.vocabulary.referrals import VoidCause
from services.contracts.vocabulary.sales import KeyKind
from services.leads.contracts import Contract, attribute
from services.leads.customers import CustomerStage, known_or_new
from services.leads.customers.identity import holder_of, normalised_phone
from services.leads.customers.lookups import SPOKEN_FOR
from services.leads.ownership import rules
from services.leads.ownership.decisions import moment_of, serving_agent
from services.leads.ownership.figures import figures_at
from services.leads.ownership.history import deals_of, history_of, take_turns
from services.leads.portraits.screening import serve
from services.leads.reception.entries import VisitEntry
from services.leads.reception.follow_ups import SalesFollowUp, drop, plan
from services.leads.referrals.register import ReferredCustomer, give, keep, open_referral, referred_customers
from services.leads.reservations import Reservation

__all__ = ["referred_customers"]

REFERRED = "referred_customer"


@referred_customers.reacts(ReferralRegistered)
def on_referral_registered(event: ReferralRegistered, work: Work) -> None:
    """Find or register the recommended person, and hand them to the agent who served the referrer (B-51, L-47).

    Of two who recommend one stranger at the same moment the second finds the customer of the first.
    """
    try:
        held = holder_of(work, KeyKind.PHONE, normalised_phone(event.phone), to_hold=True)
    except ValidationFailed:
        _refuse(work, event, VoidCause.INVALID_PHONE)
        return
    if held is not None and (cause := _nobody_new(work, event, held.uid)) is not None:
        _refuse(work, event, cause, held.uid)
        return
    source = ContactChannel.REFERRAL
    customer = known_or_new(work, name=event.name, phone=event.phone, project_id=event.project_id, source=source)
    take_turns(work, customer.id, event.project_id)
    since = _since(work, customer.id, event.project_id, event.at)
    if since.ended_by is not None:
        _refuse(work, event, since.ended_by, customer.id)
        return
    agent = serving_agent(work, event.referrer_uid, event.project_id)
    about = {"referral_id": event.referral_id, "reference": event.number, "referred_at": event.at}
    whose = {"uid": customer.id, "referrer_uid": event.referrer_uid, "project_id": event.project_id, "agent": agent}
    referred = work.perform(give, **about, **whose)
    _go_on(work, referred, since)


@referred_customers.followed("forget_visit")
def on_visit_forgotten(referred: ReferredCustomer, work: Work) -> None:
    """Another visit is the first, or the agent turns to the customer again; who had come before the referral is
    somebody's already (X-47, L-47)."""
    whose = referred.uid, str(referred.project_id), referred.referred_at
    if not _was_active(work, *whose):
        _go_on(work, referred, _since(work, *whose))


@referred_customers.followed("end")
def on_ended(referred: ReferredCustomer, work: Work) -> None:
    """Nobody is called any more because of a referral that has come to nothing (B-52)."""
    _call_off(work, cause=FollowUpCause.REFERRAL, reference=referred.reference, uid=referred.uid)


def _call_off(work: Work, **due: Any) -> None:
    """Drop what is due, also where it was tried already and is due again."""
    for one in work.all(SalesFollowUp, **due):
        if one.state == "open":
            work.perform(drop, one, reason="")
        elif one.result == ContactResult.NO_ANSWER:
            _call_off(work, cause=FollowUpCause.NO_ANSWER, reference=one.number)


def _nobody_new(work: Work, event: ReferralRegistered, uid: str) -> VoidCause | None:
    """Why somebody whom we know already cannot be recommended."""
    if uid == event.referrer_uid:
        return VoidCause.SELF_REFERRAL
    take_turns(work, uid, event.project_id)
    work.session.flush()
    if open_referral(work, uid, event.project_id) is not None:
        return VoidCause.REFERRED_ALREADY
    return VoidCause.ACTIVE_CUSTOMER if _was_active(work, uid, event.project_id, event.at) else None


def _was_active(work: Work, uid: str, project_id: str, at: datetime) -> bool:
    """Whether an agent protected the customer at that moment, or they had a home of ours: what came after it, however
    much later the referral is heard of, does not count (L-03, L-42)."""
    known = history_of(work, uid, project_id)
    if any(one.holds(at) for one in rules.windows(known.contacts, known.transfers, partial(figures_at, work))):
        return True
    bought = any(one.deal_at <= at for one in deals_of(work, uid, project_id))
    return bought or any(
        one.state in SPOKEN_FOR and one.since <= at for one in work.all(CustomerStage, CustomerStage.uid == uid)
    )


@dataclass(frozen=True)
class Since:
    """What the customer did in the project since they were recommended, as far as the registers know by now; who called
    or came to an agent is served by that one."""

    visit: VisitEntry | None
    reservation: Reservation | None
    contract: Contract | None
    is_served: bool

    @property
    def deal(self) -> Contract | Reservation | None:
        return self.contract or self.reservation

    @property
    def ended_by(self) -> VoidCause | None:
        """What the referral has come to nothing by."""
        if self.contract is not None and self.contract.state == "terminated":
            return VoidCause.CONTRACT_TERMINATED
        is_cancelled = self.reservation is not None and self.reservation.state == "cancelled"
        return VoidCause.RESERVATION_CANCELLED if is_cancelled else None


def _since(work: Work, uid: str, project_id: str, at: datetime) -> Since:
    whose = {"uid": uid, "project_id": project_id}
    visits = work.all(VisitEntry, standing(VisitEntry), VisitEntry.at >= at, **whose)
    visit = min(visits, key=lambda one: one.at, default=None)
    is_served = any(one.at >= at for one in history_of(work, uid, project_id).contacts)
    reserved = work.first(Reservation, Reservation.signed_at >= at, **whose)
    direct = (one for one in work.all(Contract, reservation_id=None, **whose) if moment_of(work, one.signed_on) >= at)
    bought = next(direct, None)
    if bought is not None and (reserved is None or bought.created_at < reserved.created_at):
        return Since(visit, None, bought, is_served)
    contract = work.first(Contract, reservation_id=reserved.id) if reserved is not None else None
    return Since(visit, reserved, contract, is_served)


def _go_on(work: Work, referred: ReferredCustomer, since: Since) -> None:
    """What was told without the referral is told with it: it goes on as if it had been heard of in time."""
    found = {"visit_id": since.visit, "reservation_id": since.reservation, "contract_id": since.contract}
    done = {name: one.id for name, one in found.items() if one is not None}
    if done:
        work.perform(keep, referred, **done)
    if since.contract is not None:
        work.perform(attribute, since.contract, referral_id=referred.id)
    deadline = since.reservation.withdrawal_deadline if since.reservation is not None else None
    home_id = since.deal.home_id if since.deal is not None else None
    work.emit(ReferralMatched, referred, home_id=home_id, withdrawal_deadline=deadline)
    if not (since.is_served or since.deal):
        _hand_over(work, referred)


def _hand_over(work: Work, referred: ReferredCustomer) -> None:
    """The agent turns to the customer; the site's lead finds somebody where the referrer had none (L-47, L-55)."""
    who = {"uid": referred.uid, "project_id": referred.project_id, "agent": referred.agent}
    due = {"cause": FollowUpCause.REFERRAL, "reference": referred.reference}
    if referred.agent is not None:
        serve(work, referred.uid, str(referred.project_id), referred.agent)
    follow_up = work.perform(plan, **due, **who)
    work.task(
        REFERRED, follow_up, role=Role.SALES_AGENT if referred.agent else Role.SITE_SALES_LEAD, assignee=referred.agent
    )


def _refuse(work: Work, event: ReferralRegistered, cause: VoidCause, uid: str | None = None) -> None:
    work.emit(ReferralRefused, referral_id=event.referral_id, cause=cause, uid=uid)
