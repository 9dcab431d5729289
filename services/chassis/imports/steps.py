"""The work on imports, in small parts: each is one transaction that holds its effect and how far it came (L-02).

Whatever ends the process between two parts, the next one goes on where the last was committed; nothing is done twice.
The parts are small and somebody else's turn comes after each, so that nobody waits for an import.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from services.chassis import faultpoints
from services.chassis.actors import GROUP, SYSTEM, Actor
from services.chassis.database import is_away
from services.chassis.imports import carrying, checking
from services.chassis.imports.registers import MOST_ROWS, ImportBatch, ImportFile, ImportSource, forget, let_go
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.workbooks import lines

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

log = structlog.get_logger()
#: Lines of a workbook that are kept together.
READ_TOGETHER = 200
#: How long a batch is left alone when a part of it fails as a whole.
POSTPONED = timedelta(minutes=5)


def step(service: Service) -> bool:
    """Do the next part of the oldest import that waits for one; False when there is none."""
    waiting = sa.select(ImportBatch.id, ImportBatch.state).where(ImportBatch.state.in_(PARTS))
    with service.database.read() as session:
        found = session.execute(waiting.order_by(ImportBatch.created_at)).all()
    for batch_id, state in found:
        if ("import", batch_id) in service.postponed:
            continue
        try:
            return PARTS[state](service, batch_id)
        except Exception as fault:
            if is_away(fault):
                raise
            log.exception("import_failed", batch=batch_id)
            service.postponed["import", batch_id] = service.now() + POSTPONED
    return False


def _read(service: Service, batch_id: str) -> bool:
    """Read the workbook, in a process of its own and outside any transaction; keep its rows, or why there are none."""
    with service.database.read() as session, tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        content = session.get(ImportFile, batch_id)
        file.write(content.content if content is not None else b"")
        file.flush()
        with service.reading(SYSTEM) as work:
            most = int(work.parameter(MOST_ROWS))
        refusal, found = None, []
        try:
            found = lines(Path(file.name), most)
        except ValidationFailed as refused:
            refusal = refused
    with service.begin(SYSTEM, command="import", correlation_id=batch_id) as work:
        batch = _mine(work, batch_id, "uploaded")
        if batch is None:
            return True
        importable = service.importables[batch.register]
        try:
            if refusal is not None:
                raise refusal
            batch.columns, batch.rows = checking.columns(service.name, importable, found), len(found) - 1
        except ValidationFailed as refused:
            batch.problem = refused.errors["file"][0]
            forget(work, batch_id)
            _enter(work, batch, "failed")
            return True
        batch.todo, batch.done, batch.reached = batch.rows, 0, 0
        work.session.execute(sa.delete(ImportFile).where(ImportFile.batch_id == batch_id))
        for first in range(1, len(found), READ_TOGETHER):
            part = found[first : first + READ_TOGETHER]
            kept = ImportSource(batch_id=batch_id, last=checking.number_of(part[-1]), rows="\n".join(part))
            work.session.add(kept)
        _enter(work, batch, "checking")
    return True


def _part(
    state: str,
    command: str,
    do: Callable[[Work, Any, ImportBatch], bool],
    after: str,
    clear: Callable[[Work, str], None] | None = None,
) -> Callable[[Service, str], bool]:
    """A part that goes on through the rows; after the last one the batch enters the next state, and what is not needed
    in that is cleared."""

    def part(service: Service, batch_id: str) -> bool:
        with service.database.read() as session:
            ordered = session.scalar(sa.select(ImportBatch.ordered_by).where(ImportBatch.id == batch_id))
        # Done in the name of whoever ordered it, past the roles: whether they may was asked when they did.
        actor = Actor(ordered["user"], ordered["name"], {Role.SYSTEM: (GROUP,)}) if ordered else SYSTEM
        with service.begin(actor, command=command, correlation_id=batch_id) as work:
            batch = _mine(work, batch_id, state)
            if batch is None:
                return True
            if not do(work, service.importables[batch.register], batch):
                if clear is not None:
                    clear(work, batch_id)
                _enter(work, batch, after)
            work.finish()
            faultpoints.reached("import_before_commit")
        faultpoints.reached("import_after_commit")
        return True

    return part


def _mine(work: Work, batch_id: str, state: str) -> ImportBatch | None:
    """The batch, locked, unless another process works on it or has moved it on."""
    free = sa.select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state == state)
    return work.session.scalars(free.with_for_update(skip_locked=True)).first()


def _enter(work: Work, batch: ImportBatch, state: str) -> None:
    work.enter(work.service.resources[ImportBatch.__tablename__], batch, state)
    work.finish()


PARTS: dict[str, Callable[..., bool]] = {
    "uploaded": _read,
    "checking": _part("checking", "check_import_batch", checking.check, "checked"),
    "running": _part("running", "run_import_batch", carrying.run, "done", forget),
    "reverting": _part("reverting", "revert_import_batch", carrying.revert, "reverted", let_go),
}
