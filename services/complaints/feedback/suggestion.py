"""A customer's suggestion: acknowledged, passed to the department that it concerns, and answered (C-04, C-105)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.places import place_or_group
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.actions import OVERSEEING
from services.complaints.cases.intake import DESK as DESK
from services.complaints.cases.limits import SOLUTION
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CustomerUid,
    Discipline,
    ExecutingDepartment,
    FeedbackId,
    Files,
    HomeId,
    LongText,
    Moment,
    Number,
    PersonName,
    Phone,
    ProjectId,
    SourceRef,
    User,
)
from services.contracts.vocabulary.complaints import Channel


class Suggestion(Record):
    """What somebody suggests, what they were told at once, what the department says, and what they were answered.

    `reference` is the number of the enquiry or the issue that it was.
    """

    number: Mapped[Number]
    channel: Mapped[Channel]
    content: Mapped[LongText]
    files: Mapped[Files | None]
    uid: Mapped[CustomerUid | None]
    name: Mapped[PersonName | None]
    phone: Mapped[Phone | None]
    home_id: Mapped[HomeId | None]
    reference: Mapped[SourceRef | None]
    receiver: Mapped[User]
    received_at: Mapped[Moment]
    acknowledgement: Mapped[LongText | None]
    acknowledged_by: Mapped[User | None]
    acknowledged_at: Mapped[Moment | None]
    department: Mapped[ExecutingDepartment | None]
    discipline: Mapped[Discipline | None]
    feedback_id: Mapped[FeedbackId | None]
    department_answer: Mapped[LongText | None]
    is_adopted: Mapped[bool | None]
    answer: Mapped[LongText | None]
    answered_by: Mapped[User | None]
    answered_at: Mapped[Moment | None]


suggestions = Process(
    Suggestion,
    numbered="SG",
    readers=[*DESK, *OVERSEEING],
    listed=["number", "content", "channel", "uid", "department", "is_adopted", "answered_at"],
    filters=["project_id", "uid", "channel", "department", "is_adopted", "received_at"],
    search=["number", "content", "reference"],
)
reveals(suggestions, by=DESK)


@suggestions.create("received", by=DESK)
def receive(
    channel: Channel,
    content: LongText,
    work: Work,
    uid: CustomerUid | None = None,
    name: PersonName | None = None,
    phone: Phone | None = None,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    files: Files | None = None,
    received_at: Moment | None = None,
    reference: SourceRef | None = None,
) -> Suggestion:
    """Somebody suggests something; it stays here until they are answered (C-04)."""
    if uid is not None:
        work.need_replica("leads/customer", uid, field="uid")
    if received_at is not None and received_at > work.now:
        raise ValidationFailed.of("received_at", "in_the_future")
    return Suggestion(
        channel=channel,
        content=content,
        files=files,
        uid=uid,
        name=name,
        phone=phone,
        home_id=home_id,
        reference=reference,
        receiver=work.actor.user,
        received_at=received_at or work.now,
        **place_or_group(work, home_id, project_id),
    )


@suggestions.move("received", "acknowledged", by=DESK)
def acknowledge(suggestion: Suggestion, acknowledgement: LongText, work: Work) -> None:
    """Thank the customer, and say who looks at it and when the answer comes; this counts as feedback (C-04, C-27)."""
    suggestion.acknowledgement = acknowledgement
    suggestion.acknowledged_by, suggestion.acknowledged_at = work.actor.user, work.now


@suggestions.change("passed", by=[Role.SYSTEM])
def hear(suggestion: Suggestion, department_answer: LongText, is_adopted: bool, work: Work) -> None:
    """The department has answered: the customer is told (C-105)."""
    suggestion.department_answer, suggestion.is_adopted = department_answer, is_adopted
    work.task("answer_suggestion", suggestion, role=Role.HOTLINE_OPERATOR, assignee=suggestion.acknowledged_by)


def _department_answered(suggestion: Suggestion, work: Work) -> Obstacle | None:
    return None if suggestion.department_answer else Obstacle("department_not_answered")


@suggestions.move("passed", "answered", by=DESK, guard=_department_answered)
def answer(suggestion: Suggestion, answer: LongText, work: Work) -> None:
    """Tell the customer what became of it (C-04, C-105)."""
    suggestion.answer, suggestion.answered_by, suggestion.answered_at = answer, work.actor.user, work.now
    work.end_tasks(suggestion, "done", subject="answer_suggestion")


clock(
    suggestions,
    "acknowledgement",
    limit=SOLUTION,
    starts="received",
    stops="acknowledged",
    since="received_at",
    alarm=Alarm("suggestion_not_acknowledged", "C-21", to=lambda suggestion: Role.HOTLINE_OPERATOR),
)
