"""The limits of repairs: on site within 48 hours, leakage sooner (M-31, M-32)."""

from __future__ import annotations

import pytest

from tests.integration.maintenance.world import (
    COMPANY,
    HOUR,
    MOMENT,
    SECOND,
    TRIAGE,
    World,
)

pytestmark = pytest.mark.integration


@pytest.mark.requirement("M-31")
def test_on_site_within_48_hours_with_a_warning_at_36(world: World) -> None:
    order = world.report()
    world.later(36 * HOUR - SECOND)
    assert world.alerts() == []
    world.later(SECOND)
    assert world.alerts() == [("repair_visit_overdue_soon", "maintenance_lead")]
    world.later(12 * HOUR - SECOND)
    assert "repair_visit_overdue" not in world.told(order["id"])
    world.later(SECOND)
    assert "repair_visit_overdue" in world.told(order["id"])
    assert world.alerts()[-1] == ("repair_visit_overdue", "maintenance_lead")


@pytest.mark.requirement("M-31")
def test_the_arrival_in_time_stops_the_limit(world: World) -> None:
    order = world.report()
    world.do("triage_work_order", id=order["id"], **TRIAGE)
    world.do("dispatch_work_order", id=order["id"], property_company="acme")
    world.do("accept_work_order", COMPANY, id=order["id"], technician="李", appointment=MOMENT)
    world.later(30 * HOUR)
    world.do("arrive_work_order", COMPANY, id=order["id"], technician="李", arrived_at="2026-03-03T08:00:00Z")
    world.later(100 * HOUR)
    assert "repair_visit_overdue" not in world.told(order["id"])
    assert world.alerts() == []


@pytest.mark.requirement("M-32", "C-25")
def test_leakage_is_accepted_within_2_hours_and_visited_within_4(world: World) -> None:
    order = world.report(repair_class="leakage")
    due = {one["name"]: one["due_at"] for one in order["clocks"]}
    assert due == {"acceptance": "2026-03-02T04:00:00Z", "on_site": "2026-03-02T06:00:00Z"}
    world.later(2 * HOUR - SECOND)
    assert world.alerts() == []
    world.later(SECOND)
    assert world.alerts() == [("leakage_not_accepted", "maintenance_lead")]
    world.later(2 * HOUR - SECOND)
    assert "repair_visit_overdue" not in world.told(order["id"])
    world.later(SECOND)
    assert "repair_visit_overdue" in world.told(order["id"])


@pytest.mark.requirement("M-32", "M-35")
def test_a_leakage_that_comes_back_keeps_the_limits_of_leakage(world: World) -> None:
    world.report(repair_class="leakage")
    again = world.report(repair_class="leakage")
    assert again["repair_class"] == "repeat_repair"
    due = {one["name"]: one["due_at"] for one in again["clocks"]}
    assert due == {"acceptance": "2026-03-02T04:00:00Z", "on_site": "2026-03-02T06:00:00Z"}
    triaged = world.do("triage_work_order", id=again["id"], **{**TRIAGE, "repair_class": "decoration"})
    running = {one["name"]: one["due_at"] for one in triaged["clocks"] if one["stopped_at"] is None}
    assert running == {"on_site": "2026-03-04T02:00:00Z"}, "the desk has found that it is something else"


@pytest.mark.requirement("M-32", "X-51")
def test_an_order_that_turns_out_to_be_leakage_gets_the_shorter_limit_from_its_report(world: World) -> None:
    order = world.report()
    world.later(HOUR)
    triaged = world.do("triage_work_order", id=order["id"], **{**TRIAGE, "repair_class": "leakage"})
    due = {one["name"]: one["due_at"] for one in triaged["clocks"]}
    assert due == {"acceptance": "2026-03-02T04:00:00Z", "on_site": "2026-03-02T06:00:00Z"}
