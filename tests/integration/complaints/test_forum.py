"""Forum complaints: each post becomes a case and is answered in public within 24 hours of the post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove
from services.contracts.events.membership import ForumComplaintPosted
from tests.integration.complaints.world import HANDLER, MANAGER, World, person

GROUP = person("zhu", "group_centre", scope="group")
LATE = timedelta(seconds=1)


def posted(world: World, hours_ago: int = 0, times: int = 1, **facts: Any) -> dict[str, Any]:
    told = {"post_id": "T1", "uid": "U1", "home_id": "H1", "board": "投诉万科", "text": "阳台漏水无人处理", **facts}
    world.hear(ForumComplaintPosted(posted_at=world.now - timedelta(hours=hours_ago), **told), times=times)
    assert world.parked() == []
    return world.show("forum_complaint", told["post_id"])


@pytest.mark.requirement("C-81")
def test_a_post_becomes_a_case_once(world: World) -> None:
    post = posted(world, hours_ago=3, times=2)
    posted(world, hours_ago=3)
    (case,) = world.found("case")
    assert (case["id"], case["channel"], case["description"]) == (post["case_id"], "forum", "阳台漏水无人处理")
    assert (case["uid"], case["home_id"], case["received_at"]) == ("U1", "H1", "2026-03-01T23:00:00Z")
    assert (case["state"], len(world.told("complaint_registered"))) == ("registered", 1)


@pytest.mark.requirement("C-81")
def test_a_post_is_a_case_even_beside_a_like_one(world: World) -> None:
    like = world.register(category="other")
    assert posted(world)["case_id"] != like["id"]


def test_a_prospective_owner_names_the_project(world: World) -> None:
    post = posted(world, home_id=None, project_id="P02")
    assert (post["home_id"], post["project_id"], post["company_id"]) == (None, "P02", "C1")


@pytest.mark.requirement("C-23")
def test_the_limit_counts_from_the_time_of_the_post(world: World) -> None:
    post = posted(world, hours_ago=4)
    assert post["clocks"][0]["due_at"] == "2026-03-02T22:00:00Z"
    world.later(timedelta(hours=20) - LATE)
    world.tick()
    assert world.told("forum_reply_overdue") == []
    assert world.alerts("T1") == []
    world.later(LATE + LATE)
    world.tick()
    world.tick()
    assert world.told("forum_reply_overdue") == [{"post_id": "T1", "case_id": post["case_id"], "hours": 24}]
    assert [(one.rule, one.recipient_role) for one in world.alerts("T1")] == [
        ("forum_reply_overdue", "complaint_handler")
    ]
    told = {task.role for task in world.tasks("T1", "forum_reply_overdue")}
    assert told == {"complaint_handler", "group_centre"}
    assert world.case(post["case_id"])["breaches"] >= 1


@pytest.mark.requirement("C-23")
def test_an_unanswered_post_goes_up_to_the_leaders(world: World) -> None:
    posted(world)
    world.later(timedelta(hours=24) + LATE)
    world.tick()
    for expected in ("group_centre", "executive"):
        world.later(timedelta(hours=24) + LATE)
        world.tick()
        (alert,) = world.alerts("T1")
        assert alert.recipient_role == expected


@pytest.mark.requirement("C-81", "C-85")
@pytest.mark.parametrize("actor", [HANDLER, GROUP])
def test_the_reply_is_told_and_does_not_close_the_case(world: World, actor: dict[str, Any]) -> None:
    post = posted(world)
    replied = world.do("reply_forum_complaint", actor, id="T1", text="已安排今日上门")
    assert (replied["state"], replied["reply"], replied["replied_by"]) == ("answered", "已安排今日上门", actor["user"])
    assert world.told("forum_reply_issued") == [{"case_id": post["case_id"], "post_id": "T1", "text": "已安排今日上门"}]
    assert world.case(post["case_id"])["state"] == "registered"
    with pytest.raises(IllegalMove):
        world.do("reply_forum_complaint", actor, id="T1", text="再答")
    world.later(timedelta(hours=48))
    world.tick()
    assert world.told("forum_reply_overdue") == []


def test_a_late_reply_ends_the_alert_and_the_tasks(world: World) -> None:
    posted(world)
    world.later(timedelta(hours=24) + LATE)
    world.tick()
    with pytest.raises(Forbidden):
        world.do("reply_forum_complaint", MANAGER, id="T1", text="x")
    world.do("reply_forum_complaint", HANDLER, id="T1", text="抱歉来迟")
    assert world.alerts("T1") == []
    assert world.tasks("T1") == []
