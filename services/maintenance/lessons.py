"""What complaints has learnt, for acceptance and inspection: the lists follow (domain 4.3)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.work import Work
from services.contracts.events.complaints import ComplaintHotspotReported, DefectCasePublished, RedLinePublished
from services.contracts.roles import Role
from services.maintenance.relayed import companies

__all__ = ["companies"]


@companies.reacts(ComplaintHotspotReported)
def on_complaint_hotspot_reported(event: ComplaintHotspotReported, work: Work) -> None:
    """Inspections look first at what customers complain of most (C-101)."""
    about = Elsewhere("complaints/hotspot_report", event.report_id, event.number, event.company_id, event.project_id)
    work.task("focus_inspections", about, role=Role.MAINTENANCE_LEAD)


@companies.reacts(DefectCasePublished)
def on_defect_case_published(event: DefectCasePublished, work: Work) -> None:
    """Checklists look for it from now on (X-112)."""
    about = Elsewhere("complaints/defect_case", event.defect_id, event.number)
    work.task("refresh_checklists", about, role=Role.MAINTENANCE_LEAD)


@companies.reacts(RedLinePublished)
def on_red_line_published(event: RedLinePublished, work: Work) -> None:
    """A line of the mock acceptance (X-111, M-62)."""
    about = Elsewhere("complaints/red_line", event.red_line_id, event.number)
    work.task("enter_red_line", about, role=Role.MAINTENANCE_LEAD)
