"""Every way out: rows within the actor's scope, fields masked, in bounded pages. Queries never pass the domain."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis import approvals, clocks, guards
from services.chassis.actors import within
from services.chassis.process import Process
from services.chassis.records import COMMON, schema_for
from services.chassis.tables import Audit, Clock, Outgoing
from services.contracts.errors import NotFound, UnknownCommand, ValidationFailed
from services.contracts.fields import Field, to_wire

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000
COUNT_CAP = 10_000
RANGES = ("moment", "date", "integer", "money", "decimal")


def mask(kind: str, value: Any) -> Any:
    """A value that only some may see in full: 138****1234, 3*****4 (X-65)."""
    if not value:
        return value
    text = str(value)
    if kind == "phone":
        digits = re.sub(r"\D", "", text)
        # With its area code a number of the land has up to twelve digits; a mobile one loses its country.
        digits = digits if digits.startswith("0") else digits[-11:]
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"
    return text[:1] + "*" * max(len(text) - 2, 3) + text[-1:]


def _hidden(work: Work, process: Process[Any], record: Any) -> list[Field]:
    if work.actor.is_system:
        return []
    masked = [field for field in process.record.__fields__.values() if field.mask]
    may_see = process.unmasked and work.actor.scopes(process.unmasked)
    if may_see and work.actor.covers(process.unmasked, record.company_id, record.project_id):
        return []
    return masked


def visible(work: Work, process: Process[Any], record: Any) -> bool:
    """Whether the actor may know of this record: asked of the database with the very condition that lists use."""
    identity = sa.select(process.record.id).where(process.record.id == record.id, *_scope(work, process))
    return work.session.scalar(identity) is not None


def _scope(work: Work, process: Process[Any]) -> list[Any]:
    """What this actor may see: the rows of their scopes, and the objects that wait or waited for their decision."""
    seen = within(work.actor, process.reader_roles(), process.record)
    if process.approval_rules and not work.actor.is_system:
        seen = sa.or_(seen, process.record.id.in_(approvals.put_before(work.actor, work.now, process.name)))
    own = [process.own(work.actor, work.now)] if process.own is not None and not work.actor.is_system else []
    return [seen, *own]


def shown(work: Work, process: Process[Any], record: Any, running: list[Any] | None = None) -> dict[str, Any]:
    """A RECORD of the wire."""
    dumped: dict[str, Any] = schema_for(process.record).dump(record)
    for field in _hidden(work, process, record):
        dumped[field.name] = mask(field.mask or "", dumped[field.name])
    if running is None:
        running = clocks.described_for(work.session, process, [record.id], work.now).get(record.id, [])
    dumped["clocks"] = running
    return dumped


def masked_changes(work: Work, process: Process[Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Field diffs with masked fields masked."""
    fields = process.record.__fields__
    return {
        name: [mask(fields[name].mask or "", one) for one in both] if name in fields and fields[name].mask else both
        for name, both in changes.items()
    }


def resource(service: Service, name: str) -> Process[Any]:
    process = service.resources.get(name)
    if process is None:
        raise UnknownCommand(code="unknown_resource", resource=str(name)[:80])
    return process


def fetch(work: Work, name: str, record_id: str) -> dict[str, Any]:
    """One record and the moves that its state allows, each with the reason when this actor may not make it now."""
    process = resource(work.service, name)
    found = sa.select(process.record).where(process.record.id == str(record_id)[:40], *_scope(work, process))
    record = work.session.scalars(found).first()
    if record is None:
        raise NotFound(resource=name, id=str(record_id)[:40])
    actions = []
    for move in process.moves.values():
        if move.kind == "create" or not move.allows(record.state):
            continue
        problem = guards.obstacle(work, move, record, roles=True)
        if problem is not None and problem.code in ("forbidden", "not_the_approver", "not_yours", "nothing_submitted"):
            continue
        described = {"code": problem.code, "params": to_wire(problem.params)} if problem else None
        actions.append({"command": move.command, "allowed": problem is None, "obstacle": described})
    return {"result": shown(work, process, record), "actions": actions}


def search(work: Work, name: str, params: Any) -> dict[str, Any]:
    """A page of records, and per state how many there are (`tabs`); counts stop at 10,000."""
    process = resource(work.service, name)
    if not isinstance(params, dict):
        raise ValidationFailed.of("params", "not_an_object")
    filters = {} if params.get("filters") is None else params["filters"]
    if not isinstance(filters, dict):
        raise ValidationFailed.of("filters", "not_an_object")
    base = _scope(work, process) + _matching(work, process, params.get("q"))
    narrowed = base + [_filter(process, key, value) for key, value in filters.items() if key != "state"]
    by_state = [_filter(process, "state", filters["state"])] if filters.get("state") else []
    page, size = _bounded(params, "page", 0, MAX_PAGE), _bounded(params, "page_size", 1, MAX_PAGE_SIZE, 25)
    record = process.record
    rows = list(
        work.session.scalars(
            sa.select(record)
            .where(*narrowed, *by_state)
            .order_by(*_order(process, params.get("order")))
            .limit(size)
            .offset(page * size)
        )
    )
    count = _count(work, record, narrowed + by_state)
    running = clocks.described_for(work.session, process, [row.id for row in rows], work.now)
    answer: dict[str, Any] = {
        "count": min(count, COUNT_CAP),
        "capped": count > COUNT_CAP,
        "result": [shown(work, process, row, running.get(row.id, [])) for row in rows],
    }
    if params.get("tabs"):
        grouped = sa.select(record.state, sa.func.count()).where(*narrowed).group_by(record.state)
        answer["tabs"] = {state: min(number, COUNT_CAP) for state, number in work.session.execute(grouped)}
    return answer


def _count(work: Work, record: Any, conditions: list[Any]) -> int:
    capped = sa.select(record.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return work.session.scalar(sa.select(sa.func.count()).select_from(capped)) or 0


def _bounded(params: dict[str, Any], name: str, low: int, high: int, default: int = 0) -> int:
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationFailed.of(name, "invalid_integer")
    if not low <= value <= high:
        raise ValidationFailed(errors={name: [{"code": "number_range", "params": {"min": low, "max": high}}]})
    return value


def _field(process: Process[Any], name: Any) -> Field:
    known = {field.name: field for field in COMMON} | process.record.__fields__
    if not isinstance(name, str) or name not in known:
        raise ValidationFailed.of(str(name)[:60], "unknown_field")
    if known[name].mask:
        raise ValidationFailed.of(name, "masked_field")
    found: Field = known[name]
    return found


def _filter(process: Process[Any], name: str, value: Any) -> Any:
    field = _field(process, name)
    column = getattr(process.record, name)
    if field.many or field.kind in ("json", "files"):
        raise ValidationFailed.of(name, "unknown_field")
    if isinstance(value, dict):
        if field.kind not in RANGES or not set(value) <= {"from", "to"}:
            raise ValidationFailed.of(name, "invalid")
        ends = []
        if value.get("from") is not None:
            ends.append(column >= _value(field, value["from"]))
        if value.get("to") is not None:
            ends.append(column <= _value(field, value["to"]))
        return sa.and_(*ends) if ends else sa.true()
    wanted = value if isinstance(value, list) else [value]
    if len(wanted) > 100:
        raise ValidationFailed.of(name, "too_many")
    if wanted == [None]:
        return column.is_(None)
    return column.in_([_value(field, one) for one in wanted])


def _value(field: Field, value: Any) -> Any:
    from marshmallow import ValidationError

    from services.contracts.fields import marshmallow_field

    if field.kind == "boolean" and value in ("true", "false"):
        value = value == "true"
    if field.kind == "integer" and isinstance(value, str) and value.isdigit():
        value = int(value)
    try:
        return marshmallow_field(field).deserialize(value)
    except ValidationError as wrong:
        raise ValidationFailed.of(field.name, str(wrong.messages[0])) from None


def _matching(work: Work, process: Process[Any], q: Any) -> list[Any]:
    """The words of `q` in the searched fields; a masked field matches only as a whole, so it cannot be guessed."""
    if q is None or q == "":
        return []
    if not isinstance(q, str) or len(q) > 100 or "\x00" in q:
        raise ValidationFailed.of("q", "too_long", max=100)
    fields = process.record.__fields__
    conditions = []
    for name in process.search:
        column = getattr(process.record, name)
        if fields[name].mask:
            conditions.append(column == q.strip())
        else:
            conditions.append(column.icontains(q.strip(), autoescape=True))
    return [sa.or_(*conditions)]


def _order(process: Process[Any], order: Any) -> list[Any]:
    record = process.record
    if order in (None, ""):
        return [record.created_at.desc(), record.id]
    if not isinstance(order, str):
        raise ValidationFailed.of("order", "invalid")
    field = _field(process, order.removeprefix("-"))
    column = getattr(record, field.name)
    return [column.desc() if order.startswith("-") else column.asc(), record.id]


def options(work: Work, name: str, q: Any) -> dict[str, Any]:
    """At most 20 records to pick from, by what names them to people."""
    process = resource(work.service, name)
    conditions = _scope(work, process) + _matching(work, process, q)
    rows = work.session.scalars(sa.select(process.record).where(*conditions).order_by(*_order(process, None)).limit(20))
    return {"result": [{"id": row.id, "label": label(work, process, row)} for row in rows]}


def label(work: Work, process: Process[Any], record: Any) -> str:
    dumped = shown(work, process, record, [])
    extra = next(
        (dumped[name] for name in process.listed if name != process.title and isinstance(dumped.get(name), str)), ""
    )
    return " ".join(str(part) for part in (dumped[process.title], extra) if part)[:120]


def history(work: Work, name: str, record_id: str) -> dict[str, Any]:
    """What happened to a record, newest first: audit entries, events, approval rounds and clocks in one list."""
    process = resource(work.service, name)
    fetch(work, name, record_id)
    entries: list[tuple[datetime, dict[str, Any]]] = []

    def add(at: datetime, kind: str, what: str, actor: str, detail: dict[str, Any]) -> None:
        entries.append((at, {"at": to_wire(at), "kind": kind, "name": what, "actor": actor, "detail": to_wire(detail)}))

    def of(table: Any, limit: int = 200) -> Any:
        found = sa.select(table).where(table.resource == process.name, table.record_id == record_id)
        return work.session.scalars(found.order_by(table.position.desc()).limit(limit))

    for entry in of(Audit):
        changes = masked_changes(work, process, entry.changes)
        add(
            entry.at,
            "audit",
            entry.command,
            entry.name,
            {"from": entry.from_state, "to": entry.to_state, "changes": changes},
        )
    for row in of(Outgoing):
        add(row.at, "event", row.name, work.service.name, {"routing_key": row.routing_key, "sent_at": row.sent_at})
    for row in of(Clock):
        for moment, step in ((row.started_at, "started"), (row.breached_at, "breached"), (row.stopped_at, "stopped")):
            if moment is not None:
                add(moment, "clock", row.name, "", {"step": step, "due_at": row.due_at})
    rounds = sa.select(approvals.Approval).where(
        approvals.Approval.resource == process.name, approvals.Approval.record_id == record_id
    )
    for one in work.session.scalars(rounds):
        detail = {
            "round": one.round,
            "hash": one.snapshot_hash,
            "snapshot": one.snapshot,
            "approver": one.approver_role,
        }
        add(one.submitted_at, "approval", "submitted", one.submitted_by, detail)
        if one.decided_at is not None:
            verdict = {"round": one.round, "reason": one.reason, "for": one.decided_for}
            add(one.decided_at, "approval", one.state, one.decided_by or "", verdict)
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return {"result": [entry for _, entry in entries]}
