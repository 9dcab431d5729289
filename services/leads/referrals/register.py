"""The register of recommended customers: to which referral a visit, a reservation or a contract belongs (B-52)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.membership_referrals import ReferralVoided
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ContractId, CustomerUid, Moment, ProjectId, SourceRef, User
from services.contracts.vocabulary.referrals import ReferralId, VoidCause
from services.contracts.vocabulary.sales import KeyKind, ReservationId, VisitEntryId
from services.leads.customers.identity import holder_of, normalised_phone
from services.leads.customers.own import given_to
from services.leads.ownership.decisions import serving_agent
from services.leads.ownership.history import take_turns
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import VisitEntry


class ReferredCustomer(Record):
    """One customer in one project, by whom they were recommended, and the agent who was given them; the id is that of
    the referral. What they did from `referred_at` on belongs to it: the first visit and one deal."""

    __table_args__ = (sa.Index(None, "uid", "project_id"),)

    reference: Mapped[SourceRef]
    referral_id: Mapped[ReferralId]
    uid: Mapped[CustomerUid]
    referrer_uid: Mapped[CustomerUid]
    agent: Mapped[User | None]
    referred_at: Mapped[Moment]
    visit_id: Mapped[VisitEntryId | None]
    reservation_id: Mapped[ReservationId | None]
    contract_id: Mapped[ContractId | None]
    cause: Mapped[VoidCause | None]


referred_customers = Process(
    ReferredCustomer,
    readers=[*FLOOR_READERS, Role.MARKETING, Role.CLUB_OFFICER],
    title="reference",
    listed=["reference", "uid", "referrer_uid", "agent", "referred_at", "visit_id", "reservation_id", "contract_id"],
    filters=["project_id", "referral_id", "uid", "referrer_uid", "agent", "referred_at", "reservation_id"],
    announces=[ReferralMatched, ReferralRefused],
)
given_to(lambda agent: sa.select(ReferredCustomer.uid).where(ReferredCustomer.agent == agent))


@referred_customers.create("open", by=[Role.SYSTEM])
def give(
    referral_id: ReferralId,
    reference: SourceRef,
    uid: CustomerUid,
    referrer_uid: CustomerUid,
    referred_at: Moment,
    project_id: ProjectId,
    work: Work,
    agent: User | None = None,
) -> ReferredCustomer:
    """The customer is on record, and the agent's who served the referrer (B-52, L-47)."""
    project = project_of(work, project_id)
    return ReferredCustomer(
        id=referral_id,
        referral_id=referral_id,
        reference=reference,
        uid=uid,
        referrer_uid=referrer_uid,
        agent=agent,
        referred_at=referred_at,
        project_id=project.id,
        company_id=project.company_id,
    )


@referred_customers.change("open", by=[Role.SYSTEM])
def keep(
    referred: ReferredCustomer,
    visit_id: VisitEntryId | None = None,
    reservation_id: ReservationId | None = None,
    contract_id: ContractId | None = None,
) -> None:
    """The customer has come, has reserved, or has bought (B-52)."""
    referred.visit_id = visit_id or referred.visit_id
    referred.reservation_id = reservation_id or referred.reservation_id
    referred.contract_id = contract_id or referred.contract_id


@referred_customers.change("open", by=[Role.SYSTEM])
def forget_visit(referred: ReferredCustomer) -> None:
    """The visit that was the first was another customer's, or came before the referral (X-47)."""
    referred.visit_id = None


@referred_customers.move("open", "ended", by=[Role.SYSTEM])
def end(referred: ReferredCustomer, cause: VoidCause) -> None:
    """The referral has come to nothing; the customer stays (B-52)."""
    referred.cause = cause


@referred_customers.reacts(ReferralVoided)
def on_referral_voided(event: ReferralVoided, work: Work) -> None:
    """The club cancelled it, or knows by now that nobody new was recommended (B-52)."""
    end_for(work, event.referral_id, VoidCause(event.cause))


def end_for(work: Work, referral_id: str | None, cause: VoidCause) -> None:
    """A referral, if it is one and is open here, has come to nothing."""
    referred = work.session.get(ReferredCustomer, referral_id) if referral_id else None
    if referred is not None and referred.state == "open":
        work.perform(end, referred, cause=cause)


def open_referral(work: Work, uid: str, project_id: str) -> ReferredCustomer | None:
    """The referral under which a customer comes to a project: the first that has not come to nothing."""
    return work.first(ReferredCustomer, uid=uid, project_id=project_id, state="open")


def first_visit_of(work: Work, visit: VisitEntry) -> ReferredCustomer | None:
    """The referral that a visit is the first of, if it is one's; what corrects the first takes its place."""
    referred = open_referral(work, visit.uid, str(visit.project_id))
    if referred is None or referred.referred_at > visit.at:
        return None
    return referred if referred.visit_id in (None, visit.corrects_id) else None


def forget(work: Work, wrong_id: str | None) -> None:
    """A visit was corrected: the referral that still has it as the first has not, by what the register says now."""
    work.session.flush()
    referred = work.first(ReferredCustomer, visit_id=wrong_id, state="open")
    if referred is not None:
        work.perform(forget_visit, referred)


def deal_of(work: Work, uid: str, project_id: str, at: datetime) -> ReferredCustomer | None:
    """The referral that a deal at this moment is the outcome of: one deal is, however many homes the customer takes."""
    take_turns(work, uid, project_id)
    referred = open_referral(work, uid, project_id)
    if referred is None or referred.reservation_id or referred.contract_id or referred.referred_at > at:
        return None
    return referred


def of_reservation(work: Work, reservation_id: str) -> ReferredCustomer | None:
    """The referral whose outcome a reservation is, while it has not come to nothing."""
    return work.first(ReferredCustomer, reservation_id=reservation_id, state="open")


def expected(work: Work, project_id: str, *, uid: str | None, phone: str | None) -> tuple[str, str] | None:
    """Who recommended somebody who arrives, and the agent who served that owner, where both are known (L-47)."""
    if uid is None and phone:
        try:
            held = holder_of(work, KeyKind.PHONE, normalised_phone(phone))
        except ValidationFailed:
            return None
        uid = held.uid if held is not None else None
    referred = open_referral(work, uid, project_id) if uid else None
    agent = serving_agent(work, referred.referrer_uid, project_id) if referred is not None else None
    return (referred.referrer_uid, agent) if referred is not None and agent is not None else None
