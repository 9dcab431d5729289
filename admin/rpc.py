"""The console's way to the services: `Services` speaks Nameko's RPC protocol (2.14).

Why not `nameko.standalone.rpc`: its proxy is single-threaded and slow to make (a connection and a queue each, 10 to 20
requests a second when made per request), it cannot be used again once disconnected, its publish has no time limit when
the broker is frozen, its message never expires, so a stopped service would carry out commands that the user long gave
up, and it revives kombu's `__type__` values. The protocol itself is five lines: a JSON `{"args", "kwargs"}` to exchange
`nameko-rpc` with routing key `<service>.<door>`, and `{"result", "error"}` back to `reply_to`.

Every method takes and gives what docs/architecture.md says of the door of the same name, raises an `AnjuError` of
`services.contracts.errors`, and returns within the deadline (2 s unless the constructor is told otherwise).
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from admin.rpc_link import FAILURES, BrokerAway, Link, Pool
from services.contracts.errors import AnjuError, ServiceUnavailable, UnknownCommand, rebuild

log = logging.getLogger(__name__)

Answer = dict[str, Any]
Actor = dict[str, Any]

DEADLINE = 2.0  # seconds, for everything that one method does
REST = 3.0  # seconds during which a service that kept callers waiting is not asked again
QUERIES = ("fetch", "search", "search_each", "history", "options", "advise", "report", "health")


@dataclass(frozen=True)
class _Call:
    service: str
    door: str
    args: list[Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Services:
    """The doors of all services. Safe to share between threads; connections are made on first use."""

    def __init__(self, amqp_uri: str, *, deadline: float = DEADLINE, rest: float = REST) -> None:
        """`deadline` and `rest` in seconds."""
        self._deadline = deadline
        self._pool = Pool(amqp_uri)
        self._memory = _Memory(rest)

    def execute(
        self,
        service: str,
        command: str,
        payload: dict[str, Any],
        *,
        actor: Actor,
        command_id: str,
        version: int | None = None,
        correlation_id: str | None = None,
    ) -> Answer:
        """Carry out one command: `{"result": RECORD, "replayed": bool}`.

        A connection that breaks on the way is replaced and the command sent once more; `command_id` makes that
        harmless. After a `ServiceUnavailable` the outcome is unknown; the same `command_id` again tells it.
        """
        envelope: dict[str, Any] = {"command_id": command_id, "actor": actor}
        envelope |= {"version": version} if version is not None else {}
        envelope |= {"correlation_id": correlation_id} if correlation_id is not None else {}
        return self._one(_Call(service, "execute", [command, payload, envelope]))

    def tell_attempt(self, service: str, resource: str, id: str, attempted: str, *, actor: Actor, door: str) -> None:
        """Somebody tried to change an entry of a register in a way that does not exist: the service keeps it (X-47)."""
        command = attempted if attempted.endswith(f"_{resource}") else f"{attempted}_{resource}"
        envelope = {"command_id": str(uuid.uuid4()), "actor": actor, "door": door}
        try:
            self._one(_Call(service, "execute", [command[-80:], {"id": id}, envelope]))
        except UnknownCommand:
            return

    def fetch(self, service: str, resource: str, id: str, actor: Actor) -> Answer:
        """One record: `{"result": RECORD, "actions": [{"command", "allowed", "obstacle"}]}`."""
        return self._one(_Call(service, "fetch", [resource, id, actor]))

    def search(self, service: str, resource: str, params: dict[str, Any], actor: Actor) -> Answer:
        """A page of records: `{"count", "capped", "result": [RECORD], "tabs": {state: count}, "least"}`."""
        return self._one(_Call(service, "search", [resource, params, actor]))

    def search_each(self, service: str, asked: list[Any], actor: Actor) -> Answer:
        """Several lists at once, `[[resource, params], ...]`; a refusal is `{"refused": type, "with": arguments}`."""
        return self._one(_Call(service, "search_each", [asked, actor]))

    def history(self, service: str, resource: str, id: str, actor: Actor) -> Answer:
        """What happened to a record, newest first: `{"result": [{"at", "kind", "name", "actor", "detail"}]}`."""
        return self._one(_Call(service, "history", [resource, id, actor]))

    def options(self, service: str, resource: str, q: str, actor: Actor) -> Answer:
        """Records to pick from, at most 20: `{"result": [{"id", "label"}]}`."""
        return self._one(_Call(service, "options", [resource, q, actor]))

    def advise(self, service: str, command: str, payload: dict[str, Any], actor: Actor) -> Answer:
        """What is said about a command before it is given: `{"suggestions": [...], "cautions": [...]}`."""
        return self._one(_Call(service, "advise", [command, payload, actor]))

    def report(self, service: str, name: str, params: dict[str, Any], actor: Actor) -> Answer:
        """The rows of a report: `{"rows": [{"values", "behind": {count: filters}}], "capped", "params"}`."""
        return self._one(_Call(service, "report", [name, params, actor]))

    def health(self, service: str) -> Answer:
        """How a service says it is: `{"service", "database", "outbox", "inbox", "relay"}`."""
        return self._one(_Call(service, "health", []))

    def resync(self, service: str, resource: str) -> Answer:
        """Let a service tell every record of a resource again; `{"told": how many}`."""
        return self._one(_Call(service, "resync", [resource]))

    def gather(self, calls: Sequence[tuple[Any, ...]], *, deadline: float | None = None) -> list[Answer | AnjuError]:
        """Many queries under one deadline: all are sent, then all awaited, so that a page costs its slowest part.

        Each call is `(method name, *arguments)`, such as `("fetch", "leads", "home", id, actor)`. The list has an
        answer or an `AnjuError` per call, in the same order. Commands are not accepted: each wants its outcome known.
        """
        for name, *_ in calls:
            if name not in QUERIES:
                raise ValueError(f"gather takes {', '.join(QUERIES)}, not {name}")
        return self._all([_Call(service, name, list(args)) for name, service, *args in calls], deadline)

    def broker(self, *, deadline: float | None = None) -> bool:
        """Whether the broker answers a question within `deadline` seconds."""
        until = time.monotonic() + (deadline or self._deadline)
        for fresh in (False, True):  # an idle connection may have been cut while the broker is well
            try:
                with self._pool.borrow(until, fresh=fresh) as link:
                    link.ping(until)
            except (*FAILURES, BrokerAway):
                continue
            self._memory.broker_back()
            return True
        return False

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _one(self, call: _Call) -> Answer:
        (answer,) = self._all([call], None)
        if isinstance(answer, AnjuError):
            raise answer
        return answer

    def _all(self, calls: list[_Call], deadline: float | None) -> list[Answer | AnjuError]:
        until = time.monotonic() + (deadline or self._deadline)
        done: dict[str, Answer | AnjuError] = {}
        for fresh in (False, True):
            if self._memory.broker_rests():
                break
            try:
                with self._pool.borrow(until, fresh=fresh) as link:
                    self._exchange(link, calls, done, until)
                break
            except _Late:
                break
            except BrokerAway as away:
                log.warning("the broker is away: %s", away)
                if away.slow:
                    self._memory.broker_slow()
                break
            except FAILURES as wrong:
                # The broker restarted or the connection was cut: what is unanswered is asked once more, on a new one.
                log.info("a broker connection broke: %s", type(wrong).__name__)
                self._pool.clear()
        for call in calls:
            if call.id not in done:
                done[call.id] = ServiceUnavailable(service=call.service)
        return [done[call.id] for call in calls]

    def _exchange(self, link: Link, calls: list[_Call], done: dict[str, Answer | AnjuError], until: float) -> None:
        waiting = {call.id: call for call in calls if call.id not in done}
        for call in list(waiting.values()):
            if self._memory.refuses(call, link, until):
                done[call.id] = ServiceUnavailable(service=call.service)
                del waiting[call.id]
            else:
                link.ask(call.id, call.service, call.door, call.args, until)
        while waiting:
            if not link.listen(until):
                for call in waiting.values():
                    log.warning("%s.%s did not answer in time", call.service, call.door)
                    self._memory.slow(call.service)
                    done[call.id] = ServiceUnavailable(service=call.service, code="service_timeout")
                # The peer may be a frozen broker, so this connection is not used again.
                raise _Late
            for call_id in waiting.keys() & link.returned:
                done[call_id] = ServiceUnavailable(service=waiting.pop(call_id).service)
            for call_id in waiting.keys() & link.answers.keys():
                call = waiting.pop(call_id)
                self._memory.answered(call.service)
                done[call_id] = _understood(call, link.answers.pop(call_id))


class _Late(Exception):
    """The deadline passed with calls unanswered."""


class _Memory:
    """Which services kept their callers waiting, so that the next page does not wait again.

    After one timeout a service is asked only while it has a consumer on its queue (a quick question to the broker);
    after two in a row it is left alone for `rest` seconds, then one caller tries. An answer clears it.
    """

    def __init__(self, rest: float) -> None:
        self._rest = rest
        self._lock = threading.Lock()
        self._timeouts: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._broker_until = 0.0

    def refuses(self, call: _Call, link: Link, until: float) -> bool:
        timeouts = self._timeouts.get(call.service, 0)
        if not timeouts:
            return False
        if not link.consumers(call.service, until):
            return True
        if timeouts < 2 or call.door == "health":
            return False
        now = time.monotonic()
        with self._lock:
            if now < self._until.get(call.service, 0.0):
                return True
            self._until[call.service] = now + self._rest  # this caller tries; the others still do not wait
        return False

    def slow(self, service: str) -> None:
        with self._lock:
            self._timeouts[service] = self._timeouts.get(service, 0) + 1
            self._until[service] = time.monotonic() + self._rest

    def answered(self, service: str) -> None:
        if service in self._timeouts:
            with self._lock:
                self._timeouts.pop(service, None)

    def broker_rests(self) -> bool:
        return time.monotonic() < self._broker_until

    def broker_slow(self) -> None:
        self._broker_until = time.monotonic() + self._rest

    def broker_back(self) -> None:
        self._broker_until = 0.0


def _understood(call: _Call, body: Any) -> Answer | AnjuError:
    """The answer, or the error that the service raised. A fault is logged, and told without the service's words."""
    try:
        reply = json.loads(body)
        error, result = reply["error"], reply["result"]
        if error is None and isinstance(result, dict):
            return result
        exc_type = str(error["exc_type"])
        known = rebuild(exc_type, error["exc_args"])
    except (ValueError, KeyError, TypeError):
        exc_type, known = "no answer of the protocol", None
    if known is not None:
        return known
    log.error("%s.%s failed: %s, correlation id %s", call.service, call.door, exc_type, call.id)
    return ServiceUnavailable(service=call.service, code="service_fault", correlation_id=call.id)
