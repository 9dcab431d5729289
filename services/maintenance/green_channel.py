"""The green channel: customers of the core segment, whose repairs go before others (M-37, B-83)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.membership import SegmentChanged
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Moment
from services.contracts.vocabulary.segments import Segment


class GreenChannelCustomer(Record):
    """Since when a customer is in the channel, or has left it. Its id is the customer's."""

    uid: Mapped[CustomerUid]
    since: Mapped[Moment]


green_channel = Process(
    GreenChannelCustomer,
    readers=[Role.MAINTENANCE_DESK, Role.MAINTENANCE_LEAD, Role.CUSTOMER_CENTRE, Role.AUDITOR],
    title="uid",
    listed=["uid", "since"],
    filters=["uid", "since"],
)


@green_channel.create("admitted", by=[Role.SYSTEM])
def admit(uid: CustomerUid, since: Moment) -> GreenChannelCustomer:
    """Membership has placed the customer in the core segment (M-37)."""
    return GreenChannelCustomer(id=uid, uid=uid, since=since)


@green_channel.move("left", "admitted", by=[Role.SYSTEM])
def readmit(customer: GreenChannelCustomer, since: Moment) -> None:
    """The customer is of the core segment again (M-37)."""
    customer.since = since


@green_channel.move("admitted", "left", by=[Role.SYSTEM])
def leave(customer: GreenChannelCustomer, since: Moment) -> None:
    """The customer is of another segment now; orders that have priority keep it (M-37)."""
    customer.since = since


@green_channel.reacts(SegmentChanged)
def on_segment_changed(event: SegmentChanged, work: Work) -> None:
    """Into the core segment, or out of it (B-83)."""
    known, is_core = work.session.get(GreenChannelCustomer, event.uid), event.to_segment == Segment.CORE
    if known is None and is_core:
        work.perform(admit, uid=event.uid, since=event.at)
    elif known is not None and is_core != (known.state == "admitted"):
        work.perform(readmit if is_core else leave, known, since=event.at)


def goes_first(work: Work, uid: str | None) -> bool:
    """Whether the customer's repairs go before others."""
    known = work.session.get(GreenChannelCustomer, uid) if uid else None
    return known is not None and known.state == "admitted"
