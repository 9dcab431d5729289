"""The nightly computation of segments and of the referral-willingness index, in parts (B-83, B-84, B-56).

Each part is one transaction: a few queries for so many profiles, and a change of those that stand elsewhere than the
night before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import joining
from services.chassis.calendars import end_of
from services.chassis.clocks import clock
from services.chassis.parameters import Parameter
from services.chassis.parts import in_parts
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.tables import Alias
from services.chassis.work import Work
from services.contracts.events.leads import CustomersMerged, CustomersUnmerged
from services.contracts.events.membership import ReferralWillingnessChanged, SegmentChanged
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Details, Moment, Money, Number, Percent, RecordId
from services.contracts.vocabulary.portrait import Customers
from services.contracts.vocabulary.segments import Segment
from services.membership.contacts import CountedContact
from services.membership.places import READERS
from services.membership.profiles import KEPT, Profile, profile_of, profiles
from services.membership.purchases import Purchase
from services.membership.rfm import PERCENTILE, Known, Rules, Standing, middle_of, rules_of, standing_of

#: (ext) "Nightly": hours after midnight in Shanghai; customers in one transaction.
NIGHT_HOUR = Parameter("rfm.hour", 2, "h", "B-84")
BATCH = Parameter("rfm.batch", 200, "customers", "B-84")
PARAMETERS = [NIGHT_HOUR, BATCH]
CUSTOMER = "leads/customer"
#: What decides where a customer stands, as a row has it.
COLUMNS = (Profile.id, Profile.last_contact_at)
STANDS = (Profile.segment, Profile.frequency, Profile.monetary, Profile.referral_index)


class SegmentRun(Record):
    """One night: the middle amounts of the projects as they were then, and how far it has come.

    `last_uid` is where the next part goes on, `changed` counts the customers who came into another segment.
    """

    number: Mapped[Number]
    due_at: Mapped[Moment]
    begun_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    middles: Mapped[Details | None]
    last_uid: Mapped[RecordId | None]
    assessed: Mapped[Customers]
    changed: Mapped[Customers]


segment_runs = Process(
    SegmentRun,
    numbered="SR",
    readers=READERS,
    listed=["number", "due_at", "begun_at", "ended_at", "assessed", "changed"],
    filters=["due_at"],
)


@segment_runs.create("waiting", by=[Role.SYSTEM])
def plan(work: Work) -> SegmentRun:
    """Wait for the next night (B-84)."""
    return SegmentRun(due_at=_next_night(work), assessed=0, changed=0)


def _next_night(work: Work) -> Moment:
    length = NIGHT_HOUR.length(work.parameter(NIGHT_HOUR))
    nights = (end_of(work.today + timedelta(days=days)) + length for days in (-1, 0))
    return next(one for one in nights if one > work.now)


def found(work: Work) -> None:
    """There is always a night to wait for, or one that is being worked on."""
    if work.first(SegmentRun, SegmentRun.state.in_(("waiting", "running"))) is None:
        work.perform(plan)


@segment_runs.move("waiting", "running", by=[Role.SYSTEM, Role.CUSTOMER_AFFAIRS, Role.CLUB_OFFICER])
def begin(run: SegmentRun, work: Work) -> None:
    """Begin, at night or when somebody sees a reason: where the middle is, is measured once for all parts (B-84)."""
    run.begun_at, run.middles = work.now, to_wire(dict(_middles(work)))


@segment_runs.change("running", by=[Role.SYSTEM])
def go_on(run: SegmentRun, work: Work) -> None:
    """The next customers; after the last the night is over and the next one is waited for (B-84)."""
    work.among(CUSTOMER)
    rows = list(work.session.execute(parts.next(work, run, _current(), Profile.id)))
    run.changed += _assess(work, rows, run, run.begun_at or work.now, number=run.number)
    run.assessed += len(rows)
    if not parts.went_on(work, run, rows):
        work.perform(complete, run)


@segment_runs.move("running", "done", by=[Role.SYSTEM])
def complete(run: SegmentRun, work: Work) -> None:
    """Every customer stands where they belong; the next night is waited for (B-84)."""
    run.ended_at = work.now
    work.perform(plan)


clock(segment_runs, "night", until="due_at", starts="waiting", stops="running", then=begin)
parts = in_parts(segment_runs, "next_part", size=BATCH, starts="running", reached="last_uid", then=go_on)


@profiles.change(KEPT, by=[Role.SYSTEM])
def place(
    profile: Profile,
    segment: Segment,
    frequency: Count,
    monetary: Money,
    referral_index: Percent,
    work: Work,
    run: Number | None = None,
) -> None:
    """Keep where the customer stands, and tell what is new of it, once (B-84, L-09)."""
    before, willing = profile.segment, profile.referral_index
    profile.segment, profile.referral_index = segment, referral_index
    profile.frequency, profile.monetary = frequency, monetary
    if before != segment:
        last = profile.last_contact_at
        days = None if last is None else (work.now - last).days
        rfm = to_wire({"recency_days": days, "frequency": frequency, "monetary": monetary})
        work.emit(SegmentChanged, profile, from_segment=before, to_segment=segment, rfm=rfm)
    elif willing != referral_index:
        work.emit(ReferralWillingnessChanged, profile)


@profiles.change(KEPT, by=[Role.SYSTEM])
def begin_anew(profile: Profile) -> None:
    """Records of the customer were joined or parted: what was told of them does not hold any more (X-407)."""
    profile.segment, profile.referral_index = None, None


@profiles.reacts(CustomersMerged)
def on_customers_merged(event: CustomersMerged, work: Work) -> None:
    """What was heard of the merged customers adds up; the survivor's place is told anew (X-407, B-83)."""
    (survivor,) = joining.current(work, CUSTOMER, [event.surviving_uid]).values()
    _place_anew(work, [survivor])


@profiles.reacts(CustomersUnmerged)
def on_customers_unmerged(event: CustomersUnmerged, work: Work) -> None:
    """Each is where what was heard of them puts them (X-407, B-83)."""
    _place_anew(work, [event.surviving_uid, *event.merged_uids])


def _place_anew(work: Work, uids: Sequence[str]) -> None:
    run = latest(work)
    if run is None:
        return
    for uid in uids:
        profile = profile_of(work, uid)
        if profile.state in KEPT:
            work.perform(begin_anew, profile)
    work.session.flush()
    _assess(work, _rows(work, uids), run, work.now)


def latest(work: Work) -> SegmentRun | None:
    """The night whose figures are the latest."""
    begun = sa.select(SegmentRun).where(SegmentRun.begun_at.is_not(None)).order_by(SegmentRun.begun_at.desc())
    return work.session.scalar(begun.limit(1))


def known_of(work: Work, uid: str) -> tuple[Known, Mapping[str, Decimal]]:
    """What is known of one customer now, and the middle amounts of the latest night."""
    run, rows = latest(work), _rows(work, [uid])
    found = next((known for _, known in _known(work, rows, rules_of(work), work.now)), Known())
    return found, _amounts_of(run) if run else {}


def _current() -> Any:
    """The profiles of customers who are customers of their own (X-407)."""
    merged = sa.exists().where(Alias.resource == CUSTOMER, Alias.key == Profile.id)
    return sa.select(*COLUMNS, *STANDS).where(Profile.state.in_(KEPT), ~merged)


def _rows(work: Work, uids: Sequence[str]) -> list[Any]:
    return list(work.session.execute(_current().where(Profile.id.in_(uids))))


def _assess(work: Work, rows: Sequence[Any], run: SegmentRun, at: datetime, *, number: str | None = None) -> int:
    """Put those right who stand elsewhere at a moment; returns how many came into another segment."""
    rules, middles = rules_of(work), _amounts_of(run)
    changed: dict[str, Standing] = {}
    moved = 0
    for row, known in _known(work, rows, rules, at):
        standing = standing_of(known, middles, rules, at)
        if standing != Standing(row.segment, row.frequency, row.monetary, row.referral_index):
            changed[row.id] = standing
            moved += row.segment != standing.segment
    found = sa.select(Profile).where(Profile.id.in_(changed)).order_by(Profile.id).with_for_update()
    for profile in work.session.scalars(found).all():
        work.perform(place, profile, run=number, **vars(changed[profile.id]))
    return moved


def _known(work: Work, rows: Sequence[Any], rules: Rules, at: datetime) -> Iterator[tuple[Any, Known]]:
    """What is known of the customers of these rows: contacts are counted back from a moment."""
    uids = [row.id for row in rows]
    counted = (
        sa.select(CountedContact.uid, sa.func.count())
        .where(CountedContact.uid.in_(uids), CountedContact.at >= at - rules.period)
        .where(CountedContact.state == "counted")
        .group_by(CountedContact.uid)
    )
    contacts = {uid: int(number) for uid, number in work.session.execute(counted)}
    spent: dict[str, dict[str, Decimal]] = {}
    bought = sa.select(Purchase.uid, Purchase.project_id, Purchase.amount)
    for uid, project, amount in work.session.execute(bought.where(Purchase.uid.in_(uids), Purchase.state == "counted")):
        of_customer = spent.setdefault(uid, {})
        of_customer[str(project)] = of_customer.get(str(project), Decimal(0)) + amount
    brought = _brought(work, uids)
    for row in rows:
        yield row, Known(row.last_contact_at, contacts.get(row.id, 0), spent.get(row.id), brought[row.id])


def _brought(work: Work, uids: Sequence[str]) -> Counter[str]:
    """How many people each of these customers has brought: whoever has several records is one, and nobody brings
    themselves (B-56, X-407)."""
    said = sa.select(Profile.brought_by, Profile.id).where(Profile.brought_by.in_(uids), Profile.state.in_(KEPT))
    pairs = [(str(by), str(uid)) for by, uid in work.session.execute(said)]
    people = joining.current(work, CUSTOMER, [uid for _, uid in pairs])
    return Counter(by for by, person in {(by, people[uid]) for by, uid in pairs} if by != person)


def _middles(work: Work) -> Iterator[tuple[str, Decimal]]:
    """By project, the amount to be above. Sums are counted in fen: exactly, on both databases."""
    percentile = int(work.parameter(PERCENTILE))
    fen = sa.cast(sa.func.sum(sa.cast(sa.func.round(Purchase.amount * 100), sa.BigInteger)), sa.BigInteger)
    counted = Purchase.state == "counted"
    for project_id in work.session.scalars(sa.select(Purchase.project_id).where(counted).distinct()).all():
        sums = sa.select(fen).where(counted, Purchase.project_id == project_id).group_by(Purchase.uid)
        yield str(project_id), middle_of([Decimal(one) / 100 for one in work.session.scalars(sums)], percentile)


def _amounts_of(run: SegmentRun) -> dict[str, Decimal]:
    return {project: Decimal(amount) for project, amount in (run.middles or {}).items()}
