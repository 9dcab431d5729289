"""The audit entry of every change, written by the same flush that writes the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.chassis.records import Record, plain
from services.chassis.tables import Audit
from services.contracts.fields import to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work

SILENT = {"version", "created_at", "created_by", "id"}


def watch(work: Work) -> None:
    """Let this unit of work's session write an audit entry for every record that it inserts or changes."""

    def before_flush(session: Session, *_: Any) -> None:
        for record in [*session.new, *session.dirty]:
            if isinstance(record, Record) and (record in session.new or session.is_modified(record)):
                session.add(_entry(work, record))
                process = work.service.resources[type(record).__tablename__]
                work.changed[f"{process.name}:{record.id}"] = (process, record)

    event.listen(work.session, "before_flush", before_flush)


def _entry(work: Work, record: Any) -> Audit:
    state = sa.inspect(record)
    is_new = state.key is None
    changes: dict[str, list[Any]] = {}
    for attribute in state.mapper.column_attrs:
        name = attribute.key
        history = state.attrs[name].history
        if name in SILENT or not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if (is_new and after in (None, [], "")) or before == after:
            continue
        changes[name] = [to_wire(plain(before)), to_wire(plain(after))]
    was, becomes = changes.pop("state", [record.state, record.state])
    return Audit(
        at=work.now,
        user=work.actor.user,
        name=work.actor.name,
        command=work.command or "system",
        resource=record.__tablename__,
        record_id=record.id,
        version=1 if is_new else record.version + 1,
        from_state=None if is_new else str(was),
        to_state=str(becomes),
        changes=changes,
        correlation_id=work.correlation_id,
    )
