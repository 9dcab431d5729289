"""What property companies tell of complaints, passed on to the complaints service (C-01, C-42, X-403)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import Forbidden, NotFound, ValidationFailed
from services.contracts.events.complaints import ComplaintInformationRequested
from services.contracts.events.property import ComplaintForwarded, ComplaintInformationSupplied
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    CustomerUid,
    Files,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
    PropertyCompanyCode,
    ShortText,
    SourceRef,
)
from services.contracts.vocabulary.complaints import CaseCategory, Channel
from services.maintenance.companies import READERS, engaged, responsible_for

HERE = [*READERS, Role.PROPERTY_COMPANY]


class ForwardedComplaint(Record):
    """One complaint that a resident brought to the property company; the case is the complaints service's (C-01)."""

    __table_args__ = (sa.Index("uq_forwarded_source", "property_company", "source_ref", unique=True),)

    number: Mapped[Number]
    property_company: Mapped[PropertyCompanyCode]
    source_ref: Mapped[SourceRef]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId]
    category: Mapped[CaseCategory | None]
    channel: Mapped[Channel]
    description: Mapped[LongText]
    photos: Mapped[Files | None]
    received_at: Mapped[Moment]

    @property
    def company_code(self) -> str:
        """The name of the sender in its own messages."""
        return self.property_company


forwarded_complaints = Process(
    ForwardedComplaint,
    numbered="FC",
    readers=HERE,
    listed=["number", "property_company", "source_ref", "home_id", "category", "description", "received_at"],
    filters=["property_company", "project_id", "home_id", "uid", "category", "received_at"],
    search=["number", "source_ref", "description"],
)


@forwarded_complaints.create("forwarded", by=[Role.PROPERTY_COMPANY], on=ComplaintForwarded, emits=[ComplaintForwarded])
def forward(
    source_ref: SourceRef,
    home_id: HomeId,
    channel: Channel,
    description: LongText,
    received_at: Moment,
    work: Work,
    uid: CustomerUid | None = None,
    category: CaseCategory | None = None,
    photos: Files | None = None,
) -> ForwardedComplaint:
    """Pass a complaint on: it is handled as one made to us, from when the company received it (C-01, C-05)."""
    home = work.need_replica("leads/home", home_id, field="home_id")
    customer = uid or home.get("owner_uid")
    if customer is None:
        raise ValidationFailed.of("uid", "required")
    work.need_replica("leads/customer", customer, field="uid")
    if received_at > work.now:
        raise ValidationFailed.of("received_at", "in_the_future")
    company = _sender(work, home["project_id"])
    if forwarded_before(work, company, source_ref) is not None:
        raise ValidationFailed.of("source_ref", "taken")
    return ForwardedComplaint(
        property_company=company,
        source_ref=source_ref,
        uid=customer,
        home_id=home_id,
        category=category,
        channel=channel,
        description=description,
        photos=photos,
        received_at=received_at,
        project_id=home["project_id"],
        company_id=home["company_id"],
    )


def _sender(work: Work, project_id: str) -> str:
    """The company whose message it is, or that the person at its desk works for."""
    sender, _, code = work.actor.user.partition(":")
    if sender == "company" and code:
        return code
    engaged_there = responsible_for(work, project_id)
    if not engaged_there:
        raise ValidationFailed.of("home_id", "foreign_project")
    return engaged_there[0]


def forwarded_before(work: Work, company: str, source_ref: str) -> ForwardedComplaint | None:
    """The complaint that this company's own number already stands for."""
    mine = ForwardedComplaint.property_company == company, ForwardedComplaint.source_ref == source_ref
    return work.first(ForwardedComplaint, *mine)


class CompanyQuestion(Record):
    """What an investigator asks a property company about a case; its id is the case's (C-42)."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    property_company: Mapped[PropertyCompanyCode]
    home_id: Mapped[HomeId | None]
    question: Mapped[LongText]
    due_at: Mapped[Moment]
    answer: Mapped[LongText | None]
    files: Mapped[Files | None]
    answered_at: Mapped[Moment | None]


company_questions = Process(
    CompanyQuestion,
    key="case_id",
    readers=HERE,
    listed=["number", "property_company", "question", "due_at", "answered_at"],
    filters=["property_company", "project_id", "case_id"],
    search=["number", "question"],
)


@company_questions.create("asked", by=[Role.SYSTEM])
def ask(
    case_id: CaseId,
    number: ShortText,
    property_company: PropertyCompanyCode,
    question: LongText,
    due_at: Moment,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
) -> CompanyQuestion:
    """The first question about a case (C-42)."""
    place = work.replica("leads/home", home_id) or work.replica("leads/project", project_id) or {}
    return CompanyQuestion(
        id=case_id,
        case_id=case_id,
        number=number,
        property_company=property_company,
        home_id=home_id,
        question=question,
        due_at=due_at,
        project_id=place.get("project_id") or project_id,
        company_id=place.get("company_id"),
    )


@company_questions.move(("asked", "answered"), "asked", by=[Role.SYSTEM])
def ask_again(
    asked: CompanyQuestion, property_company: PropertyCompanyCode, question: LongText, due_at: Moment
) -> None:
    """Another question about the same case, perhaps to another company (C-42)."""
    asked.property_company, asked.question, asked.due_at = property_company, question, due_at
    asked.answer, asked.files, asked.answered_at = None, None, None


@company_questions.move(
    ("asked", "answered"),
    "answered",
    by=[Role.PROPERTY_COMPANY, Role.MAINTENANCE_DESK],
    on=ComplaintInformationSupplied,
    emits=[ComplaintInformationSupplied],
)
def supply(asked: CompanyQuestion, answer: LongText, work: Work, files: Files | None = None) -> None:
    """The company answers, or adds to its answer; the investigation has it at once (C-42)."""
    asked.answer, asked.files, asked.answered_at = answer, files, work.now


@company_questions.reacts(ComplaintInformationRequested)
def on_complaint_information_requested(event: ComplaintInformationRequested, work: Work) -> None:
    """Keep what was asked, so that only the company that was asked can answer (C-42)."""
    known = work.session.get(CompanyQuestion, event.case_id, with_for_update=True)
    again = {name: getattr(event, name) for name in ("property_company", "question", "due_at")}
    if known is not None:
        work.perform(ask_again, known, **again)
    else:
        once = {name: getattr(event, name) for name in ("case_id", "number", "home_id", "project_id")}
        work.perform(ask, **once, **again)


def own_question(work: Work, code: str, case_id: str) -> CompanyQuestion:
    """The question, if it was put to this company; by the case's id or its register number."""
    asked = work.session.get(CompanyQuestion, case_id, with_for_update=True) or work.first(
        CompanyQuestion, CompanyQuestion.number == case_id
    )
    if asked is None:
        raise NotFound(code="unknown_question", field="case_id", id=case_id[:60])
    if asked.property_company != code or engaged(work, code, asked.project_id) is None:
        raise Forbidden(code="foreign_question", field="case_id")
    return asked
