"""What the databases and the broker hold, read with plain SQL and rabbitmqctl: nothing of the services is asked."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from services.contracts import SERVICES

CATALOGUES = Path(__file__).resolve().parents[2] / "services" / "contracts" / "catalogue"


class Reader:
    """Rows of one service's database: `rows("leads", "SELECT ...")`."""

    def __init__(self, home: Path, database_url: str | None) -> None:
        self._home, self._url = home, database_url

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        connection: Any
        if self._url:
            connection = psycopg2.connect(self._url, connect_timeout=3, options=f"-csearch_path={service}")
        else:
            connection = sqlite3.connect(f"file:{self._home / 'data' / service}.db?mode=ro", uri=True, timeout=10)
        with closing(connection), closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@dataclass
class Facts:
    """Everything that the count looks at; `receipts` and `outbox` are per service."""

    outbox: dict[str, list[tuple[str, str, str, str, bool]]] = field(default_factory=dict)
    receipts: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    held: dict[str, list[tuple[str, str, str, bytes]]] = field(default_factory=dict)
    queues: dict[str, int] = field(default_factory=dict)
    made: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    changed: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    orders: list[dict[str, Any]] = field(default_factory=list)
    alerts: Counter[str] = field(default_factory=Counter)
    replicas: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    handed: list[tuple[str, str]] = field(default_factory=list)
    subscribers: dict[tuple[str, str], list[str]] = field(default_factory=dict)


#: (service, table, expression) of what commands make and of what subscribers make of events.
MADE = (
    ("leads", "customer", "name"),
    ("leads", "customer", "id"),
    ("leads", "home", "code"),
    ("leads", "contract", "home_id"),
    ("leads", "handover", "home_id"),
    ("maintenance", "work_order", "description"),
    ("maintenance", "work_order", "number"),
    ("maintenance", "warranty_item", "home_id || '/' || category"),
    ("complaints", "case", "description"),
    ("complaints", "case_repair", "id"),
    ("membership", "profile", "id"),
    ("membership", "member", "uid"),
    ("membership", "household", "home_id"),
    ("membership", "care_task", "home_id"),
    ("membership", "follow_up", "cause"),
)


def unsettled(reader: Reader) -> list[str]:
    """What still has to happen by itself: unsent events and messages to be tried again."""
    open_ones = []
    for service in SERVICES:
        ((unsent,),) = reader.rows(service, "SELECT count(*) FROM outbox WHERE sent_at IS NULL")
        ((waiting,),) = reader.rows(
            service, "SELECT count(*) FROM parked_message WHERE state IN ('retrying', 'waiting')"
        )
        open_ones += [f"{service}: {unsent} unsent"] if unsent else []
        open_ones += [f"{service}: {waiting} to try again"] if waiting else []
    return open_ones


def depths(told: str) -> dict[str, int]:
    """`rabbitmqctl list_queues name messages` as numbers."""
    lines = [line.rsplit("\t", 1) for line in told.splitlines() if "\t" in line]
    return {name: int(number) for name, number in lines if number.isdigit()}


def gather(reader: Reader, queues: dict[str, int]) -> Facts:
    """All facts, at a moment at which nothing changes any more."""
    facts = Facts(queues=queues, subscribers=_subscribers())
    for service in SERVICES:
        facts.outbox[service] = [
            (message_id, name, exchange, key, sent is not None)
            for message_id, name, exchange, key, sent in reader.rows(
                service, "SELECT message_id, name, exchange, routing_key, sent_at FROM outbox ORDER BY position"
            )
        ]
        found = reader.rows(service, "SELECT source, message_id, count(*) FROM receipt GROUP BY source, message_id")
        facts.receipts[service] = Counter({(source, message_id): number for source, message_id, number in found})
        facts.held[service] = [
            (message_id, state, reason, base64.b64decode(body))
            for message_id, state, reason, body in reader.rows(
                service, "SELECT message_id, state, reason, body FROM parked_message"
            )
        ]
        # One command or message is one correlation id; it may write several entries for one record.
        changed = reader.rows(
            service,
            "SELECT resource, record_id, command, count(DISTINCT correlation_id) FROM audit "
            "GROUP BY resource, record_id, command",
        )
        for resource, record_id, command, number in changed:
            facts.changed[service, resource, record_id, command] = number
        replicas = reader.rows(service, "SELECT resource, key, count(*) FROM replica GROUP BY resource, key")
        facts.replicas[service] = Counter({(resource, key): number for resource, key, number in replicas})
    for service, table, column in MADE:
        rows = reader.rows(service, f'SELECT {column}, count(*) FROM "{table}" GROUP BY 1')
        facts.made[service, table, column] = Counter({str(value): number for value, number in rows})
    facts.handed = [
        (home, uid)
        for home, uid in reader.rows(
            "leads",
            "SELECT h.home_id, o.owner_uid FROM handover h JOIN home o ON o.id = h.home_id WHERE h.state = 'completed'",
        )
    ]
    facts.orders = [
        dict(zip(("id", "home", "class", "company", "ref", "case", "state"), row, strict=True))
        for row in reader.rows(
            "maintenance",
            "SELECT id, home_id, reported_class, reported_by_company, source_ref, case_id, state FROM work_order",
        )
    ]
    facts.alerts = Counter(
        dict(
            reader.rows("maintenance", "SELECT record_id, count(*) FROM alert WHERE rule = 'repeat_repair' GROUP BY 1")
        )
    )
    return facts


def _subscribers() -> dict[tuple[str, str], list[str]]:
    """Who has to hear of an event, by publisher and name, from the published catalogues."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(CATALOGUES.glob("*.json")):
        catalogue = json.loads(path.read_text(encoding="utf-8"))
        for cause in catalogue["reacts_to"]:
            found.setdefault((cause["publisher"], cause["event"]), []).append(catalogue["service"])
    return found


def names(values: Iterable[str], limit: int = 5) -> str:
    """Some of them, for people who look for the cause."""
    some = sorted(values)
    return ", ".join(some[:limit]) + (f" and {len(some) - limit} more" if len(some) > limit else "")
