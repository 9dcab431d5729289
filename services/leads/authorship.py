"""Whose word dates an entry or a deal: agents write what happens to them now, the site's lead the rest (L-23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis.moves import Admits
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.leads.customers.customer import known_customer
from services.leads.projects import project_of


def is_the_lead(work: Work, company_id: str | None, project_id: str | None) -> bool:
    """Whether this is the site's sales lead, whose word the rules take for late entries and for others (X-04)."""
    return work.actor.covers([Role.SITE_SALES_LEAD], company_id, project_id)


def only_by_the_lead(work: Work, company_id: str | None, project_id: str | None, **said: bool) -> None:
    """Refuse the fields by which somebody else dates an entry or a deal, or gives it to somebody (L-23, L-43); `said`
    tells of each whether it does."""
    wrong = [name for name, is_so in said.items() if is_so]
    if wrong and not is_the_lead(work, company_id, project_id):
        raise ValidationFailed(errors={name: [{"code": "late_entry_by_lead", "params": {}}] for name in wrong})


def of_known_customers(person: str | None = None) -> Admits:
    """What people write of a customer: whom they know, and in the field `person` nobody but themselves; the lead writes
    for others (X-393, L-23)."""

    def admits(given: Mapping[str, Any], work: Work) -> None:
        known_customer(work, given["uid"])
        project_id = given.get("project_id")
        company_id = project_of(work, project_id).company_id if project_id else None
        if person is not None:
            is_anothers = given.get(person) not in (None, work.actor.user)
            only_by_the_lead(work, company_id, project_id, **{person: is_anothers})

    return admits
