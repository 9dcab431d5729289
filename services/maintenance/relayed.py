"""What other services announce for a property company: through this gateway, to that company only (domain 4.6)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.places import place_of
from services.chassis.work import Work
from services.contracts.events.complaints import (
    ComplaintInformationRequested,
    CrisisWarningIssued,
    GroupComplaintConfirmed,
    GroupComplaintDetected,
)
from services.contracts.roles import Role
from services.maintenance.companies import PropertyCompany, companies, responsible_for

__all__ = ["companies"]


@companies.reacts(ComplaintInformationRequested)
def on_complaint_information_requested(event: ComplaintInformationRequested, work: Work) -> None:
    """The investigator's question, to the company that is asked (C-42)."""
    company = work.get(PropertyCompany, event.property_company)
    work.emit_to(company.code, ComplaintInformationRequested, **vars(event))


@companies.reacts(GroupComplaintConfirmed)
def on_group_complaint_confirmed(event: GroupComplaintConfirmed, work: Work) -> None:
    """Every company of the project learns what front desk and security say; the cause is surveyed (C-72)."""
    for code in responsible_for(work, event.project_id):
        work.emit_to(code, GroupComplaintConfirmed, **vars(event))
    _survey(work, event, "survey_group_cause")


@companies.reacts(GroupComplaintDetected)
def on_group_complaint_detected(event: GroupComplaintDetected, work: Work) -> None:
    """A special inspection of the project (C-70)."""
    _survey(work, event, "inspect_group_complaint")


@companies.reacts(CrisisWarningIssued)
def on_crisis_warning_issued(event: CrisisWarningIssued, work: Work) -> None:
    """Every company of the project follows the instruction (C-33)."""
    for code in responsible_for(work, event.project_id):
        work.emit_to(code, CrisisWarningIssued, **vars(event))


def _survey(work: Work, event: GroupComplaintConfirmed | GroupComplaintDetected, subject: str) -> None:
    place = place_of(work, None, event.project_id)
    about = Elsewhere("complaints/group_complaint", event.cluster_id, event.number, **place)
    work.task(subject, about, role=Role.MAINTENANCE_LEAD)
