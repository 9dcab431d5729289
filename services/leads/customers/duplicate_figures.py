"""Duplicates found and what became of them (L-166)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, ProjectId
from services.leads.customers.duplicates import OPEN, STEWARDSHIP, DuplicateCandidate, candidates

__all__ = ["candidates"]

COUNTS = {"merged": ["merged"], "dismissed": ["dismissed"], "to_decide": list(OPEN)}


@dataclass(frozen=True, kw_only=True)
class Duplicates(Row):
    """Pairs of one project that were found in the period, by what became of them."""

    project_id: ProjectId
    found: Count
    merged: Count
    dismissed: Count
    to_decide: Count


@report(
    candidates,
    Duplicates,
    by=[*STEWARDSHIP, Role.AUDITOR],
    along="project_id",
    counts=("found", *COUNTS),
)
def duplicates(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Duplicates]:
    """Customers found twice in the period and merged, by project (L-166)."""
    begin, end = period(work, since, until)
    where = [DuplicateCandidate.created_at >= begin, DuplicateCandidate.created_at < end]
    where += [DuplicateCandidate.project_id == project_id] if project_id else []
    numbers = [number_of(DuplicateCandidate.state.in_(states)) for states in COUNTS.values()]
    found = (
        sa.select(DuplicateCandidate.project_id, sa.func.count(), *numbers)
        .where(*views.seen(work, candidates), *where)
        .group_by(DuplicateCandidate.project_id)
        .order_by(DuplicateCandidate.project_id)
    )
    for project, every, *counted in work.session.execute(found):
        yield Duplicates(
            project_id=project,
            found=every,
            **dict(zip(COUNTS, counted, strict=True)),
            behind={"project_id": project, "created_at": during(begin, end)},
            narrowed={name: {"state": states} for name, states in COUNTS.items()},
        )
