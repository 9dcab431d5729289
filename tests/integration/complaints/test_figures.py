"""Reports of the cases: every count is the length of the list behind it, and nobody counts what they may not see."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from admin import query
from admin.described import Resource
from admin.query import ListQuery
from services.chassis import reports, views
from services.chassis.actors import Actor
from services.chassis.catalogue import described
from services.contracts.errors import Forbidden, UnknownCommand, ValidationFailed
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, OPERATOR, SUPERVISOR, World, person

CONSOLE = Flask(__name__)
ABROAD = person("zhou", "complaint_supervisor", scope="company:C9")


def run(world: World, name: str, actor: dict[str, Any] = SUPERVISOR, **params: Any) -> list[dict[str, Any]]:
    with world.service.reading(Actor.from_wire(actor)) as work:
        rows: list[dict[str, Any]] = reports.run(work, name, params)["rows"]
        return rows


def counted(world: World, name: str, filters: dict[str, Any], actor: dict[str, Any] = SUPERVISOR) -> int:
    """How long the list is that the console shows for a count: its address is written, read again, and asked for."""
    process = world.service.reports[name].process
    register = Resource("complaints", process.name, described(world.service)["resources"][process.name])
    with CONSOLE.test_request_context():
        address = ListQuery(filters=filters).string()
        asked = query.read(register, MultiDict(parse_qsl(address)))
    assert asked.problems == ()
    assert asked.filters.keys() == filters.keys(), address
    with world.service.reading(Actor.from_wire(actor)) as work:
        number: int = views.search(work, process.name, asked.params)["count"]
        return number


@pytest.fixture
def busy(world: World) -> World:
    """Cases of several kinds: answered in time, late, never; planned twice; raised; of two homes and channels."""
    world.to("plan_drafted")
    world.register(category="fee", channel="counter")
    late = world.register(uid="U2", home_id="H2", category="delivery", channel="counter")
    world.later(3 * HOUR)
    world.tick()
    world.do("respond_case", HANDLER, id=late["id"], first_contact="已致电")
    world.register(category="other", description="广告与实物不符，已联系电视台", channel="forum")
    world.later(22 * HOUR)
    world.tick()
    return world


@pytest.mark.requirement("C-120", "C-123", "C-124")
@pytest.mark.parametrize("name", ["response_timeliness", "supervision_by_level", "plan_rounds"])
def test_every_count_is_the_length_of_the_list_behind_it(busy: World, name: str) -> None:
    rows = run(busy, name)
    assert rows
    for row in rows:
        for count, filters in row["behind"].items():
            assert row["values"][count] == counted(busy, name, filters), (row, count)


def test_timeliness_tells_who_was_late(busy: World) -> None:
    by_channel = {row["values"]["channel"]: row["values"] for row in run(busy, "response_timeliness")}
    assert {name: (one["cases"], one["response_missed"]) for name, one in by_channel.items()} == {
        "counter": (2, 2),
        "forum": (1, 1),
        "hotline": (1, 0),
    }
    assert by_channel["counter"]["response_in_time"] == 0
    assert by_channel["counter"]["median_response"] == 180
    assert by_channel["hotline"]["response_in_time"] == 100


@pytest.mark.requirement("C-120", "C-01")
def test_the_wait_counts_from_where_the_limit_does(world: World) -> None:
    world.later(HOUR)
    received = world.now - HOUR
    forwarded = world.placed("registered", channel="property_company", forwarded_by="acme", received_at=received)
    world.later(HOUR)
    world.do("respond_case", HANDLER, id=forwarded, first_contact="已致电")
    ours = world.placed("registered", received_at=received)
    world.later(HOUR)
    world.do("respond_case", HANDLER, id=ours, first_contact="已致电")
    rows = [row["values"] for row in run(world, "response_timeliness")]
    assert {row["channel"]: row["median_response"] for row in rows} == {"property_company": 120, "hotline": 60}


@pytest.mark.requirement("C-124")
def test_rejected_plans_are_told_with_their_reasons(world: World) -> None:
    case = world.to("plan_submitted")
    for reason in ("金额依据不足", "缺少防水方案"):
        world.later(HOUR)
        world.do("reject_plan_case", MANAGER, id=case["id"], reason=reason)
        world.do("revise_plan_case", HANDLER, id=case["id"], plan="返修、防水与补偿", consultation="已沟通")
        world.do("submit_plan_case", HANDLER, id=case["id"])
    world.do("approve_plan_case", MANAGER, id=case["id"])
    (row,) = run(world, "plan_rejections")
    assert row["values"] == {
        "decided_by": "ma",
        "plans_rejected": 2,
        "rejection_reasons": "缺少防水方案\n金额依据不足",
    }
    assert counted(world, "plan_rejections", row["behind"]["plans_rejected"]) == 2


def test_a_period_includes_its_last_day_and_not_the_next(busy: World) -> None:
    assert sum(row["values"]["cases"] for row in run(busy, "plan_rounds", since="2026-03-02", until="2026-03-02")) == 4
    assert run(busy, "plan_rounds", since="2026-03-03", until="2026-03-04") == []
    with pytest.raises(ValidationFailed) as caught:
        run(busy, "plan_rounds", since="2026-03-04", until="2026-03-03")
    assert list(caught.value.errors) == ["until"]


def test_nobody_counts_what_they_may_not_see(busy: World) -> None:
    for name in busy.service.reports:
        assert run(busy, name, ABROAD) == [], name
    with pytest.raises(Forbidden):
        run(busy, "response_timeliness", OPERATOR)


def test_what_is_no_report_or_no_parameter_is_named(world: World) -> None:
    with pytest.raises(UnknownCommand):
        run(world, "weather")
    with pytest.raises(ValidationFailed) as caught:
        run(world, "plan_rounds", since="yesterday", colour="red")
    assert caught.value.errors["since"][0]["code"] == "invalid_date"
    assert caught.value.errors["colour"][0]["code"] == "unknown_field"


def test_a_list_can_be_filtered_by_missed_limits(busy: World) -> None:
    assert counted(busy, "response_timeliness", {"breached": "first_response"}) == 3
    with pytest.raises(ValidationFailed) as caught, busy.service.reading(Actor.from_wire(SUPERVISOR)) as work:
        views.search(work, "case", {"filters": {"breached": "weather"}})
    assert list(caught.value.errors) == ["breached"]
