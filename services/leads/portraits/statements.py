"""What was said of customers, tag by tag: by whom, when, and whether a human confirmed it (L-06 to L-11)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Moment, SourceRef, User
from services.contracts.vocabulary.portrait import TagGroup, TagId, TagSource, TagValue
from services.leads.customers.customer import is_known_to
from services.leads.readers import PORTRAIT_READERS


class CustomerTag(Record):
    """One statement. `is_effective` tells whether it holds now, `band` what reports count it under.

    `cause` is the number of the change or the handover by which it was made.
    """

    uid: Mapped[CustomerUid]
    tag: Mapped[TagId]
    group: Mapped[TagGroup]
    value: Mapped[TagValue]
    band: Mapped[TagValue]
    source: Mapped[TagSource]
    at: Mapped[Moment]
    noted_by: Mapped[User]
    confirmed_at: Mapped[Moment | None]
    confirmed_by: Mapped[User | None]
    is_effective: Mapped[bool]
    cause: Mapped[SourceRef | None]


customer_tags = Process(
    CustomerTag,
    readers=PORTRAIT_READERS,
    title="value",
    listed=["uid", "tag", "value", "source", "is_effective", "at", "noted_by", "confirmed_at"],
    filters=["uid", "tag", "group", "value", "band", "source", "is_effective", "at"],
    search=["value"],
    own=lambda actor, now: is_known_to(actor, CustomerTag.uid),
)


@customer_tags.move("in_force", "superseded", by=[Role.SYSTEM])
def supersede(statement: CustomerTag) -> None:
    """The same source says something else now (L-06)."""
    statement.is_effective = False


@customer_tags.move("in_force", "set_aside", by=[Role.SYSTEM])
def set_aside(statement: CustomerTag) -> None:
    """Somebody decided for something else (L-06)."""
    statement.is_effective = False
