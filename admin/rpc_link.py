"""One AMQP connection that asks questions of Nameko services, and the pool of such connections.

A `Link` belongs to one thread at a time; `Pool.borrow` sees to that. Nothing here waits without a limit: the socket's
own timeout is set before every step, so a frozen broker costs what is left of the caller's deadline and never more (a
kombu publish has no limit and was seen to block for as long as the broker was frozen, and again on closing).
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import amqp
from amqp.exceptions import AMQPError, NotFound
from kombu.utils.url import url_to_parts

EXCHANGE = "nameko-rpc"
HEARTBEAT = 20  # seconds; the broker drops a silent console after two of them
TEND_EVERY = 5.0  # seconds between looks at idle connections
CLOSE_WITHIN = 0.2  # seconds for a polite goodbye
FAILURES = (OSError, AMQPError)


class BrokerAway(Exception):
    """The broker refuses, does not answer in time, or blocks publishers."""

    def __init__(self, reason: str, *, slow: bool) -> None:
        super().__init__(reason)
        self.slow = slow  # it cost the caller's time, so others should be spared for a while


class Link:
    """A connection, a channel and an exclusive reply queue.

    `answers` holds raw replies by call id, `returned` the ids of calls that no queue would take.
    """

    def __init__(self, uri: str, until: float) -> None:
        """Connect before `until` (monotonic seconds), or raise OSError or AMQPError."""
        scheme, host, port, user, password, path, _query = url_to_parts(uri)
        secure = scheme == "amqps"
        self.answers: dict[str, Any] = {}
        self.returned: set[str] = set()
        self._reply_to = str(uuid.uuid4())
        left = _left(until)
        self._connection = amqp.Connection(
            host=f"{host or 'localhost'}:{port or (5671 if secure else 5672)}",
            userid=user or "guest",
            password=password or "guest",
            login_method="PLAIN",
            virtual_host=path or "/",
            ssl={"server_hostname": host} if secure else False,
            connect_timeout=left,
            heartbeat=HEARTBEAT,
            on_blocked=self._blocked,
        )
        try:
            self._connection.connect()
            self._allow(until)
            self._channel = self._connection.channel()
            self._listen(until)
        except BaseException:
            self.drop()
            raise

    def _listen(self, until: float) -> None:
        """A reply queue like Nameko's own: bound to its exchange, because its services answer through that exchange."""
        queue = f"rpc.reply-console-{self._reply_to}"
        self._channel.events["basic_return"].add(self._on_returned)
        for step in (
            lambda: self._channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False),
            lambda: self._channel.queue_declare(queue, exclusive=True, auto_delete=True),
            lambda: self._channel.queue_bind(queue, EXCHANGE, routing_key=self._reply_to),
            lambda: self._channel.basic_consume(queue, no_ack=True, callback=self._on_answer),
        ):
            self._allow(until)
            step()

    def ask(self, call_id: str, service: str, door: str, args: list[Any], until: float) -> None:
        """Publish one call.

        Mandatory: a service that never ran has no queue, and that is known at once. It expires with the caller's
        deadline, so that a dead service does not carry out stale commands when it comes back.
        """
        left = self._allow(until)
        message = amqp.Message(
            json.dumps({"args": args, "kwargs": {}}, ensure_ascii=False).encode(),
            content_type="application/json",
            content_encoding="utf-8",
            reply_to=self._reply_to,
            correlation_id=call_id,
            expiration=str(max(1, int(left * 1000))),
            delivery_mode=1,
        )
        self._channel.basic_publish(message, EXCHANGE, f"{service}.{door}", mandatory=True)

    def listen(self, until: float) -> bool:
        """Read one frame; False when `until` passed first."""
        self._connected()
        try:
            self._connection.blocking_read(max(0.001, until - time.monotonic()))
        except TimeoutError:
            return False
        return True

    def consumers(self, service: str, until: float) -> int:
        """How many processes of a service wait for calls right now; a channel of its own, as "no queue" closes it."""
        self._allow(until)
        channel = self._connection.channel()
        try:
            return int(channel.queue_declare(f"rpc-{service}", passive=True).consumer_count)
        except NotFound:
            return 0
        finally:
            if channel.is_open:
                channel.close()

    def ping(self, until: float) -> None:
        """One question that the broker answers by itself."""
        self._allow(until)
        self._channel.exchange_declare(EXCHANGE, "topic", passive=True)

    def tend(self) -> None:
        """Read what came while nobody was asking, and send a heartbeat when one is due."""
        self._connected()
        with contextlib.suppress(TimeoutError):
            while True:
                self._connection.blocking_read(0.001)
        self._allow(time.monotonic() + CLOSE_WITHIN)
        self._connection.heartbeat_tick()

    def drop(self) -> None:
        """Close the socket without a word: a broken or frozen peer would keep a polite one waiting."""
        with contextlib.suppress(Exception):
            self._allow(time.monotonic() + CLOSE_WITHIN)
        with contextlib.suppress(Exception):
            self._connection.collect()

    def close(self) -> None:
        """Say goodbye, briefly."""
        with contextlib.suppress(*FAILURES):
            self._allow(time.monotonic() + CLOSE_WITHIN)
            self._connection.close()
        self.drop()

    def _allow(self, until: float) -> float:
        """Give the socket what is left of the deadline, in seconds, for the next step."""
        self._connected()
        left = _left(until)
        self._connection.transport.sock.settimeout(left)
        return left

    def _connected(self) -> None:
        """Py-amqp connects again, without a limit, when a closed connection is touched; so it is not touched."""
        if not self._connection.connected:
            raise ConnectionResetError("the connection is closed")

    def _on_answer(self, message: Any) -> None:
        self.answers[str(message.properties.get("correlation_id"))] = message.body

    def _on_returned(self, _error: Any, _exchange: str, _key: str, message: Any) -> None:
        self.returned.add(str(message.properties.get("correlation_id")))

    def _blocked(self, reason: str) -> None:
        raise BrokerAway(reason, slow=True)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline")
    return left


class Pool:
    """Idle links of this process; at most `idle` are kept, as many as there are threads may be in use.

    `uri` may name the nodes of a cluster, separated by `;`.

    A thread of its own keeps idle links alive with heartbeats and throws dead ones away, so that the first request
    after a quiet hour or a broker restart finds a working one.
    """

    def __init__(self, uri: str, *, idle: int = 16) -> None:
        self._uris, self._limit = uri.split(";"), idle
        self._lock = threading.Lock()
        self._idle: list[Link] = []
        self._owner = 0  # process id: a link must not be shared with a forked worker
        self._stop = threading.Event()

    @contextlib.contextmanager
    def borrow(self, until: float, *, fresh: bool = False) -> Iterator[Link]:
        """A link for this thread. It comes back to the pool unless the block raises; then it is dropped.

        Raises BrokerAway when no connection could be made before `until`.
        """
        link = None if fresh else self._pop()
        try:
            link = link or self._connected(until)
        except FAILURES as wrong:
            raise BrokerAway(type(wrong).__name__, slow=isinstance(wrong, TimeoutError)) from wrong
        try:
            yield link
        except BaseException:
            link.drop()
            raise
        self._push(link)

    def _connected(self, until: float) -> Link:
        """A link to the node that answered last, or to the next one that does; each has its share of the time."""
        for left in range(len(self._uris), 0, -1):
            now = time.monotonic()
            try:
                return Link(self._uris[0], now + max(0.0, until - now) / left)
            except FAILURES:
                self._uris = [*self._uris[1:], self._uris[0]]
                if left == 1:
                    raise
        raise ConnectionRefusedError

    def clear(self) -> None:
        """Throw idle links away: where one broke the others did too."""
        with self._lock:
            links, self._idle = self._idle, []
        for link in links:
            link.drop()

    def close(self) -> None:
        """Close idle links and stop tending."""
        self._stop.set()
        with self._lock:
            links, self._idle = self._idle, []
        for link in links:
            link.close()

    def _pop(self) -> Link | None:
        with self._lock:
            if self._owner != os.getpid():
                self._idle, self._owner = [], os.getpid()
                threading.Thread(target=self._tend, name="rpc-links", daemon=True).start()
            return self._idle.pop() if self._idle else None

    def _push(self, link: Link) -> None:
        link.answers.clear()
        link.returned.clear()
        with self._lock:
            if len(self._idle) < self._limit and not self._stop.is_set():
                self._idle.append(link)
                return
        link.close()

    def _tend(self) -> None:
        while not self._stop.wait(TEND_EVERY):
            with self._lock:
                links, self._idle = self._idle, []
            for link in links:
                try:
                    link.tend()
                except (*FAILURES, BrokerAway):
                    link.drop()
                else:
                    self._push(link)
