"""Customers who have fallen silent, or are lost to sales: the club thinks of waking them up (L-56, L-58, B-100)."""

from __future__ import annotations

from services.chassis.assigning import Elsewhere
from services.chassis.work import Work
from services.contracts.events.leads_sales import ChurnRiskDetected
from services.contracts.roles import Role
from services.membership.sensitive_points import care_tasks

__all__ = ["care_tasks"]


@care_tasks.reacts(ChurnRiskDetected)
def on_churn_risk_detected(event: ChurnRiskDetected, work: Work) -> None:
    """Nobody has heard of the customer for long: begin a cultivation, or wake them up (L-56)."""
    customer = work.replica("leads/customer", event.uid) or {}
    project = work.replica("leads/project", event.project_id) or {}
    place = {"company_id": project.get("company_id"), "project_id": event.project_id}
    number = str(customer.get("number") or "")
    work.task("wake_up_customer", Elsewhere("leads/customer", event.uid, number, **place), role=Role.CLUB_OFFICER)
