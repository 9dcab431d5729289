"""The audit entry of every change, made by the flush that writes the change and written right after it.

Masked fields stand in it masked: that a number changed is told, the number is not kept a second time (X-65).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.chassis.records import COMMON, Record, plain
from services.contracts.fields import to_wire
from services.contracts.masks import masked

if TYPE_CHECKING:
    from services.chassis.work import Work

SILENT = {"version", "created_at", "created_by", "id"}
NOTHING: tuple[Any, ...] = (None, [], "")


def watch(work: Work) -> None:
    """Let this unit of work's session make an audit entry for every record that it inserts or changes."""

    def before_flush(session: Session, *_: Any) -> None:
        new = session.new
        for record in [*new, *session.dirty]:
            if isinstance(record, Record) and (record in new or session.is_modified(record)):
                work.entries.append(_entry(work, record, record in new))
                process = work.service.resources[type(record).__tablename__]
                work.changed[f"{process.name}:{record.id}"] = (process, record)

    event.listen(work.session, "before_flush", before_flush)


@functools.cache
def _told(mapper: Any) -> list[str]:
    """The fields whose values an entry tells: what no door shows is not told here either."""
    shown = {*mapper.class_.__fields__, *(field.name for field in COMMON)}
    return [one.key for one in mapper.column_attrs if one.key in shown and one.key not in SILENT]


def _entry(work: Work, record: Any, is_new: bool) -> dict[str, Any]:
    # A new record of a batch is written after the message that made it: its entry names that one.
    by = work.made_by.pop(record, None) if is_new else None
    actor, command, correlation_id = by or (work.actor, work.command, work.correlation_id)
    changes = _values(record) if is_new else _differences(record)
    fields = record.__fields__
    changes = {name: [masked(fields.get(name), one) for one in both] for name, both in changes.items()}
    if (reason := work.reasons.pop(record, None)) and "reason" not in _told(sa.inspect(record).mapper):
        changes["reason"] = [None, reason]  # a record without a place for it has it here, and in its timeline
    was, becomes = changes.pop("state", [record.state, record.state])
    return {
        "at": work.now,
        "user": actor.user,
        "name": actor.name,
        "command": command or "system",
        "resource": record.__tablename__,
        "record_id": record.id,
        "version": 1 if is_new else record.version + 1,
        "from_state": None if is_new else str(was),
        "to_state": str(becomes),
        "changes": changes,
        "correlation_id": correlation_id,
    }


def _values(record: Any) -> dict[str, list[Any]]:
    state = sa.inspect(record)
    values = state.dict
    return {
        name: [None, to_wire(plain(values[name]))]
        for name in _told(state.mapper)
        if name in values and values[name] not in NOTHING
    }


def _differences(record: Any) -> dict[str, list[Any]]:
    state = sa.inspect(record)
    changes: dict[str, list[Any]] = {}
    for name in _told(state.mapper):
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if before != after:
            changes[name] = [to_wire(plain(before)), to_wire(plain(after))]
    return changes
