"""A service killed again and again while it holds messages: no innocent message is lost, set aside or held up (T10)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import amqp
import pytest
import sqlalchemy as sa
from kombu import Connection

from services.chassis import settings, topology
from services.chassis.parking import ParkedMessage
from services.chassis.service import Service
from tests.example import Loan
from tests.integration.chassis.test_inbox import cancelled

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
BACKLOG = 300
KILLS = 25


@pytest.fixture
def channel(broker: Any) -> Iterator[Any]:
    """A channel to the example service's empty queues."""
    with Connection(broker.uri) as connection:
        topology.declare(connection, topology.topology(["example"], reactions={}))
        channel = connection.channel()
        for queue in ("example.inbox", "example.parked"):
            channel.queue_purge(queue)
        yield channel
        for queue in ("example.inbox", "example.parked"):
            channel.queue_purge(queue)


def send(channel: Any, reasons: list[str]) -> None:
    channel.confirm_select()
    for number, reason in enumerate(reasons):
        delivery = cancelled(f"m{number}", f"o{number}", reason)
        message = amqp.Message(delivery.body, content_type=delivery.content_type, delivery_mode=2)
        channel.basic_publish_confirm(message, exchange="", routing_key="example.inbox")


def lives(service: Service, broker: Any, deaths: int, effects: int) -> int:
    """Let the service die so often and then live; returns how many more times it died."""
    url = service.database.engine.url.render_as_string(hide_password=False)
    arguments = [url, broker.uri, str(deaths), str(effects)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.integration.chassis.lives", *arguments],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.splitlines()[-1])  # before it stands what was logged


def borrowers(service: Service) -> list[str]:
    with service.database.read() as session:
        return sorted(session.scalars(sa.select(Loan.borrower)))


def held(channel: Any, queue: str) -> int:
    return int(channel.queue_declare(queue, passive=True).message_count)


@pytest.mark.requirement("X-402")
def test_kills_in_a_row_set_no_message_aside(service: Service, broker: Any, channel: Any) -> None:
    reasons = [f"r{number}" for number in range(BACKLOG)]
    send(channel, reasons)
    assert lives(service, broker, KILLS, BACKLOG) == 0
    assert borrowers(service) == sorted(reasons), "each takes effect, and once"
    assert held(channel, "example.parked") == held(channel, "example.inbox") == 0
    with service.database.read() as session:
        assert set(session.scalars(sa.select(ParkedMessage.state))) <= {"applied"}


def test_a_message_that_ends_the_process_is_found_and_holds_up_no_other(
    service: Service, broker: Any, channel: Any
) -> None:
    innocent = [f"r{number}" for number in range(60)]
    send(channel, [*innocent[:7], "poison", *innocent[7:]])
    assert lives(service, broker, 0, len(innocent)) < 12
    assert borrowers(service) == sorted(innocent)
    assert held(channel, "example.parked") == held(channel, "example.inbox") == 0
    with service.database.read() as session:
        left = session.scalars(sa.select(ParkedMessage).where(ParkedMessage.state != "applied")).all()
    assert [(one.message_id, one.state, one.reason) for one in left] == [("m7", "retrying", "interrupted")]
    assert left[0].attempts >= 1, "an attempt that ends the process has counted"
