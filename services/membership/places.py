"""Where a home or a customer of another service stands: read from the local replicas."""

from __future__ import annotations

from typing import Any

from services.chassis.work import Work
from services.contracts.roles import Role

#: Everyone who looks after owners.
READERS = [
    Role.CUSTOMER_MANAGER,
    Role.CLUB_OFFICER,
    Role.CUSTOMER_AFFAIRS,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
    Role.COMPANY_MANAGER,
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.AUDITOR,
]


def place_of(work: Work, home_id: str) -> dict[str, Any]:
    """The project and company of a home, as a record takes them. Raises ValidationFailed for a home nobody knows."""
    home = work.need_replica("leads/home", home_id, field="home_id")
    return {"project_id": home["project_id"], "company_id": home["company_id"]}


def project_place(work: Work, project_id: str | None) -> dict[str, Any]:
    """The same for a project."""
    project = work.replica("leads/project", project_id) or {}
    return {"project_id": project_id, "company_id": project.get("company_id")}


def owner_of(work: Work, home_id: str) -> str | None:
    """The customer who owns a home, as far as leads has told."""
    owner: str | None = (work.replica("leads/home", home_id) or {}).get("owner_uid")
    return owner
