"""Who belongs to a group complaint, and what was agreed with each home (C-71, C-73)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, READERS, Case
from services.complaints.cases.levels import HIGHEST, SERIOUS, lift
from services.complaints.cases.negotiation import agree as agree_case
from services.complaints.groups.group import LIVE, TELLING, GroupComplaint
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Day,
    Files,
    GroupComplaintId,
    HomeId,
    LongText,
    Money,
    Number,
    PersonName,
    Reason,
    User,
)
from services.contracts.vocabulary.complaints import LevelTrigger

ATTACHED = ("attached", "agreed", "excepted")


class GroupMember(Record):
    """A case or a home that belongs to a group complaint."""

    __table_args__ = (
        sa.Index(
            "uq_group_member_case",
            "case_id",
            unique=True,
            sqlite_where=sa.text("state <> 'detached'"),
            postgresql_where=sa.text("state <> 'detached'"),
        ),
    )

    number: Mapped[Number]
    cluster_id: Mapped[GroupComplaintId]
    case_id: Mapped[CaseId | None]
    home_id: Mapped[HomeId | None]
    uid: Mapped[CustomerUid | None]
    attached_by: Mapped[User]
    agreement: Mapped[LongText | None]
    amount_agreed: Mapped[Money | None]
    signed_by: Mapped[PersonName | None]
    signed_on: Mapped[Day | None]
    signature: Mapped[Files | None]
    exception_reason: Mapped[Reason | None]
    detached_for: Mapped[Reason | None]


group_members = Process(
    GroupMember,
    readers=READERS,
    listed=["number", "case_id", "home_id", "uid", "signed_by", "signed_on", "exception_reason"],
    filters=["cluster_id", "case_id", "home_id", "uid", "project_id"],
    search=["number", "home_id"],
)


@group_members.create("attached", by=TELLING)
def attach(
    cluster_id: GroupComplaintId, work: Work, case_id: CaseId | None = None, home_id: HomeId | None = None
) -> GroupMember:
    """Attach an open case of the same project, or a home that has not complained (C-71)."""
    group = work.get(GroupComplaint, cluster_id, field="cluster_id", lock=True)
    if group.state not in LIVE:
        raise ValidationFailed.of("cluster_id", "group_over", number=group.number)
    if case_id is not None:
        return join(work, group, _attachable(work, group, case_id))
    if home_id is None:
        raise ValidationFailed.of("case_id", "required")
    home = work.need_replica("leads/home", home_id, field="home_id")
    if home["project_id"] != group.project_id:
        raise ValidationFailed.of("home_id", "foreign_home", home=home_id)
    if any(one.home_id == home_id for one in attached_to(work, group)):
        raise ValidationFailed.of("home_id", "already_member", number=group.number)
    return _enter(work, group, home_id=home_id, uid=home.get("owner_uid"))


def _attachable(work: Work, group: GroupComplaint, case_id: str) -> Case:
    case = work.get(Case, case_id, field="case_id", lock=True)
    if case.project_id != group.project_id:
        raise ValidationFailed.of("case_id", "foreign_case", number=case.number)
    if case.state not in OPEN:
        raise ValidationFailed.of("case_id", "case_not_open", number=case.number)
    other = work.first(GroupMember, GroupMember.case_id == case.id, GroupMember.state.in_(ATTACHED))
    if other is not None:
        raise ValidationFailed.of("case_id", "already_member", number=other.number)
    return case


def join(work: Work, group: GroupComplaint, case: Case) -> GroupMember:
    """The case belongs to the group from now on and has at least the group's level (C-31, C-72)."""
    case.group_suspected = True
    level_with(work, group, case)
    return _enter(work, group, case_id=case.id, home_id=case.home_id, uid=case.uid)


def level_with(work: Work, group: GroupComplaint, case: Case) -> None:
    """A suspected group is serious; a confirmed one is of the highest level (C-30, C-72)."""
    if group.level == HIGHEST:
        lift(work, case, HIGHEST, LevelTrigger.GROUP_COMPLAINT)
    else:
        lift(work, case, SERIOUS, LevelTrigger.GROUP_SUSPICION)


def _enter(work: Work, group: GroupComplaint, **whom: str | None) -> GroupMember:
    work.session.flush()
    before = work.session.scalar(
        sa.select(sa.func.count()).select_from(GroupMember).where(GroupMember.cluster_id == group.id)
    )
    member = GroupMember(
        number=f"{group.number}-{(before or 0) + 1:03d}",
        cluster_id=group.id,
        attached_by=work.actor.user,
        project_id=group.project_id,
        company_id=group.company_id,
        **whom,
    )
    work.begin_life(group_members, member, "attached")
    work.session.flush()
    return member


def attached_to(work: Work, group: GroupComplaint) -> list[GroupMember]:
    """Everybody who belongs to the group now."""
    return work.all(GroupMember, GroupMember.cluster_id == group.id, GroupMember.state.in_(ATTACHED))


def cases_of(work: Work, group: GroupComplaint) -> list[Case]:
    """The open cases that belong to the group now, locked in one order."""
    of_group = sa.select(GroupMember.case_id).where(
        GroupMember.cluster_id == group.id, GroupMember.state.in_(ATTACHED), GroupMember.case_id.is_not(None)
    )
    found = sa.select(Case).where(Case.id.in_(of_group), Case.state.in_(OPEN)).order_by(Case.created_at, Case.id)
    return list(work.session.scalars(found.with_for_update(of=Case)))


def _group_handled(member: GroupMember, work: Work) -> Obstacle | None:
    group = work.get(GroupComplaint, member.cluster_id)
    return None if group.state == "handling" else Obstacle("group_plan_needed", {"number": group.number})


@group_members.move("attached", "agreed", by=HANDLING, guard=_group_handled)
def agree(
    member: GroupMember,
    agreement: LongText,
    signed_by: PersonName,
    signed_on: Day,
    work: Work,
    amount_agreed: Money | None = None,
    signature: Files | None = None,
) -> None:
    """This home agrees and signs, under the plan of the group; so do its other members of the group (C-73)."""
    if signed_on > work.today:
        raise ValidationFailed.of("signed_on", "in_the_future")
    said = {"agreement": agreement, "signed_by": signed_by, "signed_on": signed_on, "signature": signature}
    same = [one for one in _of_home(work, member) if one.state == "attached"]
    for one in [member, *same]:
        for name, value in said.items():
            setattr(one, name, value)
        if one is not member:
            work.enter(group_members, one, "agreed")
        case = work.get(Case, one.case_id, lock=True) if one.case_id else None
        if case is not None and case.state == "negotiating":
            work.perform(agree_case, case, **said)
    member.amount_agreed = amount_agreed


def _of_home(work: Work, member: GroupMember) -> list[GroupMember]:
    if member.home_id is None:
        return []
    same = GroupMember.cluster_id == member.cluster_id, GroupMember.home_id == member.home_id
    return work.all(GroupMember, *same, GroupMember.id != member.id)


@group_members.move("attached", "excepted", by=HANDLING, guard=_group_handled)
def except_from(member: GroupMember, exception_reason: Reason) -> None:
    """No agreement with this home is needed or possible, and why: it does not hold up the settlement (C-73)."""
    member.exception_reason = exception_reason


def _group_live(member: GroupMember, work: Work) -> Obstacle | None:
    group = work.get(GroupComplaint, member.cluster_id)
    return None if group.state in LIVE else Obstacle("group_over", {"number": group.number})


@group_members.move(("attached", "excepted"), "detached", by=TELLING, guard=_group_live)
def detach(member: GroupMember, reason: Reason, work: Work) -> None:
    """It does not belong to this group after all; the detection leaves it alone from now on (C-71)."""
    release(work, member, reason)


def release(work: Work, member: GroupMember, reason: str) -> None:
    """What the membership had said of the case is taken back; its level stays."""
    member.detached_for = reason
    if member.case_id is not None:
        work.get(Case, member.case_id, lock=True).group_suspected = False
