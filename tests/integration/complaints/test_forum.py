"""Forum complaints: each post becomes a case and is answered in public within 24 hours of the post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from services.contracts.events.membership import ForumComplaintPosted, ForumPostHidden
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.membership import ForumBoard
from tests.integration.complaints.test_figures import counted, run
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, SECOND, SUPERVISOR, World, person

GROUP = person("zhu", "group_centre", scope="group")
CHAIRMAN = person("gu", "chairman", scope="group")
ADMIN = person("root", "administrator", scope="group")
OPEN = {"state": "unanswered"}


def posted(world: World, post_id: str = "T1", hours_ago: float = 0, times: int = 1, **facts: Any) -> dict[str, Any]:
    told = {"uid": "U1", "home_id": "H1", "board": ForumBoard.COMPLAINT, "text": "阳台漏水无人处理", **facts}
    at = world.now - timedelta(hours=hours_ago)
    world.hear(ForumComplaintPosted(post_id=post_id, posted_at=at, **told), times=times)
    assert world.parked() == []
    return world.show("forum_complaint", post_id)


def reply(world: World, actor: dict[str, Any] = HANDLER, post_id: str = "T1", text: str = "今日上门") -> dict[str, Any]:
    return world.do("reply_forum_complaint", actor, id=post_id, text=text)


def listed(world: World, actor: dict[str, Any] = GROUP, **filters: Any) -> list[str]:
    with world.service.reading(Actor.from_wire(actor)) as work:
        rows = views.search(work, "forum_complaint", {"filters": {**OPEN, **filters}, "order": "post_id"})["result"]
        return [row["post_id"] for row in rows]


@pytest.mark.requirement("C-81")
def test_a_post_becomes_a_case_once(world: World) -> None:
    post = posted(world, hours_ago=3, times=2)
    posted(world, hours_ago=3)
    (case,) = world.found("case")
    assert (case["id"], case["channel"], case["description"]) == (post["case_id"], "forum", "阳台漏水无人处理")
    assert (case["uid"], case["home_id"], case["received_at"]) == ("U1", "H1", "2026-03-01T23:00:00Z")
    (told,) = world.told("complaint_registered")
    assert (case["state"], told["post_id"], told["channel"]) == ("registered", "T1", "forum")


@pytest.mark.requirement("C-81")
def test_a_post_is_a_case_even_beside_a_like_one(world: World) -> None:
    like = world.register(category="other")
    assert posted(world)["case_id"] != like["id"]
    assert posted(world, "T2")["case_id"] != posted(world, "T3")["case_id"]


def test_a_prospective_owner_names_the_project(world: World) -> None:
    post = posted(world, home_id=None, project_id="P02", category=CaseCategory.DELIVERY)
    assert (post["home_id"], post["project_id"], post["company_id"]) == (None, "P02", "C1")
    assert world.case(post["case_id"])["category"] == "delivery"


@pytest.mark.requirement("C-23")
def test_the_limit_counts_from_the_time_of_the_post(world: World) -> None:
    post = posted(world, hours_ago=4)
    assert post["clocks"][0]["due_at"] == "2026-03-02T22:00:00Z"
    world.later(20 * HOUR - SECOND)
    world.tick()
    assert world.told("forum_reply_overdue") == []
    assert {one.rule for one in world.alerts("T1")} == {"forum_reply_overdue_soon"}
    world.later(SECOND)
    world.tick()
    world.tick()
    assert world.told("forum_reply_overdue") == [{"post_id": "T1", "case_id": post["case_id"], "hours": 24}]
    alerts = {one.rule: one.recipient_role for one in world.alerts("T1")}
    assert alerts == {
        "forum_reply_overdue_soon": "complaint_handler",
        "forum_reply_overdue": "complaint_handler",
        "forum_post_unanswered": "group_centre",
    }
    assert world.case(post["case_id"])["breaches"] >= 1


@pytest.mark.requirement("C-23")
def test_the_limit_is_a_parameter(world: World) -> None:
    begun = {"valid_from": "2026-03-01T00:00:00Z", "reason": "试行"}
    world.do("establish_parameter", ADMIN, parameter="sla.forum_reply", value="12", **begun)
    assert posted(world)["clocks"][0]["due_at"] == "2026-03-02T14:00:00Z"


@pytest.mark.requirement("C-23")
def test_an_unanswered_post_goes_up_to_the_leaders(world: World) -> None:
    posted(world)
    world.later(24 * HOUR)
    world.tick()
    world.later(24 * HOUR - SECOND)
    world.tick()
    assert [task.role for task in world.tasks("T1", "forum_reply_overdue")] == ["complaint_handler"]
    world.later(SECOND)
    world.tick()
    assert {task.role for task in world.tasks("T1", "forum_reply_overdue")} == {"complaint_handler", "executive"}
    assert {one.recipient_role for one in world.alerts("T1") if one.step == 1} == {"executive"}


@pytest.mark.requirement("C-81", "C-82", "C-85")
@pytest.mark.parametrize("actor", [HANDLER, GROUP])
def test_the_reply_is_told_and_does_not_close_the_case(world: World, actor: dict[str, Any]) -> None:
    post = posted(world)
    replied = reply(world, actor)
    assert (replied["state"], replied["reply"], replied["replied_by"]) == ("answered", "今日上门", actor["user"])
    said = {"case_id": post["case_id"], "post_id": "T1", "text": "今日上门", "at": "2026-03-02T02:00:00Z"}
    assert world.told("forum_reply_issued") == [said]
    case = world.case(post["case_id"])
    assert (case["state"], case["public_reply"], case["closed_at"]) == ("registered", "今日上门", None)
    with pytest.raises(IllegalMove):
        reply(world, actor)
    world.later(48 * HOUR)
    world.tick()
    assert world.told("forum_reply_overdue") == []


def test_a_reply_is_due_even_when_the_case_is_over(world: World) -> None:
    post = posted(world)
    world.do("withdraw_case", HANDLER, id=post["case_id"], statement="已自行解决")
    assert reply(world)["state"] == "answered"
    assert world.case(post["case_id"])["public_reply"] == "今日上门"


def test_a_late_reply_ends_the_alerts_and_the_tasks(world: World) -> None:
    posted(world)
    world.later(24 * HOUR)
    world.tick()
    with pytest.raises(Forbidden):
        reply(world, MANAGER)
    with pytest.raises(ValidationFailed) as empty:
        world.do("reply_forum_complaint", HANDLER, id="T1", text="")
    assert list(empty.value.errors) == ["text"]
    reply(world)
    assert world.alerts("T1") == []
    assert world.tasks("T1") == []


@pytest.mark.requirement("C-82")
def test_the_group_centre_sees_what_is_unanswered_near_due_and_overdue(world: World) -> None:
    begun = {"valid_from": "2026-03-01T00:00:00Z", "reason": "试行"}
    world.do("establish_parameter", ADMIN, parameter="forum.reply_near_due", value="18", **begun)
    posted(world, "late", hours_ago=24)
    posted(world, "near", hours_ago=18)
    posted(world, "new", hours_ago=17.9)
    posted(world, "done", hours_ago=18)
    world.tick()
    reply(world, GROUP, "done")
    assert listed(world) == ["late", "near", "new"]
    assert listed(world, near_due="forum_reply") == ["near"]
    assert listed(world, breached="forum_reply") == ["late"]
    world.later(0.1 * HOUR)
    world.tick()
    assert listed(world, near_due="forum_reply") == ["near", "new"]
    assert listed(world, board="chairman") == []
    with pytest.raises(ValidationFailed) as unknown:
        listed(world, near_due="weather")
    assert list(unknown.value.errors) == ["near_due"]


@pytest.mark.requirement("C-84")
def test_a_post_to_the_chairman_is_routed_to_him_and_the_group_centre(world: World) -> None:
    posted(world, "plain")
    assert world.tasks("plain") == []
    post = posted(world, board=ForumBoard.CHAIRMAN, hours_ago=1)
    tasks = world.tasks("T1", "answer_chairman_post")
    assert {task.role for task in tasks} == {"chairman", "group_centre"}
    assert {task.due_at for task in tasks} == {world.now + 23 * HOUR}
    assert post["clocks"][0]["due_at"] == "2026-03-03T01:00:00Z"
    assert listed(world, CHAIRMAN, board="chairman") == ["T1"]
    assert reply(world, CHAIRMAN)["replied_by"] == "gu"
    assert world.tasks("T1") == []


def test_a_hidden_post_says_so_and_is_answered_all_the_same(world: World) -> None:
    post = posted(world)
    world.hear(ForumPostHidden(post_id="T1", principle="不公开他人信息"), times=2)
    world.hear(ForumPostHidden(post_id="no complaint", principle="广告"))
    assert world.parked() == []
    assert world.show("forum_complaint", "T1")["hidden_by_principle"] == "不公开他人信息"
    assert reply(world)["case_id"] == post["case_id"]


@pytest.mark.requirement("C-70")
def test_three_posts_on_one_topic_are_a_group_and_three_without_a_topic_are_not(world: World) -> None:
    said = {"home_id": None, "project_id": "P01"}
    for number in range(3):
        posted(world, f"any{number}", **said)
    assert world.found("group_complaint") == []
    for number in range(3):
        assert world.found("group_complaint") == []
        posted(world, f"fee{number}", category=CaseCategory.FEE, **said)
    (group,) = world.found("group_complaint")
    assert (group["sign"], group["category"]) == ("forum_posts", "fee")


@pytest.fixture
def board(world: World) -> World:
    """Two boards: answered in time and late, overdue, near its limit, new."""
    posted(world, "kept", hours_ago=2)
    posted(world, "late", hours_ago=30)
    posted(world, "overdue", hours_ago=25)
    posted(world, "near", hours_ago=21)
    posted(world, "new", board=ForumBoard.CHAIRMAN)
    world.tick()
    reply(world, post_id="kept")
    reply(world, post_id="late")
    return world


@pytest.mark.requirement("C-128")
def test_the_board_tells_replies_within_the_limit_and_open_threads(board: World) -> None:
    chairman, complaint = (row["values"] for row in run(board, "forum_replies"))
    assert (chairman["board"], chairman["posts"], chairman["within_limit"]) == ("chairman", 1, None)
    assert {name: complaint[name] for name in ("posts", "answered", "late")} == {"posts": 4, "answered": 2, "late": 2}
    assert complaint["within_limit"] == 33  # one of three: the fourth has time left
    chairman, complaint = (row["values"] for row in run(board, "forum_threads"))
    assert (chairman["open"], chairman["near_due"], chairman["overdue"]) == (1, 0, 0)
    assert (complaint["open"], complaint["near_due"], complaint["overdue"]) == (2, 1, 1)


@pytest.mark.requirement("C-128")
@pytest.mark.parametrize("name", ["forum_replies", "forum_threads"])
def test_every_count_of_the_board_is_the_length_of_the_list_behind_it(board: World, name: str) -> None:
    for params in ({}, {"project_id": "P01"}):
        rows = run(board, name, **params)
        assert rows
        for row in rows:
            for count, filters in row["behind"].items():
                assert row["values"][count] == counted(board, name, filters), (row, count)
    assert run(board, name, SUPERVISOR, project_id="P02") == []
