"""The quick form: what a customer said to whoever was there, in a few fields (C-03, X-32, X-304)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.actors import EVERYBODY, GROUP, Actor
from services.chassis.places import place_or_group
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.departments import DEPARTMENTS
from services.contracts.events.complaints import CustomerIssueReferred
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    ExecutingDepartment,
    Files,
    HomeId,
    LongText,
    Moment,
    Number,
    PersonName,
    Phone,
    ProjectId,
    Reason,
    ShortText,
    SuggestionId,
    User,
)
from services.contracts.vocabulary.complaints import IntakeClass

#: Who classifies and dispatches, and supervises what was dispatched (X-22, X-48).
CENTRE = [Role.CUSTOMER_CENTRE, Role.COMPLAINT_SUPERVISOR]
#: They see every issue in their scope; whoever reported one and the department that has it see theirs.
OVERSEEING = [
    *CENTRE,
    Role.COMPLAINT_HANDLER,
    Role.HOTLINE_OPERATOR,
    Role.GROUP_CENTRE,
    Role.COMPANY_MANAGER,
    Role.AUDITOR,
]


class CustomerIssue(Record):
    """What was reported, what it was taken for, who deals with it until when, and what came of it (C-03)."""

    number: Mapped[Number]
    description: Mapped[LongText]
    place: Mapped[ShortText | None]
    customer_name: Mapped[PersonName | None]
    customer_phone: Mapped[Phone | None]
    photos: Mapped[Files | None]
    reporter: Mapped[User]
    reported_at: Mapped[Moment]
    classification: Mapped[IntakeClass | None]
    uid: Mapped[CustomerUid | None]
    home_id: Mapped[HomeId | None]
    department: Mapped[ExecutingDepartment | None]
    instruction: Mapped[LongText | None]
    due_at: Mapped[Moment | None]
    dispatched_by: Mapped[User | None]
    result: Mapped[LongText | None]
    done_by: Mapped[User | None]
    confirmed_by: Mapped[User | None]
    case_id: Mapped[CaseId | None]
    suggestion_id: Mapped[SuggestionId | None]
    reason: Mapped[Reason | None]


def _concerns(actor: Actor, now: Moment) -> Any:
    if actor.scopes(OVERSEEING):
        return sa.true()
    departments = [str(one) for one in DEPARTMENTS if one in actor.roles]
    return sa.or_(CustomerIssue.reporter == actor.user, CustomerIssue.department.in_(departments))


issues = Process(
    CustomerIssue,
    key="issue_id",
    numbered="IS",
    readers=[EVERYBODY],
    listed=["number", "description", "place", "reporter", "classification", "department", "due_at"],
    filters=["project_id", "reporter", "classification", "department", "uid", "home_id", "due_at", "created_at"],
    search=["number", "description", "place"],
    own=_concerns,
    announces=[CustomerIssueReferred],
)
reveals(issues, by=[*OVERSEEING, *DEPARTMENTS])


@issues.create("reported", by=[EVERYBODY])
def report(
    description: LongText,
    work: Work,
    place: ShortText | None = None,
    customer_name: PersonName | None = None,
    customer_phone: Phone | None = None,
    project_id: ProjectId | None = None,
    photos: Files | None = None,
) -> CustomerIssue:
    """Pass on what a customer said; the customer relationship centre sees to it (C-03)."""
    issue = CustomerIssue(
        description=description,
        place=place,
        customer_name=customer_name,
        customer_phone=customer_phone,
        photos=photos,
        reporter=work.actor.user,
        reported_at=work.now,
        **_place(work, project_id),
    )
    work.begin_life(issues, issue, "reported")
    work.task("dispatch_issue", issue, role=Role.CUSTOMER_CENTRE)
    return issue


def _place(work: Work, project_id: str | None) -> dict[str, str | None]:
    """The project that was named, or else the only one, or the only company, that the reporter works for."""
    scopes = work.actor.scopes([EVERYBODY]) - {GROUP}
    kind, _, own = next(iter(scopes)).partition(":") if len(scopes) == 1 else ("", "", "")
    if project_id is None and kind == "company":
        return {"project_id": None, "company_id": own}
    return place_or_group(work, None, project_id or (own if kind == "project" else None))
