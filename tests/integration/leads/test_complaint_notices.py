"""What sales and handover are given to do when complaints tell of a group or a crisis (C-33, C-70, C-72)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.complaints import CrisisWarningIssued, GroupComplaintConfirmed, GroupComplaintDetected
from tests.integration.leads.world import World, delivery

ABOUT: dict[str, Any] = {"number": "GC 2026-P01-000001", "project_id": "P01"}


@pytest.mark.requirement("C-33", "C-70", "C-72")
def test_each_notice_is_a_task_once(estate: Any, world: World) -> None:
    group = {"cluster_id": "g1", "category": "home_quality", **ABOUT}
    for number, event in enumerate(
        (
            GroupComplaintDetected(**group, cases=["c1", "c2", "c3"]),
            GroupComplaintConfirmed(**group, cause="防水", level=4, wording="正在排查"),
            CrisisWarningIssued(case_id="c1", level=4, **ABOUT),
        )
    ):
        world.take(delivery(event, message_id=f"m{number}"), delivery(event, message_id=f"m{number}"))
    assert [(one.subject, one.role, one.record_id, one.project_id) for one in world.all(Task)] == [
        ("hold_promotions", "marketing", "g1", "P01"),
        ("group_complaint_at_handover", "project_department", "g1", "P01"),
        ("group_complaint_wording", "site_sales_lead", "g1", "P01"),
        ("suspend_communications", "marketing", "c1", "P01"),
    ]
