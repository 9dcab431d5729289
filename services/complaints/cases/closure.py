"""Whether actions remove their cause: due, done, verified, and complained of again (C-125)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from services.chassis import views
from services.chassis.reports import USUAL_DAYS, Row, dates, report
from services.chassis.tables import Clock
from services.chassis.work import Work
from services.complaints.cases.actions import OPEN, OVERSEEING, CorrectiveAction, actions
from services.complaints.cases.case import Case
from services.contracts.vocabulary.common import Count, Day, ExecutingDepartment, Percent, ProjectId
from services.contracts.vocabulary.lessons import ActionKind

_first, _again = aliased(Case), aliased(Case)
#: A later case of the same project and category, and of the same topic where the first one has one; a case that goes on
#: as another one is counted once.
_REPEATS = (
    _first.id == CorrectiveAction.case_id,
    _again.project_id == _first.project_id,
    _again.category == _first.category,
    sa.or_(_first.topic.is_(None), _again.topic == _first.topic),
    _again.created_at > CorrectiveAction.verified_at,
    _again.state != "reopened",
)


@actions.mark
def recurred() -> sa.ColumnElement[bool]:
    """The same was complained of again after the action had been verified (C-125)."""
    return sa.exists().where(*_REPEATS)


@dataclass(frozen=True, kw_only=True)
class Closure(Row):
    """The actions of one kind and department that were due in the period."""

    kind: ActionKind
    department: ExecutingDepartment
    due: Count
    unfinished: Count
    overdue: Count
    to_verify: Count
    verified: Count
    recurred: Count
    verified_share: Percent
    repeat_complaints: Count
    returns: Count


@report(
    actions,
    Closure,
    by=OVERSEEING,
    along="department",
    counts=("due", "unfinished", "overdue", "to_verify", "verified", "recurred"),
    figures=("verified_share", "repeat_complaints", "returns"),
    ahead=USUAL_DAYS,
)
def action_closure(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Closure]:
    """Actions that were due, what has been verified, and what was complained of again after it (C-125)."""
    first, last = dates(work, since, until)
    late = sa.exists().where(
        Clock.resource == actions.name, Clock.record_id == CorrectiveAction.id, Clock.breached_at.is_not(None)
    )
    repeats = sa.select(sa.func.count(_again.id)).where(*_REPEATS).correlate(CorrectiveAction).scalar_subquery()
    found = (
        sa.select(
            *(CorrectiveAction.kind, CorrectiveAction.department, CorrectiveAction.state),
            *(CorrectiveAction.times_returned, late.label("late"), repeats.label("repeats")),
        )
        .where(*views.seen(work, actions), CorrectiveAction.due_on >= first, CorrectiveAction.due_on <= last)
        .where(*([CorrectiveAction.project_id == project_id] if project_id else []))
        .order_by(CorrectiveAction.kind, CorrectiveAction.department)
    )
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        groups[row.kind, row.department].append(row)
    for (kind, department), rows in groups.items():
        verified = sum(row.state == "verified" for row in rows)
        behind = {"kind": kind, "department": department, "due_on": {"from": first, "to": last}}
        yield Closure(
            kind=kind,
            department=department,
            due=len(rows),
            unfinished=sum(row.state in OPEN for row in rows),
            overdue=sum(bool(row.late) for row in rows),
            to_verify=sum(row.state == "done" for row in rows),
            verified=verified,
            recurred=sum(bool(row.repeats) for row in rows),
            verified_share=round(100 * verified / len(rows)),
            repeat_complaints=sum(row.repeats for row in rows),
            returns=sum(row.times_returned for row in rows),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={
                "unfinished": {"state": list(OPEN)},
                "overdue": {"breached": "action_due"},
                "to_verify": {"state": "done"},
                "verified": {"state": "verified"},
                "recurred": {"recurred": True},
            },
        )
