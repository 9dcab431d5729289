"""Every way out: rows within the actor's scope, fields masked, in bounded pages. Queries never pass the domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis import approvals, clocks, counting, guards, joining, queries, timings
from services.chassis.actors import places
from services.chassis.columns import Moment
from services.chassis.process import Process
from services.chassis.records import dump
from services.chassis.tables import Audit, Clock, Outgoing
from services.contracts.errors import AnjuError, NotFound, UnknownCommand, ValidationFailed
from services.contracts.events import joinable
from services.contracts.fields import Field, to_wire
from services.contracts.masks import masked

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000
MOST_LISTS = 60
FAR = 1_000


def _unmasked(work: Work, process: Process[Any], records: Sequence[Any]) -> set[str]:
    """The ids of those whose masked fields this actor sees in full: one question for all of a page."""
    if not any(field.mask for field in process.record.__fields__.values()):
        return set()
    whose = in_full(work, process)
    if isinstance(whose, sa.True_):
        return {record.id for record in records}
    if isinstance(whose, sa.False_) or not records:
        return set()
    theirs = sa.select(process.record.id).where(process.record.id.in_([record.id for record in records]), whose)
    return set(work.session.scalars(theirs))


def in_full(work: Work, process: Process[Any]) -> Any:
    """The condition for the records whose masked fields this actor sees in full (X-65)."""
    if work.actor.is_system:
        return sa.true()
    return sa.false() if process.unmasked is None else process.unmasked(work.actor, work.now)


def visible(work: Work, process: Process[Any], record: Any) -> bool:
    """Whether the actor may know of this record: asked of the database with the very condition that lists use."""
    conditions = seen(work, process)
    identity = sa.select(process.record.id).where(process.record.id == record.id, *conditions)
    return not conditions or work.session.scalar(identity) is not None


def seen(work: Work, process: Process[Any]) -> list[Any]:
    """What this actor may see: the rows of their scopes, and the objects that wait or waited for their decision."""
    reached, own = reach(work, process)
    return [sa.or_(*reached), *own]


def reach(work: Work, process: Process[Any], *, many: bool = False) -> tuple[list[Any], list[Any]]:
    """The same as alternatives, and the condition of the register itself beside them.

    For `many` rows it is first asked whether any object waits or waited: where there is none, every alternative is one
    that an index answers.
    """
    if work.actor.is_system:
        return [sa.true()], []
    limit = process.own(work.actor, work.now) if process.own is not None else sa.true()
    own = [] if isinstance(limit, sa.True_) else [limit]
    reached: list[Any] = places(work.actor, process.reader_roles(), process.record)
    if process.approval_rules and not isinstance(reached[0], sa.True_):
        decided = approvals.put_before(work.actor, work.now, process.name)
        if not many or work.session.scalar(sa.select(decided.exists())):
            reached.append(process.record.id.in_(decided))
    return reached, own


def shown(work: Work, process: Process[Any], record: Any, running: list[Any] | None = None) -> dict[str, Any]:
    """A RECORD of the wire."""
    if running is None:
        running = clocks.described_for(work.session, process, [record.id], work.now).get(record.id, [])
    (dumped,) = shown_each(work, process, [record], {record.id: running})
    return dumped


def shown_each(
    work: Work,
    process: Process[Any],
    records: Sequence[Any],
    running: dict[str, list[Any]],
    *,
    theirs: set[str] | None = None,
) -> list[dict[str, Any]]:
    """The RECORDs of a page, with the clocks that are `running` for each; `theirs` are seen in full, if it is known."""
    hidden = [field for field in process.record.__fields__.values() if field.mask]
    theirs = _unmasked(work, process, records) if theirs is None else theirs
    rows = []
    for record in records:
        dumped = dump(record)
        if record.id not in theirs:
            dumped |= {field.name: masked(field, dumped[field.name]) for field in hidden}
        rows.append(dumped | {"clocks": running.get(record.id, [])})
    return rows


def masked_changes(work: Work, process: Process[Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Field diffs with masked fields masked."""
    fields = process.record.__fields__
    return {name: [masked(fields.get(name), one) for one in both] for name, both in changes.items()}


def resource(service: Service, name: str) -> Process[Any]:
    process = service.resources.get(name)
    if process is None:
        raise UnknownCommand(code="unknown_resource", resource=str(name)[:80])
    return process


def meant(work: Work, process: Process[Any], record_id: str) -> str:
    """The id of the record that this id stands for: the survivor's where it was merged (L-04)."""
    resource, key = f"{work.service.name}/{process.name}", str(record_id)[:40]
    return joining.current(work, resource, [key])[key] if resource in joinable() else key


def fetch(work: Work, name: str, record_id: str) -> dict[str, Any]:
    """One record and the moves that its state allows, each with the reason when this actor may not make it now."""
    process = resource(work.service, name)
    record_id = meant(work, process, record_id)
    whose = sa.case((in_full(work, process), True), else_=False)
    found = sa.select(process.record, whose).where(process.record.id == record_id, *seen(work, process))
    row = work.session.execute(found).first()
    if row is None:
        raise NotFound(resource=name, id=record_id)
    record, is_theirs = row
    actions: list[dict[str, Any]] = []
    decisions: dict[Any, Any] = {}
    for move in process.moves.values():
        if move.kind == "create" or not move.allows(record.state):
            continue
        problem = guards.obstacle(work, move, record, roles=True, decisions=decisions)
        if problem is not None and problem.code in ("forbidden", "not_the_approver", "not_yours", "nothing_submitted"):
            continue
        described = {"code": problem.code, "params": to_wire(problem.params)} if problem else None
        actions.append({"command": move.command, "allowed": problem is None, "obstacle": described})
    running = {record.id: timings.explained(work, process, record)}
    (dumped,) = shown_each(work, process, [record], running, theirs={record.id} if is_theirs else set())
    return {"result": dumped, "actions": actions}


def search(work: Work, name: str, params: Any) -> dict[str, Any]:
    """A page of records, and per state how many there are (`tabs`); counts stop at 10,000."""
    process = resource(work.service, name)
    if not isinstance(params, dict):
        raise ValidationFailed.of("params", "not_an_object")
    filters = {} if params.get("filters") is None else params["filters"]
    if not isinstance(filters, dict):
        raise ValidationFailed.of("filters", "not_an_object")
    page = queries.bounded(params, "page", 0, MAX_PAGE)
    size = queries.bounded(params, "page_size", 1, MAX_PAGE_SIZE, 25)
    filters = filters | joining.resolved(work, joining.named_now(process.record), filters)
    ranged = [name for name, value in filters.items() if isinstance(value, dict)]
    order = queries.ordered(process, params.get("order"), ranged)
    words = _words(work, process, params.get("q"))
    others = {name: value for name, value in filters.items() if name != "state"}
    fitting = [queries.fitting(process, name, value) for name, value in others.items()]
    by_state = [queries.fitting(process, "state", filters["state"])] if filters.get("state") else []
    alternatives, own = reach(work, process, many=True)
    simple = not own and words is None and len(others) + (len(alternatives) > 1) <= 1
    counted_rows = counting.Rows(
        alternatives,
        [*own, *fitting, *([words.indexed] if words else [])],
        by_state,
        simple and all(queries.by_index(process, name, value) for name, value in others.items()),
    )
    tabbed = bool(params.get("tabs")) and bool(process.states)
    counted = (counting.per_state if tabbed else counting.total)(work.session, process, counted_rows)
    chosen = [sa.or_(*alternatives), *own, *fitting, *by_state]
    if words:
        chosen.append(words.anywhere if counted.capped else words.indexed)
    rows = _page(work, process.record, chosen, order, page * size, size)
    running = clocks.described_for(work.session, process, [row.id for row in rows], work.now)
    answer: dict[str, Any] = {
        "count": counted.number,
        "capped": counted.capped,
        "result": shown_each(work, process, rows, running),
    }
    if params.get("tabs"):
        answer |= {"tabs": counted.tabs, "least": counted.least}
    return answer


def search_each(work: Work, asked: Any) -> dict[str, Any]:
    """Several lists at once, `[[resource, params], ...]`: each as `search` answers it, or the refusal in its place."""
    if not isinstance(asked, list) or not all(isinstance(one, list) and len(one) == 2 for one in asked):
        raise ValidationFailed.of("asked", "invalid")
    if len(asked) > MOST_LISTS:
        raise ValidationFailed.of("asked", "too_many", max=MOST_LISTS)
    answers: list[dict[str, Any]] = []
    for name, params in asked:
        try:
            answers.append(search(work, str(name), params))
        except AnjuError as refused:
            answers.append({"refused": type(refused).__name__, "with": list(refused.args)})
    return {"result": answers}


def _words(work: Work, process: Process[Any], q: Any) -> queries.Words | None:
    """The words that are looked for. A whole number finds only who is seen in full, unless the look-up is noted."""
    whose = sa.true() if work.looks_up else in_full(work, process)
    return queries.matching(process, q, whose, by_pairs=not work.service.database.is_sqlite)


def _page(work: Work, record: Any, conditions: list[Any], order: list[Any], skipped: int, size: int) -> list[Any]:
    """The rows of a page; far back, rows are wide, so what is skipped is skipped by its id."""
    page = sa.select(record).where(*conditions).order_by(*order).limit(size).offset(skipped)
    if skipped >= FAR:
        ids = page.with_only_columns(record.id)
        page = sa.select(record).where(record.id.in_(ids)).order_by(*order)
    return list(work.session.scalars(page))


def options(work: Work, name: str, q: Any) -> dict[str, Any]:
    """At most 20 records to pick from, by what names them to people: the newest of the first 1,000 that fit."""
    process = resource(work.service, name)
    words = _words(work, process, q)
    alternatives, own = reach(work, process, many=True)
    chosen = [sa.or_(*alternatives), *own]
    if words:
        found = sa.select(process.record.id).where(*chosen, words.indexed).limit(counting.TAB_CAP)
        chosen = [process.record.id.in_(found)]
    rows = _page(work, process.record, chosen, queries.ordered(process, None), 0, 20)
    dumped = shown_each(work, process, rows, {})
    return {"result": [{"id": one["id"], "label": _label(process, one)} for one in dumped]}


def label(work: Work, process: Process[Any], record: Any) -> str:
    """What names a record to people: its title and the first words that it is listed with, no codes and no ids."""
    return _label(process, shown(work, process, record, []))


def _label(process: Process[Any], dumped: dict[str, Any]) -> str:
    fields = {name: process.record.__fields__.get(name, Field("choice")) for name in process.listed}
    words = {name for name, field in fields.items() if field.kind == "text" and field.to is None}
    wordy = (name for name in process.listed if name in words and name != process.title)
    extra = next((dumped[name] for name in wordy if isinstance(dumped.get(name), str)), "")
    return " ".join(str(part) for part in (dumped[process.title], extra) if part)[:120]


def history(work: Work, name: str, record_id: str) -> dict[str, Any]:
    """What happened to a record, newest first: audit entries, events, approval rounds and clocks in one list."""
    process = resource(work.service, name)
    record_id = meant(work, process, record_id)
    entries: list[tuple[datetime, dict[str, Any]]] = []

    def add(at: datetime, kind: str, what: str, actor: str, detail: dict[str, Any]) -> None:
        entries.append((at, {"at": to_wire(at), "kind": kind, "name": what, "actor": actor, "detail": to_wire(detail)}))

    # One statement asks whether the actor may know of the record and what was done to it.
    identity = sa.select(process.record.id).where(process.record.id == record_id, *seen(work, process))
    of = sa.select(Audit).where(Audit.resource == process.name, Audit.record_id == record_id, identity.exists())
    audited = list(work.session.scalars(of.order_by(Audit.position.desc()).limit(200)))
    if not audited and work.session.scalar(identity) is None:
        raise NotFound(resource=name, id=record_id)

    for entry in audited:
        changes = masked_changes(work, process, entry.changes)
        add(
            entry.at,
            "audit",
            entry.command,
            entry.name,
            {"from": entry.from_state, "to": entry.to_state, "changes": changes},
        )
    for is_event, what, key, *moments in work.session.execute(_told_and_timed(process.name, record_id)):
        begun, sent_or_due, breached, stopped = moments
        if is_event:
            add(begun, "event", what, work.service.name, {"routing_key": key, "sent_at": sent_or_due})
            continue
        for moment, step in ((begun, "started"), (breached, "breached"), (stopped, "stopped")):
            if moment is not None:
                add(moment, "clock", what, "", {"step": step, "due_at": sent_or_due})
    rounds = sa.select(approvals.Approval).where(
        approvals.Approval.resource == process.name, approvals.Approval.record_id == record_id
    )
    for one in work.session.scalars(rounds):
        detail = {
            "round": one.round,
            "hash": one.snapshot_hash,
            "snapshot": one.snapshot,
            "approver": one.approver_role,
            "jointly": one.jointly,
            "awaited": approvals.awaited(one) if one.state == "submitted" and one.jointly else [],
        }
        add(one.submitted_at, "approval", "submitted", one.submitted_by, detail)
        for given in one.consents:
            consented = {"round": one.round, "approver": given["role"], "reason": given["comment"], "for": given["for"]}
            add(datetime.fromisoformat(given["at"]), "approval", "consented", given["user"], consented)
        if one.decided_at is not None:
            verdict = {"round": one.round, "reason": one.reason, "for": one.decided_for}
            add(one.decided_at, "approval", one.state, one.decided_by or "", verdict)
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return {"result": [entry for _, entry in entries]}


def _told_and_timed(resource: str, record_id: str) -> Any:
    """The latest events and the clocks of a record, in one statement."""
    nothing = sa.cast(sa.null(), Moment)
    told = sa.select(
        sa.true().label("is_event"),
        Outgoing.name,
        Outgoing.routing_key,
        Outgoing.at,
        Outgoing.sent_at,
        nothing.label("breached_at"),
        nothing.label("stopped_at"),
    ).where(Outgoing.resource == resource, Outgoing.record_id == record_id)
    latest = told.order_by(Outgoing.position.desc()).limit(200).subquery()
    timed = sa.select(
        sa.false(), Clock.name, sa.literal(""), Clock.started_at, Clock.due_at, Clock.breached_at, Clock.stopped_at
    ).where(Clock.resource == resource, Clock.record_id == record_id)
    return sa.select(latest).union_all(timed)
