"""The relay against a real broker: confirmed or still in the outbox, in order, and never stuck behind one message."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from kombu import Connection

from services.chassis import relay as relay_module
from services.chassis import topology
from services.chassis.actors import SYSTEM
from services.chassis.relay import Relay
from services.chassis.service import Service
from services.chassis.tables import Outgoing
from services.contracts.events.maintenance import WorkOrderCancelled
from tests.example import MANAGER, do, wait

pytestmark = pytest.mark.integration
QUEUE = "example.test"


@pytest.fixture
def relay(service: Service, broker: Any) -> Iterator[Relay]:
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        topology.declare(connection, topology.topology(["example"], reactions={}))
        channel.queue_declare(QUEUE, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(QUEUE, "example.events", "work_order_progressed")
        channel.queue_purge(QUEUE)
    relay = Relay(service, broker.uri)
    yield relay
    relay.close()


def published(broker: Any) -> list[dict[str, Any]]:
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        found = []
        while (message := channel.basic_get(QUEUE, no_ack=True)) is not None:
            found.append(json.loads(message.body))
        return found


def waiting(service: Service) -> list[tuple[str, str | None]]:
    with service.database.read() as session:
        rows = session.scalars(sa.select(Outgoing).where(Outgoing.sent_at.is_(None)).order_by(Outgoing.position))
        return [(row.name, row.problem) for row in rows]


def make_mandatory(service: Service) -> None:
    with service.database.write() as session:
        session.execute(sa.update(Outgoing).values(mandatory=True))


def test_what_is_committed_is_published_in_order_as_cloud_events(service: Service, relay: Relay, broker: Any) -> None:
    loans = [do(service, "request_loan", borrower=str(n)) for n in range(20)]
    for loan in loans:
        do(service, "approve_loan", MANAGER, id=loan["id"])
    assert relay.publish_due() == 40
    events = published(broker)
    assert [(e["subject"], e["data"]["to_state"]) for e in events] == [(one["id"], "requested") for one in loans] + [
        (one["id"], "lent") for one in loans
    ]
    assert events[0]["source"] == "/anju/example"
    assert events[0]["specversion"] == "1.0"
    assert waiting(service) == []
    assert relay.publish_due() == 0


def test_an_event_that_reaches_nobody_stays_and_holds_up_no_other(service: Service, relay: Relay, broker: Any) -> None:
    with service.begin(SYSTEM, command="t") as work:
        work.emit(WorkOrderCancelled, order_id="o", number="n", reason="r")
        work.finish()
    make_mandatory(service)
    do(service, "request_loan", borrower="Li")
    assert relay.publish_due() == 1
    assert [e["type"] for e in published(broker)] == ["work_order_progressed"]
    assert waiting(service) == [("work_order_cancelled", "unroutable")]
    with Connection(broker.uri) as connection:
        connection.channel().queue_bind(QUEUE, "example.events", "work_order_cancelled")
    assert relay.publish_due() == 0, "it is not tried again at once"
    wait(service, seconds=5)
    assert relay.publish_due() == 1
    assert waiting(service) == []
    with Connection(broker.uri) as connection:
        connection.channel().queue_unbind(QUEUE, "example.events", "work_order_cancelled")


def test_a_row_that_commits_late_is_published_although_later_rows_went_before(
    service: Service, relay: Relay, broker: Any
) -> None:
    for borrower in "ab":
        do(service, "request_loan", borrower=borrower)
    with service.database.write() as session:
        first = session.scalars(sa.select(Outgoing).order_by(Outgoing.position)).first()
        assert first is not None
        first.sent_at = service.now()
    relay.publish_due()
    with service.database.write() as session:
        session.execute(sa.update(Outgoing).where(Outgoing.position == first.position).values(sent_at=None))
    assert relay.publish_due() == 1
    assert len(published(broker)) == 2


def test_a_lost_connection_loses_nothing(service: Service, relay: Relay, broker: Any) -> None:
    do(service, "request_loan", borrower="a")
    relay.publish_due()
    do(service, "request_loan", borrower="b")
    assert relay._connection is not None
    relay._connection.transport.close_connection(relay._connection.connection)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever of the client's errors it is
        relay.publish_due()
    assert len(waiting(service)) == 1
    assert relay.publish_due() == 1
    assert len(published(broker)) == 2


def test_a_frozen_broker_stops_the_relay_for_a_bounded_time_and_no_command(
    service: Service, relay: Relay, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "CONFIRM_SECONDS", 1)
    do(service, "request_loan", borrower="a")
    relay.publish_due()
    pid = int(broker.ctl("eval", "os:getpid().").strip().strip('"'))
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        do(service, "request_loan", borrower="b")
        assert time.monotonic() - started < 1, "a command waits for no broker"
        with pytest.raises((TimeoutError, OSError)):
            relay.publish_due()
        assert time.monotonic() - started < 8
    finally:
        os.kill(pid, signal.SIGCONT)
    assert relay.publish_due() == 1
    assert {e["subject"] for e in published(broker)} != set()
