"""How a fact becomes a row of the outbox: fields gathered, checked and put on the wire's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.chassis import topology, wire
from services.contracts.events import Event

if TYPE_CHECKING:
    from services.chassis.work import Work


def row(
    work: Work, event: type[Event], record: Any, to: str | None, context: dict[str, Any], facts: dict[str, Any]
) -> dict[str, Any]:
    """The columns of `tables.Outgoing`; raises TypeError when a required field has no value anywhere."""
    if event.snapshot_of:
        facts.setdefault("record_version", record.version)
    if record is not None:
        context = {work.service.resources[type(record).__tablename__].key: record.id, **context}
    values: dict[str, Any] = {}
    for field in event.fields():
        value = _fact(field.name, facts, context, record)
        values[field.name] = [] if field.many and value is None else value
        if field.required and values[field.name] is None:
            raise TypeError(f"{event.wire_name}: nothing given for {field.name}")
    envelope = wire.envelope(work, event(**values))
    return {
        "message_id": envelope["id"],
        "exchange": topology.OUTBOUND if to else topology.events_exchange(work.service.name),
        "routing_key": f"{to}.{event.wire_name}" if to else event.wire_name,
        "mandatory": bool(to) or bool(topology.subscribers(event.wire_name, work.service.name)),
        "name": event.wire_name,
        "resource": type(record).__tablename__ if record is not None else "",
        "record_id": envelope["subject"][:40],
        "body": wire.to_json(envelope),
        "at": work.now,
        "attempts": 0,
    }


def _fact(name: str, facts: dict[str, Any], context: dict[str, Any], record: Any) -> Any:
    if name in facts:
        return facts[name]
    # A parameter that was left out says nothing: the record may know the value from elsewhere.
    return context[name] if context.get(name) is not None else getattr(record, name, None)
