"""A suggestion goes the way of feedback: to the responsible department, which takes receipt of it (C-04, C-105)."""

from __future__ import annotations

from services.chassis.work import Work
from services.complaints.feedback.feedback import Feedback, send
from services.complaints.feedback.suggestion import DESK, Suggestion, suggestions
from services.contracts.vocabulary.common import Discipline, ExecutingDepartment, Title
from services.contracts.vocabulary.lessons import FeedbackKind


@suggestions.move("acknowledged", "passed", by=DESK)
def pass_on(
    suggestion: Suggestion,
    title: Title,
    department: ExecutingDepartment,
    work: Work,
    discipline: Discipline | None = None,
) -> None:
    """Give it to the department that can do something about it, as feedback that it has to answer (C-04, C-105)."""
    sent: Feedback = work.perform(
        send,
        kind=FeedbackKind.SUGGESTION,
        title=title,
        content=suggestion.content,
        department=department,
        discipline=discipline,
        project_id=suggestion.project_id,
        company_id=suggestion.company_id,
    )
    sent.suggestion_id = suggestion.id
    suggestion.department, suggestion.discipline, suggestion.feedback_id = department, discipline, sent.id
