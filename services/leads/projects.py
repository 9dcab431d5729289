"""Projects, and the close-out that makes another department competent (X-41, L-105, L-106)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis import duties
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import ProjectSalesClosed, ProjectUpdated
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.contracts.vocabulary.common import CompanyId, Day, LongText, ProjectCode, ProjectId, Title


class Project(Record):
    """One estate of one company. Its id is its code, and it is its own place in the organisation (X-40)."""

    code: Mapped[ProjectCode]
    name: Mapped[Title]
    handed_list: Mapped[LongText | None]
    sales_closed_on: Mapped[Day | None]


projects = Process(
    Project,
    key="project_id",
    readers=["*"],
    title="name",
    listed=["code", "name", "company_id", "sales_closed_on"],
    filters=["company_id"],
    search=["code", "name"],
    snapshot=ProjectUpdated,
    announces=[ProjectSalesClosed],
)


@projects.create("open_for_sale", by=[Role.ADMINISTRATOR])
def set_up(code: ProjectCode, name: Title, company_id: CompanyId, work: Work) -> Project:
    """Set a project up under its code (X-40)."""
    if work.session.get(Project, code) is not None:
        raise ValidationFailed.of("code", "taken")
    return Project(id=code, code=code, name=name, project_id=code, company_id=company_id)


@projects.change(by=[Role.ADMINISTRATOR])
def rename(project: Project, name: Title) -> None:
    """Give the project another name."""
    project.name = name


@projects.move("open_for_sale", "closing", by=[Role.PROJECT_DEPARTMENT])
def begin_close_out(project: Project, handed_list: LongText) -> None:
    """The project department signs, with its list: customers, contracts, open cases, promises, deed files (L-105)."""
    project.handed_list = handed_list


@projects.move("closing", "handed_over", by=[Role.CUSTOMER_AFFAIRS])
def close_sales(project: Project, sales_closed_on: Day, work: Work) -> None:
    """Customer affairs signs: from this date on it is the competent department (X-41, L-106)."""
    if sales_closed_on > work.today:
        raise ValidationFailed.of("sales_closed_on", "in_the_future")
    project.sales_closed_on = sales_closed_on
    duties.switch(work, COMPETENT_DEPARTMENT, project.id)
    work.emit(
        ProjectSalesClosed,
        project,
        from_department=COMPETENT_DEPARTMENT.before,
        to_department=COMPETENT_DEPARTMENT.after,
    )


def project_of(work: Work, project_id: ProjectId) -> Project:
    """The project that a command named."""
    return work.get(Project, project_id, field="project_id")
