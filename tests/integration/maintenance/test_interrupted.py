"""A company's messages that were delivered again and again without an acknowledgement: tried alone, then answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox, scan
from services.chassis.inbox import Delivery
from services.chassis.parking import ParkedMessage
from services.chassis.tables import Outgoing
from services.chassis.wire import CONTENT_TYPE
from services.maintenance.work_orders import WorkOrder
from tests.integration.maintenance.world import HOME, MOMENT, World

pytestmark = pytest.mark.integration


def report(message_id: str, **changes: Any) -> Delivery:
    """A report of acme's as the broker gives it after five deliveries."""
    told = {"source_ref": message_id, "home_id": HOME, "reporter": "王", "repair_class": "equipment"}
    data = {**told, "description": "泵响", "reported_at": MOMENT, **changes}
    event = {"specversion": "1.0", "id": message_id, "source": "x", "type": "repair_reported", "time": MOMENT}
    body = json.dumps({**event, "subject": message_id, "data": data}).encode()
    return Delivery(body, CONTENT_TYPE, headers={"x-delivery-count": inbox.INTERRUPTED}, partner="acme")


def reasons(world: World) -> list[str]:
    with world.service.database.read() as session:
        bodies = session.scalars(sa.select(Outgoing.body).where(Outgoing.name == "message_rejected"))
        return [json.loads(body)["data"]["reason"] for body in bodies]


def test_only_what_is_refused_in_the_end_is_answered(world: World) -> None:
    inbox.take(world.service, [report("a"), report("b", home_id="P09-1"), report("c")])
    assert reasons(world) == [], "nothing is refused yet"
    scan.tick(world.service)
    assert reasons(world) == ["unknown_reference"]
    with world.service.database.read() as session:
        assert set(session.scalars(sa.select(WorkOrder.source_ref))) == {"a", "c"}
        states = session.scalars(sa.select(ParkedMessage.state).order_by(ParkedMessage.created_at))
        assert list(states) == ["applied", "rejected", "applied"]


def test_a_later_one_of_the_same_object_waits_for_it(world: World) -> None:
    inbox.take(world.service, [report("a")])
    again = report("b")
    body = again.body.replace(b'"subject": "b"', b'"subject": "a"')
    inbox.take(world.service, [Delivery(body, CONTENT_TYPE, partner="acme")])
    with world.service.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WorkOrder)) == 0
    scan.tick(world.service)
    scan.tick(world.service)
    with world.service.database.read() as session:
        numbers = session.scalars(sa.select(WorkOrder.source_ref).order_by(WorkOrder.number))
        assert list(numbers) == ["a", "b"]
    assert reasons(world) == []
