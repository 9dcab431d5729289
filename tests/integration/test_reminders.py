"""What sensitive points say where homes are handed over, repaired, and owners cared for (X-110, C-74)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis import advice
from services.chassis.actors import Actor
from services.chassis.catalogue import service_named
from services.contracts.events.complaints import SensitivePointUpdated
from tests.integration.leads.world import World, delivery

pytestmark = pytest.mark.integration
Opened = Callable[[str], World]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    worlds: list[World] = []

    def give(service: str) -> World:
        worlds.append(World(service_named(service), f"sqlite:///{tmp_path / service}.db"))
        return worlds[-1]

    yield give
    for world in worlds:
        world.close()


def point(key: str, stage: str, state: str = "published", version: int = 1, **more: Any) -> Any:
    facts = {"number": f"SP 2026-0-{key}", "title": f"点{key}", "kind": "risk", "is_group_risk": False}
    told = {**facts, "operation_standard": f"标准{key}", "stage": stage, "state": state, **more}
    return delivery(SensitivePointUpdated(point_id=key, record_version=version, **told))


def reminded(world: World, command: str, role: str) -> list[tuple[str, str, str]]:
    actor = Actor.from_wire({"user": "x", "name": "x", "roles": {role: ["group"]}})
    with world.service.reading(actor) as work:
        cautions = advice.advise(work, command, {})["cautions"]
    return [(one["code"], one["params"]["title"], one["params"]["operation_standard"]) for one in cautions]


@pytest.mark.requirement("X-110")
@pytest.mark.parametrize(
    ("service", "stage", "command", "role"),
    [
        ("leads", "handover", "plan_handover", "project_department"),
        ("leads", "handover", "assess_handover", "project_department"),
        ("maintenance", "maintenance", "report_work_order", "maintenance_desk"),
        ("maintenance", "maintenance", "triage_work_order", "maintenance_desk"),
        ("membership", "club", "plan_care_task", "customer_manager"),
        ("membership", "club", "schedule_follow_up", "customer_manager"),
    ],
)
def test_a_published_point_is_shown_where_its_stage_is_worked_on_until_it_is_retired(
    opened: Opened, service: str, stage: str, command: str, role: str
) -> None:
    world = opened(service)
    world.take(point("1", stage), point("2", stage, "draft"), point("3", "early_involvement"))
    assert reminded(world, command, role) == [("sensitive_point_here", "点1", "标准1")]
    world.take(point("1", stage, version=2, operation_standard="新标准"))
    assert reminded(world, command, role) == [("sensitive_point_here", "点1", "新标准")]
    world.take(point("1", stage, "retired", version=3), point("1", stage, version=1))
    assert reminded(world, command, role) == []


@pytest.mark.requirement("C-74")
def test_what_may_become_a_group_complaint_is_reported_before_delivery_whatever_its_stage(opened: Opened) -> None:
    world = opened("leads")
    world.take(point("1", "handover"), point("2", "early_involvement", is_group_risk=True))
    assert reminded(world, "assess_handover", "project_department") == [
        ("group_risk_here", "点2", "标准2"),
        ("sensitive_point_here", "点1", "标准1"),
    ]
