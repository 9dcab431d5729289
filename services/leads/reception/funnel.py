"""How far customers come, which of them buy, and why others do not (L-59, L-160, L-174)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from services.chassis import views
from services.chassis.parameters import Parameter
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.tables import Audit
from services.chassis.work import Work
from services.contracts.vocabulary.common import ContactChannel, Count, Day, LifecycleStage, Percent, ProjectId, User
from services.contracts.vocabulary.reception import CustomerGroup, LostReason
from services.contracts.vocabulary.sales import ConcernTopic
from services.leads.customers import CustomerStage
from services.leads.customers.customer import COUNTED
from services.leads.customers.lifecycle import ORDER
from services.leads.dormancy import stages
from services.leads.reception.figures import READERS, in_project, named, share

__all__ = ["PARAMETERS", "stages"]

CLOSE_NEW = Parameter("close.new", 15, "%", "L-174")
CLOSE_OLD = Parameter("close.old", 50, "%", "L-174")
COST_RATIO = Parameter("customer.cost_ratio", 7, "times", "L-174")
PARAMETERS = [CLOSE_NEW, CLOSE_OLD, COST_RATIO]
BOUGHT = (LifecycleStage.CONTRACTED, LifecycleStage.OWNER, LifecycleStage.OLD_OWNER)


def _has_come_to(stage: LifecycleStage) -> Any:
    """Whoever has ever been at a stage or beyond it; the audit remembers what the stage itself has left."""
    reached = [one.value for one in ORDER[ORDER.index(stage) :]]
    there = Audit.resource == stages.name, Audit.record_id == CustomerStage.id, Audit.to_state.in_(reached)
    return sa.or_(CustomerStage.state.in_(reached), sa.exists().where(*there))


@stages.mark
def has_visited() -> Any:
    """Who has come at least once (L-160)."""
    return _has_come_to(LifecycleStage.VISITED)


@stages.mark
def has_been_interested() -> Any:
    """Whose intention to buy was recorded at least once (L-160)."""
    return _has_come_to(LifecycleStage.INTERESTED)


@stages.mark
def has_reserved() -> Any:
    """Who has signed a subscription agreement, or more (L-160)."""
    return _has_come_to(LifecycleStage.RESERVED)


@stages.mark
def has_contracted() -> Any:
    """Who has signed a sale contract, whatever became of it (L-160)."""
    return _has_come_to(LifecycleStage.CONTRACTED)


@stages.mark
def has_bought_before() -> Any:
    """Who had bought in another project before they came to this one (L-174)."""
    other = aliased(CustomerStage)
    elsewhere = other.uid == CustomerStage.uid, other.id != CustomerStage.id
    return sa.exists().where(*elsewhere, other.created_at <= CustomerStage.created_at, other.state.in_(BOUGHT))


STEPS = {
    "visited": has_visited,
    "interested": has_been_interested,
    "reserved": has_reserved,
    "contracted": has_contracted,
}


@dataclass(frozen=True, kw_only=True)
class Funnel(Row):
    """Who came to a project in the period from one source to one agent, and how far they have come."""

    project_id: ProjectId
    source: ContactChannel | None
    agent: User | None
    customers: Count
    visited: Count
    interested: Count
    reserved: Count
    contracted: Count
    visited_rate: Percent | None
    interested_rate: Percent | None
    reserved_rate: Percent | None
    contracted_rate: Percent | None


@report(
    stages,
    Funnel,
    by=READERS,
    along="agent",
    counts=("customers", *STEPS),
    figures=tuple(f"{step}_rate" for step in STEPS),
)
def sales_funnel(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Funnel]:
    """From the first contact to the contract: counts, and each step's share of the step before it (L-160)."""
    begin, end = period(work, since, until)
    groups = CustomerStage.project_id, CustomerStage.source, CustomerStage.agent
    reached = [number_of(mark()) for mark in STEPS.values()]
    counted = CustomerStage.state.in_(COUNTED), CustomerStage.created_at >= begin, CustomerStage.created_at < end
    found = (
        sa.select(*groups, sa.func.count(), *reached)
        .where(*views.seen(work, stages), *counted, *in_project(CustomerStage, project_id))
        .group_by(*groups)
        .order_by(*groups)
    )
    marks = {step: {mark.__name__: True} for step, mark in STEPS.items()}
    for project, source, agent, *numbers in work.session.execute(found):
        counts = [int(one or 0) for one in numbers]
        rates = [share(later, before) for before, later in itertools.pairwise(counts)]
        values: dict[str, Any] = dict(zip(("customers", *STEPS), counts, strict=True))
        values |= zip((f"{step}_rate" for step in STEPS), rates, strict=True)
        yield Funnel(
            project_id=project,
            source=source,
            agent=agent,
            **values,
            behind={
                "project_id": project,
                "source": source,
                "agent": agent,
                "created_at": during(begin, end),
                "state": COUNTED,
            },
            narrowed=marks,
        )


@dataclass(frozen=True, kw_only=True)
class Lost(Row):
    """How many customers of a project are lost for one reason, and which concern is behind it."""

    project_id: ProjectId
    lost_reason: LostReason
    topic: ConcernTopic | None
    customers: Count


@report(stages, Lost, by=READERS, along=("lost_reason", "topic"), counts=("customers",))
def lost_customers(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Lost]:
    """Why customers were lost in the period and have not come back (L-59)."""
    begin, end = period(work, since, until)
    groups = CustomerStage.project_id, CustomerStage.lost_reason, CustomerStage.topic
    lost = CustomerStage.state == LifecycleStage.LOST, CustomerStage.since >= begin, CustomerStage.since < end
    found = (
        sa.select(*groups, sa.func.count())
        .where(*views.seen(work, stages), *lost, CustomerStage.lost_reason.is_not(None))
        .where(*in_project(CustomerStage, project_id))
        .group_by(*groups)
        .order_by(*groups)
    )
    for project, reason, topic, customers in work.session.execute(found):
        which: dict[str, Any] = {"project_id": project, "lost_reason": reason, "topic": topic}
        behind = {**which, "state": LifecycleStage.LOST, "since": during(begin, end)}
        yield Lost(**which, customers=customers, behind=behind)


@dataclass(frozen=True, kw_only=True)
class CloseRate(Row):
    """How many of the customers who came in the period have bought, beside the figure that the trade reckons with."""

    group: CustomerGroup
    customers: Count
    closed: Count
    close_rate: Percent | None
    reference_rate: Percent
    cost_ratio: Count


@report(
    stages,
    CloseRate,
    by=READERS,
    along="group",
    counts=("customers", "closed"),
    figures=("close_rate", "reference_rate", "cost_ratio"),
)
def close_rates(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[CloseRate]:
    """New and existing customers: how many buy, and what it costs to win one (L-174)."""
    begin, end = period(work, since, until)
    counted = CustomerStage.state.in_(COUNTED), CustomerStage.created_at >= begin, CustomerStage.created_at < end
    for group, figure in ((CustomerGroup.NEW, CLOSE_NEW), (CustomerGroup.EXISTING, CLOSE_OLD)):
        existing = group == CustomerGroup.EXISTING
        both = sa.select(sa.func.count(), number_of(has_contracted())).where(
            *views.seen(work, stages),
            *counted,
            has_bought_before() if existing else ~has_bought_before(),
            *in_project(CustomerStage, project_id),
        )
        customers, closed = (int(one or 0) for one in work.session.execute(both).one())
        yield CloseRate(
            group=group,
            customers=customers,
            closed=closed,
            close_rate=share(closed, customers),
            reference_rate=int(work.parameter(figure)),
            cost_ratio=int(work.parameter(COST_RATIO)),
            behind={
                "has_bought_before": existing,
                "created_at": during(begin, end),
                "state": COUNTED,
                **named(project_id),
            },
            narrowed={"closed": {"has_contracted": True}},
        )
