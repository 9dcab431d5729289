"""The board of group complaints: who belongs to each, how far the agreements are, and since when (C-127)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.calendars import ZONE
from services.chassis.reports import Row, report
from services.chassis.work import Work
from services.complaints.cases.figures import READERS
from services.complaints.groups.group import GroupComplaint, groups
from services.complaints.groups.members import ATTACHED, GroupMember, group_members
from services.contracts.fields import Field
from services.contracts.vocabulary.common import Count, Day, GroupComplaintId, ProjectId
from services.contracts.vocabulary.complaints import CaseCategory, CaseLevel

Stage = Annotated[str, Field("choice", choices=f"{groups.name}.states", values=tuple(groups.states))]
GONE = ("dismissed", "reviewed")


@dataclass(frozen=True, kw_only=True)
class Board(Row):
    """One group complaint with its members and its timeline."""

    cluster_id: GroupComplaintId
    project_id: ProjectId
    category: CaseCategory
    stage: Stage
    level: CaseLevel
    members: Count
    waiting: Count
    agreed: Count
    excepted: Count
    homes: Count
    detected_on: Day
    confirmed_on: Day | None
    settled_on: Day | None
    last_step_on: Day | None


@report(
    group_members,
    Board,
    by=READERS,
    along="cluster_id",
    counts=("members", "waiting", "agreed", "excepted"),
    figures=("homes",),
)
def group_board(work: Work, project_id: ProjectId | None = None, ended: bool = False) -> Iterator[Board]:
    """Group complaints with members, agreements and dates; those that have ended only when asked for (C-127)."""
    seen = views.seen(work, group_members)
    rows = sa.select(GroupMember.cluster_id, GroupMember.state, GroupMember.home_id)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in work.session.execute(rows.where(*seen, GroupMember.state.in_(ATTACHED))):
        found[row.cluster_id].append(row)
    chosen = sa.select(GroupComplaint).where(
        *views.seen(work, groups),
        *([] if ended else [GroupComplaint.state.not_in(GONE)]),
        *([GroupComplaint.project_id == project_id] if project_id else []),
    )
    for group in work.session.scalars(chosen.order_by(GroupComplaint.created_at.desc())):
        states = [row.state for row in found[group.id]]
        yield Board(
            cluster_id=group.id,
            project_id=group.project_id or "",
            category=group.category,
            stage=group.state,
            level=group.level,
            members=len(states),
            waiting=states.count("attached"),
            agreed=states.count("agreed"),
            excepted=states.count("excepted"),
            homes=len({row.home_id for row in found[group.id] if row.home_id}),
            detected_on=_day(group.created_at),
            confirmed_on=_day(group.confirmed_at) if group.confirmed_at else None,
            settled_on=_day(group.settled_at) if group.settled_at else None,
            last_step_on=_day(datetime.fromisoformat(group.timeline[-1]["at"])) if group.timeline else None,
            behind={"cluster_id": group.id, "state": list(ATTACHED)},
            narrowed={
                "waiting": {"state": ["attached"]},
                "agreed": {"state": ["agreed"]},
                "excepted": {"state": ["excepted"]},
            },
        )


def _day(at: datetime) -> Day:
    return at.astimezone(ZONE).date()
