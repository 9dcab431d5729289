"""The group complaint: one cause that many homes complain of (C-71)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, READERS, SUPERVISING
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Details,
    Files,
    LongText,
    Moment,
    Money,
    Number,
    PersonName,
    Phone,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.complaints import CaseCategory, CaseLevel, GroupSign

#: A group that new cases of its project and category join; there is one at most, as `detection.alone_with` sees to.
LIVE = ("suspected", "confirmed", "handling")
DECIDING = [*SUPERVISING, Role.GROUP_CENTRE]
TELLING = [*HANDLING, *DECIDING, Role.PUBLIC_RELATIONS]


class GroupComplaint(Record):
    """One group complaint. Its members, each a case or a home, are `group_member`."""

    __table_args__ = (sa.Index("ix_group_complaint_likeness", "project_id", "category", "state"),)

    number: Mapped[Number]
    category: Mapped[CaseCategory]
    sign: Mapped[GroupSign]
    topic: Mapped[ShortText | None]
    level: Mapped[CaseLevel]
    cause: Mapped[LongText | None]
    wording: Mapped[LongText | None]
    representative: Mapped[PersonName | None]
    representative_phone: Mapped[Phone | None]
    spokesperson: Mapped[User | None]
    timeline: Mapped[list[Details]]
    plan_version: Mapped[int]
    plan: Mapped[LongText | None]
    amount_proposed: Mapped[Money | None]
    plan_document: Mapped[Files | None]
    approver: Mapped[User | None]
    confirmed_at: Mapped[Moment | None]
    dismissed_for: Mapped[Reason | None]
    settlement: Mapped[LongText | None]
    settled_at: Mapped[Moment | None]
    review_cause: Mapped[LongText | None]
    prevention: Mapped[LongText | None]
    red_line_proposal: Mapped[LongText | None]
    no_red_line_reason: Mapped[Reason | None]
    reviewed_at: Mapped[Moment | None]


groups = Process(
    GroupComplaint,
    key="cluster_id",
    numbered="GC",
    readers=READERS,
    listed=["number", "category", "topic", "level", "cause", "spokesperson", "created_at"],
    filters=["project_id", "category", "sign", "level", "spokesperson", "created_at"],
    search=["number", "topic", "cause"],
)
reveals(groups, by=[Role.COMPLAINT_HANDLER, *DECIDING])

#: C-73, X-36.1: the plan of the whole group is approved once, by whom the matrix names for groups of this level (X-45).
group_plan_approval = ApprovalRule(
    "group_plan",
    "C-73",
    Role.COMPANY_MANAGER,
    snapshot=(
        *("number", "category", "topic", "cause", "representative", "spokesperson", "wording"),
        *("plan_version", "plan", "amount_proposed"),
    ),
    level=lambda group: group.level,
    amount=lambda group: group.amount_proposed,
    group=lambda group: True,
)


def tell(work: Work, group: GroupComplaint, step: str, note: str | None = None) -> None:
    """An entry of the group's timeline (C-71)."""
    entry = {"at": to_wire(work.now), "by": work.actor.user, "step": step, "note": note}
    group.timeline = [*group.timeline, entry]
