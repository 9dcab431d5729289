"""Group complaints: how they are found, who belongs to them, and their way to the review (C-70 to C-75)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.actors import Actor
from services.chassis.duties import Alert
from services.complaints.cases.intake import register
from services.contracts.errors import IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.at_once import wait_until, waits_for_a_lock
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, OPERATOR, SECOND, SUPERVISOR, World, person

CENTRE = person("yang", "group_centre", scope="group")
KEEPER = person("admin", "administrator", scope="group")
CONFIRMED = {"cause": "同批次防水材料不合格", "wording": "正在排查，三日内答复", "spokesperson": "gao"}
SIGNED = {"agreement": "返修并补偿", "signed_by": "王先生", "signed_on": "2026-03-02"}
DAY = timedelta(days=1)


def groups(world: World, **filters: Any) -> list[dict[str, Any]]:
    return world.found("group_complaint", **filters)


def members(world: World, group: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    return world.found("group_member", order="number", cluster_id=group["id"], **filters)


def suspected(world: World) -> dict[str, Any]:
    """Three homes with one trouble."""
    for home in ("H1", "H2", "H3"):
        world.register(home_id=home)
    (group,) = groups(world)
    return group


def confirmed(world: World) -> dict[str, Any]:
    return world.do("confirm_group_complaint", SUPERVISOR, id=suspected(world)["id"], **CONFIRMED)


def handled(world: World) -> dict[str, Any]:
    group = confirmed(world)
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修", amount_proposed="60000")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    return world.do("approve_plan_group_complaint", MANAGER, id=group["id"])


def agree_with_all(world: World, group: dict[str, Any]) -> None:
    for member in members(world, group, state="attached"):
        world.do("agree_group_member", HANDLER, id=member["id"], **SIGNED)


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


@pytest.mark.requirement("C-71")
def test_members_are_attached_and_detached(world: World) -> None:
    group = suspected(world)
    other = world.register(home_id="H4", category="fee")
    member = world.do("attach_group_member", HANDLER, cluster_id=group["id"], case_id=other["id"])
    assert (member["case_id"], member["home_id"], member["uid"]) == (other["id"], "H4", "U1")
    assert world.case(other["id"])["level"] == 3
    with pytest.raises(ValidationFailed) as again:
        world.do("attach_group_member", HANDLER, cluster_id=group["id"], case_id=other["id"])
    assert again.value.errors["case_id"][0]["code"] == "already_member"
    for wrong, code in (
        ({"home_id": "H1"}, {"home_id": "already_member"}),
        ({"home_id": "H9"}, {"home_id": "unknown_reference"}),
        ({}, {"case_id": "required"}),
        ({"case_id": world.placed("withdrawn")}, {"case_id": "case_not_open"}),
        ({"case_id": world.placed("registered", project_id="P02")}, {"case_id": "foreign_case"}),
    ):
        with pytest.raises(ValidationFailed) as caught:
            world.do("attach_group_member", HANDLER, cluster_id=group["id"], **wrong)
        assert {name: errors[0]["code"] for name, errors in caught.value.errors.items()} == code
    world.do("detach_group_member", HANDLER, id=member["id"], reason="与防水无关")
    assert world.case(other["id"])["group_suspected"] is False
    world.do("attach_group_member", HANDLER, cluster_id=group["id"], home_id="H4")
    world.do("dismiss_group_complaint", SUPERVISOR, id=group["id"], reason="x")
    with pytest.raises(ValidationFailed) as over:
        world.do("attach_group_member", HANDLER, cluster_id=group["id"], case_id=other["id"])
    assert over.value.errors["cluster_id"][0]["code"] == "group_over"


@pytest.mark.requirement("C-72", "C-33")
def test_confirmation_raises_every_case_and_warns_at_once(world: World) -> None:
    group = confirmed(world)
    assert (group["state"], group["level"], group["spokesperson"]) == ("confirmed", 4, "gao")
    for member in members(world, group):
        case = world.case(member["case_id"])
        assert (case["level"], case["level_trigger"], case["supervisor_role"]) == (4, "group_complaint", "group_centre")
    (alert,) = world.alerts(group["id"])
    assert (alert.rule, alert.recipient_role) == ("major_group_complaint", "company_manager")
    assert {one.role for one in world.tasks(group["id"], "major_group_complaint")} == {
        "company_manager",
        "group_centre",
        "public_relations",
    }
    assert world.told("group_complaint_confirmed") == [
        {
            "cluster_id": group["id"],
            "number": group["number"],
            "project_id": "P01",
            "category": "home_quality",
            "cause": CONFIRMED["cause"],
            "level": 4,
            "wording": CONFIRMED["wording"],
        }
    ]


@pytest.mark.requirement("C-73")
def test_one_plan_is_approved_once_by_whom_the_matrix_names_for_groups(world: World) -> None:
    world.do(
        "add_authority_rule",
        KEEPER,
        kind="group_plan",
        is_group=True,
        level=4,
        approver_role="group_centre",
        valid_from="2026-01-01",
    )
    group = confirmed(world)
    with pytest.raises(IllegalMove) as missing:
        world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    assert missing.value.code == "group_plan_missing"
    both = person("han", "complaint_handler", "group_centre")
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    with pytest.raises(IllegalMove) as waiting:
        world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="另一版")
    assert waiting.value.code == "approval_open"
    with pytest.raises(OwnSubmission):
        world.do("approve_plan_group_complaint", both, id=group["id"])
    world.do("reject_plan_group_complaint", CENTRE, id=group["id"], reason="补偿不足")
    with pytest.raises(IllegalMove) as same:
        world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    assert same.value.code == "plan_to_revise"
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修并补偿")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    after = world.do("approve_plan_group_complaint", CENTRE, id=group["id"])
    assert (after["state"], after["plan_version"], after["approver"]) == ("handling", 2, "yang")


@pytest.mark.requirement("C-73")
def test_the_cases_go_on_with_the_groups_plan(world: World) -> None:
    group = confirmed(world)
    member = members(world, group)[0]
    world.to("analysed", member["case_id"])
    with pytest.raises(IllegalMove) as early:
        world.do("adopt_group_plan_case", HANDLER, id=member["case_id"])
    assert early.value.code == "no_group_plan"
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    world.do("approve_plan_group_complaint", MANAGER, id=group["id"])
    case = world.do("adopt_group_plan_case", HANDLER, id=member["case_id"], repair_part="卫生间防水重做")
    assert (case["state"], case["plan"], case["approver"]) == ("plan_approved", "统一返修", "ma")
    (told,) = world.told("complaint_plan_approved")
    assert (told["plan_version"], told["approver"]) == (1, "ma")
    world.to("negotiating", case["id"])
    world.do("agree_group_member", HANDLER, id=member["id"], **SIGNED)
    after = world.case(case["id"])
    assert (after["state"], after["agreement"], after["signed_by"]) == ("agreed", "返修并补偿", "王先生")


@pytest.mark.requirement("C-73")
def test_it_is_settled_when_every_member_has_an_agreement_or_an_exception(world: World) -> None:
    world.register(home_id="H1", category="home_quality", uid="U2")
    group = confirmed(world)
    for command, said in (("agree_group_member", SIGNED), ("except_from_group_member", {"exception_reason": "x"})):
        with pytest.raises(IllegalMove) as early:
            world.do(command, HANDLER, id=members(world, group)[0]["id"], **said)
        assert early.value.code == "group_plan_needed"
    world.do("draft_plan_group_complaint", HANDLER, id=group["id"], plan="统一返修")
    world.do("submit_plan_group_complaint", HANDLER, id=group["id"])
    world.do("approve_plan_group_complaint", MANAGER, id=group["id"])
    first = members(world, group, home_id="H1")[0]
    with pytest.raises(ValidationFailed):
        world.do("agree_group_member", HANDLER, id=first["id"], **{**SIGNED, "signed_on": "2026-03-03"})
    world.do("agree_group_member", HANDLER, id=first["id"], **SIGNED)
    assert [one["state"] for one in members(world, group, home_id="H1")] == ["agreed", "agreed"]
    with pytest.raises(IllegalMove) as open_ones:
        world.do("settle_group_complaint", HANDLER, id=group["id"], settlement="x")
    assert (open_ones.value.code, open_ones.value.params["count"]) == ("members_open", 2)
    second, third = members(world, group, state="attached")
    world.do("agree_group_member", HANDLER, id=second["id"], **SIGNED)
    world.do("except_from_group_member", HANDLER, id=third["id"], exception_reason="业主长期在国外，已委托律师")
    after = world.do("settle_group_complaint", HANDLER, id=group["id"], settlement="两户签约，一户例外")
    assert (after["state"], world.alerts(group["id"])) == ("settled", [])
    with pytest.raises(IllegalMove):
        world.do("detach_group_member", HANDLER, id=third["id"], reason="x")
    assert world.register(home_id="H4")["group_suspected"] is False


@pytest.mark.requirement("C-75")
def test_the_review_is_compulsory_within_thirty_days(world: World) -> None:
    group = handled(world)
    agree_with_all(world, group)
    world.do("settle_group_complaint", HANDLER, id=group["id"], settlement="全部签约")
    (task,) = world.tasks(group["id"], "review_group_complaint")
    assert (task.role, task.due_at) == ("customer_centre", world.now + 30 * DAY)
    world.later(30 * DAY - SECOND)
    world.tick()
    assert world.alerts(group["id"]) == []
    world.later(SECOND)
    world.tick()
    (alert,) = world.alerts(group["id"])
    assert (alert.rule, alert.recipient_role) == ("group_review_overdue", "customer_centre")
    for role in ("company_manager", "group_centre"):
        world.later(24 * HOUR)
        world.tick()
        assert world.all(Alert, Alert.id == alert.id)[0].recipient_role == role
    found = {"review_cause": "材料抽检缺失", "prevention": "每批次送检"}
    for wrong in ({}, {"red_line_proposal": "x", "no_red_line_reason": "y"}):
        with pytest.raises(ValidationFailed) as caught:
            world.do("review_group_complaint", HANDLER, id=group["id"], **found, **wrong)
        assert caught.value.errors["red_line_proposal"][0]["code"] == "proposal_or_reason"
    after = world.do("review_group_complaint", HANDLER, id=group["id"], **found, red_line_proposal="防水必做闭水试验")
    assert (after["state"], after["red_line_proposal"]) == ("reviewed", "防水必做闭水试验")
    assert (world.alerts(group["id"]), world.tasks(group["id"], "review_group_complaint")) == ([], [])


@pytest.mark.requirement("C-71")
def test_what_happens_is_kept_in_the_timeline(world: World) -> None:
    group = confirmed(world)
    world.do("record_event_group_complaint", HANDLER, id=group["id"], note="二十户业主到访接待中心")
    speakers = {"representative": "赵女士", "spokesperson": "zhou"}
    after = world.do("change_speakers_group_complaint", HANDLER, id=group["id"], **speakers)
    assert (after["representative"], after["spokesperson"]) == ("赵女士", "zhou")
    assert [(one["step"], one["by"]) for one in after["timeline"]] == [
        ("suspected", "op"),
        ("confirmed", "sun"),
        ("event", "han"),
        ("speakers", "han"),
    ]
    assert after["timeline"][2]["note"] == "二十户业主到访接待中心"


@pytest.mark.requirement("C-127")
def test_the_board_counts_what_its_lists_hold(world: World) -> None:
    from services.chassis import reports
    from tests.integration.complaints.test_figures import counted

    group = handled(world)
    world.do("agree_group_member", HANDLER, id=members(world, group)[0]["id"], **SIGNED)
    with world.service.reading(Actor.from_wire(MANAGER)) as work:
        (row,) = reports.run(work, "group_board", {})["rows"]
        told = row["values"]
        assert (told["cluster_id"], told["stage"], told["level"]) == (group["id"], "handling", 4)
        assert (told["members"], told["waiting"], told["agreed"], told["excepted"], told["homes"]) == (3, 2, 1, 0, 3)
        assert (told["detected_on"], told["confirmed_on"], told["settled_on"]) == ("2026-03-02", "2026-03-02", None)
        for count, filters in row["behind"].items():
            assert counted(world, "group_board", filters, MANAGER) == told[count]
    with world.service.reading(Actor.from_wire(person("x", "company_manager", scope="company:C9"))) as work:
        assert reports.run(work, "group_board", {})["rows"] == []
