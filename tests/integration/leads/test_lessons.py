"""What complaints has learnt reaches those who sell (C-100)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.complaints import CorrectiveActionRequested, CorrectiveActionVerified
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
