"""From a handover that an officer completes to its effects in all four services, at 20 a second.

Open loop: each command is sent at its scheduled moment, whatever became of the ones before, and its time is counted
from that moment to the commit of the last of the four services, by PostgreSQL's own clock. Leads commits the handover;
complaints then knows the new owner of the home, maintenance has its warranty items, membership its household.
"""

from __future__ import annotations

import contextlib
import functools
import json
import statistics
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from amqp.exceptions import NotFound
from kombu import Connection

from deploy.bench import handover_sample
from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.bench.ground import Ground, awaited, ground, rows
from services.contracts import SERVICES

RATE, SHORT_RATE = 20, 4
LIMIT_MS = 250
WARM_UP = 20
EXCHANGE = "nameko-rpc"
#: For each service what has been committed last of a handover's effects, by home.
APPLIED = {
    "leads": "SELECT home_id, pg_xact_commit_timestamp(xmin) FROM leads.handover WHERE state = 'completed'",
    "complaints": "SELECT key, pg_xact_commit_timestamp(xmin) FROM complaints.replica "
    "WHERE resource = 'leads/home' AND data ->> 'state' = 'handed_over'",
    "maintenance": "SELECT home_id, max(pg_xact_commit_timestamp(xmin)) FROM maintenance.warranty_item GROUP BY 1",
    "membership": "SELECT home_id, pg_xact_commit_timestamp(xmin) FROM membership.household",
}


def measure(plan: Plan) -> list[Figure]:
    """The 99th percentile of each round, in milliseconds."""
    count, rate = (20, SHORT_RATE) if plan.short else (400, RATE)
    worst: list[float] = []
    middle: list[float] = []
    with ground() as here, ExitStack() as running:
        homes = handover_sample.homes(plan.rounds * count + WARM_UP)
        url = handover_sample.prepared(here, homes)
        children = [running.enter_context(here.service(name, url)) for name in SERVICES]
        with Connection(here.broker.uri) as connection:
            officer = Officer(connection)
            for child in children:
                awaited(child, functools.partial(_is_open, here, child.name), "its doors did not open")
            _round(url, officer, homes[:WARM_UP], rate, children[0])
            for number in range(plan.rounds):
                begin = WARM_UP + number * count
                took = _round(url, officer, homes[begin : begin + count], rate, children[0])
                worst.append(statistics.quantiles(took, n=100, method="inclusive")[98])
                middle.append(statistics.median(took))
                plan.say(f"handover {number + 1}/{plan.rounds}: p50 {middle[-1]:.0f} ms, p99 {worst[-1]:.0f} ms")
    found = {ANJU: worst, "anju, p50": middle}
    met = statistics.median(worst) <= LIMIT_MS
    notes = (f"{count} handovers a round, {rate} a second, open loop, from the scheduled moment",)
    return [
        Figure("handover completed to applied in four services, p99", "ms", found, f"at most {LIMIT_MS} ms", met, notes)
    ]


def _round(url: str, officer: Officer, homes: list[handover_sample.Home], rate: int, child: Any) -> list[float]:
    begin, due = time.monotonic() + 0.2, {}
    began = datetime.now(UTC) + timedelta(seconds=0.2)
    for number, home in enumerate(homes):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        due[home.code] = began + timedelta(seconds=number / rate)
        officer.complete(home)
    applied: dict[str, dict[str, datetime]] = {}

    def everywhere() -> bool:
        officer.check()
        for name, statement in APPLIED.items():
            applied[name] = dict(rows(url, statement))
        return all(code in some for some in applied.values() for code in due)

    awaited(child, everywhere, "the handovers were not applied in all services")
    for name in SERVICES:
        if parked := rows(url, f"SELECT count(*) FROM {name}.parked_message")[0][0]:
            raise Void(f"{name} has set {parked} messages aside")
    return [
        (max(some[code] for some in applied.values()) - moment).total_seconds() * 1000 for code, moment in due.items()
    ]


def _is_open(here: Ground, service: str) -> bool:
    try:
        here.waiting(f"rpc-{service}")
    except NotFound:
        return False
    return True


class Officer:
    """Sends commands as the console does, without waiting for their answers; `check` looks at these later."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._channel = connection, connection.channel()
        self._reply_to = str(uuid.uuid4())
        self._refused: list[str] = []
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(queue, EXCHANGE, self._reply_to)
        self._channel.basic_consume(queue, no_ack=True, callback=self._answered)

    def complete(self, home: handover_sample.Home) -> None:
        envelope = {"command_id": str(uuid.uuid4()), "actor": handover_sample.OFFICER}
        payload = {"id": home.handover_id, "handover_sheet": f"S-{home.code}", "keys": 3}
        self._call("leads.execute", {"command": "complete_handover", "payload": payload, "envelope": envelope})

    def check(self) -> None:
        """Read what has come; raises Void when a command was refused."""
        with contextlib.suppress(TimeoutError):
            while True:
                self._connection.drain_events(timeout=0.01)
        if self._refused:
            raise Void(f"a handover was refused: {self._refused[0]}")

    def _call(self, method: str, arguments: dict[str, Any]) -> None:
        body = json.dumps({"args": [], "kwargs": arguments})
        properties = {"reply_to": self._reply_to, "correlation_id": str(uuid.uuid4())}
        message = self._channel.prepare_message(
            body, content_type="application/json", content_encoding="utf-8", properties=properties
        )
        self._channel.basic_publish(message, exchange=EXCHANGE, routing_key=method)

    def _answered(self, message: Any) -> None:
        error = json.loads(message.body).get("error")
        if error:
            self._refused.append(str(error)[:300])
