"""Where a record belongs: to the project and company of a home, of a project, or to the group as a whole (X-40)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.errors import ValidationFailed

Place = dict[str, str | None]


def place_of(work: Work, home_id: str | None, project_id: str | None = None) -> Place:
    """`project_id` and `company_id`, as a record takes them. Raises ValidationFailed for what nobody knows, for a home
    of another project, and where neither is named."""
    if home_id is None and project_id is None:
        raise ValidationFailed.of("project_id", "required")
    return place_or_group(work, home_id, project_id)


def place_or_group(work: Work, home_id: str | None, project_id: str | None) -> Place:
    """The same; what is about no home and no project is the group's."""
    if home_id is not None:
        known = work.need_replica("leads/home", home_id, field="home_id")
        if project_id not in (None, known["project_id"]):
            raise ValidationFailed.of("project_id", "foreign_home", home=home_id)
        return {"project_id": known["project_id"], "company_id": known["company_id"]}
    if project_id is None:
        return {"project_id": None, "company_id": None}
    project = work.need_replica("leads/project", project_id, field="project_id")
    return {"project_id": project_id, "company_id": project["company_id"]}
