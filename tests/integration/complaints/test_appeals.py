"""Appeals to the group centre, its principles by edition, and what a local centre decides by itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from tests.integration.complaints.world import HANDLER, MANAGER, SUPERVISOR, World, person

GROUP = person("zhu", "group_centre", scope="group")
CENTRE = person("yang", "customer_centre")
ADMIN = person("admin", "administrator", scope="group")
WAY: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("reviewing", "review_appeal", GROUP, {}),
    ("coordinating", "coordinate_appeal", GROUP, {"findings": "接待拖延", "coordination": "请三日内答复客户"}),
    ("coordinating", "state_appeal", CENTRE, {"local_statement": "已指定专人"}),
    ("concluded", "conclude_appeal", GROUP, {"conclusion": "地方中心继续处理"}),
]


def filed(world: World, case_id: str) -> dict[str, Any]:
    return world.do("file_appeal", HANDLER, case_id=case_id, reason="三次来电无人跟进", channel="hotline")


def publish(world: World, text: str) -> dict[str, Any]:
    drafted = world.do("draft_principles", GROUP, title="集团投诉处理原则", text=text)
    return world.do("publish_principles", GROUP, id=drafted["id"])


@pytest.mark.requirement("C-90")
def test_an_appeal_goes_its_way_and_the_case_stays_where_it_is(world: World) -> None:
    case = world.register()
    appeal = filed(world, case["id"])
    assert (appeal["state"], appeal["uid"], appeal["project_id"]) == ("filed", "U1", "P01")
    assert world.told("complaint_appealed") == [
        {"case_id": case["id"], "number": appeal["number"], "reason": "三次来电无人跟进"}
    ]
    assert [task.role for task in world.tasks(appeal["id"], "review_appeal")] == ["group_centre"]
    for state, command, actor, payload in WAY:
        appeal = world.do(command, actor, id=appeal["id"], **payload)
        assert appeal["state"] == state
        told = world.case(case["id"])
        assert (told["state"], told["department"]) == (case["state"], case["department"])
    assert (appeal["reviewer"], appeal["concluded_by"]) == ("zhu", "zhu")
    assert world.tasks(appeal["id"]) == []
    assert filed(world, case["id"])["state"] == "filed"


@pytest.mark.requirement("C-90")
def test_the_case_is_not_closed_while_the_group_mediates(world: World) -> None:
    case = world.soon_to("cause_transferred")
    appeal = filed(world, case["id"])
    closing = {"outcome": "settled", "closing_note": "客户认可"}
    with pytest.raises(IllegalMove) as early:
        world.do("close_case", SUPERVISOR, id=case["id"], **closing)
    assert early.value.code == "appeal_waiting"
    for _, command, actor, payload in WAY:
        world.do(command, actor, id=appeal["id"], **payload)
    assert world.do("close_case", SUPERVISOR, id=case["id"], **closing)["state"] == "closed"
    with pytest.raises(ValidationFailed) as late:
        filed(world, case["id"])
    assert late.value.errors["case_id"][0]["code"] == "case_not_open"


def test_one_appeal_at_a_time(world: World) -> None:
    case = world.register()
    filed(world, case["id"])
    with pytest.raises(ValidationFailed) as twice:
        filed(world, case["id"])
    assert twice.value.errors["case_id"][0]["code"] == "appealed_already"


@pytest.mark.requirement("C-90")
def test_the_local_centre_answers_before_the_conclusion_and_concludes_nothing(world: World) -> None:
    appeal = filed(world, world.register()["id"])
    for _, command, actor, payload in WAY[:2]:
        world.do(command, actor, id=appeal["id"], **payload)
    with pytest.raises(IllegalMove) as early:
        world.do("conclude_appeal", GROUP, id=appeal["id"], conclusion="x")
    assert early.value.code == "local_statement_missing"
    for command, payload in (("review_appeal", {}), ("conclude_appeal", {"conclusion": "x"})):
        with pytest.raises((Forbidden, IllegalMove)):
            world.do(command, CENTRE, id=appeal["id"], **payload)


@pytest.mark.requirement("C-92")
def test_editions_replace_each_other_and_decisions_keep_theirs(world: World) -> None:
    first = publish(world, "先安抚，后处理")
    assert (first["edition"], first["state"]) == (1, "in_force")
    case = world.soon_to("plan_approved")
    appeal = filed(world, case["id"])
    second = publish(world, "二十四小时内答复")
    assert (second["edition"], world.show("principles", first["id"])["state"]) == (2, "replaced")
    assert appeal["principles_id"] == first["id"]
    (plan,) = world.found("plan", case_id=case["id"])
    assert plan["principles_id"] == first["id"]
    (later,) = world.found("plan", case_id=world.soon_to("plan_approved")["id"])
    assert later["principles_id"] == second["id"]
    with pytest.raises(Forbidden):
        world.do("draft_principles", CENTRE, title="x", text="x")


def test_a_draft_that_is_dropped_leaves_the_edition_in_force(world: World) -> None:
    first = publish(world, "三天内答复")
    drafted = world.do("draft_principles", GROUP, title="x", text="一天内答复")
    dropped = world.do("drop_principles", GROUP, id=drafted["id"], reason="并入下一版")
    assert dropped["state"] == "dropped"
    assert world.show("principles", first["id"])["state"] == "in_force"
    with pytest.raises(IllegalMove):
        world.do("publish_principles", GROUP, id=drafted["id"])


@pytest.mark.requirement("C-92")
def test_two_editions_that_are_published_at_once_leave_one_in_force(world: World) -> None:
    drafts = [world.do("draft_principles", GROUP, title="x", text=text) for text in ("一", "二")]
    assert [one["edition"] for one in drafts] == [1, 2]
    together = threading.Barrier(2, timeout=20)

    def publish_one(drafted: dict[str, Any]) -> None:
        together.wait()
        world.do("publish_principles", GROUP, id=drafted["id"])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(publish_one, drafts))
    assert sorted(one["state"] for one in world.found("principles")) == ["in_force", "replaced"]


@pytest.mark.requirement("C-93")
def test_a_local_centre_decides_alone_what_the_matrix_gives_it(world: World) -> None:
    usual = world.soon_to("plan_submitted")
    with pytest.raises(Forbidden):
        world.do("approve_plan_case", CENTRE, id=usual["id"])
    delegated = {"kind": "complaint_plan", "level": 1, "amount_below": "10000", "valid_from": "2026-01-01"}
    world.do("add_authority_rule", ADMIN, approver_role="customer_centre", **delegated)
    case = world.soon_to("plan_submitted")
    with pytest.raises(Forbidden):
        world.do("approve_plan_case", MANAGER, id=case["id"])
    approved = world.do("approve_plan_case", CENTRE, id=case["id"])
    assert (approved["state"], approved["approver"]) == ("plan_approved", "yang")
    beyond = world.soon_to("plan_submitted", draft_plan_case={"amount_proposed": "10000"})
    with pytest.raises(Forbidden):
        world.do("approve_plan_case", CENTRE, id=beyond["id"])
    assert world.do("approve_plan_case", MANAGER, id=beyond["id"])["state"] == "plan_approved"
