"""What an ownership says about itself: whose the customer is and by which contact, how long still, what happens at zero
and what would make it longer (L-40 to L-43, L-48)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.chassis.advice import Caution
from services.chassis.calendars import end_of
from services.chassis.work import Work
from services.contracts.vocabulary.sales import OwnershipBasis
from services.leads.customers import Customer, customers
from services.leads.ownership.figures import figures_at
from services.leads.ownership.protections import open_protections, protections
from services.leads.ownership.records import Protection
from services.leads.reception.entries import CallEntry, VisitEntry

__all__ = ["customers", "protections"]


@protections.explains
def explain(protection: Protection, work: Work) -> Iterator[Caution]:
    """The life of one protection in sentences."""
    agent = protection.agent
    opener = _opener(protection, work)
    number = opener.number if opener is not None else ""
    opened = {"agent": agent, "on": protection.starts_on.isoformat(), "entry": number}
    yield Caution(f"protection_opened_by_{protection.basis}", opened, about=opener)
    if protection.state != "open":
        ended = {"ends_on": protection.ends_on.isoformat(), "agent": protection.successor or agent}
        yield Caution(f"protection_was_{protection.state}", ended)
        return
    yield Caution("protection_left", _left(protection, work))
    others = [one for one in open_protections(work, protection.uid, protection.project_id) if one.id != protection.id]
    visits = [one for one in others if one.basis != OwnershipBasis.CALL]
    yield _at_zero(protection, others)
    figures = figures_at(work, work.now)
    if protection.basis == OwnershipBasis.CALL:
        yield Caution("protection_grows_by_first_visit", {"agent": agent, "days": figures.first_visit})
    else:
        days = figures.first_visit if figures.fifteen_days else figures.return_visit
        due = {"agent": agent, "days": days, "due_on": protection.due_on.isoformat()}
        yield Caution("protection_grows_by_return_visit", due)
    first = next(iter(visits), None)
    if protection.basis != OwnershipBasis.CALL and first is not None and first.held_since < protection.held_since:
        yield Caution("protection_behind", {"agent": first.agent, "ends_on": first.ends_on.isoformat()}, about=first)


@customers.explains
def whose(customer: Customer, work: Work) -> Iterator[Caution]:
    """On the page of a customer: in each project whose they are, and for how long."""
    for one in open_protections(work, customer.id):
        said = {"agent": one.agent, "project": one.project_id or "", **_left(one, work)}
        yield Caution(f"customer_held_by_{one.basis}", said, about=one)


def _opener(protection: Protection, work: Work) -> CallEntry | VisitEntry | None:
    if protection.opened_by_visit is not None:
        return work.session.get(VisitEntry, protection.opened_by_visit)
    return work.session.get(CallEntry, protection.opened_by_call)


def _left(protection: Protection, work: Work) -> dict[str, object]:
    left = max(end_of(protection.ends_on) - work.now, timedelta())
    return {"days": left.days, "hours": left.seconds // 3600, "ends_on": protection.ends_on.isoformat()}


def _at_zero(protection: Protection, others: list[Protection]) -> Caution:
    """Who has the customer when the days are exceeded: whose window lasts longer, or whoever closes (L-43, R3, R4)."""
    after = next((one for one in others if one.ends_on > protection.ends_on), None)
    if after is None:
        return Caution("protection_ends_free", {})
    return Caution("protection_ends_with_another", {"agent": after.agent}, about=after)
