"""The forum board: how many are answered within the limit, and which threads wait (C-128, X-146)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.work import Work
from services.complaints.cases.figures import READERS
from services.complaints.forum.complaint import LIMIT, ForumComplaint, forum_complaints, missed, near
from services.contracts.vocabulary.common import CompanyId, Count, Day, Percent, ProjectId
from services.contracts.vocabulary.membership import ForumBoard

WAITING = {"state": "unanswered"}


@dataclass(frozen=True, kw_only=True)
class Replies(Row):
    """Posts of one company and board in the period. A limit that still runs is neither kept nor missed."""

    company_id: CompanyId
    board: ForumBoard
    posts: Count
    answered: Count
    late: Count
    within_limit: Percent | None


@report(
    forum_complaints,
    Replies,
    by=READERS,
    along="board",
    counts=("posts", "answered", "late"),
    figures=("within_limit",),
)
def forum_replies(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Replies]:
    """Public replies within the limit, in percent, by company and board (C-128)."""
    begin, end = period(work, since, until)
    answered = ForumComplaint.state == "answered"
    found = _by_board(
        work,
        *(sa.func.count(), number_of(answered), number_of(missed()), number_of(sa.and_(answered, ~missed()))),
        where=[ForumComplaint.posted_at >= begin, ForumComplaint.posted_at < end, *_in(project_id)],
    )
    for company, board, posts, replied, late, kept in found:
        yield Replies(
            company_id=company,
            board=board,
            posts=posts,
            answered=replied,
            late=late,
            within_limit=round(100 * kept / (kept + late)) if kept + late else None,
            behind=_behind(company, board, project_id) | {"posted_at": during(begin, end)},
            narrowed={"answered": {"state": "answered"}, "late": {"breached": LIMIT}},
        )


@dataclass(frozen=True, kw_only=True)
class Threads(Row):
    """Threads of one company and board that wait for their reply now."""

    company_id: CompanyId
    board: ForumBoard
    open: Count
    near_due: Count
    overdue: Count


@report(forum_complaints, Threads, by=READERS, along="board", counts=("open", "near_due", "overdue"))
def forum_threads(work: Work, project_id: ProjectId | None = None) -> Iterator[Threads]:
    """Open threads, those near their limit and those past it, by company and board (C-128, C-82)."""
    waiting = [ForumComplaint.state == "unanswered", *_in(project_id)]
    for company, board, count, soon, late in _by_board(
        work, sa.func.count(), number_of(near()), number_of(missed()), where=waiting
    ):
        yield Threads(
            company_id=company,
            board=board,
            open=count,
            near_due=soon,
            overdue=late,
            behind=_behind(company, board, project_id) | WAITING,
            narrowed={"near_due": {"near_due": LIMIT}, "overdue": {"breached": LIMIT}},
        )


def _by_board(work: Work, *counts: Any, where: list[Any]) -> Any:
    along = ForumComplaint.company_id, ForumComplaint.board
    found = sa.select(*along, *counts).where(*views.seen(work, forum_complaints), *where)
    return work.session.execute(found.group_by(*along).order_by(*along))


def _in(project_id: str | None) -> list[Any]:
    return [ForumComplaint.project_id == project_id] if project_id else []


def _behind(company: str, board: str, project_id: str | None) -> dict[str, Any]:
    return {"company_id": company, "board": board} | ({"project_id": project_id} if project_id else {})
