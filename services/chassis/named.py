"""What a message names: the replicas and the records that its handling is likely to look up, by the declarations.

A field of an event that refers to a resource names its replica. A field that a process' record has, too, in an indexed
column, names records of that process, where the process reacts to the event or has a command for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.contracts.events import Event, joinable

if TYPE_CHECKING:
    from services.chassis.process import Process
    from services.chassis.service import Service


#: Kinds of fields that name one thing; an index on a choice or a moment is there for lists.
NAMING = ("text", "number", "reference")


@dataclass(frozen=True)
class Named:
    """`replicas` and `joined` are pairs of a field and a resource, `records` of a record's class and a field."""

    replicas: tuple[tuple[str, str], ...]
    joined: tuple[tuple[str, str], ...]
    records: tuple[tuple[type[Any], str], ...]


def by_event(service: Service) -> dict[str, Named]:
    """For each event that the service handles, by its name on the wire."""
    handled: dict[type[Event], list[Process[Any]]] = {}
    for process in service.processes:
        for reaction in process.reactions:
            handled.setdefault(reaction.event, []).append(process)
    for move in service.moves_on.values():
        if move.on is not None and move.kind == "create":
            handled.setdefault(move.on, []).append(move.process)
    return {event.wire_name: _named(service, event, processes) for event, processes in handled.items()}


def _named(service: Service, event: type[Event], processes: list[Process[Any]]) -> Named:
    replicas, joined, records = [], [], []
    for field in event.fields():
        if field.to in joinable():
            joined.append((field.name, field.to))
        if field.kind == "reference" and field.to in service.replicates:
            replicas.append((field.name, field.to))
        for process in dict.fromkeys(processes):
            if (
                field.kind in NAMING
                and field.name in process.record.__fields__
                and field.name in _indexed(process.record)
            ):
                records.append((process.record, field.name))
    return Named(tuple(replicas), tuple(joined), tuple(records))


def _indexed(record: type[Any]) -> set[str]:
    return {column.name for index in record.__table__.indexes for column in index.columns}
