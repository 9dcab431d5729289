"""Where a home or a customer of another service stands: read from the local replicas."""

from __future__ import annotations

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


def owner_of(work: Work, home_id: str) -> str | None:
    """The customer who owns a home, as far as leads has told."""
    owner: str | None = (work.replica("leads/home", home_id) or {}).get("owner_uid")
    return owner
