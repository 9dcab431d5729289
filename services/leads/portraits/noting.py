"""How something is said of a customer, confirmed, withdrawn, or decided (L-06, L-07, L-10, L-11, L-14).

What follows for the portrait is in `behaviour`.
"""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Reason
from services.contracts.vocabulary.portrait import TagId, TagSource, TagValue
from services.leads.customers.customer import known_customer
from services.leads.portraits.conflicts import STEWARDS, TagConflict, tag_conflicts
from services.leads.portraits.portrait import portrait_of
from services.leads.portraits.resolution import prevailing
from services.leads.portraits.statements import CustomerTag, customer_tags
from services.leads.portraits.tags import Tag, tag_of, valued

__all__ = ["customer_tags", "tag_conflicts"]

DESKS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.HOTLINE_OPERATOR,
    Role.DATA_STEWARD,
]


@customer_tags.create("in_force", by=DESKS)
def note(uid: CustomerUid, tag: TagId, value: TagValue, work: Work, is_self_declared: bool = False) -> CustomerTag:
    """Write down what the customer says, or what you see (L-07, L-10, L-11)."""
    return _said(work, uid, tag, value, TagSource.SELF_DECLARED if is_self_declared else TagSource.AGENT)


@customer_tags.create("in_force", by=[Role.MARKETING])
def screen(uid: CustomerUid, tag: TagId, value: TagValue, work: Work) -> CustomerTag:
    """Write down what the initial screening found (L-14)."""
    return _said(work, uid, tag, value, TagSource.MARKETING)


def _said(work: Work, uid: str, code: str, value: str, source: TagSource) -> CustomerTag:
    portrait, tag = portrait_of(work, known_customer(work, uid).id), tag_of(work, code)
    if tag.is_computed:
        raise ValidationFailed.of("tag", "tag_computed", name=tag.name)
    if tag.applies_to not in (None, portrait.customer.kind):
        raise ValidationFailed.of("tag", "tag_not_for_this_kind", name=tag.name)
    return portrait.say(tag, valued(tag, value), source)


@customer_tags.change("in_force", by=DESKS)
def confirm(statement: CustomerTag, work: Work) -> None:
    """A human has made sure of it: it goes before everything that was confirmed earlier, or not at all (L-06)."""
    portrait_of(work, statement.uid).confirm(statement)


@customer_tags.move("in_force", "withdrawn", by=DESKS)
def withdraw(statement: CustomerTag, reason: Reason) -> None:
    """It was wrong, or does not hold any more."""
    statement.is_effective = False


def _of_the_catalogue(conflict: TagConflict, work: Work) -> Obstacle | None:
    """A tag that was retired meanwhile has no value to decide on."""
    tag = work.get(Tag, conflict.tag)
    return None if tag.state == "in_force" else Obstacle("tag_retired", {"name": tag.name})


@tag_conflicts.move("open", "resolved", by=STEWARDS, guard=_of_the_catalogue)
def resolve(conflict: TagConflict, value: TagValue, reason: Reason, work: Work) -> None:
    """Decide which of the values holds; the others are set aside (L-06)."""
    portrait, tag = portrait_of(work, conflict.uid), tag_of(work, conflict.tag)
    chosen = [one for one in portrait.live(tag.code) if one.value == value]
    if not chosen:
        said = sorted({one.value for one in portrait.live(tag.code)})
        raise ValidationFailed.of("value", "tag_choice", choices=said)
    portrait.confirm(prevailing(chosen))
    portrait.decide(tag, value)
    conflict.decided, conflict.decided_by, conflict.decided_at = value, work.actor.user, work.now
    conflict.reason = reason
    work.end_tasks(conflict, "done", result=reason)
