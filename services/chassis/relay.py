"""The only publisher: what transactions have put into the outbox, in order, with pipelined publisher confirms.

A row leaves the outbox only when the broker has confirmed it. What the broker returns (nobody is bound) or refuses
(a full queue) stays, is tried again later, and does not hold up the rows behind it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import amqp
import sqlalchemy as sa
from amqp.exceptions import AMQPError
from kombu import Connection

from services.chassis import faultpoints, wire
from services.chassis.columns import Moment
from services.chassis.records import Base
from services.chassis.tables import Outgoing

if TYPE_CHECKING:
    from services.chassis.service import Service

BATCH = 200
CONFIRM_SECONDS = 10
HEARTBEAT = 10
_table = Base.metadata.tables[Outgoing.__tablename__]
_column = _table.c
#: Rows and no objects: a busy relay reads and forgets thousands a second.
DUE = (
    sa.select(
        _column.position, _column.message_id, _column.exchange, _column.routing_key, _column.mandatory, _column.body
    )
    .where(
        _column.sent_at.is_(None),
        sa.or_(_column.next_try_at.is_(None), _column.next_try_at <= sa.bindparam("now", type_=Moment)),
    )
    .order_by(_column.position)
    .limit(BATCH)
)
SENT = (
    sa.update(_table)
    .where(_column.position.in_(sa.bindparam("positions", expanding=True)))
    .values(sent_at=sa.bindparam("now", type_=Moment), problem=None)
)


class Relay:
    """Publishes one service's outbox over one connection. `publish_due` returns how many rows were confirmed."""

    def __init__(self, service: Service, uri: str) -> None:
        self.service, self.uri = service, uri
        self._connection: Connection | None = None
        self._channel: Any = None

    def publish_due(self) -> int:
        """One batch; raises what amqp or the database raises, after which the next call connects anew."""
        rows = self._waiting()
        if not rows:
            self._keep_alive()
            return 0
        faultpoints.reached("relay_after_select")
        try:
            settled = self._publish(rows)
        except (OSError, AMQPError):
            self.close()
            raise
        faultpoints.reached("relay_after_confirm")
        self._settle(settled)
        return sum(problem is None for problem in settled.values())

    def _waiting(self) -> Sequence[Any]:
        with self.service.database.read() as session:
            return session.connection().execute(DUE, {"now": self.service.now()}).all()

    def _publish(self, rows: Sequence[Any]) -> dict[int, str | None]:
        """Publish all, then wait for all confirms; returns the problem of each row, None where there is none."""
        channel = self._open()
        waiting: dict[int, int] = {}
        settled: dict[int, str | None] = {}
        returned: set[str] = set()

        def confirmed(tag: int, multiple: bool, problem: str | None) -> None:
            if tag in waiting:
                settled[waiting.pop(tag)] = problem
            while multiple and waiting and (oldest := next(iter(waiting))) < tag:
                settled[waiting.pop(oldest)] = problem

        def on_return(*args: Any) -> None:
            returned.add(str(args[-1].properties.get("message_id")))

        channel.events["basic_ack"] = {lambda tag, multiple: confirmed(tag, multiple, None)}
        channel.events["basic_nack"] = {lambda tag, multiple, *_: confirmed(tag, multiple, "refused")}
        channel.events["basic_return"] = {on_return}
        for row in rows:
            waiting[self._published + 1] = row.position
            channel._basic_publish(
                amqp.Message(
                    row.body.encode(),
                    content_type=wire.CONTENT_TYPE,
                    content_encoding="utf-8",
                    delivery_mode=2,
                    message_id=row.message_id,
                ),
                exchange=row.exchange,
                routing_key=row.routing_key,
                mandatory=row.mandatory,
            )
            self._published += 1
        faultpoints.reached("relay_after_publish")
        deadline = time.monotonic() + CONFIRM_SECONDS
        while waiting:
            if time.monotonic() > deadline:
                raise TimeoutError("the broker has not confirmed")
            assert self._connection is not None
            self._connection.drain_events(timeout=CONFIRM_SECONDS)
        for row in rows:
            if row.message_id in returned:
                settled[row.position] = "unroutable"
        return settled

    def _settle(self, settled: dict[int, str | None]) -> None:
        now = self.service.now()
        sent = [position for position, problem in settled.items() if problem is None]
        with self.service.database.at_once() as connection:
            if sent:
                connection.execute(SENT, {"now": now, "positions": sent})
            for position, problem in settled.items():
                if problem is not None:
                    values = {
                        "attempts": _column.attempts + 1,
                        "problem": problem,
                        "next_try_at": now + timedelta(seconds=5),
                    }
                    connection.execute(sa.update(_table).where(_column.position == position).values(**values))

    def _open(self) -> Any:
        if self._channel is None:
            options = {"read_timeout": CONFIRM_SECONDS, "write_timeout": CONFIRM_SECONDS}
            self._connection = Connection(self.uri, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=options)
            self._connection.connect()
            self._channel = self._connection.channel()
            self._channel.confirm_select()
            self._published = 0
        return self._channel

    def _keep_alive(self) -> None:
        if self._connection is not None:
            try:
                self._connection.heartbeat_check()
                self._connection.drain_events(timeout=0.001)
            except TimeoutError:
                pass
            except (OSError, AMQPError):
                self.close()

    def close(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()
