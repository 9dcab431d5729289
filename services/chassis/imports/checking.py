"""The dry run of an import: what every row would do, by the rules that carry it out (L-02)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.actors import Actor
from services.chassis.imports import cells
from services.chassis.imports.declaration import Changes, Importable, Values
from services.chassis.imports.registers import ImportBatch, ImportKey, ImportRow, ImportSource, recount
from services.chassis.records import Base, new_id
from services.contracts.errors import ValidationFailed
from services.contracts.fields import to_wire
from services.contracts.masks import masked

if TYPE_CHECKING:
    from services.chassis.work import Work

ROWS = Base.metadata.tables[ImportRow.__tablename__]
KEYS = Base.metadata.tables[ImportKey.__tablename__]
Reasons = list[dict[str, Any]]


@dataclass
class Row:
    """A row on its way: its number, and either its values with what they meet, or why it cannot be taken."""

    number: int
    values: Values = field(default_factory=dict)
    label: str = ""
    record: Any = None
    changes: Changes = field(default_factory=dict)
    reasons: Reasons = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if any(one["code"] != "import_nothing_new" for one in self.reasons):
            return "wrong"
        return "skip" if self.reasons else "update" if self.record is not None else "add"

    @property
    def seen(self) -> str:
        """What somebody agrees to who lets it run."""
        record_id = self.record.id if self.record is not None else None
        told = json.dumps([self.verdict, record_id, to_wire(self.changes)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def number_of(line: str) -> int:
    """The number of the row that a line holds."""
    return int(json.loads(line)[0])


def columns(service: str, importable: Importable[Any], lines: Sequence[str]) -> list[str | None]:
    """The fields of the workbook's columns; raises ValidationFailed where there are no headings or no rows."""
    if not lines:
        raise ValidationFailed.of("file", "workbook_empty")
    found = cells.header(service, importable, json.loads(lines[0])[1])
    if len(lines) == 1:
        raise ValidationFailed.of("file", "workbook_without_rows")
    return found


def read(
    work: Work, importable: Importable[Any], batch: ImportBatch, after: int, wanted: Container[int] | None = None
) -> tuple[list[Row], int]:
    """The rows that were kept together and come next, as far as they are right by themselves; and the last's number."""
    part = sa.select(ImportSource.rows, ImportSource.last).where(
        ImportSource.batch_id == batch.id, ImportSource.last > after
    )
    found = work.session.execute(part.order_by(ImportSource.last).limit(1)).first()
    if found is None:
        return [], after
    told = (json.loads(line) for line in found.rows.split("\n"))
    rows = [_row(work, importable, batch, *one) for one in told if wanted is None or one[0] in wanted]
    return rows, found.last


def judge(work: Work, importable: Importable[Any], batch: ImportBatch, rows: Sequence[Row]) -> None:
    """Find out what the rows meet, as far as whoever handed the workbook in may see it."""
    right = [row for row in rows if not row.reasons]
    given = importable.given_schema.load(batch.given)
    with work.acting_as(Actor.from_wire(batch.uploader)):
        met = importable.found(work, [row.values for row in right], given) if right else []
    for row, found in zip(right, met, strict=True):
        if found.problem is not None:
            row.reasons = _reasons(found.problem)
        else:
            row.record, row.changes = found.record, found.changes
        if found.record is not None and not found.changes and not row.reasons:
            row.reasons = [{"field": "", "code": "import_nothing_new", "params": {}}]


def check(work: Work, importable: Importable[Any], batch: ImportBatch) -> bool:
    """Check the next rows and keep what would become of them; False when all have been."""
    rows, last = read(work, importable, batch, batch.reached)
    if not rows:
        return False
    judge(work, importable, batch, rows)
    _refuse_twice(work, importable, batch, rows)
    work.session.connection().execute(sa.insert(ROWS), [_kept(importable, batch, row) for row in rows])
    verdicts = Counter(row.verdict for row in rows)
    recount(work, batch.id, dict(verdicts), reached=last, done=batch.done + len(rows))
    return True


def _shown(importable: Importable[Any], changes: Changes) -> Changes:
    """A diff as everybody may see it."""
    fields = importable.process.record.__fields__
    return {name: [masked(fields.get(name), to_wire(one)) for one in both] for name, both in changes.items()}


def _row(work: Work, importable: Importable[Any], batch: ImportBatch, number: int, content: list[Any]) -> Row:
    row = Row(number)
    work.service.breathe()
    try:
        cells.fill(work.service.name, importable, row.values, zip(batch.columns, content, strict=False))
        row.label = importable.label(row.values)
        row.values = importable.normalised(row.values)
    except ValidationFailed as refused:
        row.label, row.reasons = importable.label(row.values), _reasons(refused)
    return row


def _reasons(refused: ValidationFailed) -> Reasons:
    return [{"field": name, **one} for name, found in refused.errors.items() for one in found]


def _refuse_twice(work: Work, importable: Importable[Any], batch: ImportBatch, rows: Sequence[Row]) -> None:
    """What an earlier row of the workbook says already, or says about the same record, is wrong in a later one."""
    named = [(row, *one) for row in rows if row.verdict != "wrong" for one in importable.keys(row.values)]
    named += [(row, "", row.record.id) for row in rows if row.record is not None]
    keys = {_digest(name, value) for _, name, value in named}
    earlier = sa.select(KEYS.c.key, KEYS.c.row_number).where(KEYS.c.batch_id == batch.id, KEYS.c.key.in_(keys))
    first: dict[str, int] = dict(work.session.connection().execute(earlier).all())
    new = []
    for row, name, value in named:
        key = _digest(name, value)
        if first.setdefault(key, row.number) == row.number:
            new.append({"batch_id": batch.id, "key": key, "row_number": row.number})
        elif row.verdict != "wrong":
            row.reasons = [{"field": name, "code": "import_twice", "params": {"row": first[key]}}]
    if new:
        work.session.connection().execute(sa.insert(KEYS), new)


def _digest(name: str, value: str) -> str:
    return hashlib.sha256(f"{name}:{value}".encode()).hexdigest()


def _kept(importable: Importable[Any], batch: ImportBatch, row: Row) -> dict[str, Any]:
    return {
        "id": new_id(),
        "version": 1,
        "state": row.verdict,
        "company_id": batch.company_id,
        "project_id": batch.project_id,
        "created_at": batch.created_at,
        "created_by": batch.created_by,
        "batch_id": batch.id,
        "row_number": row.number,
        "label": row.label[:200],
        "changes": _shown(importable, row.changes),
        "reasons": row.reasons,
        "record_id": row.record.id if row.record is not None else None,
        "seen": row.seen,
    }
