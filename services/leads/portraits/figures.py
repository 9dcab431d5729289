"""Reports on portraits: tag coverage, incomplete records, conflicts, and what customers are like (L-05, L-18, L-164 to
L-166, X-143)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.work import Work
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import Day, ExecutingDepartment, Percent, ProjectId, User
from services.contracts.vocabulary.portrait import Customers, TagGroup, TagId, TagValue
from services.leads.customers.customer import COUNTED, Customer, CustomerStage, stages
from services.leads.portraits.conflicts import TagConflict, tag_conflicts
from services.leads.portraits.statements import CustomerTag, customer_tags

__all__ = ["tag_conflicts"]

READERS = [
    Role.SITE_SALES_LEAD,
    Role.SALES_DIRECTOR,
    Role.MARKETING,
    Role.CUSTOMER_AFFAIRS,
    Role.COMPANY_MANAGER,
    Role.GROUP_CENTRE,
    Role.DATA_STEWARD,
    Role.PERFORMANCE_OFFICER,
]


@stages.mark
def incomplete() -> Any:
    """Customers whose record lacks a required tag (L-05)."""
    return _whose(sa.not_(Customer.is_complete))


@stages.mark
def stale() -> Any:
    """Customers of whom nothing new has been heard for too long (L-13)."""
    return _whose(Customer.is_stale)


def _whose(condition: Any) -> Any:
    return CustomerStage.uid.in_(sa.select(Customer.id).where(condition))


@dataclass(frozen=True, kw_only=True)
class Coverage(Row):
    """The customers of one agent in one project, and how much is known of them."""

    project_id: ProjectId | None
    department: ExecutingDepartment
    agent: User | None
    customers: Customers
    incomplete: Customers
    stale: Customers
    coverage: Percent
    quality: Percent | None


@report(
    stages,
    Coverage,
    by=[*READERS, Role.SALES_AGENT],
    along=("project_id", "agent"),
    counts=("customers", "incomplete", "stale"),
    figures=("coverage", "quality"),
)
def tag_coverage(work: Work, project_id: ProjectId | None = None, agent: User | None = None) -> Iterator[Coverage]:
    """Customers whose required tags are all filled, in percent, by project, competent department and agent (L-18)."""
    along = CustomerStage.project_id, CustomerStage.agent
    found = (
        sa.select(
            *along,
            sa.func.count(),
            number_of(sa.not_(Customer.is_complete)),
            number_of(Customer.is_stale),
            sa.func.avg(Customer.quality_score),
        )
        .join(Customer, Customer.id == CustomerStage.uid)
        .where(*views.seen(work, stages), CustomerStage.state.in_(COUNTED))
        .group_by(*along)
        .order_by(*along)
    )
    if project_id is not None:
        found = found.where(CustomerStage.project_id == project_id)
    if agent is not None:
        found = found.where(CustomerStage.agent == agent)
    for project, served_by, customers, lacking, silent, quality in work.session.execute(found):
        yield Coverage(
            project_id=project,
            department=ExecutingDepartment(work.holder(COMPETENT_DEPARTMENT, project)),
            agent=served_by,
            customers=customers,
            incomplete=lacking,
            stale=silent,
            coverage=round(100 * (customers - lacking) / customers),
            quality=None if quality is None else round(float(quality)),
            behind={"project_id": project, "agent": served_by, "state": COUNTED},
            narrowed={"incomplete": {"incomplete": True}, "stale": {"stale": True}},
        )


@dataclass(frozen=True, kw_only=True)
class Conflicts(Row):
    """Contradictions about one tag that came up in the period."""

    tag: TagId
    conflicts: Customers
    open: Customers
    resolved: Customers


@report(tag_conflicts, Conflicts, by=READERS, along="tag", counts=("conflicts", "open", "resolved"))
def conflicts_by_tag(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[Conflicts]:
    """Tags about which sources differ, and how many of these were decided (L-06, L-166)."""
    begin, end = period(work, since, until)
    found = (
        sa.select(
            TagConflict.tag,
            sa.func.count(),
            number_of(TagConflict.state == "open"),
            number_of(TagConflict.state == "resolved"),
        )
        .where(*views.seen(work, tag_conflicts), TagConflict.created_at >= begin, TagConflict.created_at < end)
        .group_by(TagConflict.tag)
        .order_by(sa.func.count().desc(), TagConflict.tag)
    )
    for tag, conflicts, waiting, resolved in work.session.execute(found):
        yield Conflicts(
            tag=tag,
            conflicts=conflicts,
            open=waiting,
            resolved=resolved,
            behind={"tag": tag, "created_at": during(begin, end)},
            narrowed={"open": {"state": "open"}, "resolved": {"state": "resolved"}},
        )


@dataclass(frozen=True, kw_only=True)
class Distribution(Row):
    """Customers of whom one value of a tag holds; numbers are counted in bands."""

    tag: TagId
    band: TagValue
    customers: Customers


@report(customer_tags, Distribution, by=READERS, along=("tag", "band"), counts=("customers",))
def portrait(work: Work, tag: TagId | None = None) -> Iterator[Distribution]:
    """What customers are like: age, gender, occupation, family, budget, purpose, interests, lifestyle (L-164)."""
    yield from _distribution(work, (TagGroup.BASE, TagGroup.PORTRAIT), tag)


@report(customer_tags, Distribution, by=READERS, along=("tag", "band"), counts=("customers",))
def needs_and_behaviour(work: Work, tag: TagId | None = None) -> Iterator[Distribution]:
    """What customers want and do: area, use, region, concerns; time, method and frequency of the purchase (L-165)."""
    yield from _distribution(work, (TagGroup.NEED, TagGroup.BEHAVIOUR), tag)


def _distribution(work: Work, groups: tuple[TagGroup, ...], tag: str | None) -> Iterator[Distribution]:
    along = CustomerTag.tag, CustomerTag.band
    found = (
        sa.select(*along, sa.func.count())
        .where(*views.seen(work, customer_tags), CustomerTag.is_effective, CustomerTag.group.in_(groups))
        .group_by(*along)
        .order_by(CustomerTag.tag, sa.func.count().desc(), CustomerTag.band)
    )
    if tag is not None:
        found = found.where(CustomerTag.tag == tag)
    for code, band, customers in work.session.execute(found):
        yield Distribution(
            tag=code,
            band=band,
            customers=customers,
            behind={"tag": code, "band": band, "is_effective": True, "group": list(groups)},
        )
