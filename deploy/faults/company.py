"""A property company as it is outside: its own RabbitMQ user, its own connections, nothing of ours imported.

It publishes with confirms and asks again, with the same id, until the broker has said yes; after a lost confirm it
sometimes gives a report up, so that nobody knows whether it arrived. It reads its inbox, takes every order that it is
given, and answers it.
"""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import AMQPError

from deploy.faults import messages
from deploy.faults.gate import Gate
from deploy.faults.ledger import ABANDONED, ACKNOWLEDGED, Ledger, Message

SECONDS = 5.0
PAUSE = 0.2
GIVEN_UP = 0.25
LOST = (OSError, AMQPError)


class Company:
    """Two threads: one publishes, one reads. `uris` are the nodes of the broker; another is tried after each loss."""

    def __init__(self, code: str, uris: Sequence[str], ledger: Ledger, gate: Gate, seed: int, events: int) -> None:
        self.code, self._uris, self._ledger, self._gate = code, list(uris), ledger, gate
        self._plan = messages.plan_of(code, seed, events)
        self._answers: deque[Message] = deque()
        self._more = messages.more(code, seed, events)
        self._draw = random.Random(f"{seed}/{code}/nerve")
        self._position = 0
        self.finished = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._publish_all, self._read_all)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def stir(self) -> None:
        """One report more than planned, now: a fault waits for something to happen."""
        self._answers.append(next(self._more))

    @property
    def said_all(self) -> bool:
        """Its plan is done and nothing that it was given waits for an answer."""
        return self.finished.is_set() and not self._answers

    def _publish_all(self) -> None:
        line: _Line | None = None
        try:
            while not self._gate.stopped.is_set():
                message = self._next()
                if message is None:
                    self._gate.stopped.wait(PAUSE / 4)
                elif message.outcome != ABANDONED:
                    line = self._publish(line, message)
        finally:
            if line is not None:
                line.drop()

    def _next(self) -> Message | None:
        """Answers first; then the plan, as far as the gate is open."""
        if self._answers:
            return self._answers.popleft()
        if self._position == len(self._plan):
            self.finished.set()
            return None
        if not self._gate.is_open((self._position + 1) / len(self._plan)):
            return None
        self._position += 1
        return self._plan[self._position - 1]

    def _publish(self, line: _Line | None, message: Message) -> _Line | None:
        while not self._gate.stopped.is_set():
            try:
                line = line or _Line(self._uris)
                self._ledger.say(message)
                line.publish(f"property.{self.code}", message)
            except LOST:
                if line is not None:
                    line.drop()
                line = None
                self._ledger.note("confirms not received")
                self._uris.append(self._uris.pop(0))
                if self._gives_up(message):
                    message.outcome = ABANDONED
                    return None
                self._gate.stopped.wait(PAUSE)
                continue
            message.outcome = ACKNOWLEDGED
            return line
        return line

    def _gives_up(self, message: Message) -> bool:
        """Decided once, after the first loss; a message that the broker has already taken is not given up."""
        may = message.kind == "report" and "insisted" not in message.facts and message.outcome != ACKNOWLEDGED
        if not may or not message.sends:
            return False
        message.facts["insisted"] = "the first confirm was lost"
        return self._draw.random() < GIVEN_UP

    def _read_all(self) -> None:
        line: _Line | None = None
        while not self._gate.stopped.is_set():
            try:
                line = line or _Line(self._uris)
                found = line.channel.basic_get(f"property.{self.code}.inbox")
                if found is None:
                    self._gate.stopped.wait(PAUSE / 2)
                    line.connection.heartbeat_tick()
                    continue
                self._take(json.loads(found.body))
                line.channel.basic_ack(found.delivery_tag)
            except LOST:
                if line is not None:
                    line.drop()
                line = None
                self._uris.append(self._uris.pop(0))
                self._gate.stopped.wait(PAUSE)
        if line is not None:
            line.drop()

    def _take(self, told: dict[str, Any]) -> None:
        first = self._ledger.came(self.code, told["id"])
        if first and told["type"] == "work_order_dispatched":
            order = told["data"]["order_id"]
            self._answers.append(messages.answer(self.code, "repair_accepted", order))
            self._answers.append(messages.answer(self.code, "repair_appointment_set", order))
            if self._draw.random() < messages.TWICE:
                self._answers.append(self._answers[-1])


class _Line:
    """A connection and a channel; every wait on it has an end."""

    def __init__(self, uris: Sequence[str]) -> None:
        parts = urlsplit(uris[0])
        self.connection = amqp.Connection(
            host=f"{parts.hostname}:{parts.port}",
            userid=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            virtual_host="/",
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            write_timeout=SECONDS,
            heartbeat=15,
        )
        try:
            self.connection.connect()
            self.channel: Any = self.connection.channel()
        except BaseException:
            self.drop()
            raise

    def publish(self, exchange: str, message: Message) -> None:
        """Return when the broker has confirmed; raise when it does not within the time."""
        wire = amqp.Message(message.body, content_type=message.content_type, content_encoding="utf-8", delivery_mode=2)
        self.channel.basic_publish_confirm(wire, exchange=exchange, routing_key="", confirm_timeout=SECONDS)

    def drop(self) -> None:
        self.connection.collect()
