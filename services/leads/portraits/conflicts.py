"""Tags about which several sources say different things; the data steward decides (L-06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Details, Moment, Number, Reason, User
from services.contracts.vocabulary.portrait import TagId, TagValue
from services.leads.customers.customer import is_known_to
from services.leads.portraits.resolution import differ, order, prevailing
from services.leads.portraits.statements import CustomerTag

STEWARDS = [Role.DATA_STEWARD, Role.CUSTOMER_AFFAIRS]


class TagConflict(Record):
    """One tag of one customer: what was said, what holds meanwhile, and what was decided."""

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    tag: Mapped[TagId]
    said: Mapped[list[Details]]
    holds: Mapped[TagValue]
    decided: Mapped[TagValue | None]
    decided_by: Mapped[User | None]
    decided_at: Mapped[Moment | None]
    reason: Mapped[Reason | None]


tag_conflicts = Process(
    TagConflict,
    numbered="TX",
    readers=[*STEWARDS, Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.MARKETING, Role.AUDITOR],
    listed=["number", "uid", "tag", "holds", "decided", "decided_by"],
    filters=["uid", "tag", "decided_by", "created_at"],
    own=lambda actor, now: is_known_to(actor, TagConflict.uid),
)


def open_conflicts(work: Work, uids: Sequence[str]) -> dict[str, dict[str, TagConflict]]:
    """The conflicts of customers that wait for a decision, by UID and tag."""
    found: dict[str, dict[str, TagConflict]] = {}
    for one in work.all(TagConflict, TagConflict.uid.in_(uids), TagConflict.state == "open"):
        found.setdefault(one.uid, {})[one.tag] = one
    return found


def follow(work: Work, uid: str, tag: str, live: Sequence[CustomerTag], known: TagConflict | None) -> None:
    """An open conflict stands exactly as long as the statements differ (L-06)."""
    if not differ(live):
        if known is not None:
            work.perform(settle, known)
    elif known is None:
        work.perform(notice, uid=uid, tag=tag, said=_described(live), holds=prevailing(live).value)
    elif known.said != _described(live):
        work.perform(add_to, known, said=_described(live), holds=prevailing(live).value)


@tag_conflicts.create("open", by=[Role.SYSTEM])
def notice(uid: CustomerUid, tag: TagId, said: list[Details], holds: TagValue, work: Work) -> TagConflict:
    """Two sources differ about a single-valued tag: a task for the data steward (L-06)."""
    conflict = TagConflict(uid=uid, tag=tag, said=said, holds=holds)
    work.begin_life(tag_conflicts, conflict, "open")
    work.task("tag_conflict", conflict, role=Role.DATA_STEWARD)
    return conflict


@tag_conflicts.change("open", by=[Role.SYSTEM])
def add_to(conflict: TagConflict, said: list[Details], holds: TagValue) -> None:
    """Something else was said meanwhile."""
    conflict.said, conflict.holds = said, holds


@tag_conflicts.move("open", "settled", by=[Role.SYSTEM])
def settle(conflict: TagConflict, work: Work) -> None:
    """The sources agree again."""
    work.end_tasks(conflict, "dropped")


def _described(live: Sequence[CustomerTag]) -> list[dict[str, Any]]:
    """The statements, the one that holds first."""
    ordered = sorted(live, key=order, reverse=True)
    return [to_wire({"value": one.value, "source": one.source, "by": one.noted_by, "at": one.at}) for one in ordered]
