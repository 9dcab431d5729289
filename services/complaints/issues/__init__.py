"""What any employee hears from a customer: reported on a short form, classified, dispatched and supervised (C-03)."""

# In the order of an issue's life, which is the order in which its states are listed.
# isort: off
from services.complaints.issues.issue import CustomerIssue, issues
from services.complaints.issues import dispatch, referral
from services.complaints.issues.dispatch import PARAMETERS

__all__ = ["PARAMETERS", "CustomerIssue", "dispatch", "issues", "referral"]
