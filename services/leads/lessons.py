"""What complaints has learnt, for those who sell: scripts, disclosure and checklists follow (domain 4.3)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.work import Work
from services.contracts.events.complaints import (
    ComplaintHotspotReported,
    CorrectiveActionRequested,
    CorrectiveActionVerified,
    DefectCasePublished,
    RedLinePublished,
)
from services.contracts.roles import Role
from services.contracts.vocabulary.common import ExecutingDepartment
from services.leads.projects import Project, projects

__all__ = ["projects"]

SELLING = (ExecutingDepartment.MARKETING, ExecutingDepartment.SITE_SALES_LEAD)


@projects.reacts(CorrectiveActionRequested)
def on_corrective_action_requested(event: CorrectiveActionRequested, work: Work) -> None:
    """What those who sell have to correct changes what they say: script and disclosure (C-100)."""
    if event.department in SELLING:
        work.task("change_script", _action(event, work), role=Role.MARKETING)


@projects.reacts(CorrectiveActionVerified)
def on_corrective_action_verified(event: CorrectiveActionVerified, work: Work) -> None:
    """What was learnt goes into the checklists of the sales desk (C-100)."""
    work.task("refresh_checklists", _action(event, work), role=Role.SITE_SALES_LEAD)


def _action(event: CorrectiveActionRequested | CorrectiveActionVerified, work: Work) -> Elsewhere:
    project = work.get(Project, event.project_id, field="project_id")
    return Elsewhere(
        "complaints/corrective_action", event.action_id, event.number, project.company_id, event.project_id
    )


@projects.reacts(ComplaintHotspotReported)
def on_complaint_hotspot_reported(event: ComplaintHotspotReported, work: Work) -> None:
    """What customers complain of most belongs into disclosure and into the answers to objections (C-101)."""
    about = Elsewhere("complaints/hotspot_report", event.report_id, event.number, event.company_id, event.project_id)
    work.task("hint_at_hotspots", about, role=Role.MARKETING)


@projects.reacts(DefectCasePublished)
def on_defect_case_published(event: DefectCasePublished, work: Work) -> None:
    """Early involvement refers to it (X-112, X-113)."""
    about = Elsewhere("complaints/defect_case", event.defect_id, event.number)
    work.task("refer_to_defect_case", about, role=Role.PROJECT_DEPARTMENT)


@projects.reacts(RedLinePublished)
def on_red_line_published(event: RedLinePublished, work: Work) -> None:
    """A line of the sales-stage list (X-111)."""
    about = Elsewhere("complaints/red_line", event.red_line_id, event.number)
    work.task("enter_red_line", about, role=Role.PROJECT_DEPARTMENT)
