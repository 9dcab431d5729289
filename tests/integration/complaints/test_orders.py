"""Supervision orders: by the supervisor of the level, until a time, done and confirmed (C-32)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from services.contracts.fields import to_wire
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, SECOND, SUPERVISOR, World, person

AFFAIRS = person("ke", "project_department")
ORDER = {"instruction": "今日内上门并回复客户"}


def issued(world: World, actor: dict[str, Any] = SUPERVISOR, level: int = 1, hours: int = 4) -> dict[str, Any]:
    case = world.placed("responded", level=level, handler="han")
    return world.do("issue_supervision_order", actor, case_id=case, due_at=to_wire(world.now + hours * HOUR), **ORDER)


@pytest.mark.requirement("C-32")
def test_an_order_is_a_task_until_it_is_done_and_confirmed(world: World) -> None:
    order = issued(world)
    assert (order["number"], order["state"], order["level"]) == ("SO 2026-P01-000001", "issued", 1)
    (task,) = world.tasks(order["id"])
    assert (task.subject, task.assignee, task.due_at) == ("supervision_order", "han", world.now + 4 * HOUR)
    world.do("report_done_supervision_order", HANDLER, id=order["id"], result="已上门")
    (task,) = world.all(Task, Task.record_id == order["id"])
    assert (task.state, task.result, task.done_by) == ("done", "已上门", "han")
    world.do("send_back_supervision_order", SUPERVISOR, id=order["id"], reason="客户未收到答复")
    world.do("report_done_supervision_order", HANDLER, id=order["id"], result="已答复")
    after = world.do("confirm_supervision_order", SUPERVISOR, id=order["id"])
    assert (after["state"], after["confirmed_by"], after["result"]) == ("confirmed", "sun", "已答复")
    assert [one.state for one in world.all(Task, Task.record_id == order["id"])] == ["confirmed", "confirmed"]
    gone = issued(world)
    world.do("cancel_supervision_order", SUPERVISOR, id=gone["id"], reason="客户撤诉")
    assert world.tasks(gone["id"]) == []


@pytest.mark.requirement("C-32")
def test_the_supervisors_of_the_level_or_above_give_orders(world: World) -> None:
    for level, actor, ok in (
        (1, SUPERVISOR, True),
        (1, AFFAIRS, True),
        (2, SUPERVISOR, False),
        (2, AFFAIRS, True),
        (3, AFFAIRS, False),
        (3, MANAGER, True),
        (4, MANAGER, True),
        (4, person("pr", "public_relations"), True),
    ):
        if ok:
            assert issued(world, actor, level)["level"] == level
        else:
            with pytest.raises(Forbidden) as caught:
                issued(world, actor, level)
            assert caught.value.code == "other_level"
    order = issued(world, MANAGER, 3)
    world.do("report_done_supervision_order", HANDLER, id=order["id"], result="x")
    with pytest.raises(IllegalMove) as other:
        world.do("confirm_supervision_order", SUPERVISOR, id=order["id"])
    assert other.value.code == "other_level"
    with pytest.raises(ValidationFailed) as past:
        issued(world, hours=0)
    assert past.value.errors["due_at"][0]["code"] == "in_the_past"
    with pytest.raises(ValidationFailed):
        due = to_wire(world.now + HOUR)
        world.do("issue_supervision_order", SUPERVISOR, case_id=world.placed("closed"), due_at=due, **ORDER)


@pytest.mark.requirement("C-32")
def test_an_overdue_order_goes_to_the_next_levels_supervisor(world: World) -> None:
    order = issued(world)
    world.later(4 * HOUR - SECOND)
    world.tick()
    assert world.alerts(order["id"]) == []
    world.later(SECOND)
    world.tick()
    (alert,) = world.alerts(order["id"])
    assert (alert.rule, alert.recipient_role) == ("supervision_order_overdue", "project_department")
    for role in ("company_manager", "group_centre", "group_centre"):
        world.later(24 * HOUR)
        world.tick()
        (alert,) = world.alerts(order["id"])
        assert alert.recipient_role == role
    world.do("report_done_supervision_order", HANDLER, id=order["id"], result="x")
    assert world.alerts(order["id"]) == []
    highest = issued(world, MANAGER, 4)
    world.later(4 * HOUR)
    world.tick()
    assert [one.recipient_role for one in world.alerts(highest["id"])] == ["group_centre"]


@pytest.mark.requirement("C-32", "C-123")
def test_the_level_board_counts_orders(world: World) -> None:
    late = issued(world, hours=1)
    world.later(HOUR)
    world.tick()
    world.do("report_done_supervision_order", HANDLER, id=late["id"], result="x")
    issued(world)
    issued(world, MANAGER, 3)
    with world.service.reading(Actor.from_wire(MANAGER)) as work:
        rows = reports.run(work, "supervision_orders", {})["rows"]
        assert [
            tuple(row["values"][name] for name in ("level", "orders", "issued", "to_confirm", "overdue"))
            for row in rows
        ] == [(1, 2, 1, 1, 1), (3, 1, 1, 0, 0)]
        for row in rows:
            for count, filters in row["behind"].items():
                assert views.search(work, "supervision_order", {"filters": filters})["count"] == row["values"][count]
