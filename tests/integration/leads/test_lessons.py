"""What complaints has learnt reaches those who sell (C-100, C-101, X-111, X-112)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.complaints import (
    ComplaintHotspotReported,
    CorrectiveActionRequested,
    CorrectiveActionVerified,
    DefectCasePublished,
    RedLinePublished,
)
from tests.integration.leads.world import START, World, delivery

FACTS: dict[str, Any] = {
    "action_id": "A1",
    "number": "CA 2026-P01-000001",
    "project_id": "P01",
    "kind": "corrective",
    "action": "修订车位说辞",
}


def tasks(world: World) -> list[tuple[str, str, str, str]]:
    return [(one.subject, one.role, one.resource, one.record_id) for one in world.all(Task)]


@pytest.mark.requirement("C-100")
@pytest.mark.parametrize(
    ("department", "selling"), [("marketing", True), ("site_sales_lead", True), ("finance", False)]
)
def test_what_those_who_sell_have_to_correct_is_a_task(
    estate: Any, world: World, department: str, selling: bool
) -> None:
    facts = {**FACTS, "department": department, "cause": "承诺不实", "due_on": START.date()}
    heard = delivery(CorrectiveActionRequested(**facts))
    world.take(heard, heard)
    asked = [("change_script", "marketing", "complaints/corrective_action", "A1")]
    assert tasks(world) == (asked if selling else [])


@pytest.mark.requirement("C-100")
def test_a_verified_action_refreshes_the_checklists(estate: Any, world: World) -> None:
    world.take(delivery(CorrectiveActionVerified(**FACTS, department="marketing", result="已修订")))
    assert tasks(world) == [("refresh_checklists", "site_sales_lead", "complaints/corrective_action", "A1")]


@pytest.mark.requirement("C-101", "X-111", "X-112")
def test_what_the_whole_company_learns_is_a_task_once(estate: Any, world: World) -> None:
    defect: dict[str, Any] = {"title": "外窗", "description": "渗水", "problem": "收头", "harm": "发霉"}
    period: dict[str, Any] = {"period_from": START.date(), "period_until": START.date()}
    line: dict[str, Any] = {"discipline": "engineering", "stage": "sales", "check_stage": "mock_a"}
    line |= {"edition": 1, "title": "x", "standard": "x", "measurable_limit": "x", "is_mandatory": True}
    for event in (
        ComplaintHotspotReported(report_id="R1", number="HR 1", company_id="C01", topics=[], case_count=1, **period),
        DefectCasePublished(defect_id="D1", number="DC 1", topic="leakage", **defect),
        RedLinePublished(red_line_id="L1", number="RL 1", **line),
    ):
        heard = delivery(event)
        world.take(heard, heard)
    assert tasks(world) == [
        ("hint_at_hotspots", "marketing", "complaints/hotspot_report", "R1"),
        ("refer_to_defect_case", "project_department", "complaints/defect_case", "D1"),
        ("enter_red_line", "project_department", "complaints/red_line", "L1"),
    ]
