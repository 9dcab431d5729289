"""The same trouble in the same home again: what is a repeat, and its alert (M-35)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from services.chassis.duties import Alert, Task
from tests.integration.maintenance.world import (
    LEAD,
    OTHER_HOME,
    World,
)

pytestmark = pytest.mark.integration


@pytest.mark.requirement("M-35")
def test_the_same_home_and_class_within_12_months_is_a_repeat(world: World) -> None:
    first = world.report()
    assert world.report(home_id=OTHER_HOME)["repair_class"] == "equipment"
    assert world.report(repair_class="decoration")["repair_class"] == "decoration"
    world.now = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)
    repeat = world.report()
    assert (repeat["repair_class"], repeat["reported_class"], repeat["repeats"]) == (
        "repeat_repair",
        "equipment",
        [first["id"]],
    )
    assert "repeat_repair_detected" in world.told(repeat["id"])


@pytest.mark.requirement("M-35")
def test_the_twelve_months_count_by_the_day_in_shanghai(world: World) -> None:
    world.now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 01:00 of 3 March
    first = world.report()
    world.now = datetime(2027, 3, 3, 2, 0, tzinfo=UTC)
    assert world.report()["repeats"] == [first["id"]]


@pytest.mark.requirement("M-35")
def test_after_more_than_twelve_months_it_is_no_repeat(world: World) -> None:
    world.report()
    world.now = datetime(2027, 3, 3, 2, 0, tzinfo=UTC)
    assert world.report()["repair_class"] == "equipment"


@pytest.mark.requirement("X-50")
@pytest.mark.parametrize("ends", [True, False])
def test_the_alert_of_a_repeat_is_over_with_its_order_or_its_task(world: World, ends: bool) -> None:
    world.report()
    repeat = world.report()

    def open_alerts() -> list[str]:
        with world.service.database.read() as session:
            return list(session.scalars(sa.select(Alert.rule).where(Alert.cleared_at.is_(None))))

    assert open_alerts() == ["repeat_repair"]
    if ends:
        world.do("cancel_work_order", id=repeat["id"], reason="业主撤回")
    else:
        with world.service.database.read() as session:
            task_id = session.scalars(sa.select(Task.id).where(Task.subject == "repeat_repair")).one()
        world.do("complete_task", LEAD, id=task_id, result="已勘察")
    assert open_alerts() == []
