"""Reads a service's queues and hands raw deliveries to the inbox in batches.

It uses py-amqp's channel directly: kombu's consumer would decompress and decode by headers that a stranger chooses, and
Nameko's would read its own headers from them. A batch is acknowledged only after it is committed. While the database is
away the batch is held and tried again, so messages neither vanish nor spin; the broker's heartbeats go on meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from amqp.exceptions import AMQPError
from kombu import Connection

from services.chassis import faultpoints, inbox, topology
from services.chassis.database import is_away
from services.chassis.inbox import Delivery

if TYPE_CHECKING:
    from services.chassis.service import Service

log = structlog.get_logger()
PREFETCH = 50
HEARTBEAT = 10
LINGER_SECONDS = 0.002
HOLD_SECONDS = 1.0
PARTNERS_SECONDS = 5.0


class Consumer:
    """One connection, one channel, all queues of a service. `run` returns when `stopping()` does."""

    def __init__(self, service: Service, uri: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self.service, self.uri, self._sleep = service, uri, sleep
        self._batch: list[tuple[int, Delivery]] = []
        self._queues: set[str] = set()
        self.stopping = False

    def run(self) -> None:
        """Consume until stopped; a lost connection is made again with growing pauses of at most 4 s."""
        pause = 0.25
        while not self.stopping:
            try:
                options = {"read_timeout": None, "write_timeout": 10}
                with Connection(
                    self.uri, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=options
                ) as connection:
                    connection.connect()
                    pause = 0.25
                    self._consume(connection)
            except (OSError, AMQPError) as lost:
                log.warning("broker_lost", fault=type(lost).__name__)
                self._sleep(pause)
                pause = min(pause * 2, 4)

    def _consume(self, connection: Connection) -> None:
        self._batch, self._queues = [], set()
        topology.declare(connection, topology.topology([self.service.name]))
        channel = connection.channel()
        channel.auto_decode = (
            False  # py-amqp would decode by the sender's content_encoding; the bytes are kept as they are
        )
        channel.basic_qos(0, PREFETCH, False)
        self._listen(channel, topology.inbox(self.service.name), None)
        look_again = 0.0
        while not self.stopping:
            if self.service.intake is not None and time.monotonic() >= look_again:
                self._listen_to_partners(connection, channel)
                look_again = time.monotonic() + PARTNERS_SECONDS
            self._collect(connection)
            if self._batch:
                faultpoints.reached("consumer_after_receive")
                self._take(connection)
                faultpoints.reached("consumer_after_commit")
                channel.basic_ack(self._batch[-1][0], multiple=True)
                self._batch = []
            connection.heartbeat_check()

    def _listen(self, channel: Any, queue: str, partner: str | None) -> None:
        def received(message: Any) -> None:
            properties = message.properties
            delivery = Delivery(
                bytes(message.body),
                properties.get("content_type"),
                properties.get("content_encoding"),
                properties.get("application_headers") or {},
                partner,
            )
            self._batch.append((message.delivery_tag, delivery))

        channel.basic_consume(queue, callback=received, no_ack=False)
        self._queues.add(queue)

    def _listen_to_partners(self, connection: Connection, channel: Any) -> None:
        assert self.service.intake is not None
        from services.chassis.actors import SYSTEM

        try:
            with self.service.reading(SYSTEM) as work:
                codes = self.service.intake.codes(work)
        except sa.exc.SQLAlchemyError:
            return
        for code in codes:
            if topology.company_intake(code) not in self._queues:
                topology.declare_company(connection, code)
                self._listen(channel, topology.company_intake(code), code)

    def _collect(self, connection: Connection) -> None:
        """Wait for a message, then take what else is there, up to the prefetch."""
        timeout = 1.0
        while len(self._batch) < PREFETCH:
            try:
                connection.drain_events(timeout=timeout)
            except TimeoutError:
                return
            timeout = LINGER_SECONDS

    def _take(self, connection: Connection) -> None:
        deliveries = [delivery for _, delivery in self._batch]
        while not self.stopping:
            try:
                inbox.take(self.service, deliveries)
                return
            except sa.exc.DBAPIError as away:
                if not is_away(away):
                    raise
                log.warning("database_away", fault=type(away.orig).__name__, held=len(deliveries))
                self._sleep(HOLD_SECONDS)
                connection.heartbeat_check()
        raise ConnectionError("stopped while the database was away")
