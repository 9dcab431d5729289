"""A telephone that is known is recognised while an entry is made; whose turn it is stays as it is (L-27, L-28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.chassis.advice import Caution, advises
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.sales import KeyKind
from services.leads.customers import Customer
from services.leads.customers.identity import holder_of, normalised_phone
from services.leads.ownership.protections import open_protections
from services.leads.projects import Project
from services.leads.reception import calls, visits
from services.leads.reception.calls import call_entries
from services.leads.reception.visits import visit_entries
from services.leads.rotation.reception import receive

__all__ = ["call_entries", "recognise", "visit_entries"]


@advises(calls.register, identifies="phone")
@advises(visits.register, identifies="phone")
@advises(visits.meet, identifies="phone")
@advises(receive, identifies="phone")
def recognise(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Whose number it is: for the site's lead, and for the agent whose customer it is; to nobody else a word (L-28)."""
    project = work.session.get(Project, draft["project_id"]) if draft["project_id"] else None
    customer = _known(work, draft["phone"])
    if project is None or customer is None:
        return
    holders = [one.agent for one in open_protections(work, customer.id, project.id)]
    if work.actor.covers([Role.SITE_SALES_LEAD], project.company_id, project.id):
        code = "known_customer_of" if holders else "known_customer"
        yield Caution(code, {"agent": ", ".join(holders)}, about=customer)
    elif work.actor.user in holders:
        yield Caution("known_customer_of_yours", about=customer)


def _known(work: Work, phone: str | None) -> Customer | None:
    """Whom an entry with this telephone would be about; what is no number yet is nobody's."""
    try:
        key = holder_of(work, KeyKind.PHONE, normalised_phone(phone)) if phone else None
    except ValidationFailed:
        return None
    return work.get(Customer, key.uid) if key is not None else None
