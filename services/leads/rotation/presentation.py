"""The presentation of the sales site and the show areas, part of what customers experience (L-39)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.registers import Register
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Files, Moment, ProjectId, ShortText, User
from services.contracts.vocabulary.rotation import PresentedArea
from services.leads.projects import project_of

FINDING_DUE = Parameter("presentation.finding_due", 24, "h", "L-39")
READERS = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.MARKETING, Role.PROPERTY_COMPANY, Role.AUDITOR]


class PresentationCheck(Register):
    """One round through one area: what was in order, and what was found (L-39)."""

    checked_at: Mapped[Moment]
    area: Mapped[PresentedArea]
    cleanliness: Mapped[bool]
    decoration: Mapped[bool]
    atmosphere: Mapped[bool]
    findings: Mapped[list[ShortText]]
    files: Mapped[Files]


presentation_checks = Process(
    PresentationCheck,
    readers=READERS,
    title="area",
    listed=["checked_at", "area", "project_id", "cleanliness", "decoration", "atmosphere", "findings"],
    filters=["project_id", "area", "checked_at"],
)


@presentation_checks.create("checked", by=[Role.SITE_SALES_LEAD])
def check(
    project_id: ProjectId,
    area: PresentedArea,
    cleanliness: bool,
    decoration: bool,
    atmosphere: bool,
    work: Work,
    findings: list[ShortText] | None = None,
    files: Files | None = None,
    assignee: User | None = None,
) -> PresentationCheck:
    """Go through an area by the checklist: cleanliness, decoration, the details of a home's atmosphere; each finding is
    a task (L-39)."""
    project = project_of(work, project_id)
    made = PresentationCheck(
        checked_at=work.now,
        area=area,
        cleanliness=cleanliness,
        decoration=decoration,
        atmosphere=atmosphere,
        findings=findings or [],
        files=files or [],
        project_id=project.id,
        company_id=project.company_id,
    )
    work.begin_life(presentation_checks, made, "checked")
    due_at = work.now + timedelta(hours=int(work.parameter(FINDING_DUE)))
    for finding in made.findings:
        work.task(finding, made, role=Role.SITE_SALES_LEAD, assignee=assignee, due_at=due_at)
    return made
