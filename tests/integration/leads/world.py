"""A service on a database of its own, with a clock that a test sets and people who may do what their roles say."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import catalogue, commands, inbox, scan
from services.chassis.actors import SYSTEM, Actor
from services.chassis.moves import MOVES, Move
from services.chassis.process import Process
from services.chassis.records import Base
from services.chassis.service import Service
from services.chassis.tables import Outgoing
from services.chassis.wire import CONTENT_TYPE
from services.contracts.errors import Conflict
from services.contracts.events import Event
from services.contracts.fields import Field, to_wire

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai


def person(user: str, *roles: str, scope: str = "group") -> dict[str, Any]:
    """An actor as the wire has it."""
    return {"user": user, "name": user, "roles": {str(role): [scope] for role in roles}}


class World:
    """One service, opened on an empty database."""

    def __init__(self, service: Service, url: str) -> None:
        self.service, self.now = service, START
        self.before = service.now
        service.open(url)
        service.now = lambda: self.now
        if not sa.inspect(service.database.engine).has_table(service.tables[0].name):
            Base.metadata.create_all(service.database.engine, tables=service.tables)
        self.everybody = person("li.na", *self._all_roles())

    def _all_roles(self) -> set[str]:
        described = catalogue.described(self.service)
        return {role for command in described["commands"].values() for role in command["by"]} | {"sales_director"}

    def close(self) -> None:
        self.service.now = self.before
        self.service.close()

    def do(self, command: str, payload: dict[str, Any], *, by: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give a command as a person; returns the record."""
        envelope = {"command_id": str(uuid.uuid4()), "actor": by or self.everybody}
        result: dict[str, Any] = commands.execute(self.service, command, to_wire(payload), envelope)["result"]
        return result

    def perform(self, function: Any, record_id: str | None = None, **params: Any) -> Any:
        """Let the service give one of its own commands."""
        with self.service.begin(SYSTEM, command="test") as work:
            record = work.get(MOVES[function].process.record, record_id, lock=True) if record_id else None
            done = work.perform(function, record, **params)
            work.finish()
        return done

    def add(self, process: Process[Any], state: str, **values: Any) -> Any:
        """A record that has come to a state, by whatever way; its clocks run as they do when it enters that state."""
        with self.service.begin(SYSTEM, command="test") as work:
            record = work.begin_life(process, process.record(**values), state)
            work.finish()
        return record

    def get(self, record: type[Any], record_id: str) -> Any:
        with self.service.reading(SYSTEM) as work:
            return work.get(record, record_id)

    def all(self, record: type[Any], *conditions: Any) -> list[Any]:
        with self.service.reading(SYSTEM) as work:
            return work.all(record, *conditions)

    def reading(self, actor: Actor = SYSTEM) -> Any:
        return self.service.reading(actor)

    def told(self, *events: type[Event]) -> list[dict[str, Any]]:
        """What was announced under these names, in order."""
        names = [event.wire_name for event in events]
        with self.service.reading(SYSTEM) as work:
            rows = work.session.scalars(sa.select(Outgoing).where(Outgoing.name.in_(names)).order_by(Outgoing.position))
            return [json.loads(row.body)["data"] for row in rows]

    def at(self, moment: datetime) -> int:
        """Move the clock and let the service look at it once."""
        self.now = moment
        return scan.tick(self.service)

    def take(self, *deliveries: inbox.Delivery) -> None:
        inbox.take(self.service, deliveries)


def empty(service: Service, folder: Path) -> Path:
    """An SQLite file with the service's tables and nothing in them: to be copied, which is quicker than to be made."""
    World(service, f"sqlite:///{folder / 'empty.db'}").close()
    return folder / "empty.db"


def delivery(event: Event, *, message_id: str | None = None, at: datetime = START) -> inbox.Delivery:
    """An event as its publisher's relay would send it."""
    envelope = {
        "specversion": "1.0",
        "id": message_id or str(uuid.uuid4()),
        "source": f"/anju/{event.publisher}",
        "type": type(event).wire_name,
        "time": to_wire(at),
        "subject": str(getattr(event, event.subject)),
        "dataversion": 1,
        "datacontenttype": "application/json",
        "data": event.dump(),
    }
    return inbox.Delivery(json.dumps(envelope, ensure_ascii=False).encode(), CONTENT_TYPE, "utf-8", {})


SAMPLES: dict[str, Any] = {
    "integer": 3,
    "decimal": "1.00",
    "money": "1.00",
    "boolean": True,
    "date": START.date() + timedelta(days=30),
    "moment": START + timedelta(days=30),
    "json": {},
    "files": [],
}


def sample(field: Field) -> Any:
    """Any value that the field takes."""
    if field.values:
        value: Any = field.values[0]
    elif field.mask == "phone":
        value = "13800138000"
    else:
        value = SAMPLES.get(field.kind, "P01")
    return [value] if field.many else value


def payload_for(move: Move) -> dict[str, Any]:
    """A payload that the command's schema takes."""
    return {field.name: to_wire(sample(field)) for field in move.params if field.required}


def illegal_pairs(process: Process[Any]) -> Iterator[tuple[str, Move]]:
    """Every state with every command that it does not allow, from the declaration."""
    changing = [move for move in process.moves.values() if move.kind != "create"]
    for state, move in itertools.product(process.states, changing):
        if not move.allows(state):
            yield state, move


def refused_everywhere(world: World, process: Process[Any], **values: Any) -> int:
    """Try every illegal pair on a record in that state; each is refused and changes nothing. How many there are."""
    records: dict[str, Any] = {}
    count = 0
    for number, state in enumerate(process.states):
        records[state] = world.add(process, state, **{key: _own(value, number) for key, value in values.items()})
    for state, move in illegal_pairs(process):
        with pytest.raises(Conflict) as refusal:
            world.do(move.command, {**payload_for(move), "id": records[state].id})
        assert refusal.value.code in ("illegal_move", "decided_already"), (state, move.command)
        assert world.get(process.record, records[state].id).state == state
        count += 1
    return count


def _own(value: Any, number: int) -> Any:
    return value(number) if callable(value) else value


__all__ = [
    "START",
    "World",
    "delivery",
    "empty",
    "illegal_pairs",
    "payload_for",
    "person",
    "refused_everywhere",
    "sample",
]
