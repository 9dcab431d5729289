"""How group complaints are found, and what is no group (C-70)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from services.chassis.actors import Actor
from services.complaints.cases.intake import register
from services.contracts.errors import ValidationFailed
from tests.integration.complaints.at_once import wait_until, waits_for_a_lock
from tests.integration.complaints.group_world import CONFIRMED, groups, members, suspected
from tests.integration.complaints.world import HANDLER, OPERATOR, SUPERVISOR, World, person

KEEPER = person("admin", "administrator", scope="group")
DAY = timedelta(days=1)


@pytest.mark.requirement("C-70")
def test_two_homes_are_no_group_and_the_third_makes_one(world: World) -> None:
    first, second = world.register(home_id="H1"), world.register(home_id="H2")
    world.register(home_id="H2", uid="U2")
    world.register(home_id="H4", category="fee")
    assert groups(world) == []
    third = world.register(home_id="H3")
    (group,) = groups(world)
    assert (group["number"], group["state"], group["sign"]) == ("GC 2026-P01-000001", "suspected", "homes")
    assert (group["category"], group["project_id"], group["company_id"]) == ("home_quality", "P01", "C1")
    found = members(world, group)
    assert [one["number"][-3:] for one in found] == ["001", "002", "003", "004"]
    assert {first["id"], second["id"], third["id"]} < {one["case_id"] for one in found}
    assert {one["home_id"] for one in found} == {"H1", "H2", "H3"}
    (told,) = world.told("group_complaint_detected")
    assert told == {
        "cluster_id": group["id"],
        "number": group["number"],
        "project_id": "P01",
        "category": "home_quality",
        "cases": [one["case_id"] for one in found],
    }
    (alert,) = world.alerts(group["id"])
    assert (alert.rule, alert.recipient_role) == ("group_complaint_suspected", "customer_centre")
    assert [task.role for task in world.tasks(group["id"])] == ["customer_centre"]
    for one in found:
        assert (world.case(one["case_id"])["level"], world.case(one["case_id"])["group_suspected"]) == (3, True)


@pytest.mark.requirement("C-70")
def test_the_window_slides(world: World) -> None:
    world.register(home_id="H1")
    world.later(4 * DAY)
    world.register(home_id="H2")
    world.later(4 * DAY)
    world.register(home_id="H3")
    assert groups(world) == []
    world.later(3 * DAY)
    world.register(home_id="H4")
    (group,) = groups(world)
    assert {one["home_id"] for one in members(world, group)} == {"H2", "H3", "H4"}


@pytest.mark.requirement("C-70")
def test_three_posts_on_one_topic_are_a_group_without_any_home(world: World) -> None:
    post = {"home_id": None, "project_id": "P01", "channel": "forum", "category": "fee"}
    world.register(**post)
    world.register(uid="U2", **post)
    world.register(uid="U2", home_id="H2", category="fee")
    assert groups(world) == []
    world.register(uid="U2", separate_reason="另一张帖子", **post)
    (group,) = groups(world)
    assert (group["sign"], len(members(world, group))) == ("forum_posts", 4)


@pytest.mark.requirement("C-70")
def test_the_figures_are_parameters(world: World) -> None:
    begun = {"valid_from": "2026-03-01T00:00:00Z", "reason": "试行"}
    world.do("establish_parameter", KEEPER, parameter="complaint.group_homes", value="2", **begun)
    world.do("establish_parameter", KEEPER, parameter="complaint.group_posts", value="2", **begun)
    world.register(home_id="H1")
    world.register(home_id="H2")
    post = {"home_id": None, "project_id": "P01", "channel": "forum", "category": "fee"}
    world.register(**post)
    world.register(uid="U2", **post)
    assert {one["sign"] for one in groups(world)} == {"homes", "forum_posts"}


@pytest.mark.requirement("C-70")
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_two_registrations_at_once_make_one_group_with_every_case(world: World) -> None:
    """Of different registers, so that no number series makes them wait for each other."""
    world.register(home_id="H1")
    said = {"uid": "U2", "category": "home_quality", "channel": "hotline", "description": "渗水"}
    other = threading.Thread(
        target=lambda: world.register(home_id="H3", kind="dispute", counterpart="李女士"), daemon=True
    )
    with world.service.begin(Actor.from_wire(OPERATOR), command="test") as work:
        work.perform(register, kind="complaint", home_id="H2", **said)
        work.write()
        other.start()
        wait_until(lambda: not other.is_alive() or waits_for_a_lock(world))
        work.finish()
    other.join(timeout=20)
    assert not other.is_alive()
    (group,) = groups(world)
    assert {one["home_id"] for one in members(world, group)} == {"H1", "H2", "H3"}
    assert len(world.told("group_complaint_detected")) == 1


@pytest.mark.requirement("C-70")
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_what_completes_a_cluster_twice_at_once_proposes_it_once(world: World) -> None:
    world.register(home_id="H1")
    world.register(home_id="H2")
    said = {"uid": "U2", "category": "home_quality", "channel": "hotline", "description": "渗水"}
    other = threading.Thread(
        target=lambda: world.register(home_id="H4", kind="dispute", counterpart="李女士"), daemon=True
    )
    with world.service.begin(Actor.from_wire(OPERATOR), command="test") as work:
        work.perform(register, kind="complaint", home_id="H3", **said)
        work.write()
        other.start()
        wait_until(lambda: not other.is_alive() or waits_for_a_lock(world))
        work.finish()
    other.join(timeout=20)
    (group,) = groups(world)
    assert {one["home_id"] for one in members(world, group)} == {"H1", "H2", "H3", "H4"}


@pytest.mark.requirement("C-70", "C-71")
def test_a_later_case_joins_the_live_group_at_its_level(world: World) -> None:
    group = suspected(world)
    world.later(30 * DAY)
    later = world.register(home_id="H4")
    assert (later["level"], later["group_suspected"]) == (3, True)
    world.do("confirm_group_complaint", SUPERVISOR, id=group["id"], **CONFIRMED)
    last = world.register(home_id="H4", uid="U2")
    assert (last["level"], last["level_trigger"]) == (4, "group_complaint")
    assert world.case(later["id"])["level"] == 4
    assert len(groups(world)) == 1
    assert {one["case_id"] for one in members(world, group)} >= {later["id"], last["id"]}
    assert [one["step"] for one in world.show("group_complaint", group["id"])["timeline"]] == [
        "suspected",
        "joined",
        "confirmed",
        "joined",
    ]
    assert world.register(home_id="H4", category="fee")["group_suspected"] is False


@pytest.mark.requirement("C-70", "C-71")
def test_a_dismissed_cluster_is_not_proposed_again(world: World) -> None:
    group = suspected(world)
    with pytest.raises(ValidationFailed):
        world.do("dismiss_group_complaint", SUPERVISOR, id=group["id"], reason=" ")
    after = world.do("dismiss_group_complaint", SUPERVISOR, id=group["id"], reason="三户原因各不相同")
    assert (after["state"], after["dismissed_for"]) == ("dismissed", "三户原因各不相同")
    assert world.alerts(group["id"]) == []
    assert {one["state"] for one in members(world, group)} == {"detached"}
    assert {world.case(one["case_id"])["group_suspected"] for one in members(world, group)} == {False}
    world.register(home_id="H4")
    assert len(groups(world)) == 1
    world.register(home_id="H1", uid="U2")
    world.register(home_id="H2", uid="U2")
    (again,) = groups(world, state="suspected")
    assert {one["home_id"] for one in members(world, again)} == {"H4", "H1", "H2"}


@pytest.mark.requirement("C-70")
def test_staff_declare_one_by_hand(world: World) -> None:
    case = world.register(category="fee")
    said = {"project_id": "P01", "category": "fee", "topic": "物业费上涨", "cases": [case["id"]]}
    group = world.do("declare_group_complaint", HANDLER, **said, cause="调价未公示")
    assert (group["state"], group["sign"], group["cause"]) == ("suspected", "declared", "调价未公示")
    assert world.told("group_complaint_detected")[0]["cases"] == [case["id"]]
    with pytest.raises(ValidationFailed) as twice:
        world.do("declare_group_complaint", HANDLER, **said)
    assert twice.value.errors["category"][0]["code"] == "group_live"
    empty = world.do("declare_group_complaint", HANDLER, project_id="P02", category="fee", topic="同上", cases=[])
    assert members(world, empty) == []
