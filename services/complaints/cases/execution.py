"""What was agreed is done, checked and told; its cause is handed to who can remove it (C-51 to C-56)."""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.cases.actions import request
from services.complaints.cases.appeals import waiting_of
from services.complaints.cases.case import HANDLING, SUPERVISING, Case, cases
from services.complaints.cases.compensation import unpaid
from services.complaints.cases.lessons import demand_lesson
from services.complaints.cases.levels import calm, listen, rejected_by_customer
from services.complaints.cases.repairs import unfinished
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import (
    ComplaintClosed,
    ComplaintFedBack,
    ComplaintRepairRequested,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Day,
    Discipline,
    ExecutingDepartment,
    LongText,
    Moment,
    PropertyCompanyCode,
    Rating,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.complaints import CaseOutcome, CauseTransferForm
from services.contracts.vocabulary.lessons import ActionKind


@cases.move("agreed", "executing", by=HANDLING)
def execute(
    case: Case,
    executor: User,
    work: Work,
    execute_by: Moment | None = None,
    steps: list[ShortText] | None = None,
) -> None:
    """Have a named person carry out exactly the agreed plan; its repair part goes to maintenance (C-51)."""
    if execute_by is not None and execute_by <= work.now:
        raise ValidationFailed.of("execute_by", "in_the_past")
    case.executor, case.execute_by = executor, execute_by
    for step in steps or ["execute_plan"]:
        work.task(step, case, role=Role.COMPLAINT_HANDLER, assignee=executor, due_at=execute_by)
    if case.repair_part:
        _request_repair(work, case, case.repair_part)


def _request_repair(work: Work, case: Case, description: str) -> None:
    request = f"{case.number}/{len(case.repairs_asked) + 1}"
    case.repairs_asked = [*case.repairs_asked, request]
    work.emit(ComplaintRepairRequested, case, description=description, due_at=case.execute_by, request=request)


def _carried_out(case: Case, work: Work) -> Obstacle | None:
    """What was agreed is not done while a repair or a payment of it is open, whenever that was begun (C-52, C-64)."""
    if waiting := unfinished(work, case):
        return Obstacle("repair_open", {"numbers": ", ".join(waiting)})
    if owed := unpaid(work, case.id):
        return Obstacle("compensation_open", {"numbers": ", ".join(one.number for one in owed)})
    return None


@cases.move("executing", "checked", by=HANDLING, guard=_carried_out)
def check(case: Case, result: LongText, check_note: LongText) -> None:
    """Write down the result and check it, when every repair is done and every compensation paid (C-52, C-64)."""
    case.result, case.check_note = result, check_note


@cases.move("checked", "fed_back", by=HANDLING, emits=[ComplaintFedBack])
def feed_back(case: Case, told: LongText, opinion: LongText, work: Work) -> None:
    """Tell the customer the result and hear what else they say (C-53)."""
    case.told, case.opinion, case.fed_back_at = told, opinion, work.now
    listen(work, case, opinion)


@cases.move("fed_back", "executing", by=HANDLING)
def resume_execution(case: Case, opinion: LongText, work: Work, repair_part: LongText | None = None) -> None:
    """The customer is not satisfied with what was done: it is done again, with another repair if need be (C-54)."""
    if repair_part and case.home_id is None:
        raise ValidationFailed.of("repair_part", "home_needed")
    case.opinion = opinion
    rejected_by_customer(work, case)
    listen(work, case, opinion)
    if repair_part:
        _request_repair(work, case, repair_part)


@cases.move("fed_back", "investigating", by=HANDLING)
def resume_investigation(case: Case, opinion: LongText, work: Work) -> None:
    """The customer is not satisfied and the cause is in doubt: it is investigated again (C-54)."""
    case.opinion = opinion
    rejected_by_customer(work, case)
    listen(work, case, opinion)


@cases.move("fed_back", "cause_transferred", by=HANDLING)
def transfer_cause(
    case: Case,
    transfer_form: CauseTransferForm,
    transfer_document: LongText,
    departments: list[ExecutingDepartment],
    work: Work,
    corrective_action: LongText | None = None,
    action_kind: ActionKind = ActionKind.CORRECTIVE,
    due_on: Day | None = None,
    disciplines: list[Discipline] | None = None,
    property_company: PropertyCompanyCode | None = None,
    no_action_reason: Reason | None = None,
) -> None:
    """Hand the cause to the departments: an action for each of them, or the reason why there is none (C-55).

    What one department has to do otherwise than the others is asked for by itself, `actions.request`.
    """
    if not departments:
        raise ValidationFailed.of("departments", "required")
    if bool(corrective_action) == bool(no_action_reason):
        raise ValidationFailed.of("corrective_action", "action_or_reason")
    case.transfer_form, case.transfer_document, case.departments = transfer_form, transfer_document, departments
    case.corrective_action, case.no_action_reason = corrective_action, no_action_reason
    if not corrective_action:
        return
    if due_on is None:
        raise ValidationFailed.of("due_on", "required")
    if ExecutingDepartment.DISCIPLINE in departments and not disciplines:
        raise ValidationFailed.of("disciplines", "required")
    for department in dict.fromkeys(departments):
        of_disciplines = disciplines or [] if department == ExecutingDepartment.DISCIPLINE else [None]
        for discipline in dict.fromkeys(of_disciplines):
            work.perform(
                request,
                kind=action_kind,
                department=department,
                discipline=discipline,
                property_company=property_company if department == ExecutingDepartment.PROPERTY_COMPANY else None,
                action=corrective_action,
                due_on=due_on,
                transfer_form=transfer_form,
                transfer_document=transfer_document,
                case_id=case.id,
                cause=case.cause or case.description,
            )


def _by_a_person(case: Case, work: Work) -> Obstacle | None:
    """The agent that answers customers never closes a complaint, whatever else it may do (X-21)."""
    return Obstacle("person_needed") if Role.AI_AGENT in work.actor.roles else None


def _may_close(case: Case, work: Work) -> Obstacle | None:
    """A case stays open while the group centre mediates (C-90), and until all that was agreed is done (C-51)."""
    if (problem := _by_a_person(case, work) or _carried_out(case, work)) is not None:
        return problem
    appeal = waiting_of(work, case)
    return Obstacle("appeal_waiting", {"number": appeal.number}) if appeal is not None else None


@cases.move("cause_transferred", "closed", by=SUPERVISING, emits=[ComplaintClosed], guard=_may_close)
def close(
    case: Case,
    outcome: CaseOutcome,
    closing_note: LongText,
    work: Work,
    satisfaction: Rating | None = None,
    accepting_party: ShortText | None = None,
) -> None:
    """Close the case; it is "not ours" only if somebody else is named who takes it on (C-56, C-62).

    Its actions need not be verified: a prevention takes months, and has a date and alerts of its own (C-100).
    """
    if outcome == CaseOutcome.NOT_OURS and not accepting_party:
        raise ValidationFailed.of("accepting_party", "required")
    case.outcome, case.closing_note, case.satisfaction = outcome, closing_note, satisfaction
    case.accepting_party, case.closed_at = accepting_party, work.now
    calm(work, case)
    demand_lesson(work, case)
