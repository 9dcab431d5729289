"""What customers do, as tags: computed anew whenever something is heard of them (L-08, L-11, L-12, L-13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from services.chassis.registers import Register, standing
from services.chassis.work import Work
from services.contracts.vocabulary.portrait import TagKind, TagSource
from services.leads.contracts import Contract
from services.leads.homes import Home, homes
from services.leads.interactions import Interaction, interactions
from services.leads.portraits.browsing import BrowsingEntry, browsing_entries
from services.leads.portraits.classification import CAPABLE_HIGH, CAPABLE_MEDIUM, INTENT_VISITS, capability, intention
from services.leads.portraits.conflicts import TagConflict
from services.leads.portraits.noting import customer_tags, tag_conflicts
from services.leads.portraits.portrait import Portrait, freshen, portrait_of
from services.leads.portraits.standard import concern
from services.leads.portraits.statements import CustomerTag, supersede
from services.leads.portraits.tags import Tag, written
from services.leads.reception.calls import call_entries
from services.leads.reception.entries import CallEntry, VisitEntry
from services.leads.reception.objections import Objection, objections
from services.leads.reception.visits import visit_entries
from services.leads.terminations import contracts

__all__ = ["customer_tags"]


def recompute(work: Work, uid: str) -> None:
    """Everything that is computed of a customer, and the portrait with it."""
    portrait = portrait_of(work, uid)
    derive(portrait, "site_visits", _number(_visits(work, uid)))
    derive(portrait, "browsing_minutes", _number(_browsed(work, uid)))
    derive(portrait, "preferred_unit_type", _preferred(work, uid))
    derive(portrait, "concern_topics", _concerns(work, uid))
    derive(portrait, "purchases", _number(_bought(work, uid)))
    classify(portrait)
    portrait.settle()


def classify(portrait: Portrait) -> None:
    """Intention and capability follow from what is said of time, visits, budget and method (L-11, L-12)."""
    work, visits = portrait.work, int(portrait.value("site_visits") or 0)
    wants = intention(portrait.value("purchase_time"), visits, many=int(work.parameter(INTENT_VISITS)))
    figures = {"high": int(work.parameter(CAPABLE_HIGH)), "medium": int(work.parameter(CAPABLE_MEDIUM))}
    can = capability(portrait.value("purchase_budget"), portrait.value("purchase_method"), **figures)
    derive(portrait, "purchase_intention", [wants] if wants else [])
    derive(portrait, "purchase_capability", [can] if can else [])


def derive(portrait: Portrait, code: str, values: Sequence[str], *, cause: str | None = None) -> None:
    """Say what was computed with a tag, if that is news; what a human set aside or withdrew is not said again. `cause`
    is the number of the computation, where it has one."""
    tag = portrait.tags.get(code)
    if tag is None:
        return
    computed = [one for one in portrait.said.get(code, []) if one.source == TagSource.DERIVED]
    for earlier in computed:
        if earlier.state == "in_force" and earlier.confirmed_at is None and earlier.value not in values:
            portrait.work.perform(supersede, earlier)
    known = {one.value for one in computed if one.state != "superseded"}
    for value in values:
        if value not in known and _fits(tag, value):
            portrait.say(tag, value, TagSource.DERIVED, cause=cause)


def _fits(tag: Tag, value: str) -> bool:
    """The company may have other choices than those that we compute."""
    return tag.kind != TagKind.CHOICE or value in tag.choices


def _number(count: int) -> list[str]:
    return [written(count)] if count else []


def _visits(work: Work, uid: str) -> int:
    found = sa.select(sa.func.count()).where(VisitEntry.uid == uid, standing(VisitEntry))
    return work.session.scalar(found) or 0


def _browsed(work: Work, uid: str) -> int:
    total = sa.select(sa.func.sum(BrowsingEntry.minutes)).where(BrowsingEntry.uid == uid, standing(BrowsingEntry))
    return int(work.session.scalar(total) or 0)


def _bought(work: Work, uid: str) -> int:
    found = sa.select(sa.func.count()).where(Contract.uid == uid, Contract.state != "terminated")
    return work.session.scalar(found) or 0


def _preferred(work: Work, uid: str) -> list[str]:
    """The unit type of the homes that they took, else the one that they looked at longest."""
    taken = sa.select(Home.unit_type).where(
        sa.or_(Home.reserved_for == uid, Home.owner_uid == uid), Home.unit_type.is_not(None)
    )
    weights: Counter[str] = Counter(sorted(filter(None, work.session.scalars(taken))))
    if not weights:
        minutes = sa.func.sum(BrowsingEntry.minutes)
        looked_at = (
            sa.select(BrowsingEntry.unit_type, minutes)
            .where(BrowsingEntry.uid == uid, BrowsingEntry.unit_type.is_not(None), standing(BrowsingEntry))
            .group_by(BrowsingEntry.unit_type)
            .order_by(BrowsingEntry.unit_type)
        )
        weights = Counter({unit_type or "": int(total) for unit_type, total in work.session.execute(looked_at)})
    return [one for one, _ in weights.most_common(1)]


def _concerns(work: Work, uid: str) -> list[str]:
    asked = sa.select(CallEntry.topic).where(CallEntry.uid == uid, CallEntry.topic.is_not(None), standing(CallEntry))
    objected = sa.select(Objection.topic).where(Objection.uid == uid)
    return sorted({concern(str(topic)) for topic in work.session.scalars(asked.union(objected))})


@visit_entries.followed("register", "correct")
@call_entries.followed("register", "correct")
@browsing_entries.followed("log", "correct")
def on_entry(entry: Register, work: Work) -> None:
    """A visit, a call or a session online was written down, or turned out to be somebody else's (L-08, L-13)."""
    uids = {entry.uid}  # type: ignore[attr-defined]
    if entry.corrects_id is not None:
        uids.add(work.get(type(entry), entry.corrects_id).uid)  # type: ignore[attr-defined]
    for uid in sorted(uids):
        recompute(work, uid)


@objections.followed("record")
def on_objection(objection: Objection, work: Work) -> None:
    """What customers object to is what they look at (L-10)."""
    recompute(work, objection.uid)


@contracts.followed("sign", "terminate")
def on_contract(contract: Contract, work: Work) -> None:
    """A home was bought, or was not after all (L-11)."""
    recompute(work, contract.uid)


@homes.followed("reserve")
def on_reserved(home: Home, work: Work) -> None:
    """Who takes a home prefers its type (L-08)."""
    recompute(work, str(home.reserved_for))


@customer_tags.followed("note", "screen", "confirm", "withdraw")
def on_said(statement: CustomerTag, work: Work) -> None:
    """What somebody says of time, budget and method changes what is estimated from it (L-12)."""
    _estimate(work, statement.uid)


@tag_conflicts.followed("resolve")
def on_resolved(conflict: TagConflict, work: Work) -> None:
    """What was decided holds (L-06)."""
    _estimate(work, conflict.uid)


def _estimate(work: Work, uid: str) -> None:
    portrait = portrait_of(work, uid)
    classify(portrait)
    portrait.settle()


@interactions.followed("log")
def on_contact(interaction: Interaction, work: Work) -> None:
    """A contact is heard of the customer (L-13)."""
    freshen(work, interaction.uid)
