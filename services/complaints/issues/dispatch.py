"""The centre gives an issue to the department that can deal with it, and sees that it does (C-03, C-04, X-48)."""

from __future__ import annotations

from typing import Any

from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.complaints.cases.limits import ESCALATION
from services.complaints.departments import DEPARTMENTS, head_of, of_department
from services.complaints.issues.issue import CENTRE, CustomerIssue, issues
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ExecutingDepartment, LongText, Moment, Reason
from services.contracts.vocabulary.complaints import IntakeClass

#: (ext) As long as a complaint may wait for its first response: nobody knows yet that it is none.
DISPATCH = Parameter("issue.dispatch", 2, "h", "C-03")
PARAMETERS = [DISPATCH]
DISPATCHED, HANDLE, CONFIRM = "dispatch_issue", "handle_issue", "confirm_issue"


@issues.move(("reported", "dispatched"), "dispatched", by=CENTRE)
def dispatch(
    issue: CustomerIssue,
    classification: IntakeClass,
    department: ExecutingDepartment,
    due_at: Moment,
    work: Work,
    instruction: LongText | None = None,
) -> None:
    """Say what it is, and who deals with it until when: it is that department's task (C-03, C-04)."""
    _refuse_past(work, due_at)
    work.end_tasks(issue, "done", subject=DISPATCHED)
    work.end_tasks(issue, "dropped", subject=HANDLE)
    issue.classification, issue.department, issue.due_at = classification, department, due_at
    issue.instruction, issue.dispatched_by = instruction, work.actor.user
    _give(work, issue)


def _refuse_past(work: Work, due_at: Moment) -> None:
    if due_at <= work.now:
        raise ValidationFailed.of("due_at", "in_the_past")


def _give(work: Work, issue: CustomerIssue) -> None:
    work.task(HANDLE, issue, role=str(issue.department), due_at=issue.due_at)


@issues.move("dispatched", "done", by=DEPARTMENTS, guard=of_department)
def finish(issue: CustomerIssue, result: LongText, work: Work) -> None:
    """The department says what it did and what the customer was told; the centre looks at that (C-03)."""
    issue.result, issue.done_by = result, work.actor.user
    work.end_tasks(issue, "done", subject=HANDLE, result=result)
    work.task(CONFIRM, issue, role=Role.CUSTOMER_CENTRE, assignee=issue.dispatched_by)


def _by_another(issue: CustomerIssue, work: Work) -> Obstacle | None:
    return Obstacle("own_submission") if work.actor.user == issue.done_by else None


@issues.move("done", "confirmed", by=CENTRE, guard=_by_another)
def confirm(issue: CustomerIssue, work: Work) -> None:
    """The centre is satisfied: the issue is settled (C-03, X-48)."""
    issue.confirmed_by = work.actor.user
    work.end_tasks(issue, "done", subject=CONFIRM)
    work.end_tasks(issue, "confirmed", subject=HANDLE)


@issues.move("done", "dispatched", by=CENTRE, guard=_by_another)
def send_back(issue: CustomerIssue, reason: Reason, due_at: Moment, work: Work) -> None:
    """Not settled: back to the department, with the reason and another time (C-03)."""
    _refuse_past(work, due_at)
    issue.reason, issue.due_at, issue.done_by = reason, due_at, None
    work.end_tasks(issue, "done", subject=CONFIRM)
    _give(work, issue)


@issues.move("reported", "dropped", by=CENTRE)
def drop(issue: CustomerIssue, reason: Reason, work: Work) -> None:
    """It is known already, or nothing is to be done; whoever reported it reads why (C-03)."""
    issue.reason = reason
    work.end_tasks(issue, "dropped", subject=DISPATCHED)


def _up(issue: Any, step: int) -> Role | None:
    """The centre supervises; above it the head of the department."""
    return {1: Role.CUSTOMER_CENTRE, 2: head_of(issue.department)}.get(step)


clock(
    issues,
    "dispatch",
    limit=DISPATCH,
    starts="reported",
    alarm=Alarm("issue_not_dispatched", "C-03", to=lambda issue: Role.CUSTOMER_CENTRE),
    stops=("dispatched", "handed_over"),
)
clock(
    issues,
    "handling",
    until="due_at",
    starts="dispatched",
    stops="done",
    alarm=Alarm(
        "issue_overdue", "C-03", to=lambda issue: str(issue.department), ladder=_up, every=lambda issue: ESCALATION
    ),
)
