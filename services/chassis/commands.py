"""What happens when a command arrives: once, by somebody who may, to a record that allows it, in one transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from services.chassis import approvals, beforehand, clocks, guards, joining, tampering, views
from services.chassis.actors import Actor, role_names
from services.chassis.moves import Move, Obstacle, To
from services.chassis.records import new_id
from services.chassis.tables import Audit, CommandReceipt
from services.chassis.wire import to_json
from services.contracts.errors import (
    AnjuError,
    Conflict,
    DecidedAlready,
    Forbidden,
    IdempotencyConflict,
    IllegalMove,
    NotFound,
    OwnSubmission,
    StaleVersion,
    UnknownCommand,
    ValidationFailed,
)
from services.contracts.fields import Field, broken_rules, schema_of

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

ENVELOPE = schema_of(
    "CommandEnvelope",
    [
        Field("text", "command_id", max_length=64),
        Field("integer", "version", required=False, min=1),
        Field("text", "correlation_id", required=False, max_length=60),
    ],
)


def execute(service: Service, command: str, payload: Any, envelope: Any) -> dict[str, Any]:
    """Do a command, or answer it again when its command_id has been done before.

    Returns `{"result": RECORD, "replayed": bool}`. Raises any error of the contracts' tree; nothing is kept then.
    """
    move = service.commands.get(command)
    if move is None:
        tampering.told(service, str(command)[:80], payload, envelope)
        raise UnknownCommand(command=str(command)[:80])
    actor = Actor.from_wire(envelope.get("actor") if isinstance(envelope, dict) else None)
    head = loaded(ENVELOPE, {key: value for key, value in envelope.items() if key not in ("actor", "door")})
    if not isinstance(payload, dict):
        raise ValidationFailed.of("", "not_an_object")
    try:
        return _execute(service, move, payload, head, actor)
    except (AnjuError, sa.exc.IntegrityError, StaleDataError) as refused:
        if _is_done(service, head["command_id"]):
            # The same command arrived twice at once; the other one was faster.
            return _execute(service, move, payload, head, actor)
        if isinstance(refused, AnjuError):
            raise
        raise Conflict(code="changed_meanwhile") from refused


def _execute(
    service: Service, move: Move, payload: dict[str, Any], head: dict[str, Any], actor: Actor
) -> dict[str, Any]:
    command = move.command
    foreknown = _foreknown(service, move, payload, head, actor)
    digest = hashlib.sha256(to_json([command, payload, head["version"]]).encode()).hexdigest()
    with service.begin(actor, command=command, correlation_id=head["correlation_id"]) as work:
        work.foreknown = foreknown
        if (done := work.session.get(CommandReceipt, head["command_id"])) is not None:
            return _answered_again(work, move, done, digest)
        record_id, params = _split(move, payload)
        joining.enter(work, [*move.params, *joining.named_now(move.process.record)])
        record_id = views.meant(work, move.process, record_id) if record_id is not None else None
        for register in sorted(move.takes):
            # Numbers before records: whoever begins one, and looks at others then, locks in this order.
            work.numbers.hold(work, register)
        record = _found(work, move, record_id) if record_id is not None else None
        if record is not None:
            _refuse_stale(work, move, record, head["version"])
            # Before its payload: whoever may not, or not now, is told that and not which field is missing.
            _refuse(work, move, record, roles=True)
        else:
            _refuse_stranger(work, move)
        given = loaded(move.schema, params)
        given |= joining.resolved(work, move.params, given)
        record = carry_out(work, move, record, given, as_actor=True)
        work.session.add(
            CommandReceipt(
                command_id=head["command_id"],
                user=actor.user,
                content_hash=digest,
                resource=move.process.name,
                record_id=record.id,
                at=work.now,
            )
        )
        work.finish()
        return _answer(work, move, record, work.now, replayed=False)


def _foreknown(service: Service, move: Move, payload: dict[str, Any], head: dict[str, Any], actor: Actor) -> Any:
    """What is asked before the transaction begins, if anything is and the command has not been done before."""
    if move.beforehand is None or _is_done(service, head["command_id"]):
        return None
    record_id, params = _split(move, payload)
    with service.reading(actor) as work:
        record = work.session.get(move.process.record, record_id[:40]) if record_id is not None else None
        if beforehand.is_refused(work, move, record):
            return None
        asks = move.beforehand(record, loaded(move.schema, params), work)
    return asks()


def _is_done(service: Service, command_id: str) -> bool:
    with service.database.read() as session:
        return session.get(CommandReceipt, command_id) is not None


def carry_out(work: Work, move: Move, record: Any, params: dict[str, Any], *, as_actor: bool = False) -> Any:
    """Guard, do, record, time and tell one move; returns its record. `as_actor` checks the actor's roles too."""
    if record is not None:
        _refuse(work, move, record, roles=as_actor)
    elif as_actor:
        _refuse_stranger(work, move)
    before = record.state if record is not None else None
    if move.verdict == "approved" and _others_are_awaited(work, move, record, params):
        return record
    if as_actor and move.admits is not None:
        move.admits(params, work)
    arguments = {**params, **({move.signature[1]: work} if move.signature[1] else {})}
    process = move.process
    context = {**params, "at": work.now, "from_state": before, "to_state": move.to or before}
    with work.telling(**context):
        if move.kind == "create":
            record = move.function(**arguments)
            assert move.to is not None
            if record not in work.session:
                record.id = record.id or new_id()
                work.begin_life(process, record, record.state or move.to)
            if as_actor and not guards.reaches(work, move, record):
                raise Forbidden(code="outside_scope", command=move.command)
        else:
            move.function(record, **arguments)
            if params.get("reason"):
                work.reasons[record] = params["reason"]
    rows = _settle(work, move, record, params)
    due = {rule.due_as: rows[rule.name].due_at for rule in process.clocks if rule.due_as and rule.name in rows}
    with work.telling(**{**context, **due, process.key: record.id}):
        for event in move.emits:
            if isinstance(event, To):
                work.emit_to(getattr(record, event.field), event.event, record)
            else:
                work.emit(event, record)
        if process.progress is not None and move.to is not None:
            work.emit(process.progress, record)
    for verbs, follow in process.followers:
        if move.verb in verbs:
            follow(record, work)
    return record


def _others_are_awaited(work: Work, move: Move, record: Any, params: dict[str, Any]) -> bool:
    """Whether this was one consent of several, kept until the last one makes the move (X-36.9)."""
    assert move.decides is not None
    return approvals.consent(work, move.process, move.decides, record, str(params.get("comment") or ""))


def _settle(work: Work, move: Move, record: Any, params: dict[str, Any]) -> dict[str, Any]:
    """State, approval and clocks after the move's own function."""
    process, reason = move.process, str(params.get("reason") or "")
    if move.decides is not None and move.verdict is not None:
        reason = reason or str(params.get("comment") or "")
        approvals.decide(work, process, move.decides, record, move.verdict, reason)
    if move.kind == "create":
        rows = clocks.started_with(work, record)
    else:
        if move.to is not None:
            record.state = move.to
            if move.to in process.final:
                work.settle_alerts(process.name, record.id)
                if process.approval_rules:
                    approvals.withdraw_open(work, process, record)
        rows = clocks.follow(work, process, record, move.to, reason)
    if move.submits is not None:
        approvals.open_round(work, process, move.submits, record)
    return rows


def _refuse_stranger(work: Work, move: Move) -> None:
    if not work.actor.scopes(move.by):
        raise Forbidden(command=move.command, roles=role_names(move.by))


def _refuse(work: Work, move: Move, record: Any, *, roles: bool) -> None:
    problem = guards.obstacle(work, move, record, roles=roles)
    if problem is not None:
        raise _refusal(work, move, record, problem)


def _refusal(work: Work, move: Move, record: Any, problem: Obstacle) -> AnjuError:
    if problem.code in ("forbidden", "not_the_approver", "not_yours", "consented_already"):
        return Forbidden(code=problem.code, **problem.params)
    if problem.code == "own_submission":
        return OwnSubmission()
    if move.decides is not None and problem.code in ("illegal_move", "nothing_submitted"):
        last = next(iter(approvals.rounds(work, move.process, record, move.decides.kind)), None)
        if last is not None and last.decided_by is not None:
            return DecidedAlready(by=last.decided_by, verdict=last.state)
    return IllegalMove(code=problem.code, **problem.params)


def _split(move: Move, payload: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    if move.kind == "create":
        return None, payload
    record_id = payload.get("id")
    if not isinstance(record_id, str) or not record_id:
        raise ValidationFailed.of("id", "required")
    return record_id, {key: value for key, value in payload.items() if key != "id"}


def _found(work: Work, move: Move, record_id: str) -> Any:
    """The record, locked, if the actor may know of it; otherwise it does not exist for them."""
    record = work.session.get(move.process.record, record_id[:40], with_for_update=True)
    if record is None or not views.visible(work, move.process, record):
        raise NotFound(resource=move.process.name, id=record_id[:40])
    return record


def _refuse_stale(work: Work, move: Move, record: Any, version: int | None) -> None:
    if version is None or version == record.version:
        return
    since = sa.select(Audit).where(
        Audit.resource == move.process.name, Audit.record_id == record.id, Audit.version > version
    )
    changes: dict[str, Any] = {}
    by: list[str] = []
    for entry in work.session.scalars(since.order_by(Audit.position)):
        by += [entry.name] if entry.name not in by else []
        for name, (before, after) in entry.changes.items():
            changes[name] = [changes.get(name, [before])[0], after]
    masked = views.masked_changes(work, move.process, changes)
    raise StaleVersion(current=record.version, given=version, state=record.state, by=by, changes=masked)


def _answered_again(work: Work, move: Move, done: CommandReceipt, digest: str) -> dict[str, Any]:
    if done.content_hash != digest or done.user != work.actor.user:
        raise IdempotencyConflict(command_id=done.command_id)
    record = work.get(move.process.record, done.record_id)
    return _answer(work, move, record, done.at, replayed=True)


def _answer(work: Work, move: Move, record: Any, at: datetime, *, replayed: bool) -> dict[str, Any]:
    """The record as it stands, and what this command's answer holds beside it."""
    beside = move.beside(work, move, record, at) if move.beside is not None else {}
    return {"result": views.shown(work, move.process, record), "replayed": replayed, **beside}


def loaded(schema: ma.Schema, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as Python values; raises ValidationFailed that names every field."""
    try:
        values: dict[str, Any] = schema.load(payload)
    except ma.ValidationError as wrong:
        raise ValidationFailed(errors=broken_rules(schema, wrong)) from None
    return values
