"""How satisfied customers are with the handling: what they say at the closing and in the follow-up after it (C-126)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.parameters import Parameter
from services.chassis.reports import Row, during, period, report
from services.chassis.work import Work
from services.complaints.cases.case import Case, cases
from services.complaints.cases.figures import READERS
from services.contracts.events.membership import FollowUpCompleted
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CompanyId, Count, Day, MeanRating, Moment, ProjectId, Rating
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.membership import FollowUpTheme

#: (ext) The catalogue gives no figure: below it, as in the follow-ups of membership (B-63), somebody is dissatisfied.
LOW = Parameter("complaint.low_satisfaction", 3, "points", "C-126")
RATINGS = tuple(range(1, 6))


@cases.change(by=[Role.SYSTEM])
def note_follow_up(case: Case, score: Rating, followed_up_at: Moment) -> None:
    """What the customer said when asked how the complaint was handled; the latest answer counts (C-126)."""
    if case.followed_up_at is None or followed_up_at > case.followed_up_at:
        case.follow_up_score, case.followed_up_at = score, followed_up_at


@cases.reacts(FollowUpCompleted)
def on_follow_up_completed(event: FollowUpCompleted, work: Work) -> None:
    """A follow-up after a complaint; its cause is the id of the case, or what somebody wrote who planned it (B-62)."""
    if event.theme != FollowUpTheme.COMPLAINT or event.cause is None:
        return
    case = work.session.get(Case, event.cause, with_for_update=True)
    if case is not None:
        work.perform(note_follow_up, case, score=event.score, followed_up_at=event.at)


def mean(ratings: Iterable[int | None]) -> Decimal | None:
    """The average of those that were given, to two places."""
    given = [one for one in ratings if one is not None]
    return (Decimal(sum(given)) / len(given)).quantize(Decimal("0.01")) if given else None


@dataclass(frozen=True, kw_only=True)
class Satisfaction(Row):
    """The cases of one company and category that were closed in the period."""

    company_id: CompanyId
    category: CaseCategory
    closed: Count
    rated: Count
    followed_up: Count
    dissatisfied: Count
    mean_satisfaction: MeanRating | None
    mean_follow_up: MeanRating | None


@report(
    cases,
    Satisfaction,
    by=READERS,
    along="category",
    counts=("closed", "rated", "followed_up", "dissatisfied"),
    figures=("mean_satisfaction", "mean_follow_up"),
)
def satisfaction_after_complaint(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Satisfaction]:
    """What customers say at the closing and in the follow-up after it, by company and category (C-126)."""
    begin, end = period(work, since, until)
    found = (
        sa.select(Case.company_id, Case.category, Case.satisfaction, Case.follow_up_score)
        .where(*views.seen(work, cases), Case.closed_at >= begin, Case.closed_at < end)
        .where(*([Case.project_id == project_id] if project_id else []))
        .order_by(Case.company_id, Case.category)
    )
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        groups[row.company_id, row.category].append(row)
    low = [one for one in RATINGS if one < work.parameter(LOW)]
    for (company, category), rows in groups.items():
        behind = {"company_id": company, "category": category, "closed_at": during(begin, end)}
        yield Satisfaction(
            company_id=company,
            category=category,
            closed=len(rows),
            rated=sum(row.satisfaction is not None for row in rows),
            followed_up=sum(row.follow_up_score is not None for row in rows),
            dissatisfied=sum(row.follow_up_score in low for row in rows),
            mean_satisfaction=mean(row.satisfaction for row in rows),
            mean_follow_up=mean(row.follow_up_score for row in rows),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={
                "rated": {"satisfaction": list(RATINGS)},
                "followed_up": {"follow_up_score": list(RATINGS)},
                "dissatisfied": {"follow_up_score": low},
            },
        )
