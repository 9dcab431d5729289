"""What customers need and what is defective, told to the department that can answer, with its receipt (C-105)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases import Case
from services.complaints.cases.actions import ASKING, OVERSEEING
from services.complaints.departments import DEPARTMENTS, of_department
from services.complaints.feedback.suggestion import Suggestion, hear
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CompanyId,
    Discipline,
    ExecutingDepartment,
    HotspotReportId,
    LongText,
    Moment,
    Number,
    ProjectId,
    SuggestionId,
    Title,
    User,
)
from services.contracts.vocabulary.lessons import FeedbackKind


class Feedback(Record):
    """One need or defect, whom it was told, who took receipt of it, and the answer (C-105)."""

    number: Mapped[Number]
    kind: Mapped[FeedbackKind]
    title: Mapped[Title]
    content: Mapped[LongText]
    department: Mapped[ExecutingDepartment]
    discipline: Mapped[Discipline | None]
    case_id: Mapped[CaseId | None]
    hotspot_report_id: Mapped[HotspotReportId | None]
    suggestion_id: Mapped[SuggestionId | None]
    received_by: Mapped[User | None]
    received_at: Mapped[Moment | None]
    answer: Mapped[LongText | None]
    is_adopted: Mapped[bool | None]
    answered_by: Mapped[User | None]
    answered_at: Mapped[Moment | None]


feedback = Process(
    Feedback,
    numbered="FB",
    readers=OVERSEEING,
    listed=["number", "kind", "title", "department", "discipline", "received_at", "answered_at", "is_adopted"],
    filters=["project_id", "kind", "department", "discipline", "case_id", "hotspot_report_id", "suggestion_id"],
    search=["number", "title", "content"],
)


@feedback.create("sent", by=[*ASKING, Role.CUSTOMER_MANAGER])
def send(
    kind: FeedbackKind,
    title: Title,
    content: LongText,
    department: ExecutingDepartment,
    work: Work,
    discipline: Discipline | None = None,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
    case_id: CaseId | None = None,
    hotspot_report_id: HotspotReportId | None = None,
) -> Feedback:
    """Tell a department what customers need, or what is defective (C-105)."""
    if department == ExecutingDepartment.DISCIPLINE and discipline is None:
        raise ValidationFailed.of("discipline", "required")
    place: dict[str, str | None] = {"project_id": project_id, "company_id": company_id}
    if case_id is not None:
        case = work.get(Case, case_id, field="case_id")
        place = {"project_id": case.project_id, "company_id": case.company_id}
    elif project_id is not None:
        place = place_of(work, None, project_id)
    sent = Feedback(
        kind=kind,
        title=title,
        content=content,
        department=department,
        discipline=discipline,
        case_id=case_id,
        hotspot_report_id=hotspot_report_id,
        **place,
    )
    work.begin_life(feedback, sent, "sent")
    work.task("answer_feedback", sent, role=str(department))
    return sent


@feedback.move("sent", "received", by=DEPARTMENTS, guard=of_department)
def receive(sent: Feedback, work: Work) -> None:
    """The department confirms that it has it (C-105)."""
    sent.received_by, sent.received_at = work.actor.user, work.now


@feedback.move("received", "answered", by=DEPARTMENTS, guard=of_department)
def answer(sent: Feedback, answer: LongText, is_adopted: bool, work: Work) -> None:
    """The department answers: what it does about it, or why nothing (C-105)."""
    sent.answer, sent.is_adopted = answer, is_adopted
    sent.answered_by, sent.answered_at = work.actor.user, work.now
    work.end_tasks(sent, "done", subject="answer_feedback")
    if sent.suggestion_id is not None:
        suggestion = work.get(Suggestion, sent.suggestion_id, lock=True)
        work.perform(hear, suggestion, department_answer=answer, is_adopted=is_adopted)
