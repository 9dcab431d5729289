"""What complaints has learnt reaches those who ask customers (C-101)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.complaints import ComplaintHotspotReported
from tests.integration.leads.world import START, World, delivery


@pytest.mark.requirement("C-101")
def test_hotspots_become_questions_of_the_next_survey(world: World) -> None:
    facts: dict[str, Any] = {"period_from": START.date(), "period_until": START.date(), "topics": [], "case_count": 1}
    heard = delivery(ComplaintHotspotReported(report_id="R1", number="HR 1", company_id="C01", **facts))
    world.take(heard, heard)
    (task,) = world.all(Task)
    assert (task.subject, task.role, task.resource, task.record_id) == (
        "ask_about_hotspots",
        "customer_affairs",
        "complaints/hotspot_report",
        "R1",
    )
