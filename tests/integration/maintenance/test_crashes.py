"""A service that dies between receiving, committing, publishing and confirming loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kombu import Connection

from tests.integration.live import Company, Live
from tests.integration.maintenance.conftest import HOME

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
MESSAGES = 40
QUEUE = "maintenance.test"


def events(broker: Any) -> list[str]:
    """The ids of the orders that were announced, each as often as it came."""
    import json

    with Connection(broker.uri) as connection:
        channel = connection.channel()
        found = []
        while (message := channel.basic_get(QUEUE, no_ack=True)) is not None:
            found.append(json.loads(message.body)["id"])
        return found


@pytest.mark.requirement("X-402")
@pytest.mark.parametrize(
    "point",
    [
        "consumer_after_receive",
        "inbox_after_receipt",
        "inbox_before_commit",
        "consumer_after_commit",
        "relay_after_select",
        "relay_after_publish",
        "relay_after_confirm",
    ],
)
def test_a_crash_at_a_named_point_loses_and_doubles_nothing(
    maintenance: Live, acme: Company, broker: Any, until: Callable[..., Any], point: str
) -> None:
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, auto_delete=False)
        channel.queue_bind(QUEUE, "maintenance.events", "work_order_created")
        channel.queue_purge(QUEUE)
    maintenance.kill()
    maintenance.start(ANJU_FAULT=f"{point}:1")
    for number in range(MESSAGES):
        report = {
            "source_ref": f"T-{number}", "home_id": HOME, "reporter": "Li", "repair_class": "equipment",
            "description": "x", "reported_at": "2026-11-01T08:00:00Z",
        }  # fmt: skip
        acme.tell("repair_reported", message_id=f"m-{number}", **report)
        if number % 10 == 0:
            acme.tell("repair_reported", message_id=f"m-{number}", **report)
    assert maintenance.process is not None
    process = maintenance.process

    def died() -> bool:
        # A later batch or publication reaches the point again if the first did not suffice.
        acme.tell("repair_appointment_set", order_id="none", appointment="2026-11-01T08:00:00Z")
        return process.poll() is not None

    assert until(died, 60, 0.2), "the fault point was not reached"
    maintenance.start()
    count = "SELECT count(*), count(DISTINCT source_ref) FROM work_order"
    assert until(lambda: maintenance.rows(count) == [(MESSAGES, MESSAGES)], 60)
    unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
    assert until(lambda: maintenance.rows(unsent) == [(0,)], 60)
    told = events(broker)
    assert len(set(told)) == MESSAGES, "every order was announced"
    assert maintenance.rows(count) == [(MESSAGES, MESSAGES)]
    with Connection(broker.uri) as connection:
        connection.channel().queue_delete(QUEUE)
