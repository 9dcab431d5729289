"""What complaints has learnt, for those who ask customers (domain 4.3)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.work import Work
from services.contracts.events.complaints import ComplaintHotspotReported
from services.contracts.roles import Role
from services.membership.follow_ups import follow_ups

__all__ = ["follow_ups"]


@follow_ups.reacts(ComplaintHotspotReported)
def on_complaint_hotspot_reported(event: ComplaintHotspotReported, work: Work) -> None:
    """The next survey asks about what customers complain of most (C-101)."""
    about = Elsewhere("complaints/hotspot_report", event.report_id, event.number, event.company_id, event.project_id)
    work.task("ask_about_hotspots", about, role=Role.CUSTOMER_AFFAIRS)
