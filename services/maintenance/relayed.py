"""What other services announce for a property company: through this gateway, to that company only (domain 4.6)."""

from __future__ import annotations

from services.chassis.work import Work
from services.contracts.events.complaints import ComplaintInformationRequested
from services.maintenance.companies import PropertyCompany, companies

__all__ = ["companies"]


@companies.reacts(ComplaintInformationRequested)
def on_complaint_information_requested(event: ComplaintInformationRequested, work: Work) -> None:
    """The investigator's question, to the company that is asked (C-42)."""
    company = work.get(PropertyCompany, event.property_company)
    work.emit_to(company.code, ComplaintInformationRequested, **vars(event))
