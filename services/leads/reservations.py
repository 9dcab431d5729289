"""Reservations: who took which home under a subscription agreement, and through whom (L-65, L-66, X-77)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import CALENDARS
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record, new_id
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import HomeReserved, ReservationCancelled
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, HomeId, Moment, Money, Number, Reason, ShortText, User
from services.contracts.vocabulary.referrals import VoidCause
from services.leads import homes
from services.leads.authorship import only_by_the_lead
from services.leads.customers.lifecycle import SALES
from services.leads.homes import Home
from services.leads.ownership.decisions import decide_deal, end_deal
from services.leads.ownership.figures import DEAL_BY_CONTRACT
from services.leads.readers import SALE_READERS
from services.leads.referrals import register as referrals

#: How many days after its signing a subscription agreement with the clause can be withdrawn from, to 24:00 of the last.
WITHDRAWAL_WINDOW = Parameter("withdrawal.window", 3, "days", "L-72", calendar="dates")


class Reservation(Record):
    """A subscription agreement; `agent` closed the deal (L-66)."""

    __table_args__ = (
        sa.Index(
            "uq_reservation_live",
            "home_id",
            unique=True,
            sqlite_where=sa.text("state = 'signed'"),
            postgresql_where=sa.text("state = 'signed'"),
        ),
    )

    number: Mapped[Number]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    deposit: Mapped[Money]
    signed_at: Mapped[Moment]
    agreement: Mapped[ShortText | None]
    terms_version: Mapped[ShortText | None]
    has_withdrawal_clause: Mapped[bool]
    withdrawal_deadline: Mapped[Moment | None]
    reason: Mapped[Reason | None]


reservations = Process(
    Reservation,
    numbered="RS",
    readers=SALE_READERS,
    listed=["number", "home_id", "uid", "agent", "deposit", "signed_at"],
    filters=["project_id", "home_id", "uid", "agent", "signed_at"],
    search=["number", "home_id"],
    announces=[HomeReserved, ReservationCancelled],
)


@reservations.create("signed", by=SALES)
def sign(
    home_id: HomeId,
    uid: CustomerUid,
    deposit: Money,
    work: Work,
    agent: User | None = None,
    signed_at: Moment | None = None,
    agreement: ShortText | None = None,
    terms_version: ShortText | None = None,
    has_withdrawal_clause: bool = False,
) -> Reservation:
    """Sign the subscription agreement: nobody else can have the home, and whose performance it is is decided (L-66)."""
    home = work.get(Home, home_id, field="home_id", lock=True)
    if home.state != "on_sale":
        raise ValidationFailed.of("home_id", "not_for_sale", state=home.state)
    dated, signed_at = signed_at is not None, signed_at or work.now
    if signed_at > work.now:
        raise ValidationFailed.of("signed_at", "in_the_future")
    said = {"signed_at": dated, "agent": agent not in (None, work.actor.user)}
    only_by_the_lead(work, home.company_id, home.project_id, **said)
    if deposit <= 0:
        raise ValidationFailed.of("deposit", "not_positive")
    work.perform(homes.reserve, home, uid=uid)
    reservation = Reservation(
        id=new_id(),
        home_id=home_id,
        uid=uid,
        agent=agent or work.actor.user,
        deposit=deposit,
        signed_at=signed_at,
        agreement=agreement,
        terms_version=terms_version,
        has_withdrawal_clause=has_withdrawal_clause,
        withdrawal_deadline=_deadline(work, signed_at) if has_withdrawal_clause else None,
        project_id=home.project_id,
        company_id=home.company_id,
    )
    work.begin_life(reservations, reservation, "signed")
    referred = referrals.deal_of(work, uid, str(home.project_id), signed_at)
    if referred is not None:
        work.perform(referrals.keep, referred, reservation_id=reservation.id)
    referral_id = referred.id if referred is not None else None
    told: dict[str, Any] = {"price": home.price, "referral_id": referral_id}
    work.emit(HomeReserved, reservation, agent=reservation.agent, signed_at=signed_at, **told)
    if not work.parameter(DEAL_BY_CONTRACT, at=signed_at):
        deal = {"deal_id": reservation.id, "deal_number": reservation.number}
        decide_deal(work, **deal, home=home, uid=uid, closer=reservation.agent, at=signed_at)
    return reservation


@reservations.move("signed", "contracted", by=[Role.SYSTEM])
def complete(reservation: Reservation) -> None:
    """The sale contract is signed; by `contracts.sign`."""


@reservations.move("signed", "cancelled", by=[Role.SITE_SALES_LEAD])
def cancel(reservation: Reservation, reason: Reason, work: Work) -> None:
    """The customer withdrew, or the reservation lapsed: the home is free, and no commission is due (X-77, L-74)."""
    reservation.reason = reason
    work.perform(homes.release, work.get(Home, reservation.home_id, lock=True), reason=reason)
    end_deal(work, reservation.id)
    deadline = reservation.withdrawal_deadline
    referred = referrals.of_reservation(work, reservation.id)
    within_window = deadline is not None and work.now < deadline
    referral_id = referred.id if referred is not None else None
    work.emit(ReservationCancelled, reservation, within_window=within_window, referral_id=referral_id)
    if referred is not None:
        work.perform(referrals.end, referred, cause=VoidCause.RESERVATION_CANCELLED)


def _deadline(work: Work, signed_at: Moment) -> Moment:
    days = WITHDRAWAL_WINDOW.length(work.parameter(WITHDRAWAL_WINDOW, at=signed_at))
    return CALENDARS[WITHDRAWAL_WINDOW.calendar].add(signed_at, days)


def live(work: Work, home_id: str, *, lock: bool = False) -> Reservation | None:
    """The reservation under which a home is kept; locked before its home, as its cancelling locks them."""
    found = work.first(Reservation, Reservation.home_id == home_id, Reservation.state == "signed")
    return work.get(Reservation, found.id, lock=True) if found is not None and lock else found
