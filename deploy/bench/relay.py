"""The relay beside a bare one: N outbox rows, from the first batch that is marked as sent to the last.

Anju: one `maintenance` process, whose relay finds the rows waiting when it starts. Bare: psycopg2 and py-amqp,
`SELECT … FOR UPDATE SKIP LOCKED`, publish all, wait for all confirms, one UPDATE; the same batch size and queue.
"""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.bench.ground import Ground, awaited, ground, opened, rate, rows
from services.chassis import topology, wire
from services.chassis.relay import BATCH
from services.chassis.tables import Outgoing

SERVICE, EVENT = "maintenance", "work_order_progressed"
BARE = "bare relay"
SHARE = 0.6


def measure(plan: Plan) -> list[Figure]:
    """Events a second, confirmed and marked."""
    count = 2_000 if plan.short else 10_000
    found: dict[str, list[float]] = {ANJU: [], BARE: []}
    order = random.Random(plan.seed)
    with ground() as here:
        template = prepared(here, count)
        for number in range(1, plan.rounds + 1):
            for contender in order.sample(list(found), len(found)):
                got = _round(here, template, contender, count)
                found[contender].append(got)
                plan.say(f"relay {number}/{plan.rounds}: {contender}: {got:.0f} events/s")
    figure = Figure("relay, one process", "events/s", found, f"at least {SHARE} of the bare relay", False)
    share = figure.median() / figure.median(BARE)
    notes = (f"{count} events a round, batches of {BATCH}, pipelined confirms, quorum queue, synchronous_commit on",)
    return [Figure(figure.name, figure.unit, found, figure.target, share >= SHARE, notes)]


def prepared(here: Ground, count: int) -> str:
    """A database whose outbox holds so many events that one service has subscribed to."""
    url = here.migrated([SERVICE])
    now = datetime.now(UTC)
    with opened(SERVICE, url) as service, service.database.write() as session:
        session.execute(
            sa.insert(Outgoing),
            [
                {
                    "message_id": (message_id := str(uuid.uuid4())),
                    "exchange": topology.events_exchange(SERVICE),
                    "routing_key": EVENT,
                    "mandatory": True,
                    "name": EVENT,
                    "resource": "work_order",
                    "record_id": message_id,
                    "body": _body(message_id, number),
                    "at": now,
                    "attempts": 0,
                }
                for number in range(count)
            ],
        )
    return url


def _body(message_id: str, number: int) -> str:
    data = {"order_id": message_id, "number": f"WO 2026-P01-{number:06d}", "state": "accepted", "home_id": "P01-1-101"}
    head = {"specversion": "1.0", "id": message_id, "source": f"/anju/{SERVICE}", "type": EVENT}
    return wire.to_json({**head, "time": "2026-03-02T01:21:07Z", "subject": message_id, "data": data})


def _round(here: Ground, template: str, contender: str, count: int) -> float:
    (subscriber,) = topology.subscribers(EVENT, SERVICE)
    queue = topology.inbox(subscriber)
    here.purge(queue)
    with here.copied(template) as url:
        if contender == BARE:
            process = here.process("bare", "deploy.bench.bare_relay", [str(BATCH), url], url)
        else:
            process = here.service(SERVICE, url)
        with process as child:
            left = f"SELECT count(*) FROM {SERVICE}.outbox WHERE sent_at IS NULL"
            awaited(child, lambda: rows(url, left)[0][0] == 0, f"did not publish {count} events")
        got = here.taken(queue)
        ids = [json.loads(body)["id"] for body in got]
        if len(ids) != count or len(set(ids)) != count:
            raise Void(f"{len(ids)} events arrived, {len(set(ids))} different ones; {count} were sent")
        return rate(url, f"{SERVICE}.outbox")
