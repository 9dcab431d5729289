"""Why it happened and who is responsible (C-42, C-43)."""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, SUPERVISING, Case, cases
from services.complaints.cases.evidence import collect
from services.complaints.cases.levels import listen
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintAnalysed, ComplaintInformationRequested
from services.contracts.events.property import ComplaintInformationSupplied
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Day,
    Files,
    LongText,
    Moment,
    Percent,
    PersonName,
    PropertyCompanyCode,
    ShortText,
    User,
)
from services.contracts.vocabulary.complaints import CaseKind, ResponsibleParty
from services.contracts.vocabulary.lessons import CaseTopic

INVESTIGATING = [Role.COMPLAINT_HANDLER, Role.COMPLAINT_SUPERVISOR, Role.PROJECT_DEPARTMENT, Role.CUSTOMER_AFFAIRS]


@cases.move("responded", "investigating", by=HANDLING)
def investigate(case: Case, investigator: User, work: Work) -> None:
    """Name the person who finds out what happened (C-42)."""
    case.investigator = investigator
    work.task("investigate_case", case, role=Role.COMPLAINT_HANDLER, assignee=investigator)


@cases.change("investigating", by=[*HANDLING, *SUPERVISING])
def change_investigator(case: Case, investigator: User, work: Work) -> None:
    """Name somebody else to find out what happened (C-42)."""
    investigate(case, investigator, work)


@cases.change("investigating", by=HANDLING)
def ask_company(
    case: Case, question_to: PropertyCompanyCode, question: LongText, question_due_at: Moment, work: Work
) -> None:
    """Ask the property company for information, until a time (C-42)."""
    if question_due_at <= work.now:
        raise ValidationFailed.of("question_due_at", "in_the_past")
    case.question_to, case.question, case.question_due_at = question_to, question, question_due_at
    case.company_answer = None
    work.emit(ComplaintInformationRequested, case, property_company=question_to, due_at=question_due_at)


@cases.change("investigating", by=HANDLING)
def record_answer(case: Case, company_answer: LongText, work: Work) -> None:
    """Note what the property company answered (C-42)."""
    if case.question is None:
        raise ValidationFailed.of("company_answer", "nothing_asked")
    case.company_answer = company_answer
    listen(work, case, company_answer)


@cases.change(OPEN, by=[Role.SYSTEM])
def hear_answer(case: Case, company_answer: LongText, work: Work, files: Files | None = None) -> None:
    """The property company has answered through the gateway; its files are evidence (C-42)."""
    case.company_answer = company_answer
    collect(case, files)
    work.task("company_answered", case, role=Role.COMPLAINT_HANDLER, assignee=case.investigator)
    listen(work, case, company_answer)


@cases.reacts(ComplaintInformationSupplied)
def on_complaint_information_supplied(event: ComplaintInformationSupplied, work: Work) -> None:
    """Add the answer to the investigation; after the end of the case it is too late for it (C-42)."""
    case = work.get(Case, event.case_id, lock=True)
    if case.state in OPEN:
        work.perform(hear_answer, case, company_answer=event.answer, files=event.files)


def _the_investigator(case: Case, work: Work) -> Obstacle | None:
    return None if work.actor.user == case.investigator else Obstacle("not_yours", {"investigator": case.investigator})


@cases.move("investigating", "analysed", by=INVESTIGATING, emits=[ComplaintAnalysed], guard=_the_investigator)
def analyse(
    case: Case,
    cause: LongText,
    responsible_party: ResponsibleParty,
    developer_share: Percent | None = None,
    responsibility_note: LongText | None = None,
    topic: CaseTopic | None = None,
    supplier: ShortText | None = None,
) -> None:
    """The investigator names cause, responsibility and how it is shared (C-43), and topic and supplier (C-101)."""
    case.cause, case.responsible_party = cause, responsible_party
    case.developer_share, case.responsibility_note = developer_share, responsibility_note
    case.topic, case.supplier = topic, supplier


def _only_dispute(case: Case, work: Work) -> Obstacle | None:
    return None if case.kind == CaseKind.DISPUTE else Obstacle("disputes_only")


@cases.change(OPEN, by=[*HANDLING, *SUPERVISING], guard=_only_dispute)
def record_mediation(case: Case, held_on: Day, mediator: PersonName, mediation_result: LongText, work: Work) -> None:
    """Note an attempt at mediation in a dispute (C-60)."""
    if held_on > work.today:
        raise ValidationFailed.of("held_on", "in_the_future")
    attempt = {"on": to_wire(held_on), "mediator": mediator, "result": mediation_result, "by": work.actor.user}
    case.mediation_attempts = [*case.mediation_attempts, attempt]


@cases.change(OPEN, by=[*HANDLING, *SUPERVISING], guard=_only_dispute)
def change_dispute(
    case: Case, counterpart: PersonName, legal_basis: LongText | None = None, lawyer: PersonName | None = None
) -> None:
    """Bring the counterpart, the legal basis and the lawyer of a dispute up to date (C-60)."""
    case.counterpart, case.legal_basis, case.lawyer = counterpart, legal_basis, lawyer
