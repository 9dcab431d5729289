"""Two reports of the same home and class that are handled at the same moment: one of them is the repeated repair."""

from __future__ import annotations

import threading

import pytest

from services.chassis import inbox
from tests.integration.maintenance.test_batches import homes, orders, report, world
from tests.integration.maintenance.world import HOME, World

pytestmark = pytest.mark.integration
__all__ = ["world"]


@pytest.mark.requirement("M-35")
@pytest.mark.parametrize("others", [0, 8], ids=["alone", "in a batch"])
def test_reports_at_once_see_each_other(world: World, monkeypatch: pytest.MonkeyPatch, others: int) -> None:
    second = threading.Thread(target=inbox.take, args=(world.service, [*homes(others), report("B", HOME)]))

    def reached(point: str) -> None:
        """The first has written and not committed: the second has to wait for it before it looks for earlier ones."""
        if point == "inbox_before_commit" and threading.current_thread() is threading.main_thread():
            second.start()
            second.join(1)

    monkeypatch.setattr(inbox.faultpoints, "reached", reached)
    inbox.take(world.service, [report("A", HOME)])
    second.join(20)
    same = [order for order in orders(world) if order.home_id == HOME]
    assert len(same) == 2
    assert sum(order.repair_class == "repeat_repair" for order in same) == 1
