"""The forum: what is posted on a complaint board is a complaint, and its official answer stands in the thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.parking import ParkedMessage
from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from services.contracts.events.complaints import (
    ComplaintClosed,
    ComplaintRegistered,
    ForumReplyIssued,
    ForumReplyOverdue,
)
from services.contracts.events.membership import ForumComplaintPosted, ForumPostHidden
from services.contracts.fields import to_wire
from services.membership.forum import Post
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World, delivery, person
from tests.integration.membership.conftest import HOME, UID, tell

TEXT = "阳台漏水无人处理"
CASE = {"case_id": "C1", "number": "CP 2026-P01-000001"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    opened = World(SERVICE, database_url)
    tell(opened)
    yield opened
    opened.close()


def submit(world: World, board: str = "complaint", **more: Any) -> dict[str, Any]:
    said = {"board": board, "uid": UID, "text": TEXT, **({} if "project_id" in more else {"home_id": HOME}), **more}
    return world.do("submit_post", said)


def registered(post_id: str | None) -> Any:
    facts: dict[str, Any] = {"kind": "complaint", "uid": UID, "category": "other", "level": 1, "channel": "forum"}
    due = {"first_response_due": START, "solution_due": START, "tier": "ordinary"}
    return delivery(ComplaintRegistered(**CASE, project_id="P01", post_id=post_id, **facts, **due))


def replied(post_id: str, text: str = "今日上门") -> Any:
    return delivery(ForumReplyIssued(case_id="C1", post_id=post_id, text=text, at=START))


def overdue(post_id: str) -> Any:
    return delivery(ForumReplyOverdue(post_id=post_id, case_id="C1", hours=24))


def take(world: World, *deliveries: Any) -> None:
    world.take(*deliveries)
    assert world.all(ParkedMessage) == []


def state(world: World, post: dict[str, Any]) -> tuple[str, bool, str | None]:
    found = world.get(Post, post["id"])
    return found.state, found.is_overdue, found.answer


@pytest.mark.requirement("B-91", "B-93", "C-81")
def test_a_post_on_the_complaint_board_is_told_as_a_complaint(world: World) -> None:
    post = submit(world, category="home_quality", posted_at=START - timedelta(hours=3))
    assert (post["state"], post["is_complaint"], post["is_home_verified"]) == ("posted", True, True)
    assert world.told(ForumComplaintPosted) == [
        {
            "post_id": post["id"],
            "uid": UID,
            "home_id": HOME,
            "project_id": "P01",
            "board": "complaint",
            "category": "home_quality",
            "text": TEXT,
            "posted_at": to_wire(START - timedelta(hours=3)),
        }
    ]


@pytest.mark.requirement("C-84", "B-90")
def test_the_chairmans_board_is_a_complaint_board_of_his_own(world: World) -> None:
    submit(world, "chairman", project_id="P01")
    (told,) = world.told(ForumComplaintPosted)
    assert (told["board"], told["home_id"], told["project_id"]) == ("chairman", None, "P01")
    assert told["posted_at"] == to_wire(START)


@pytest.mark.requirement("B-93")
def test_elsewhere_somebody_has_to_say_that_it_is_a_complaint(world: World) -> None:
    post = submit(world, "community", posted_at=START - timedelta(hours=5))
    assert (post["is_complaint"], world.told(ForumComplaintPosted)) == (False, [])
    with pytest.raises(Forbidden):
        world.do("mark_complaint_post", {"id": post["id"]}, by=person("op", "hotline_operator"))
    world.do("show_post", {"id": post["id"]})
    world.do("mark_complaint_post", {"id": post["id"], "category": "fee"})
    (told,) = world.told(ForumComplaintPosted)
    assert (told["category"], told["posted_at"]) == ("fee", to_wire(START - timedelta(hours=5)))
    for again in ("mark_complaint_post", "review_post"):
        with pytest.raises(IllegalMove) as refused:
            world.do(again, {"id": post["id"]})
        assert refused.value.code == "post_is_complaint"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("uid", "nobody", "unknown_reference"),
        ("home_id", "nowhere", "unknown_reference"),
        ("project_id", "P02", "foreign_home"),
        ("board", "weather", "choice"),
        ("text", "", "required"),
        ("posted_at", START + timedelta(seconds=1), "in_the_future"),
    ],
)
def test_what_a_post_needs(world: World, field: str, value: Any, code: str) -> None:
    said = {"board": "complaint", "uid": UID, "text": TEXT, "home_id": HOME, field: value}
    with pytest.raises(ValidationFailed) as wrong:
        world.do("submit_post", said)
    assert wrong.value.errors[field][0]["code"] == code


def test_a_post_belongs_to_a_home_or_a_project(world: World) -> None:
    with pytest.raises(ValidationFailed) as wrong:
        world.do("submit_post", {"board": "community", "uid": UID, "text": TEXT})
    assert wrong.value.errors == {"project_id": [{"code": "required", "params": {}}]}


def test_the_home_of_somebody_else_is_not_verified(world: World) -> None:
    assert submit(world, uid="uid-2")["is_home_verified"] is False


@pytest.mark.requirement("B-92", "C-81", "C-23", "C-85")
def test_the_thread_follows_its_complaint(world: World) -> None:
    post = submit(world)
    take(world, registered(None), registered(post["id"]), registered(post["id"]))
    assert (state(world, post), world.get(Post, post["id"]).case_id) == (("linked_to_case", False, None), "C1")
    take(world, overdue(post["id"]), overdue(post["id"]), overdue("unknown"))
    assert state(world, post) == ("linked_to_case", True, None)
    take(world, replied(post["id"]), replied(post["id"], "另一答复"), replied("unknown"))
    assert state(world, post) == ("answered", False, "今日上门")
    assert world.get(Post, post["id"]).answered_at == START
    take(world, delivery(ComplaintClosed(**CASE, uid=UID, project_id="P01", outcome="settled", closing_note="已解决")))
    assert state(world, post)[0] == "closed"


def test_what_is_told_out_of_order_is_no_harm(world: World) -> None:
    post = submit(world)
    take(world, replied(post["id"]), overdue(post["id"]), registered(post["id"]))
    assert (state(world, post), world.get(Post, post["id"]).case_id) == (("answered", False, "今日上门"), "C1")


@pytest.mark.requirement("B-92", "B-94")
def test_a_post_is_hidden_by_a_principle_and_kept(world: World) -> None:
    post = submit(world)
    with pytest.raises(ValidationFailed) as wrong:
        world.do("hide_post", {"id": post["id"], "principle": "不公开他人信息"})
    assert list(wrong.value.errors) == ["reason"]
    hidden = world.do("hide_post", {"id": post["id"], "principle": "不公开他人信息", "reason": "含邻居电话"})
    assert (hidden["state"], hidden["text"], hidden["hidden_because"]) == ("hidden", TEXT, "含邻居电话")
    assert world.told(ForumPostHidden) == [{"post_id": post["id"], "principle": "不公开他人信息"}]
    take(world, registered(post["id"]), overdue(post["id"]), replied(post["id"]))
    assert state(world, post) == ("hidden", False, "今日上门")


def test_what_needs_no_answer_is_reviewed_shown_and_closed(world: World) -> None:
    post = submit(world, "community")
    for command, reached in (("review", "under_review"), ("show", "visible"), ("close", "closed")):
        assert world.do(f"{command}_post", {"id": post["id"]})["state"] == reached
