"""Group complaints: who belongs to them, and their way to the review (C-71 to C-75)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.actors import Actor
from services.chassis.duties import Alert
from services.contracts.errors import IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.group_world import (
    CENTRE,
    CONFIRMED,
    SIGNED,
    agree_with_all,
    confirmed,
    handled,
    members,
    suspected,
)
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, SECOND, SUPERVISOR, World, person

KEEPER = person("admin", "administrator", scope="group")
DAY = timedelta(days=1)


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
