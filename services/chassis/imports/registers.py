"""The registers of imports: batches and their rows, with the states that they go through (L-02).

    batch   uploaded -> checking -> checked -> running -> done -> reverting -> reverted
            a file that cannot be read ends `failed`, a batch that nobody wants `discarded`, one that stands `settled`
    row     add, update, skip (nothing new, or left out by hand), wrong; then added, updated, or wrong; then
            reverted, or kept with why

How far a batch has come is counted in it with every part of the work, in the same transaction, and is no change of the
record: it raises no version and makes no entry in the audit. What a workbook held is kept for a term that begins with
each step that somebody orders (X-65): a batch that was not run by then is given up, one that was stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.clocks import clock, restart
from services.chassis.columns import JSON
from services.chassis.commands import loaded
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Base, Record, new_id
from services.chassis.work import Work
from services.contracts.errors import Forbidden, ValidationFailed
from services.contracts.fields import Field, to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Details, Number, RecordId, ShortText, Title
from services.contracts.workbooks import MOST_BYTES, weigh

if TYPE_CHECKING:
    from services.chassis.imports.declaration import Importable

MOST_ROWS = Parameter("import.rows", 50_000, "rows", "L-02")
KEPT = Parameter("import.kept", 30, "days", "X-65")
PARAMETERS = [MOST_ROWS, KEPT]
BatchId = Annotated[str, Field(max_length=40)]
Rows = Annotated[int, Field("integer", min=0, max=10_000_000)]
Reasons = Annotated[list[Any], Field("json")]
KEPT_CLOCK = "kept"
LEFT_OUT = {"field": "", "code": "import_left_out", "params": {}}
#: A workbook as base64.
Content = Annotated[str, Field(max_length=MOST_BYTES * 4 // 3 + 4)]


class ImportBatch(Record):
    """One workbook: where it is from, how far it has come, and how many rows fared how."""

    number: Mapped[Number]
    register: Mapped[Title]
    file_name: Mapped[ShortText]
    given: Mapped[Details]
    rows: Mapped[Rows | None]
    todo: Mapped[Rows]
    done: Mapped[Rows]
    counts: Mapped[Details]
    problem: Mapped[Details | None]

    uploader = mapped_column(JSON)
    columns = mapped_column(JSON)
    reached = mapped_column(sa.Integer, default=0)
    #: Who ordered the step that goes on now.
    ordered_by = mapped_column(JSON)


class ImportRow(Record):
    """One row: what would become of it, or became; the diff and the label are masked, the rest is not shown."""

    __table_args__ = (sa.Index("uq_import_row_number", "batch_id", "row_number", unique=True),)

    batch_id: Mapped[BatchId]
    row_number: Mapped[Rows]
    label: Mapped[ShortText]
    changes: Mapped[Details]
    reasons: Mapped[Reasons]
    record_id: Mapped[RecordId | None]

    #: What was compared when it was checked, so that nothing is done that was not shown.
    seen = mapped_column(sa.String(64))
    #: The values before and after, and the version of the record that the import left.
    before = mapped_column(JSON)
    left_at = mapped_column(sa.Integer)


class ImportFile(Base):
    """The content of a workbook, until it has been read."""

    __tablename__ = "import_file"

    batch_id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class ImportSource(Base):
    """Some rows of a workbook as they were read, one JSON text a line, until the batch is done."""

    __tablename__ = "import_source"

    batch_id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    last: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    rows: Mapped[str] = mapped_column(sa.Text)


class ImportKey(Base):
    """What a workbook may hold only once, and in which row it does; until the batch is done."""

    __tablename__ = "import_key"

    batch_id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    row_number: Mapped[int] = mapped_column(sa.Integer)


TABLES: list[Any] = [ImportFile, ImportSource, ImportKey]


def registers(importables: Sequence[Importable[Any]]) -> list[Process[Any]]:
    """The two registers of a service from whose registers these can be imported."""
    by = list(dict.fromkeys(role for one in importables for role in one.by))
    overseers = list(dict.fromkeys(role for one in importables for role in one.overseen_by))
    known = {one.process.name: one for one in importables}

    def mine(record: Any) -> Any:
        return lambda actor, _: sa.true() if actor.scopes(overseers) else record.created_by == actor.user

    batches = Process(
        ImportBatch,
        numbered="IM",
        listed=["number", "file_name", "register", "rows"],
        search=["number", "file_name"],
        own=mine(ImportBatch),
        life={
            "uploaded": ("checking", "failed", "discarded"),
            "checking": ("checked", "discarded"),
            "running": ("done",),
            "done": ("settled",),
            "reverting": ("reverted",),
        },
    )
    rows = Process(
        ImportRow,
        title="label",
        listed=["row_number", "label", "changes", "reasons"],
        filters=["batch_id"],
        own=mine(ImportRow),
        life={
            "add": ("added", "wrong"),
            "update": ("updated", "wrong"),
            "skip": ("add", "update"),
            "added": ("reverted", "kept"),
            "updated": ("reverted", "kept"),
        },
    )

    @batches.create("uploaded", by=by)
    def upload(register: Title, file_name: ShortText, content: Content, given: Details, work: Work) -> ImportBatch:
        """Hand in a workbook; it is read and checked, and nothing is changed yet (L-02)."""
        importable = known.get(register)
        if importable is None:
            raise ValidationFailed.of("register", "choice", choices=sorted(known))
        said = loaded(importable.given_schema, given)
        place = importable.place(work, said)
        if not work.actor.covers(importable.by, place["company_id"], place["project_id"]):
            raise Forbidden(code="outside_scope", command="upload_import_batch")
        batch = ImportBatch(
            id=new_id(),
            register=register,
            file_name=file_name,
            given=to_wire(said),
            todo=0,
            done=0,
            counts={},
            uploader=described(work),
            **place,
        )
        work.session.add(ImportFile(batch_id=batch.id, content=_unpacked(content)))
        return batch

    def begin(batch: ImportBatch, work: Work, todo: int) -> None:
        batch.todo, batch.done, batch.reached, batch.ordered_by = todo, 0, 0, described(work)
        restart(work, batches, batch, KEPT_CLOCK)

    def something_to_do(batch: ImportBatch, _: Work) -> Obstacle | None:
        todo = batch.counts.get("add", 0) + batch.counts.get("update", 0)
        return None if todo else Obstacle("import_without_rows")

    @batches.move("checked", "running", by=by, guard=something_to_do)
    def run(batch: ImportBatch, work: Work) -> None:
        """Carry the rows out as they were shown (L-02)."""
        begin(batch, work, batch.counts.get("add", 0) + batch.counts.get("update", 0))

    @batches.move("checked", "discarded", by=by)
    def discard(batch: ImportBatch, work: Work) -> None:
        """Give it up; nothing has been changed."""
        forget(work, batch.id)

    def something_done(batch: ImportBatch, _: Work) -> Obstacle | None:
        done = batch.counts.get("added", 0) + batch.counts.get("updated", 0)
        return None if done else Obstacle("import_without_rows")

    @batches.move("done", "reverting", by=by, guard=something_done)
    def revert(batch: ImportBatch, work: Work) -> None:
        """Take back the whole batch, except what has been used or changed since (L-02)."""
        begin(batch, work, batch.counts.get("added", 0) + batch.counts.get("updated", 0))

    @batches.change(("uploaded", "checking", "checked", "done"), by=[Role.SYSTEM])
    def lapse(batch: ImportBatch, work: Work) -> None:
        """Nobody ran it, or took it back, while it was kept: what the workbook held goes (X-65)."""
        let_go(work, batch.id)
        work.enter(batches, batch, "settled" if batch.state == "done" else "discarded")

    clock(batches, KEPT_CLOCK, limit=KEPT, starts="uploaded", then=lapse)

    def still_open(row: ImportRow, work: Work) -> Obstacle | None:
        batch = work.get(ImportBatch, row.batch_id)
        return None if batch.state == "checked" else Obstacle("import_not_checked", {"state": batch.state})

    def left_out(row: ImportRow, work: Work) -> Obstacle | None:
        by_hand = [one["code"] for one in row.reasons] == [LEFT_OUT["code"]]
        return still_open(row, work) if by_hand else Obstacle("import_nothing_new")

    @rows.move(("add", "update"), "skip", by=by, guard=still_open)
    def leave_out(row: ImportRow, work: Work) -> None:
        """Leave this row out; the others are imported (L-02)."""
        recount(work, row.batch_id, {row.state: -1, "skip": 1})
        row.reasons = [LEFT_OUT]

    @rows.change("skip", by=by, guard=left_out)
    def take_in(row: ImportRow, work: Work) -> None:
        """Import this row after all (L-02)."""
        verdict = "update" if row.record_id else "add"
        recount(work, row.batch_id, {"skip": -1, verdict: 1})
        row.reasons = []
        work.enter(rows, row, verdict)

    return [batches, rows]


def described(work: Work) -> dict[str, Any]:
    """Who acts, as the wire has it: what is done later is done in their name and within what they may see."""
    roles = {str(role): list(scopes) for role, scopes in work.actor.roles.items()}
    return {"user": work.actor.user, "name": work.actor.name, "roles": roles}


def recount(work: Work, batch_id: str, by: dict[str, int], **more: Any) -> None:
    """Count rows that fare otherwise now, past the record's version; the batch is locked until the end."""
    locked = sa.select(ImportBatch.counts).where(ImportBatch.id == batch_id).with_for_update()
    counts = dict(work.session.scalars(locked).one())
    for name, number in by.items():
        counts[name] = counts.get(name, 0) + number
    change = sa.update(Base.metadata.tables[ImportBatch.__tablename__]).where(ImportBatch.id == batch_id)
    work.session.connection().execute(change.values(counts=counts, **more))


def forget(work: Work, batch_id: str) -> None:
    """What the workbook held is not needed any longer."""
    for table in TABLES:
        work.session.execute(sa.delete(table).where(table.batch_id == batch_id))


def let_go(work: Work, batch_id: str) -> None:
    """Nor is what was there before: nothing is taken back any longer."""
    forget(work, batch_id)
    rows = Base.metadata.tables[ImportRow.__tablename__]
    work.session.connection().execute(sa.update(rows).where(rows.c.batch_id == batch_id).values(before=sa.null()))


def _unpacked(content: str) -> bytes:
    try:
        unpacked = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise ValidationFailed.of("content", "not_a_workbook") from None
    weigh(io.BytesIO(unpacked), "content")
    return unpacked
