"""What follow-ups and objections tell when they are counted (L-161, L-163)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.calendars import add_months, end_of
from services.chassis.days import month_of
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.tables import Clock
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, Percent, ProjectId, User
from services.contracts.vocabulary.reception import ContactResult, FollowUpCause
from services.contracts.vocabulary.sales import ConcernTopic
from services.leads.readers import FLOOR_READERS
from services.leads.reception.follow_ups import SalesFollowUp, sales_follow_ups
from services.leads.reception.objections import Objection, objections

__all__ = ["READERS", "in_project", "named", "objections", "sales_follow_ups", "share"]

READERS = [*FLOOR_READERS, Role.MARKETING, Role.COMPANY_MANAGER, Role.PERFORMANCE_OFFICER]


@dataclass(frozen=True, kw_only=True)
class Discipline(Row):
    """What one agent had to follow up in the period, and what came of it."""

    agent: User | None
    follow_ups: Count
    of_visits: Count
    not_in_time: Count
    overdue: Count
    done: Count
    reached: Count
    contact_rate: Percent | None


@report(
    sales_follow_ups,
    Discipline,
    by=READERS,
    along="agent",
    counts=("follow_ups", "of_visits", "not_in_time", "overdue", "done", "reached"),
    figures=("contact_rate",),
)
def follow_up_discipline(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Discipline]:
    """Visits that nobody followed up within 24 hours, what is overdue, and how many customers were reached (L-161)."""
    begin, end = period(work, since, until)
    limits = [rule.name for rule in sales_follow_ups.clocks]
    results = [one for one in ContactResult if one != ContactResult.NO_ANSWER]
    tests = {
        "follow_ups": sa.true(),
        "of_visits": SalesFollowUp.cause == FollowUpCause.VISIT,
        "not_in_time": _breached(["after_visit"]),
        "overdue": sa.and_(_breached(limits), SalesFollowUp.state == "open"),
        "done": SalesFollowUp.state == "done",
        "reached": sa.and_(SalesFollowUp.state == "done", SalesFollowUp.result.in_(results)),
    }
    counted = [number_of(test) for test in tests.values()]
    in_time = SalesFollowUp.counted_from >= begin, SalesFollowUp.counted_from < end
    found = (
        sa.select(SalesFollowUp.agent, *counted)
        .where(*views.seen(work, sales_follow_ups), *in_time, *in_project(SalesFollowUp, project_id))
        .group_by(SalesFollowUp.agent)
        .order_by(SalesFollowUp.agent)
    )
    for agent, *numbers in work.session.execute(found):
        counts = dict(zip(tests, map(int, numbers), strict=True))
        yield Discipline(
            agent=agent,
            **counts,
            contact_rate=share(counts["reached"], counts["done"]),
            behind={"agent": agent, "counted_from": during(begin, end), **named(project_id)},
            narrowed={
                "of_visits": {"cause": FollowUpCause.VISIT},
                "not_in_time": {"breached": "after_visit"},
                "overdue": {"breached": limits, "state": "open"},
                "done": {"state": "done"},
                "reached": {"state": "done", "result": results},
            },
        )


@dataclass(frozen=True, kw_only=True)
class Heat(Row):
    """How often a topic was objected to in one project and month, and how many scripts were revised for it."""

    topic: ConcernTopic
    project_id: ProjectId
    month: Day
    objections: Count
    scripts_revised: Count


@report(objections, Heat, by=READERS, along=("topic", "project_id"), counts=("objections", "scripts_revised"))
def objection_heat_map(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Heat]:
    """Topics by projects and months, and the scripts that were changed as a result (L-163)."""
    begin, end = period(work, since, until)
    in_time = Objection.created_at >= begin, Objection.created_at < end
    key = Objection.topic, Objection.project_id, month_of(Objection.created_at).label("month")
    revised = number_of(Objection.state == "script_revised")
    found = sa.select(*key, sa.func.count(), revised).where(
        *views.seen(work, objections), *in_time, *in_project(Objection, project_id)
    )
    for topic, project, month, number, scripts in work.session.execute(found.group_by(*key).order_by(*key)):
        first, last = max(begin, _begin_of(month)), min(end, _begin_of(add_months(month, 1)))
        yield Heat(
            topic=topic,
            project_id=project,
            month=month,
            objections=number,
            scripts_revised=int(scripts),
            behind={"topic": topic, "project_id": project, "created_at": during(first, last)},
            narrowed={"scripts_revised": {"state": "script_revised"}},
        )


def share(part: int, whole: int) -> int | None:
    """In per cent; nothing of nothing."""
    return round(Decimal(100 * part) / whole) if whole else None


def in_project(record: Any, project_id: str | None) -> list[Any]:
    """The condition for one project, where a report is narrowed to it."""
    return [record.project_id == project_id] if project_id else []


def named(project_id: str | None) -> dict[str, str]:
    """The same as a filter of the list behind."""
    return {"project_id": project_id} if project_id else {}


def _breached(names: list[str]) -> Any:
    of_record = Clock.resource == sales_follow_ups.name, Clock.record_id == SalesFollowUp.id, Clock.name.in_(names)
    return sa.exists().where(*of_record, Clock.breached_at.is_not(None))


def _begin_of(day: date) -> datetime:
    return end_of(day - timedelta(days=1))
