"""What customers spend: the sums of their contracts, and what their reservations are expected to bring (B-84)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import end_of
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.leads import ContractSigned, ContractTerminated
from services.contracts.events.leads_sales import HomeReserved, ReservationCancelled
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, HomeId, Moment, Money, RecordId
from services.contracts.vocabulary.segments import PurchaseKind
from services.membership.places import READERS


class Purchase(Record):
    """One contract, with its sum, or one reservation, with what it is expected to bring; the id is its own.

    Expected (ext) is the listed price of the reserved home, or the deposit where nobody has told of a price, until a
    contract for the home takes its place or the reservation is cancelled.
    """

    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId]
    kind: Mapped[PurchaseKind]
    amount: Mapped[Money]
    at: Mapped[Moment]


purchases = Process(
    Purchase,
    readers=READERS,
    title="home_id",
    listed=["uid", "home_id", "kind", "amount", "at"],
    filters=["uid", "project_id", "home_id", "kind"],
)


@purchases.create("counted", by=[Role.SYSTEM])
def begin(
    purchase_id: RecordId,
    uid: CustomerUid,
    home_id: HomeId,
    kind: PurchaseKind,
    amount: Money,
    at: Moment,
    work: Work,
) -> Purchase:
    """The amount counts from now on (B-84)."""
    what = {"uid": uid, "home_id": home_id, "kind": kind, "amount": amount, "at": at}
    return Purchase(id=purchase_id, **what, **place_of(work, home_id))


@purchases.move("counted", "over", by=[Role.SYSTEM])
def end(purchase: Purchase) -> None:
    """The contract was terminated, or the reservation came to a contract or to nothing (B-84)."""


@purchases.reacts(HomeReserved)
def on_home_reserved(event: HomeReserved, work: Work) -> None:
    """The reserved home is expected to be bought (L-66); not if the contract has been told of before, whatever has
    become of it since."""
    amount = event.price if event.price is not None else event.deposit
    what = {"kind": PurchaseKind.RESERVATION, "amount": amount, "at": event.signed_at}
    reserved = _begin(work, event.reservation_id, event, **what)
    if reserved is None:
        return
    signed = work.all(Purchase, home_id=event.home_id, kind=PurchaseKind.CONTRACT)
    if any(one.at >= event.signed_at for one in signed):
        work.perform(end, reserved)


@purchases.reacts(ContractSigned)
def on_contract_signed(event: ContractSigned, work: Work) -> None:
    """What was expected of the home is signed for (L-76); not what was reserved after this contract."""
    for reserved in work.all(Purchase, home_id=event.home_id, kind=PurchaseKind.RESERVATION, state="counted"):
        if reserved.at <= work.told_at:
            work.perform(end, reserved)
    what = {"kind": PurchaseKind.CONTRACT, "amount": event.amount, "at": when_signed(event, work)}
    _begin(work, event.contract_id, event, **what)


@purchases.reacts(ReservationCancelled)
def on_reservation_cancelled(event: ReservationCancelled, work: Work) -> None:
    """Nothing is expected of it any more (L-74)."""
    _end(work, event.reservation_id)


@purchases.reacts(ContractTerminated)
def on_contract_terminated(event: ContractTerminated, work: Work) -> None:
    """The sum does not count any more (L-77)."""
    _end(work, event.contract_id)


def when_signed(event: ContractSigned, work: Work) -> Moment:
    """The day on which a contract was signed, though it may be entered later; the moment of the news on that day."""
    return min(end_of(event.signed_on), work.told_at) if event.signed_on else work.told_at


def _begin(work: Work, purchase_id: str, event: HomeReserved | ContractSigned, **what: Any) -> Purchase | None:
    """Once, however often it is told."""
    if work.session.get(Purchase, purchase_id) is not None:
        return None
    counted: Purchase = work.perform(begin, purchase_id=purchase_id, uid=event.uid, home_id=event.home_id, **what)
    return counted


def _end(work: Work, purchase_id: str) -> None:
    purchase = work.session.get(Purchase, purchase_id)
    if purchase is not None and purchase.state == "counted":
        work.perform(end, purchase)


def has_bought(work: Work, uid: str, project_id: str | None) -> bool:
    """Whether the customer has signed for a home of the project, or reserved one."""
    live = sa.select(Purchase.id).where(Purchase.uid == uid, Purchase.state == "counted")
    return work.session.scalar(live.where(Purchase.project_id == project_id).limit(1)) is not None
