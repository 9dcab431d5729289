"""Corrective and preventive actions: a cause is handed to who can remove it, until that is verified (C-100)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import clocks
from services.chassis.actors import Actor
from services.chassis.calendars import end_of
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, SUPERVISING, Case
from services.complaints.departments import DEPARTMENTS, head_of, of_department
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CorrectiveActionRequested, CorrectiveActionVerified
from services.contracts.events.leads import ProjectSalesClosed
from services.contracts.events.property import CorrectiveActionReported
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import (
    CaseId,
    Count,
    Day,
    Discipline,
    ExecutingDepartment,
    Files,
    LongText,
    Moment,
    Number,
    ProjectId,
    PropertyCompanyCode,
    Reason,
    User,
)
from services.contracts.vocabulary.complaints import CauseTransferForm
from services.contracts.vocabulary.lessons import ActionKind

#: (ext) The catalogue names the ladder, "department, then its head", and not how long the department has.
ESCALATION = Parameter("action.escalation", 24, "h", "C-100")
OPEN = ("requested", "accepted", "in_progress", "returned")
ASKING = [*HANDLING, *SUPERVISING, Role.GROUP_CENTRE]
#: They see every action in their scope; other departments see their own.
OVERSEEING = [
    *ASKING,
    Role.RESPONSIBLE_LEADER,
    Role.EXECUTIVE,
    Role.AUDITOR,
]


class CorrectiveAction(Record):
    """One action of one department: what caused it, what is asked, how it was asked, what came of it (C-100)."""

    number: Mapped[Number]
    case_id: Mapped[CaseId | None]
    kind: Mapped[ActionKind]
    cause: Mapped[LongText]
    action: Mapped[LongText]
    department: Mapped[ExecutingDepartment]
    discipline: Mapped[Discipline | None]
    property_company: Mapped[PropertyCompanyCode | None]
    transfer_form: Mapped[CauseTransferForm]
    transfer_document: Mapped[LongText]
    due_on: Mapped[Day]
    owner: Mapped[User | None]
    accepted_at: Mapped[Moment | None]
    measures: Mapped[LongText | None]
    result: Mapped[LongText | None]
    files: Mapped[Files | None]
    done_by: Mapped[User | None]
    done_at: Mapped[Moment | None]
    times_returned: Mapped[Count]
    return_reason: Mapped[Reason | None]
    verification: Mapped[LongText | None]
    verified_by: Mapped[User | None]
    verified_at: Mapped[Moment | None]


def _concerns(actor: Actor, now: Moment) -> Any:
    return sa.true() if actor.scopes(OVERSEEING) else CorrectiveAction.department.in_([str(one) for one in actor.roles])


actions = Process(
    CorrectiveAction,
    key="action_id",
    numbered="CA",
    readers=OVERSEEING,
    listed=["number", "kind", "department", "discipline", "action", "due_on", "owner", "case_id"],
    filters=["case_id", "project_id", "kind", "department", "discipline", "property_company", "owner", "due_on"],
    search=["number", "action", "cause"],
    own=_concerns,
)
clock(
    actions,
    "action_due",
    until="due_on",
    starts=OPEN,
    stops="done",
    alarm=Alarm(
        "corrective_action_overdue",
        "C-100",
        to=lambda action: action.department,
        user=lambda action: action.owner,
        ladder=lambda action, step: head_of(action.department) if step == 1 else None,
        every=lambda action: ESCALATION,
    ),
)


@actions.create("requested", by=ASKING, emits=[CorrectiveActionRequested])
def request(
    kind: ActionKind,
    department: ExecutingDepartment,
    action: LongText,
    due_on: Day,
    transfer_form: CauseTransferForm,
    transfer_document: LongText,
    work: Work,
    case_id: CaseId | None = None,
    project_id: ProjectId | None = None,
    cause: LongText | None = None,
    discipline: Discipline | None = None,
    property_company: PropertyCompanyCode | None = None,
    owner: User | None = None,
) -> CorrectiveAction:
    """Hand a cause to a department, by minutes or a work contact letter, with a date until when (C-55, C-100)."""
    case = work.get(Case, case_id, field="case_id") if case_id is not None else None
    _check(work, department, discipline, property_company, due_on)
    known = cause or (case.cause if case is not None else None)
    if not known:
        raise ValidationFailed.of("cause", "required")
    asked = CorrectiveAction(
        case_id=case_id,
        kind=kind,
        cause=known,
        action=action,
        department=department,
        discipline=discipline,
        property_company=property_company,
        transfer_form=transfer_form,
        transfer_document=transfer_document,
        due_on=due_on,
        owner=owner,
        times_returned=0,
        **_place(work, case, project_id),
    )
    work.begin_life(actions, asked, "requested")
    _give(work, asked)
    return asked


def _check(work: Work, department: str, discipline: str | None, property_company: str | None, due_on: Day) -> None:
    if due_on < work.today:
        raise ValidationFailed.of("due_on", "in_the_past")
    if department == ExecutingDepartment.DISCIPLINE and discipline is None:
        raise ValidationFailed.of("discipline", "required")
    if department == ExecutingDepartment.PROPERTY_COMPANY and property_company is None:
        raise ValidationFailed.of("property_company", "required")


def _place(work: Work, case: Case | None, project_id: str | None) -> dict[str, str | None]:
    if case is not None:
        if project_id not in (None, case.project_id):
            raise ValidationFailed.of("project_id", "foreign_case", number=case.number)
        return {"project_id": case.project_id, "company_id": case.company_id}
    return place_of(work, None, project_id)


def _give(work: Work, action: CorrectiveAction) -> None:
    due_at = end_of(action.due_on)
    work.task("corrective_action", action, role=str(action.department), assignee=action.owner, due_at=due_at)


@actions.move("requested", "accepted", by=DEPARTMENTS, guard=of_department)
def accept(action: CorrectiveAction, work: Work, owner: User | None = None) -> None:
    """The department takes it on and names who answers for it; otherwise that is who accepts (C-100)."""
    action.owner, action.accepted_at = owner or action.owner or work.actor.user, work.now


@actions.move("accepted", "in_progress", by=DEPARTMENTS, guard=of_department)
def begin(action: CorrectiveAction, measures: LongText | None = None) -> None:
    """Work on it begins, perhaps with what exactly will be done (C-100)."""
    action.measures = measures


@actions.move("in_progress", "done", by=DEPARTMENTS, guard=of_department)
def finish(action: CorrectiveAction, result: LongText, work: Work, files: Files | None = None) -> None:
    """The department says what it did; who asked for it verifies that (C-100)."""
    _done(work, action, work.actor.user, result, files)


def _of_a_company(action: CorrectiveAction, work: Work) -> Obstacle | None:
    return None if action.property_company is not None else Obstacle("not_yours")


@actions.move(OPEN, "done", by=[Role.SYSTEM, Role.COMPLAINT_HANDLER], guard=_of_a_company)
def hear_result(action: CorrectiveAction, result: LongText, work: Work, files: Files | None = None) -> None:
    """The property company says what it did, whatever of its way it has told before (C-100)."""
    _done(work, action, f"company:{action.property_company}", result, files)


def _done(work: Work, action: CorrectiveAction, by: str, result: str, files: list[str] | None) -> None:
    action.result, action.files, action.done_by, action.done_at = result, files, by, work.now
    work.end_tasks(action, "done", subject="corrective_action")
    work.task("verify_corrective_action", action, role=Role.COMPLAINT_HANDLER, assignee=action.created_by)


def _by_another(action: CorrectiveAction, work: Work) -> Obstacle | None:
    return Obstacle("own_submission") if work.actor.user == action.done_by else None


@actions.move("done", "verified", by=ASKING, emits=[CorrectiveActionVerified], guard=_by_another)
def verify(action: CorrectiveAction, verification: LongText, work: Work) -> None:
    """Look at the result: the cause is removed (C-100). Nobody verifies what they did themselves."""
    action.verification, action.verified_by, action.verified_at = verification, work.actor.user, work.now
    work.end_tasks(action, "done", subject="verify_corrective_action")


@actions.move("done", "returned", by=ASKING, emits=[CorrectiveActionRequested], guard=_by_another)
def send_back(action: CorrectiveAction, return_reason: Reason, due_on: Day, work: Work) -> None:
    """The cause is not removed: back to the department, with the reason and another date (C-100)."""
    _check(work, action.department, action.discipline, action.property_company, due_on)
    action.return_reason, action.due_on = return_reason, due_on
    action.times_returned += 1
    work.end_tasks(action, "done", subject="verify_corrective_action")
    _give(work, action)


@actions.move("returned", "in_progress", by=DEPARTMENTS, guard=of_department)
def resume(action: CorrectiveAction, measures: LongText | None = None) -> None:
    """The department goes on with what was returned, perhaps in another way (C-100)."""
    action.measures = measures or action.measures


@actions.move(("requested", "returned"), "requested", by=ASKING, emits=[CorrectiveActionRequested])
def redirect(
    action: CorrectiveAction,
    department: ExecutingDepartment,
    due_on: Day,
    reason: Reason,
    work: Work,
    discipline: Discipline | None = None,
    property_company: PropertyCompanyCode | None = None,
    owner: User | None = None,
) -> None:
    """Another department can remove the cause: it gets the action instead (C-100)."""
    _check(work, department, discipline, property_company, due_on)
    work.end_tasks(action, "done", subject="corrective_action")
    action.department, action.discipline, action.property_company = department, discipline, property_company
    action.due_on, action.owner, action.accepted_at = due_on, owner, None
    clocks.restart(work, actions, action, "action_due")
    _give(work, action)


@actions.change(OPEN, by=[Role.SYSTEM])
def move_to_department(action: CorrectiveAction, department: ExecutingDepartment) -> None:
    """The project's sales are closed: what the project department had to do is the following department's (X-41)."""
    action.department = department


@actions.reacts(CorrectiveActionReported)
def on_corrective_action_reported(event: CorrectiveActionReported, work: Work) -> None:
    """A property company has corrected something; late and repeated reports change nothing (C-100)."""
    action = work.get(CorrectiveAction, event.action_id, lock=True)
    if action.state in OPEN and action.property_company is not None:
        work.perform(hear_result, action, result=event.result, files=event.files)


@actions.reacts(ProjectSalesClosed)
def on_project_sales_closed(event: ProjectSalesClosed, work: Work) -> None:
    """The open actions of the project department move with the project (X-41)."""
    before = CorrectiveAction.department == COMPETENT_DEPARTMENT.before
    following = ExecutingDepartment(COMPETENT_DEPARTMENT.after.value)
    here = CorrectiveAction.project_id == event.project_id, CorrectiveAction.state.in_(OPEN)
    for action in work.all(CorrectiveAction, before, *here):
        work.perform(move_to_department, action, department=following)
