"""Property companies and what they are engaged for (M-01, M-02)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import (
    ComplaintInformationRequested,
    CrisisWarningIssued,
    GroupComplaintConfirmed,
)
from services.contracts.events.maintenance import MessageRejected, PropertyCompanyAppointed
from services.contracts.fields import Field
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import CompanyCode, Day, Phone, ProjectId, PropertyCompanyCode, Title

ContactPerson = Annotated[str, Field(max_length=80)]
READERS = [
    Role.MAINTENANCE_DESK,
    Role.MAINTENANCE_LEAD,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.AUDITOR,
    Role.COMPLAINT_HANDLER,
]


class PropertyCompany(Record):
    """A company that the developer entrusts. Its id is its code: the name of its exchange, inbox and broker user."""

    code: Mapped[CompanyCode]
    name: Mapped[Title]
    contact: Mapped[ContactPerson | None]
    phone: Mapped[Phone | None]
    contract_from: Mapped[Day]
    contract_until: Mapped[Day | None]


companies = Process(
    PropertyCompany,
    key="property_company",
    readers=READERS,
    title="name",
    search=["code", "name"],
    announces=[MessageRejected, ComplaintInformationRequested, GroupComplaintConfirmed, CrisisWarningIssued],
)


@companies.create("under_contract", by=[Role.ADMINISTRATOR, Role.MAINTENANCE_LEAD])
def register(
    code: CompanyCode,
    name: Title,
    contract_from: Day,
    work: Work,
    contract_until: Day | None = None,
    contact: ContactPerson | None = None,
    phone: Phone | None = None,
) -> PropertyCompany:
    """Register a property company and its contract (M-01)."""
    if work.session.get(PropertyCompany, code) is not None:
        raise ValidationFailed.of("code", "taken")
    if contract_until is not None and contract_until < contract_from:
        raise ValidationFailed.of("contract_until", "range_order")
    return PropertyCompany(
        id=code,
        code=code,
        name=name,
        contact=contact,
        phone=phone,
        contract_from=contract_from,
        contract_until=contract_until,
    )


@companies.change("under_contract", by=[Role.ADMINISTRATOR, Role.MAINTENANCE_LEAD])
def extend(company: PropertyCompany, contract_until: Day) -> None:
    """Change the end of the contract (M-01)."""
    if contract_until < company.contract_from:
        raise ValidationFailed.of("contract_until", "range_order")
    company.contract_until = contract_until


@companies.move("under_contract", "ended", by=[Role.ADMINISTRATOR, Role.MAINTENANCE_LEAD])
def end_contract(company: PropertyCompany, contract_until: Day) -> None:
    """End the contract on a date; from the next day its messages are refused (M-01)."""
    company.contract_until = contract_until


class Engagement(Record):
    """A property company's duty for one project (M-02)."""

    __table_args__ = (
        sa.Index(
            "uq_engagement_live",
            "property_company",
            "project_id",
            unique=True,
            sqlite_where=sa.text("state <> 'replaced'"),
            postgresql_where=sa.text("state <> 'replaced'"),
        ),
    )

    property_company: Mapped[PropertyCompanyCode]
    appointed_from: Mapped[Day]
    replaced_on: Mapped[Day | None]


engagements = Process(Engagement, readers=READERS, title="property_company", filters=["property_company", "project_id"])


@engagements.create("appointed", by=[COMPETENT_DEPARTMENT, Role.ADMINISTRATOR, Role.MAINTENANCE_LEAD])
def appoint(
    property_company: PropertyCompanyCode, project_id: ProjectId, appointed_from: Day, work: Work
) -> Engagement:
    """Entrust a project to a property company (M-02)."""
    work.get(PropertyCompany, property_company, field="property_company")
    place = place_of(work, None, project_id)
    if engaged(work, property_company, project_id) is not None:
        raise ValidationFailed.of("property_company", "taken")
    engagement = Engagement(
        property_company=property_company,
        appointed_from=appointed_from,
        **place,
    )
    work.emit_to(
        property_company,
        PropertyCompanyAppointed,
        property_company=property_company,
        project_id=project_id,
        appointed_from=appointed_from.isoformat(),
    )
    return engagement


@engagements.move("appointed", "active", by=[COMPETENT_DEPARTMENT, Role.ADMINISTRATOR, Role.MAINTENANCE_LEAD])
def activate(engagement: Engagement) -> None:
    """The company has opened its desk (M-02)."""


@engagements.move("active", "committee_founded", by=[COMPETENT_DEPARTMENT, Role.MAINTENANCE_LEAD])
def note_committee(engagement: Engagement) -> None:
    """The owners' committee was founded and may choose another company (M-02)."""


@engagements.move("committee_founded", "replacing", by=[COMPETENT_DEPARTMENT, Role.MAINTENANCE_LEAD])
def begin_replacement(engagement: Engagement) -> None:
    """The company hands over to its successor (M-02)."""


@engagements.move("replacing", "replaced", by=[COMPETENT_DEPARTMENT, Role.MAINTENANCE_LEAD])
def replace(engagement: Engagement, replaced_on: Day) -> None:
    """The successor has taken over (M-02)."""
    engagement.replaced_on = replaced_on


def engaged(work: Work, code: str, project_id: str | None) -> Engagement | None:
    """The company's live engagement for a project."""
    return work.first(
        Engagement,
        Engagement.property_company == code,
        Engagement.project_id == project_id,
        Engagement.state != "replaced",
    )


def in_contract(company: PropertyCompany, today: date) -> bool:
    """Whether the company's contract covers a date; the last day counts."""
    return company.contract_from <= today and (company.contract_until is None or today <= company.contract_until)


def responsible_for(work: Work, project_id: str | None) -> list[str]:
    """The codes of the companies engaged for a project."""
    live = work.all(Engagement, Engagement.project_id == project_id, Engagement.state != "replaced")
    return [engagement.property_company for engagement in live]
