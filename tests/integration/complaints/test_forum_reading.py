"""What the leaders read each morning: a list of the new complaints in the forum, and who has read it."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.contracts.errors import Forbidden, IllegalMove
from tests.integration.complaints.test_forum import ADMIN, CHAIRMAN, GROUP, posted, reply
from tests.integration.complaints.world import HANDLER, HOUR, SECOND, World, person

LEADER = person("qin", "executive", scope="group")
OTHER = person("chen", "executive", scope="group")


def readings(world: World) -> list[dict[str, Any]]:
    return world.found("forum_reading")


def issued(world: World) -> dict[str, Any]:
    """A list that was put out this morning, 22 hours after the first post."""
    posted(world)
    world.later(22 * HOUR)
    world.tick()
    (reading,) = readings(world)
    return reading


@pytest.mark.requirement("C-83")
def test_the_list_is_put_out_at_eight_with_what_is_new_and_how_it_stands(world: World) -> None:
    posted(world, "answered")
    posted(world, "late", hours_ago=20)
    posted(world, "new")
    (reading,) = readings(world)
    assert (reading["state"], reading["due_at"]) == ("collecting", "2026-03-03T00:00:00Z")
    reply(world, post_id="answered")
    world.later(22 * HOUR - SECOND)
    world.tick()
    assert readings(world)[0]["state"] == "collecting"
    world.later(SECOND)
    world.tick()
    (reading,) = readings(world)
    assert (reading["state"], reading["issued_at"]) == ("issued", "2026-03-03T00:00:00Z")
    figures = ("posts", "unanswered", "overdue", "still_open")
    assert [reading[name] for name in figures] == [3, 2, 1, 0]
    assert {one["post_id"] for one in world.found("forum_complaint", reading_id=reading["id"])} == {
        *("answered", "late", "new")
    }
    tasks = world.all(Task, Task.record_id == reading["id"])
    assert {(task.subject, task.role) for task in tasks} == {("read_forum", "executive"), ("read_forum", "chairman")}


@pytest.mark.requirement("C-83")
def test_a_later_post_is_on_the_next_mornings_list(world: World) -> None:
    first = issued(world)
    world.later(SECOND)
    assert posted(world, "T2")["reading_id"] != first["id"]
    world.later(24 * HOUR)
    world.tick()
    _, second = readings(world)
    assert second["issued_at"] == "2026-03-04T00:00:01Z"
    assert (second["due_at"], second["posts"], second["still_open"]) == ("2026-03-04T00:00:00Z", 1, 1)


@pytest.mark.requirement("C-83")
def test_the_hour_is_a_parameter(world: World) -> None:
    begun = {"valid_from": "2026-03-01T00:00:00Z", "reason": "试行"}
    world.do("establish_parameter", ADMIN, parameter="forum.reading_hour", value="10.5", **begun)
    posted(world)
    assert readings(world)[0]["due_at"] == "2026-03-02T02:30:00Z"


@pytest.mark.requirement("C-83")
def test_every_leader_signs_once_and_it_is_kept_who_read_it_when(world: World) -> None:
    reading = issued(world)
    world.do("read_forum_reading", LEADER, version=reading["version"], id=reading["id"], remark="请当天答复")
    world.later(SECOND)
    # Whoever opened the list before the other one signed can sign as well.
    world.do("read_forum_reading", OTHER, version=reading["version"], id=reading["id"])
    with pytest.raises(IllegalMove) as again:
        world.do("read_forum_reading", LEADER, id=reading["id"])
    assert again.value.code == "read_already"
    found = [(one["reader"], one["read_at"], one["remark"]) for one in world.found("reading_receipt")]
    assert found == [("qin", "2026-03-03T00:00:00Z", "请当天答复"), ("chen", "2026-03-03T00:00:01Z", None)]
    assert [task.role for task in world.tasks(reading["id"])] == ["chairman"]
    world.do("read_forum_reading", CHAIRMAN, id=reading["id"])
    assert world.tasks(reading["id"]) == []


def test_only_leaders_sign_and_only_what_was_put_out(world: World) -> None:
    posted(world)
    (reading,) = readings(world)
    with pytest.raises(IllegalMove):
        world.do("read_forum_reading", LEADER, id=reading["id"])
    with pytest.raises(Forbidden):
        world.do("issue_forum_reading", HANDLER, id=reading["id"])
    assert world.do("issue_forum_reading", GROUP, id=reading["id"])["posts"] == 1
    with pytest.raises(Forbidden):
        world.do("read_forum_reading", HANDLER, id=reading["id"])
    world.later(24 * HOUR)
    world.tick()
    assert len(readings(world)) == 1


def test_the_page_offers_a_leader_to_sign_until_they_have(world: World) -> None:
    reading = issued(world)

    def offered() -> Any:
        with world.service.reading(Actor.from_wire(LEADER)) as work:
            (action,) = views.fetch(work, "forum_reading", reading["id"])["actions"]
            return action["command"], action["allowed"]

    assert offered() == ("read_forum_reading", True)
    world.do("read_forum_reading", LEADER, id=reading["id"])
    assert offered() == ("read_forum_reading", False)
