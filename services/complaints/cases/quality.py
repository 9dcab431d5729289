"""How well each company treats those who complain: what the group centre compares (C-91)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, period, report
from services.chassis.work import Work
from services.complaints.cases.appeals import Appeal
from services.complaints.cases.case import Case, cases
from services.complaints.cases.figures import READERS, median_minutes, missed_limits, response_in_time
from services.complaints.cases.satisfaction import mean
from services.contracts.vocabulary.common import CompanyId, Count, Day, Hours, MeanRating, Minutes, Percent


@cases.mark
def appealed() -> sa.ColumnElement[bool]:
    """The customer turned to the group centre about it (C-90)."""
    return sa.exists().where(Appeal.case_id == Case.id)


@dataclass(frozen=True, kw_only=True)
class Quality(Row):
    """The cases of one company that were registered in the period, as far as they have come."""

    company_id: CompanyId
    cases: Count
    response_missed: Count
    solution_missed: Count
    resolved: Count
    appealed: Count
    response_in_time: Percent | None
    median_response: Minutes | None
    median_resolution: Hours | None
    mean_satisfaction: MeanRating | None
    mean_follow_up: MeanRating | None


@report(
    cases,
    Quality,
    by=READERS,
    along="company_id",
    counts=("cases", "response_missed", "solution_missed", "resolved", "appealed"),
    figures=("response_in_time", "median_response", "median_resolution", "mean_satisfaction", "mean_follow_up"),
)
def service_quality(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[Quality]:
    """Response, resolution, satisfaction and appeals of the local centres, company by company (C-91)."""
    begin, end = period(work, since, until)
    missed = missed_limits()
    found = (
        sa.select(
            *(Case.company_id, Case.state, Case.counted_from, Case.responded_at, Case.closed_at),
            *(Case.satisfaction, Case.follow_up_score),
            *(missed.c.response, missed.c.solution, appealed().label("appealed")),
        )
        .outerjoin(missed, missed.c.record_id == Case.id)
        .where(*views.seen(work, cases), Case.created_at >= begin, Case.created_at < end)
        .order_by(Case.company_id)
    )
    companies: dict[str, list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        companies[row.company_id].append(row)
    for company, rows in companies.items():
        resolved = [row for row in rows if row.state == "closed"]
        lasted = median_minutes((row.counted_from, row.closed_at) for row in resolved)
        yield Quality(
            company_id=company,
            cases=len(rows),
            response_missed=sum(bool(row.response) for row in rows),
            solution_missed=sum(bool(row.solution) for row in rows),
            resolved=len(resolved),
            appealed=sum(bool(row.appealed) for row in rows),
            response_in_time=response_in_time(rows),
            median_response=median_minutes((row.counted_from, row.responded_at) for row in rows),
            median_resolution=round(lasted / 60) if lasted is not None else None,
            mean_satisfaction=mean(row.satisfaction for row in rows),
            mean_follow_up=mean(row.follow_up_score for row in rows),
            behind={"company_id": company, "created_at": during(begin, end)},
            narrowed={
                "response_missed": {"breached": "first_response"},
                "solution_missed": {"breached": "solution"},
                "resolved": {"state": "closed"},
                "appealed": {"appealed": True},
            },
        )
