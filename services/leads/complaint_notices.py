"""What sales and handover do when complaints tell of a group or a crisis in a project (domain 4.3)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.work import Work
from services.contracts.events.complaints import (
    CrisisWarningIssued,
    GroupComplaintConfirmed,
    GroupComplaintDetected,
)
from services.contracts.roles import COMPETENT_DEPARTMENT, Role
from services.leads.lessons import projects
from services.leads.projects import Project

__all__ = ["projects"]


@projects.reacts(GroupComplaintDetected)
def on_group_complaint_detected(event: GroupComplaintDetected, work: Work) -> None:
    """Advice: hold the promotions of the project until it is known what it is (C-70)."""
    work.task("hold_promotions", _about(event, work), role=Role.MARKETING)


@projects.reacts(GroupComplaintConfirmed)
def on_group_complaint_confirmed(event: GroupComplaintConfirmed, work: Work) -> None:
    """The handovers that are coming are looked at again, and sales say what everybody says (C-72)."""
    about = _about(event, work)
    work.task("group_complaint_at_handover", about, role=COMPETENT_DEPARTMENT)
    work.task("group_complaint_wording", about, role=Role.SITE_SALES_LEAD)


@projects.reacts(CrisisWarningIssued)
def on_crisis_warning_issued(event: CrisisWarningIssued, work: Work) -> None:
    """Nothing of the project goes to the outside until it is over (C-33)."""
    work.task("suspend_communications", _about(event, work), role=Role.MARKETING)


def _about(event: GroupComplaintDetected | GroupComplaintConfirmed | CrisisWarningIssued, work: Work) -> Elsewhere:
    project = work.get(Project, event.project_id, field="project_id")
    place = {"company_id": project.company_id, "project_id": event.project_id}
    if isinstance(event, CrisisWarningIssued):
        return Elsewhere("complaints/case", event.case_id, event.number, **place)
    return Elsewhere("complaints/group_complaint", event.cluster_id, event.number, **place)
