"""An issue that is more goes where it belongs: a case, a repair, an interest in buying, a suggestion (C-03, C-04)."""

from __future__ import annotations

from typing import Any

from services.chassis.work import Work
from services.complaints.cases import intake
from services.complaints.feedback import suggestion as suggest
from services.complaints.issues.dispatch import DISPATCHED
from services.complaints.issues.issue import CENTRE, CustomerIssue, issues
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CustomerIssueReferred
from services.contracts.vocabulary.common import CustomerUid, HomeId, PersonName, Reason
from services.contracts.vocabulary.complaints import CaseCategory, CaseKind, Channel, IntakeClass
from services.contracts.vocabulary.maintenance import Urgency


@issues.move("reported", "handed_over", by=CENTRE)
def open_case(
    issue: CustomerIssue,
    kind: CaseKind,
    uid: CustomerUid,
    category: CaseCategory,
    work: Work,
    home_id: HomeId | None = None,
    counterpart: PersonName | None = None,
    separate_reason: Reason | None = None,
) -> None:
    """A complaint or a dispute: it becomes a case, which has its own limits (C-04, C-40)."""
    case = work.perform(
        intake.register,
        kind=kind,
        uid=uid,
        category=category,
        channel=Channel.EMPLOYEE,
        description=issue.description,
        home_id=home_id,
        project_id=issue.project_id,
        evidence=issue.photos,
        received_at=issue.reported_at,
        counterpart=counterpart,
        separate_reason=separate_reason,
    )
    issue.case_id = case.id
    issue.project_id, issue.company_id = case.project_id, case.company_id
    _handed_over(work, issue, IntakeClass(kind), uid=uid, home_id=home_id)


@issues.move("reported", "handed_over", by=CENTRE)
def refer_repair(
    issue: CustomerIssue,
    home_id: HomeId,
    work: Work,
    uid: CustomerUid | None = None,
    urgency: Urgency = Urgency.NORMAL,
) -> None:
    """A defect: maintenance opens a work order whose 48 hours count from the report (C-04, M-31)."""
    if uid is not None:
        work.need_replica("leads/customer", uid, field="uid")
    known = work.need_replica("leads/home", home_id, field="home_id")
    if issue.project_id not in (None, known["project_id"]):
        raise ValidationFailed.of("home_id", "foreign_home", home=home_id)
    issue.project_id, issue.company_id = known["project_id"], known["company_id"]
    _handed_over(work, issue, IntakeClass.REPAIR, uid=uid, home_id=home_id)
    _tell(work, issue, urgency)


@issues.move("reported", "handed_over", by=CENTRE)
def refer_purchase(issue: CustomerIssue, uid: CustomerUid, work: Work) -> None:
    """A customer on record wants to buy: sales calls them (C-04). For a stranger, sales gets the issue itself."""
    work.need_replica("leads/customer", uid, field="uid")
    _handed_over(work, issue, IntakeClass.PURCHASE, uid=uid)
    _tell(work, issue, Urgency.NORMAL)


@issues.move("reported", "handed_over", by=CENTRE)
def enter_suggestion(issue: CustomerIssue, work: Work, uid: CustomerUid | None = None) -> None:
    """A suggestion: it is acknowledged, passed on and answered as one (C-04)."""
    suggestion = work.perform(
        suggest.receive,
        channel=Channel.EMPLOYEE,
        content=issue.description,
        uid=uid,
        name=issue.customer_name,
        phone=issue.customer_phone,
        project_id=issue.project_id,
        files=issue.photos,
        received_at=issue.reported_at,
        reference=issue.number,
    )
    issue.suggestion_id = suggestion.id
    _handed_over(work, issue, IntakeClass.SUGGESTION, uid=uid)


def _handed_over(work: Work, issue: CustomerIssue, classification: IntakeClass, **whom: str | None) -> None:
    issue.classification, issue.dispatched_by = classification, work.actor.user
    issue.uid, issue.home_id = whom.get("uid"), whom.get("home_id")
    work.end_tasks(issue, "done", subject=DISPATCHED)


def _tell(work: Work, issue: CustomerIssue, urgency: Urgency) -> None:
    said: dict[str, Any] = {"classification": issue.classification, "urgency": urgency}
    work.emit(CustomerIssueReferred, issue, **said)
