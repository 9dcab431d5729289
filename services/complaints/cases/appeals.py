"""Appeals to the group centre, which mediates; the local centre stays responsible for the case (C-90)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, READERS, Case
from services.complaints.principles import in_force
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintAppealed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Files,
    LongText,
    Moment,
    Number,
    PrinciplesId,
    User,
)
from services.contracts.vocabulary.complaints import Channel

WAITING = ("filed", "reviewing", "coordinating")
GROUP = [Role.GROUP_CENTRE]


class Appeal(Record):
    """What a customer asks of the group centre about a case, what it found, and what was coordinated."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    uid: Mapped[CustomerUid]
    reason: Mapped[LongText]
    channel: Mapped[Channel]
    files: Mapped[Files | None]
    principles_id: Mapped[PrinciplesId | None]
    reviewer: Mapped[User | None]
    findings: Mapped[LongText | None]
    coordination: Mapped[LongText | None]
    local_statement: Mapped[LongText | None]
    conclusion: Mapped[LongText | None]
    concluded_by: Mapped[User | None]
    concluded_at: Mapped[Moment | None]


appeals = Process(
    Appeal,
    numbered="AP",
    readers=READERS,
    listed=["number", "case_id", "reason", "channel", "reviewer", "concluded_at"],
    filters=["case_id", "project_id", "uid", "reviewer"],
    search=["number", "reason"],
)


@appeals.create(
    "filed",
    by=[Role.HOTLINE_OPERATOR, Role.COMPLAINT_HANDLER, Role.CUSTOMER_CENTRE, *GROUP],
    emits=[ComplaintAppealed],
)
def file(case_id: CaseId, reason: LongText, channel: Channel, work: Work, files: Files | None = None) -> Appeal:
    """The customer is not satisfied with the local company's reception; the case stays open (C-90)."""
    case = work.get(Case, case_id, field="case_id", lock=True)
    if case.state not in OPEN:
        raise ValidationFailed.of("case_id", "case_not_open", number=case.number)
    if waiting_of(work, case) is not None:
        raise ValidationFailed.of("case_id", "appealed_already", number=case.number)
    principles = in_force(work)
    appeal = Appeal(
        case_id=case_id,
        uid=case.uid,
        reason=reason,
        channel=channel,
        files=files,
        principles_id=principles.id if principles is not None else None,
        project_id=case.project_id,
        company_id=case.company_id,
    )
    work.begin_life(appeals, appeal, "filed")
    work.task("review_appeal", appeal, role=Role.GROUP_CENTRE)
    return appeal


@appeals.move("filed", "reviewing", by=GROUP)
def review(appeal: Appeal, work: Work) -> None:
    """Somebody of the group centre looks into it (C-90)."""
    appeal.reviewer = work.actor.user
    work.end_tasks(appeal, "done", subject="review_appeal")


@appeals.move("reviewing", "coordinating", by=GROUP)
def coordinate(appeal: Appeal, findings: LongText, coordination: LongText, work: Work) -> None:
    """What was found, and what the local centre is asked; it answers for its decision itself (C-90)."""
    appeal.findings, appeal.coordination = findings, coordination
    work.task("answer_appeal", appeal, role=Role.CUSTOMER_CENTRE)


@appeals.change("coordinating", by=[*HANDLING, Role.CUSTOMER_CENTRE])
def state(appeal: Appeal, local_statement: LongText, work: Work) -> None:
    """The local centre says what it does (C-90)."""
    appeal.local_statement = local_statement
    work.end_tasks(appeal, "done", subject="answer_appeal")


def _answered_locally(appeal: Appeal, work: Work) -> Obstacle | None:
    return None if appeal.local_statement else Obstacle("local_statement_missing")


@appeals.move("coordinating", "concluded", by=GROUP, guard=_answered_locally)
def conclude(appeal: Appeal, conclusion: LongText, work: Work) -> None:
    """The mediation ends; the case goes on where it stands, with the local centre (C-90)."""
    appeal.conclusion, appeal.concluded_by, appeal.concluded_at = conclusion, work.actor.user, work.now


def waiting_of(work: Work, case: Case) -> Appeal | None:
    """The appeal about a case that has not been concluded."""
    return work.first(Appeal, Appeal.case_id == case.id, Appeal.state.in_(WAITING))
