"""What customers need, what is defective and what they suggest: to the department that can answer (C-04, C-105)."""

from services.complaints.feedback.suggestion import Suggestion, suggestions

# isort: split
from services.complaints.feedback.feedback import Feedback, feedback, send
from services.complaints.feedback.passing import pass_on

__all__ = ["Feedback", "Suggestion", "feedback", "pass_on", "send", "suggestions"]
