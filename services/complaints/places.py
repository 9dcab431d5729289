"""Where what somebody says belongs: a home, a project, or nowhere in particular (X-40)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.errors import ValidationFailed


def place_of(work: Work, home_id: str | None, project_id: str | None) -> dict[str, str | None]:
    """The project and company, where it is about one; otherwise it is the group's (C-113)."""
    if home_id is not None:
        known = work.need_replica("leads/home", home_id, field="home_id")
        if project_id not in (None, known["project_id"]):
            raise ValidationFailed.of("project_id", "foreign_home", home=home_id)
    elif project_id is not None:
        known = work.need_replica("leads/project", project_id, field="project_id")
    else:
        return {"project_id": None, "company_id": None}
    return {"project_id": known["project_id"], "company_id": known["company_id"]}
