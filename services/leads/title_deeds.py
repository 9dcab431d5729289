"""The title deed of each home: agency, deed, mortgage and the release of the company's guarantee (L-126 to L-128)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import clocks
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.registers import Register, corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import MortgageGuaranteeReleased, TitleDeedIssued, TitleDeedOverdue
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import (
    ContractId,
    CustomerUid,
    Day,
    HomeId,
    LongText,
    Moment,
    Number,
    PersonName,
    ShortText,
    SourceRef,
    Title,
    TitleDeedCaseId,
)
from services.leads.contracts import Contract
from services.leads.homes import Home
from services.leads.readers import HANDOVER_READERS

CHASE_PERIOD = Parameter("title_deed.chase_period", 14, "days", "L-128")
ESCALATION = Parameter("title_deed.escalation", 24, "h", "L-127")
PARAMETERS = [CHASE_PERIOD, ESCALATION]
DESK = [COMPETENT_DEPARTMENT]
WITH_AGENCY = ("entrusted", "in_process", "overdue")


class TitleDeedCase(Record):
    """The file of one home's title deed (L-127)."""

    __table_args__ = (sa.UniqueConstraint("home_id", "contract_id"),)

    number: Mapped[Number]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    contract_id: Mapped[ContractId]
    is_mortgaged: Mapped[bool]
    agency: Mapped[Title | None]
    agreement: Mapped[SourceRef | None]
    agreement_signed_on: Mapped[Day | None]
    due_on: Mapped[Day | None]
    agency_status: Mapped[ShortText | None]
    reported_on: Mapped[Day | None]
    chased_at: Mapped[Moment | None]
    deed_number: Mapped[ShortText | None]
    issued_on: Mapped[Day | None]
    registration_number: Mapped[ShortText | None]
    release_request: Mapped[SourceRef | None]
    released_on: Mapped[Day | None]
    archive_ref: Mapped[SourceRef | None]


cases = Process(
    TitleDeedCase,
    numbered="TD",
    readers=HANDOVER_READERS,
    listed=["number", "home_id", "uid", "agency", "due_on", "is_mortgaged", "deed_number", "issued_on"],
    filters=["project_id", "home_id", "uid", "contract_id", "agency", "due_on", "is_mortgaged", "issued_on"],
    search=["number", "home_id", "deed_number", "agency"],
)


class TitleDeedChase(Register):
    """One entry of the chase log with the agency (L-128)."""

    title_deed_case_id: Mapped[TitleDeedCaseId]
    chased_at: Mapped[Moment]
    person: Mapped[PersonName]
    content: Mapped[LongText]
    promised_on: Mapped[Day | None]


chases = Process(
    TitleDeedChase,
    readers=HANDOVER_READERS,
    title="content",
    listed=["chased_at", "title_deed_case_id", "person", "content", "promised_on"],
    filters=["project_id", "title_deed_case_id", "chased_at", "promised_on"],
)


@cases.create("not_started", by=DESK)
def start(contract_id: ContractId, work: Work) -> TitleDeedCase:
    """Open the file of a home that was sold; the handover does it where nobody has (L-127)."""
    contract = work.get(Contract, contract_id, field="contract_id")
    if _of(work, contract_id) is not None:
        raise ValidationFailed.of("contract_id", "taken")
    home = work.get(Home, contract.home_id)
    return TitleDeedCase(
        home_id=contract.home_id,
        uid=contract.uid,
        contract_id=contract_id,
        is_mortgaged=contract.is_mortgaged,
        project_id=home.project_id,
        company_id=home.company_id,
    )


@cases.move("not_started", "entrusted", by=DESK)
def entrust(
    case: TitleDeedCase, agency: Title, agreement: SourceRef, agreement_signed_on: Day, due_on: Day, work: Work
) -> None:
    """Give the file to an agency under a signed agreement, with its date (L-126, L-127)."""
    if agreement_signed_on > work.today:
        raise ValidationFailed.of("agreement_signed_on", "in_the_future")
    if due_on <= agreement_signed_on:
        raise ValidationFailed.of("due_on", "range_order")
    case.agency, case.agreement, case.agreement_signed_on = agency, agreement, agreement_signed_on
    case.due_on = due_on


@cases.move("entrusted", "in_process", by=DESK)
def begin(case: TitleDeedCase, agency_status: ShortText, reported_on: Day) -> None:
    """The agency reports that the deed is being processed (L-127)."""
    case.agency_status, case.reported_on = agency_status, reported_on


@cases.change(("in_process", "overdue"), by=DESK)
def note_report(case: TitleDeedCase, agency_status: ShortText, reported_on: Day) -> None:
    """A further report of the agency (L-127)."""
    case.agency_status, case.reported_on = agency_status, reported_on


@cases.change(WITH_AGENCY, by=DESK)
def chase(
    case: TitleDeedCase, person: PersonName, content: LongText, work: Work, promised_on: Day | None = None
) -> None:
    """Ask the agency again: an entry of the chase log; the next one is due after the same period (L-128)."""
    work.perform(log, title_deed_case_id=case.id, person=person, content=content, promised_on=promised_on)
    case.chased_at = work.now
    clocks.restart(work, cases, case, "chase")


@chases.create("logged", by=[Role.SYSTEM])
def log(
    title_deed_case_id: TitleDeedCaseId,
    person: PersonName,
    content: LongText,
    work: Work,
    promised_on: Day | None = None,
) -> TitleDeedChase:
    """Write down whom of the agency somebody asked, what was said, and the promised date (L-128); by `chase`."""
    case = work.get(TitleDeedCase, title_deed_case_id, field="title_deed_case_id")
    return TitleDeedChase(
        title_deed_case_id=case.id,
        chased_at=work.now,
        person=person,
        content=content,
        promised_on=promised_on,
        project_id=case.project_id,
        company_id=case.company_id,
    )


corrections(chases, by=DESK)


@cases.move("in_process", "overdue", by=[Role.SYSTEM], emits=[TitleDeedOverdue])
def fall_overdue(case: TitleDeedCase) -> None:
    """The agency's date has passed; it is chased under the agreement (L-127)."""


@cases.move(("in_process", "overdue"), "issued", by=DESK, emits=[TitleDeedIssued])
def issue(case: TitleDeedCase, deed_number: ShortText, issued_on: Day, work: Work) -> None:
    """The deed is there (L-127)."""
    if issued_on > work.today:
        raise ValidationFailed.of("issued_on", "in_the_future")
    case.deed_number, case.issued_on = deed_number, issued_on


def _only_mortgaged(case: TitleDeedCase, work: Work) -> Obstacle | None:
    return None if case.is_mortgaged else Obstacle("not_mortgaged")


@cases.move("issued", "mortgage_registered", by=DESK, guard=_only_mortgaged)
def register_mortgage(case: TitleDeedCase, registration_number: ShortText) -> None:
    """The bank's mortgage is registered on the deed; only for a mortgaged home (L-127)."""
    case.registration_number = registration_number


@cases.move("mortgage_registered", "guarantee_release_requested", by=DESK)
def request_release(case: TitleDeedCase, release_request: SourceRef) -> None:
    """Ask finance to withdraw the company's guarantee: deed and registration both exist (L-127)."""
    case.release_request = release_request


@cases.move("guarantee_release_requested", "guarantee_released", by=[Role.FINANCE], emits=[MortgageGuaranteeReleased])
def release_guarantee(case: TitleDeedCase, released_on: Day, work: Work) -> None:
    """Finance has withdrawn the guarantee; only this ends the company's exposure (L-127, L-131)."""
    if released_on > work.today:
        raise ValidationFailed.of("released_on", "in_the_future")
    case.released_on = released_on


def _no_open_mortgage(case: TitleDeedCase, work: Work) -> Obstacle | None:
    return Obstacle("mortgage_open") if case.state == "issued" and case.is_mortgaged else None


@cases.move(("issued", "guarantee_released"), "filed", by=DESK, guard=_no_open_mortgage)
def file(case: TitleDeedCase, archive_ref: SourceRef) -> None:
    """Put the deed into the archive (L-127)."""
    case.archive_ref = archive_ref


clock(
    cases,
    "agency_date",
    until="due_on",
    due_as="due_at",
    starts="in_process",
    stops="issued",
    then=fall_overdue,
    alarm=Alarm(
        "title_deed_overdue",
        "L-127",
        to=lambda case: COMPETENT_DEPARTMENT,
        ladder=lambda case, step: Role.COMPANY_MANAGER if step == 1 else None,
        every=lambda case: ESCALATION,
    ),
)
clock(
    cases,
    "chase",
    limit=CHASE_PERIOD,
    starts=("entrusted", "in_process"),
    stops="issued",
    alarm=Alarm(
        "title_deed_not_chased",
        "L-128",
        to=lambda case: COMPETENT_DEPARTMENT,
        ladder=lambda case, step: Role.COMPANY_MANAGER if step == 1 else None,
        every=lambda case: ESCALATION,
    ),
)


def open_for(work: Work, contract: Contract) -> None:
    """Open the file of this contract, unless it was opened before (L-117, L-127)."""
    if _of(work, contract.id) is None:
        work.perform(start, contract_id=contract.id)


def _of(work: Work, contract_id: str) -> TitleDeedCase | None:
    return work.first(TitleDeedCase, TitleDeedCase.contract_id == contract_id)
