"""What plans were rejected for (C-124)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from services.chassis import views
from services.chassis.reports import Row, during, period, report
from services.chassis.work import Work
from services.complaints.cases.figures import READERS
from services.complaints.cases.plans import Plan, plans
from services.contracts.vocabulary.common import Count, Day, LongText, User

TOLD = 10  #: reasons that a line tells, the latest; all of them are in the list behind its number


@dataclass(frozen=True, kw_only=True)
class Rejections(Row):
    """Plans drafted in the period that one approver has rejected."""

    decided_by: User
    plans_rejected: Count
    rejection_reasons: LongText


@report(plans, Rejections, by=READERS, along="decided_by", counts=("plans_rejected",))
def plan_rejections(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[Rejections]:
    """Rejected plans by approver, with the reasons that they gave (C-124)."""
    begin, end = period(work, since, until)
    found = (
        sa.select(Plan.decided_by, Plan.decision_reason)
        .where(*views.seen(work, plans), Plan.state == "rejected", Plan.created_at >= begin, Plan.created_at < end)
        .order_by(Plan.decided_at.desc())
    )
    reasons: dict[str, list[str]] = defaultdict(list)
    for user, reason in work.session.execute(found):
        reasons[user or ""].append(reason or "")
    for user, given in sorted(reasons.items()):
        yield Rejections(
            decided_by=user,
            plans_rejected=len(given),
            rejection_reasons="\n".join(given[:TOLD]),
            behind={"state": "rejected", "decided_by": user, "created_at": during(begin, end)},
        )
