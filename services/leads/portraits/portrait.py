"""A customer's portrait: what holds of all that was said, and how good the record is, worked out anew at each event
(L-05, L-06, L-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from services.chassis import clocks
from services.chassis.actors import SYSTEM
from services.chassis.clocks import clock
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid
from services.contracts.vocabulary.portrait import TagSource
from services.leads.customers import Customer, customers
from services.leads.customers.customer import locked
from services.leads.portraits import conflicts
from services.leads.portraits.conflicts import TagConflict
from services.leads.portraits.quality import ID_NO, PHONE, REQUIRED_TAGS, quality_of
from services.leads.portraits.resolution import holding, outlives, prevailing
from services.leads.portraits.statements import CustomerTag, customer_tags, set_aside, supersede
from services.leads.portraits.tags import Tag, band_of, catalogue

STALE_AFTER = Parameter("portrait.stale_after", 90, "days", "L-13", calendar="dates")
WEIGHTS = (PHONE, ID_NO, REQUIRED_TAGS)
PARAMETERS = [*WEIGHTS]


class Portrait:
    """One customer and everything that was said of them; `say` adds to it, `settle` brings the record in line."""

    def __init__(
        self,
        work: Work,
        customer: Customer,
        tags: Mapping[str, Tag],
        said: Iterable[CustomerTag] = (),
        waiting: Mapping[str, TagConflict] | None = None,
    ) -> None:
        self.work, self.customer, self.tags, self.waiting = work, customer, tags, waiting or {}
        self.said: dict[str, list[CustomerTag]] = {}
        for one in said:
            self.said.setdefault(one.tag, []).append(one)

    def live(self, code: str) -> list[CustomerTag]:
        """What was said with a tag and has not been replaced or withdrawn."""
        return [one for one in self.said.get(code, []) if one.state == "in_force"]

    def value(self, code: str) -> str | None:
        """The value of a single-valued tag that holds."""
        live = self.live(code)
        return prevailing(live).value if live else None

    def say(
        self, tag: Tag, value: str, source: TagSource, *, confirmed_by: str | None = None, cause: str | None = None
    ) -> CustomerTag:
        """Add a statement; it takes the place of what the same source said before."""
        work = self.work
        for earlier in self.live(tag.code):
            same = earlier.source == source and (earlier.value == value or not tag.is_multiple)
            if same and not outlives(earlier, confirmed=confirmed_by is not None):
                work.perform(supersede, earlier)
        statement = CustomerTag(
            uid=self.customer.id,
            tag=tag.code,
            group=tag.group,
            value=value,
            band=band_of(tag, value),
            source=source,
            at=work.now,
            noted_by=SYSTEM.user if source == TagSource.DERIVED else work.actor.user,
            confirmed_at=work.now if confirmed_by else None,
            confirmed_by=confirmed_by,
            is_effective=False,
            cause=cause,
        )
        work.begin_life(customer_tags, statement, "in_force")
        self.said.setdefault(tag.code, []).append(statement)
        return statement

    def decide(self, tag: Tag, value: str) -> None:
        """A human has decided on this value of a single-valued tag: everything else that was said is set aside."""
        for one in self.live(tag.code):
            if one.value != value:
                self.work.perform(set_aside, one)

    def confirm(self, statement: CustomerTag) -> None:
        """A human has made sure of a statement; its source says nothing else any more."""
        tag = self.tags.get(statement.tag)
        statement.confirmed_at, statement.confirmed_by = self.work.now, self.work.actor.user
        for one in self.live(statement.tag):
            if one is not statement and one.source == statement.source and tag is not None and not tag.is_multiple:
                self.work.perform(supersede, one)

    def settle(self) -> None:
        """The record as it is after something was heard of the customer: in line, and fresh again (L-13)."""
        self.follow()
        self.customer.is_stale = False
        clocks.restart(self.work, customers, self.customer, "portrait")

    def follow(self) -> None:
        """What holds, what contradicts itself, what is missing, how good the record is (L-05, L-06)."""
        customer, holds = self.customer, self._holds()
        if customer.tags != holds:
            customer.tags = holds
        required = [tag for tag in self.tags.values() if tag.is_required and tag.applies_to in (None, customer.kind)]
        missing = sorted(tag.code for tag in required if tag.code not in holds)
        quality = quality_of(
            phone=customer.phone,
            id_no=customer.id_no,
            kind=customer.kind,
            filled=len(required) - len(missing),
            required=len(required),
            weights=[int(self.work.parameter(one)) for one in WEIGHTS],
        )
        customer.quality_score, customer.is_complete = quality.score, not missing
        if customer.missing_tags != missing:
            customer.missing_tags = missing
        if customer.quality_gaps != quality.gaps:
            customer.quality_gaps = quality.gaps

    def _holds(self) -> dict[str, Any]:
        holds: dict[str, Any] = {}
        for code in sorted({*self.said, *self.waiting}):
            live, tag = self.live(code), self.tags.get(code)
            chosen = holding(live, several=tag.is_multiple) if tag and live else []
            for one in live:
                if one.is_effective != (one in chosen):
                    one.is_effective = one in chosen
            if chosen and tag is not None:
                holds[code] = [one.value for one in chosen] if tag.is_multiple else chosen[0].value
            if tag is None or not tag.is_multiple:
                known = self.waiting.get(code)
                conflicts.follow(
                    *(self.work, self.customer.id, code, live if tag is not None else []),
                    known if known and known.state == "open" else None,
                )
        return holds


def portrait_of(work: Work, uid: CustomerUid) -> Portrait:
    """The portrait of a customer, to be changed."""
    return portraits_of(work, [locked(work, uid)])[0]


def freshen(work: Work, uid: CustomerUid) -> None:
    """A customer was heard of, though no tag tells of it: the portrait is as fresh as a changed one (L-13)."""
    customer = locked(work, uid)
    customer.is_stale = False
    clocks.restart(work, customers, customer, "portrait")


def portraits_of(work: Work, several: Sequence[Customer]) -> list[Portrait]:
    """The portraits of customers who are locked already."""
    # What was computed is kept when it is set aside, so that the same is not said again and again.
    kept = sa.or_(CustomerTag.state == "in_force", CustomerTag.source == TagSource.DERIVED)
    uids = [one.id for one in several]
    said: dict[str, list[CustomerTag]] = {}
    for one in work.session.scalars(
        sa.select(CustomerTag).where(CustomerTag.uid.in_(uids), kept).order_by(CustomerTag.at, CustomerTag.id)
    ):
        said.setdefault(one.uid, []).append(one)
    tags, waiting = catalogue(work), conflicts.open_conflicts(work, uids)
    return [Portrait(work, one, tags, said.get(one.id, []), waiting.get(one.id)) for one in several]


@customers.change("registered", by=[Role.SYSTEM])
def go_stale(customer: Customer) -> None:
    """Nothing new has been heard of the customer for too long (L-13)."""
    customer.is_stale = True


clock(customers, "portrait", limit=STALE_AFTER, starts="registered", stops="merged", then=go_stale)


@customers.followed("register")
def on_customer_registered(customer: Customer, work: Work) -> None:
    """Nothing has been said yet of somebody new: the numbers of the record alone count for its quality (L-05)."""
    Portrait(work, customer, catalogue(work)).settle()


@customers.followed("update")
def on_customer_changed(customer: Customer, work: Work) -> None:
    """The numbers of the record count for its quality (L-05)."""
    portrait_of(work, customer.id).settle()
