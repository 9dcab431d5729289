"""What complaints announce for property companies, and what the maintenance lead is given to do (C-33, C-70, C-72)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox
from services.chassis.actors import SYSTEM
from services.chassis.duties import Task
from services.chassis.tables import Outgoing
from tests.integration.maintenance.world import LEAD, World, told

pytestmark = pytest.mark.integration
ABOUT: dict[str, Any] = {"number": "GC 2026-P01-000001", "project_id": "P01"}
GROUP: dict[str, Any] = {"cluster_id": "g1", "category": "home_quality", **ABOUT}
CONFIRMED = {**GROUP, "cause": "防水", "level": 4, "wording": "正在排查"}
CRISIS = {"case_id": "c1", "level": 4, **ABOUT, "instruction": "加强门岗，勿自行答复"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    opened = World(database_url)
    opened.do("register_property_company", LEAD, code="zenith", name="Z", contract_from="2026-01-01")
    yield opened
    opened.service.close()


def heard(world: World, name: str, **data: Any) -> None:
    for _ in range(2):
        inbox.take(world.service, [told("complaints", name, f"m-{name}-{data['project_id']}", **data)])


def sent(world: World, name: str) -> list[tuple[str, dict[str, Any]]]:
    with world.service.database.read() as session:
        rows = session.scalars(sa.select(Outgoing).where(Outgoing.name == name))
        return [(row.routing_key, json.loads(row.body)["data"]) for row in rows]


def tasks(world: World) -> list[tuple[str, str]]:
    with world.service.reading(SYSTEM) as work:
        return [(one.subject, one.role) for one in work.all(Task)]


@pytest.mark.requirement("C-72")
def test_the_companies_of_the_project_learn_the_uniform_wording(world: World) -> None:
    heard(world, "group_complaint_confirmed", **CONFIRMED)
    ((key, data),) = sent(world, "group_complaint_confirmed")
    assert "acme" in key
    assert (data["cause"], data["wording"], data["project_id"]) == ("防水", "正在排查", "P01")
    assert tasks(world) == [("survey_group_cause", "maintenance_lead")]


@pytest.mark.requirement("C-70")
def test_a_suspicion_is_inspected_and_told_to_nobody_outside(world: World) -> None:
    heard(world, "group_complaint_detected", **GROUP, cases=["c1", "c2", "c3"])
    assert sent(world, "group_complaint_detected") == []
    assert tasks(world) == [("inspect_group_complaint", "maintenance_lead")]


@pytest.mark.requirement("C-33")
def test_the_companies_get_the_instruction_of_a_crisis(world: World) -> None:
    heard(world, "crisis_warning_issued", **CRISIS)
    ((key, data),) = sent(world, "crisis_warning_issued")
    assert ("acme" in key, data["instruction"]) == (True, "加强门岗，勿自行答复")
    heard(world, "crisis_warning_issued", **{**CRISIS, "project_id": "P02"})
    assert len(sent(world, "crisis_warning_issued")) == 1
