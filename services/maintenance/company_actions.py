"""What complaints asks a property company to correct or prevent, passed on to it and back (C-100, X-403)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.assigning import Elsewhere
from services.chassis.moves import To
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import Forbidden, NotFound
from services.contracts.events.complaints import CorrectiveActionRequested, CorrectiveActionVerified
from services.contracts.events.property import CorrectiveActionReported
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ActionId,
    CaseId,
    Day,
    ExecutingDepartment,
    Files,
    LongText,
    Moment,
    Number,
    ProjectId,
    PropertyCompanyCode,
    Reason,
    ShortText,
)
from services.contracts.vocabulary.lessons import ActionKind
from services.maintenance.companies import READERS, engaged

ASKED = ("asked", "reported", "withdrawn")


class CompanyAction(Record):
    """One action that a property company has to execute. Its id is the action's; complaints keeps its due date."""

    number: Mapped[Number]
    action_id: Mapped[ActionId]
    property_company: Mapped[PropertyCompanyCode]
    case_id: Mapped[CaseId | None]
    kind: Mapped[ActionKind]
    cause: Mapped[LongText]
    action: Mapped[LongText]
    due_on: Mapped[Day]
    return_reason: Mapped[Reason | None]
    result: Mapped[LongText | None]
    files: Mapped[Files | None]
    reported_at: Mapped[Moment | None]


company_actions = Process(
    CompanyAction,
    key="action_id",
    readers=[*READERS, Role.PROPERTY_COMPANY],
    listed=["number", "property_company", "kind", "action", "due_on", "reported_at"],
    filters=["property_company", "project_id", "case_id", "kind", "due_on"],
    search=["number", "action"],
)
TOLD = To(CorrectiveActionRequested, "property_company")


@company_actions.create("asked", by=[Role.SYSTEM], emits=[TOLD])
def ask(
    action_id: ActionId,
    number: ShortText,
    property_company: PropertyCompanyCode,
    kind: ActionKind,
    cause: LongText,
    action: LongText,
    due_on: Day,
    work: Work,
    department: ExecutingDepartment,
    case_id: CaseId | None = None,
    return_reason: Reason | None = None,
    project_id: ProjectId | None = None,
) -> CompanyAction:
    """Pass an action on to the company; what it looks after there gets a special inspection (C-100)."""
    project = work.need_replica("leads/project", project_id or "", field="project_id")
    asked = CompanyAction(
        id=action_id,
        number=number,
        action_id=action_id,
        property_company=property_company,
        case_id=case_id,
        kind=kind,
        cause=cause,
        action=action,
        due_on=due_on,
        return_reason=return_reason,
        project_id=project_id,
        company_id=project["company_id"],
    )
    work.begin_life(company_actions, asked, "asked")
    work.task("special_inspection", asked, role=Role.MAINTENANCE_LEAD)
    return asked


@company_actions.move(ASKED, "asked", by=[Role.SYSTEM], emits=[TOLD])
def ask_again(
    asked: CompanyAction,
    property_company: PropertyCompanyCode,
    due_on: Day,
    department: ExecutingDepartment,
    return_reason: Reason | None = None,
) -> None:
    """The result was not accepted, or another company has to do it (C-100)."""
    asked.property_company, asked.due_on, asked.return_reason = property_company, due_on, return_reason


@company_actions.move(
    "asked",
    "reported",
    by=[Role.PROPERTY_COMPANY, Role.MAINTENANCE_DESK],
    on=CorrectiveActionReported,
    emits=[CorrectiveActionReported],
)
def report(asked: CompanyAction, result: LongText, work: Work, files: Files | None = None) -> None:
    """The company says what it did; complaints verifies it (C-100)."""
    asked.result, asked.files, asked.reported_at = result, files, work.now


@company_actions.move(ASKED, "verified", by=[Role.SYSTEM])
def verify(asked: CompanyAction) -> None:
    """Who asked for the action has looked at its result (C-100)."""


@company_actions.move(("asked", "reported"), "withdrawn", by=[Role.SYSTEM])
def withdraw(asked: CompanyAction) -> None:
    """Another department got the action instead (C-100)."""


@company_actions.reacts(CorrectiveActionRequested)
def on_corrective_action_requested(event: CorrectiveActionRequested, work: Work) -> None:
    """A property company's action goes to that company (C-100)."""
    known = work.session.get(CompanyAction, event.action_id, with_for_update=True)
    if event.property_company is None:
        if known is not None and known.state in ("asked", "reported"):
            work.perform(withdraw, known)
        return
    again = ("property_company", "due_on", "department", "return_reason")
    if known is not None:
        work.perform(ask_again, known, **{name: getattr(event, name) for name in again})
        return
    once = ("action_id", "number", "kind", "cause", "action", "case_id", "project_id")
    work.perform(ask, **{name: getattr(event, name) for name in (*once, *again)})


@company_actions.reacts(CorrectiveActionVerified)
def on_corrective_action_verified(event: CorrectiveActionVerified, work: Work) -> None:
    """What was learnt goes into the checklists of acceptance and inspection (C-100)."""
    known = work.session.get(CompanyAction, event.action_id, with_for_update=True)
    if known is not None and known.state in ASKED:
        work.perform(verify, known)
    project = work.replica("leads/project", event.project_id) or {}
    learnt = Elsewhere(
        "complaints/corrective_action", event.action_id, event.number, project.get("company_id"), event.project_id
    )
    work.task("refresh_checklists", learnt, role=Role.MAINTENANCE_LEAD)


def own_action(work: Work, code: str, action_id: str) -> CompanyAction:
    """The action, if it was asked of this company in a project it is engaged for; by id or by human number."""
    asked = work.session.get(CompanyAction, action_id, with_for_update=True) or work.first(
        CompanyAction, CompanyAction.number == action_id
    )
    if asked is None:
        raise NotFound(code="unknown_action", field="action_id", id=action_id[:60])
    if asked.property_company != code or engaged(work, code, asked.project_id) is None:
        raise Forbidden(code="foreign_action", field="action_id")
    return asked
