"""Carrying an import out, and taking it back: row by row by the register's own commands (L-02).

The rows of a part are done together; if anything goes wrong all of them are taken back, and done again one by one, each
in a savepoint of its own, so that a bad one keeps nobody else's from being done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from services.chassis.database import is_away
from services.chassis.imports import checking
from services.chassis.imports.checking import Row
from services.chassis.imports.declaration import Importable
from services.chassis.imports.registers import ImportBatch, ImportRow, recount
from services.chassis.records import Base
from services.contracts.errors import AnjuError, ValidationFailed
from services.contracts.fields import to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work

log = structlog.get_logger()
ROWS = Base.metadata.tables[ImportRow.__tablename__]
#: Rows that are done in one transaction: short enough for whoever waits behind it.
DONE_TOGETHER = 10
Outcome = dict[str, Any]


def run(work: Work, importable: Importable[Any], batch: ImportBatch) -> bool:
    """Do the next rows as they were shown; False when all have been."""
    kept = _next(work, batch, ("add", "update"))
    if not kept:
        return False
    given = importable.given_schema.load(batch.given)
    rows = _as_shown(work, importable, batch, kept)

    def do(one: ImportRow) -> Outcome:
        row = rows[one.row_number]
        if row.reasons:
            raise ValidationFailed(errors={each["field"]: [_rule(each)] for each in row.reasons})
        if row.seen != one.seen:
            raise ValidationFailed.of("", "import_changed_since")
        if row.record is None:
            record, before = importable.add(work, row.values, given), None
        else:
            record, before = row.record, to_wire(row.changes)
            importable.change(work, record, row.changes, given)
        state = "added" if row.record is None else "updated"
        return {"state": state, "record_id": record.id, "before": before, "left_at": record}

    _carry_out(work, batch, kept, do, "wrong")
    return True


def revert(work: Work, importable: Importable[Any], batch: ImportBatch) -> bool:
    """Take back the next rows that nobody has built on since; False when all have been looked at."""
    kept = _next(work, batch, ("added", "updated"))
    if not kept:
        return False
    given = importable.given_schema.load(batch.given)
    ids = [row.record_id for row in kept]
    record_class = importable.process.record
    found = work.session.scalars(sa.select(record_class).where(record_class.id.in_(ids)).with_for_update())
    records = {record.id: record for record in found}
    used = _used_since(work, importable, records)

    def take_back(one: ImportRow) -> Outcome:
        record = records[one.record_id]
        if record.version != one.left_at:
            raise ValidationFailed.of("", "import_changed_after")
        stays = None
        if one.state == "updated":
            stays = importable.put_back(work, record, one.before, given)
        elif record.id in used:
            raise ValidationFailed.of("", "import_used_after")
        else:
            importable.withdraw(work, record, given)
        return {"state": "reverted", "reasons": [{"field": "", "code": stays, "params": {}}] if stays else []}

    _carry_out(work, batch, kept, take_back, "kept")
    return True


def _next(work: Work, batch: ImportBatch, states: tuple[str, ...]) -> Sequence[ImportRow]:
    waiting = sa.select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.row_number > batch.reached, ImportRow.state.in_(states)
    )
    return work.session.scalars(waiting.order_by(ImportRow.row_number).limit(DONE_TOGETHER)).all()


def _as_shown(work: Work, importable: Importable[Any], batch: ImportBatch, kept: Sequence[ImportRow]) -> dict[int, Row]:
    """The rows as the workbook has them, with what they meet now. Raises LookupError where it has one no longer."""
    wanted = {row.row_number for row in kept}
    rows: dict[int, Row] = {}
    reached = min(wanted) - 1
    while len(rows) < len(wanted):
        found, last = checking.read(work, importable, batch, reached, wanted)
        if last == reached:
            raise LookupError(f"rows {sorted(wanted - rows.keys())} are not among those that were read")
        rows, reached = rows | {row.number: row for row in found}, last
    checking.judge(work, importable, batch, list(rows.values()))
    return rows


def _carry_out(
    work: Work, batch: ImportBatch, rows: Sequence[ImportRow], do: Callable[[ImportRow], Outcome], refused: str
) -> None:
    """Do the rows, and keep with each what came of it, in this transaction."""
    before = {row.id: row.state for row in rows}

    def each(row: ImportRow) -> Outcome:
        work.service.breathe()
        return do(row)

    try:
        with work.attempt():
            outcomes = [(row, each(row)) for row in rows]
    except Exception as fault:
        if is_away(fault):
            raise
        outcomes = [(row, _alone(work, row, each, refused)) for row in rows]
    for _, outcome in outcomes:
        if "left_at" in outcome:  # the version that it has now, everything being written
            outcome["left_at"] = outcome["left_at"].version
    change = sa.update(ROWS).where(ROWS.c.id == sa.bindparam("of")).values({"version": ROWS.c.version + 1})
    by_keys: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, outcome in outcomes:
        by_keys.setdefault(tuple(outcome), []).append({"of": row.id, **{f"to_{key}": outcome[key] for key in outcome}})
    for keys, many in by_keys.items():
        values = {key: sa.bindparam(f"to_{key}", type_=ROWS.c[key].type) for key in keys}
        work.session.connection().execute(change.values(values), many)
    moved = Counter(outcome["state"] for _, outcome in outcomes)
    moved.subtract(Counter(before.values()))
    recount(work, batch.id, dict(moved), reached=rows[-1].row_number, done=batch.done + len(rows))


def _alone(work: Work, row: ImportRow, do: Callable[[ImportRow], Outcome], refused: str) -> Outcome:
    try:
        with work.attempt():
            return do(row)
    except ValidationFailed as refusal:
        reasons = [{"field": name, **one} for name, found in refusal.errors.items() for one in found]
    except sa.exc.IntegrityError:
        reasons = [{"field": "", "code": "taken", "params": {}}]
    except AnjuError as refusal:
        reasons = [{"field": "", "code": refusal.code, "params": refusal.params}]
    except Exception as fault:
        if is_away(fault):
            raise
        log.exception("import_row_failed", batch=row.batch_id, row=row.row_number)
        reasons = [{"field": "", "code": "service_fault", "params": {}}]
    return {"state": refused, "reasons": reasons}


def _rule(reason: dict[str, Any]) -> dict[str, Any]:
    return {"code": reason["code"], "params": reason["params"]}


def _used_since(work: Work, importable: Importable[Any], records: dict[str, Any]) -> set[str]:
    """Which of the records something refers to that did not begin with them, or has changed since."""
    to, used = f"{work.service.name}/{importable.process.name}", set()
    begun = {id: record.created_at for id, record in records.items()}
    for process in work.service.resources.values():
        for field in process.record.__fields__.values():
            if field.to != to or field.many:
                continue
            column = getattr(process.record, field.name)
            newest = sa.func.max(process.record.created_at), sa.func.max(process.record.version)
            about = sa.select(column, *newest).where(column.in_(begun)).group_by(column)
            used |= {id for id, at, version in work.session.execute(about) if at > begun[id] or version > 1}
    return used
