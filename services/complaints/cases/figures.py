"""What the cases tell when they are counted (C-120, C-123, C-124)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.tables import Clock
from services.chassis.work import Work
from services.complaints.cases.case import OPEN, SUPERVISING, Case, cases
from services.complaints.cases.plans import Plan
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CompanyId, Count, Day, Minutes, Percent, ProjectId
from services.contracts.vocabulary.complaints import CaseCategory, CaseLevel, Channel, ServiceTier

READERS = [*SUPERVISING, Role.GROUP_CENTRE, Role.EXECUTIVE, Role.CHAIRMAN, Role.RESPONSIBLE_LEADER, Role.AUDITOR]


@dataclass(frozen=True, kw_only=True)
class Timeliness(Row):
    """Cases of one company, tier and channel that were registered in the period."""

    company_id: CompanyId
    tier: ServiceTier
    channel: Channel
    cases: Count
    response_missed: Count
    solution_missed: Count
    response_in_time: Percent | None
    median_response: Minutes | None


@report(
    cases,
    Timeliness,
    by=READERS,
    along="channel",
    counts=("cases", "response_missed", "solution_missed"),
    figures=("response_in_time", "median_response"),
)
def response_timeliness(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Timeliness]:
    """First responses and solutions against their limits, by company, tier and channel (C-120)."""
    begin, end = period(work, since, until)
    missed = missed_limits()
    found = (
        sa.select(
            *(Case.company_id, Case.tier, Case.channel, Case.counted_from, Case.responded_at),
            *(missed.c.response, missed.c.solution),
        )
        .outerjoin(missed, missed.c.record_id == Case.id)
        .where(*views.seen(work, cases), Case.created_at >= begin, Case.created_at < end, *_of(project_id))
        .order_by(Case.company_id, Case.tier, Case.channel)
    )
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        groups[row.company_id, row.tier, row.channel].append(row)
    for (company, tier, channel), rows in groups.items():
        behind = {"company_id": company, "tier": tier, "channel": channel, "created_at": during(begin, end)}
        yield Timeliness(
            company_id=company,
            tier=tier,
            channel=channel,
            cases=len(rows),
            response_missed=sum(bool(row.response) for row in rows),
            solution_missed=sum(bool(row.solution) for row in rows),
            response_in_time=response_in_time(rows),
            median_response=median_minutes((row.counted_from, row.responded_at) for row in rows),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={
                "response_missed": {"breached": "first_response"},
                "solution_missed": {"breached": "solution"},
            },
        )


@dataclass(frozen=True, kw_only=True)
class Supervision(Row):
    """What one level's supervisors have before them now."""

    level: CaseLevel
    open: Count
    overdue: Count
    raised: Count


@report(cases, Supervision, by=READERS, along="level", counts=("open", "overdue", "raised"))
def supervision_by_level(work: Work, project_id: ProjectId | None = None) -> Iterator[Supervision]:
    """Open cases of each level, those that missed a limit, and those that were raised to it (C-123)."""
    missed = sa.exists().where(Clock.resource == cases.name, Clock.record_id == Case.id, Clock.breached_at.is_not(None))
    found = (
        sa.select(
            Case.level,
            sa.func.count(),
            number_of(missed),
            number_of(Case.level_trigger != "intake"),
        )
        .where(*views.seen(work, cases), Case.state.in_(OPEN), *_of(project_id))
        .group_by(Case.level)
        .order_by(Case.level)
    )
    limits = [rule.name for rule in cases.clocks]
    triggers = [one for one in _triggers() if one != "intake"]
    for level, count, overdue, raised in work.session.execute(found):
        behind = {"level": level, "state": list(OPEN)} | ({"project_id": project_id} if project_id else {})
        yield Supervision(
            level=level,
            open=count,
            overdue=int(overdue or 0),
            raised=int(raised or 0),
            behind=behind,
            narrowed={"overdue": {"breached": limits}, "raised": {"level_trigger": triggers}},
        )


@dataclass(frozen=True, kw_only=True)
class Rounds(Row):
    """The cases of one category that were registered in the period, and the plans that they took."""

    category: CaseCategory
    cases: Count
    plan_versions: Count
    plans_rejected: Count
    most_rounds: Count
    negotiations_failed: Count


@report(
    cases,
    Rounds,
    by=READERS,
    along="category",
    counts=("cases",),
    figures=("plan_versions", "plans_rejected", "most_rounds", "negotiations_failed"),
)
def plan_rounds(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[Rounds]:
    """Plans per case, plans that were rejected and negotiations that failed, by category (C-124)."""
    begin, end = period(work, since, until)
    found = (
        sa.select(Case.category, Case.id, Case.plan_version, Case.failed_rounds)
        .where(*views.seen(work, cases), Case.created_at >= begin, Case.created_at < end)
        .order_by(Case.category)
    )
    groups: dict[CaseCategory, list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        groups[row.category].append(row)
    counted = found.with_only_columns(Case.id).order_by(None)
    rejected = Counter(
        work.session.scalars(sa.select(Plan.case_id).where(Plan.state == "rejected", Plan.case_id.in_(counted)))
    )
    for category, rows in groups.items():
        yield Rounds(
            category=category,
            cases=len(rows),
            plan_versions=sum(row.plan_version for row in rows),
            plans_rejected=sum(rejected[row.id] for row in rows),
            most_rounds=max(row.plan_version for row in rows),
            negotiations_failed=sum(row.failed_rounds for row in rows),
            behind={"category": category, "created_at": during(begin, end)},
        )


def _of(project_id: str | None) -> list[Any]:
    return [Case.project_id == project_id] if project_id else []


def missed_limits() -> sa.Subquery:
    """Per case whether its first response and its solution missed their limits; no row for a case that missed none."""
    columns = [
        sa.func.max(sa.case((Clock.name == clock, 1), else_=0)).label(label)
        for clock, label in (("first_response", "response"), ("solution", "solution"))
    ]
    return (
        sa.select(Clock.record_id, *columns)
        .where(Clock.resource == cases.name, Clock.breached_at.is_not(None))
        .group_by(Clock.record_id)
        .subquery()
    )


def response_in_time(rows: Sequence[Any]) -> int | None:
    """The share of those answered in time, in percent; who may still be answered in time is not judged yet."""
    judged = [bool(row.response) for row in rows if row.response or row.responded_at is not None]
    return round(100 * judged.count(False) / len(judged)) if judged else None


def median_minutes(spans: Iterable[tuple[datetime, datetime | None]]) -> int | None:
    """The median of the spans that have ended."""
    lasted = [(end - begin).total_seconds() / 60 for begin, end in spans if end is not None]
    return round(median(lasted)) if lasted else None


def _triggers() -> list[str]:
    return list(Case.__fields__["level_trigger"].values or ())
