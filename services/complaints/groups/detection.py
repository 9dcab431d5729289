"""When cases look like a group complaint (C-70), and when somebody says that they are one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from services.chassis.parameters import Parameter
from services.chassis.places import place_of
from services.chassis.work import Work
from services.complaints.cases.case import OPEN, Case
from services.complaints.cases.levels import SERIOUS, begin_of_days_ago
from services.complaints.groups.group import LIVE, TELLING, GroupComplaint, groups, tell
from services.complaints.groups.members import GroupMember, attach, join
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import GroupComplaintDetected
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CaseId, LongText, ProjectId, ShortText
from services.contracts.vocabulary.complaints import CaseCategory, Channel, GroupSign

GROUP_HOMES = Parameter("complaint.group_homes", 3, "homes", "C-70")
GROUP_POSTS = Parameter("complaint.group_posts", 3, "posts", "C-70")
GROUP_PERIOD = Parameter("complaint.group_period", 7, "days", "C-70")
PARAMETERS = [GROUP_HOMES, GROUP_POSTS, GROUP_PERIOD]


def watch(work: Work, case: Case) -> None:
    """Let a new case join the live group of its project and category, or see whether it makes one (C-70).

    Registrations of one project and category wait for each other here, whatever register they are for: none misses the
    other's case, and one group is proposed.
    """
    work.session.flush()
    alone_with(work, case.project_id, case.category)
    live = live_group(work, case.project_id, case.category, lock=True)
    if live is not None:
        tell(work, live, "joined", join(work, live, case).number)
        return
    together = [*_unclaimed(work, case), case]
    sign = _sign(work, together)
    if sign is not None:
        ids = [one.id for one in together]
        work.perform(detect, project_id=case.project_id, category=case.category, sign=sign, cases=ids)


def alone_with(work: Work, project_id: str | None, category: str) -> None:
    """What is looked for under a project and category is looked for by one transaction at a time."""
    work.alone("group_complaint", str(project_id), str(category))


def live_group(work: Work, project_id: str | None, category: str, *, lock: bool = False) -> GroupComplaint | None:
    """The group that cases of this project and category belong to now."""
    found = sa.select(GroupComplaint).where(
        GroupComplaint.project_id == project_id, GroupComplaint.category == category, GroupComplaint.state.in_(LIVE)
    )
    return work.session.scalars(found.with_for_update() if lock else found).first()


def _unclaimed(work: Work, case: Case) -> Sequence[Case]:
    """Open cases of the same project and category within the period that no group has, or had: a cluster that was
    dismissed, settled or left is not proposed again.
    """
    return _locked(
        work,
        Case.project_id == case.project_id,
        Case.category == case.category,
        Case.created_at >= begin_of_days_ago(work, int(work.parameter(GROUP_PERIOD))),
        Case.state.in_(OPEN),
        Case.id != case.id,
        ~sa.exists().where(GroupMember.case_id == Case.id),
    )


def _locked(work: Work, *conditions: sa.ColumnElement[bool]) -> Sequence[Case]:
    """Cases in the order in which everybody locks them, before the number of the group that they make."""
    found = sa.select(Case).where(*conditions).order_by(Case.created_at, Case.id)
    return work.session.scalars(found.with_for_update(of=Case)).all()


def _sign(work: Work, together: Sequence[Case]) -> GroupSign | None:
    """Enough different homes, or enough posts in the forum on one topic: their category, where one was named."""
    if len({one.home_id for one in together if one.home_id}) >= int(work.parameter(GROUP_HOMES)):
        return GroupSign.HOMES
    if together[-1].category == CaseCategory.OTHER:
        return None
    if sum(one.channel == Channel.FORUM for one in together) >= int(work.parameter(GROUP_POSTS)):
        return GroupSign.FORUM_POSTS
    return None


@groups.create("suspected", by=[Role.SYSTEM], emits=[GroupComplaintDetected])
def detect(
    project_id: ProjectId, category: CaseCategory, sign: GroupSign, cases: list[CaseId], work: Work
) -> GroupComplaint:
    """The cases look like one matter (C-70)."""
    return _begin(work, project_id, category, sign, cases, None)


@groups.create("suspected", by=TELLING, emits=[GroupComplaintDetected])
def declare(
    project_id: ProjectId,
    category: CaseCategory,
    topic: ShortText,
    cases: list[CaseId],
    work: Work,
    cause: LongText | None = None,
) -> GroupComplaint:
    """Somebody sees a group complaint before the figures do (C-70)."""
    alone_with(work, project_id, category)
    live = live_group(work, project_id, category)
    if live is not None:
        raise ValidationFailed.of("category", "group_live", id=live.id, number=live.number)
    _locked(work, Case.id.in_(cases))
    group = _begin(work, project_id, category, GroupSign.DECLARED, cases, topic)
    group.cause = cause
    return group


def _begin(
    work: Work, project_id: str, category: CaseCategory, sign: GroupSign, cases: list[str], topic: str | None
) -> GroupComplaint:
    group = GroupComplaint(
        category=category,
        sign=sign,
        topic=topic,
        level=SERIOUS,
        plan_version=0,
        **place_of(work, None, project_id),
    )
    work.begin_life(groups, group, "suspected")
    tell(work, group, "suspected", topic)
    work.session.flush()
    for case_id in dict.fromkeys(cases):
        work.perform(attach, cluster_id=group.id, case_id=case_id)
    work.alert("group_complaint_suspected", group, role=Role.CUSTOMER_CENTRE, clock_name="decision")
    return group
