"""Append-only registers: an entry is never overwritten; a correction is a new entry that points at the old one (X-47).

    class VisitEntry(Register): ...
    visits = Process(VisitEntry, numbered="V")
    corrections(visits, by=[Role.SITE_SALES_LEAD])

The database itself refuses UPDATE and DELETE on a register's table (see `services.chassis.guarding`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from services.chassis.actors import Roles
from services.chassis.filters import yes_or_no
from services.chassis.moves import Move
from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field

if TYPE_CHECKING:
    from services.chassis.work import Work

Then = Callable[[Any, "Work"], object]
CORRECTS = Field("text", "corrects_id", max_length=40)
REASON = Field("text", "correction_reason", max_length=500)


class Register(Record):
    """A record that is written once."""

    __abstract__ = True
    __append_only__ = True
    __common_fields__: ClassVar[dict[str, Field]] = {
        field.name: replace(field, required=False, read_only=True) for field in (CORRECTS, REASON)
    }

    corrects_id: Mapped[str | None] = mapped_column(sa.String(40), index=True, unique=True)
    correction_reason: Mapped[str | None] = mapped_column(sa.String(500))


def corrections(process: Process[Any], *, by: Roles, before: Then | None = None, then: Then | None = None) -> None:
    """Declare the command that corrects an entry: `correct_<resource>` with the entry, a reason and what was wrong.

    What the payload leaves out stays as it was, and nothing empties a field that may be empty. An entry has one
    correction, and that one the next. `before` is called with the new entry before it takes its number, for what has to
    be locked first; `then` with its number already given: what follows an entry follows its correction too.
    """

    def correct(corrects_id: str, correction_reason: str, work: Work, **changes: Any) -> Any:
        """Correct an entry by a new one; the old one stays visible (X-47)."""
        original = work.get(process.record, corrects_id, field="corrects_id")
        if work.first(process.record, corrects_id=corrects_id) is not None:
            raise ValidationFailed.of("corrects_id", "corrected_already")
        fields = process.record.__fields__
        for name in [name for name, value in changes.items() if value is None and fields[name].required]:
            raise ValidationFailed.of(name, "required")
        kept = {name: getattr(original, name) for name in fields if name not in CHAIN}
        entry = process.record(
            **{**kept, **changes},
            corrects_id=corrects_id,
            correction_reason=correction_reason,
            company_id=original.company_id,
            project_id=original.project_id,
        )
        if before is not None:
            before(entry, work)
        if then is not None:
            assert process.initial is not None
            then(work.begin_life(process, entry, process.initial), work)
        return entry

    corrected = [
        replace(field, required=False, default=None)
        for field in process.record.__fields__.values()
        if field.name not in CHAIN and not field.read_only
    ]
    assert process.initial is not None, f"{process.name}: declare how an entry is made before its corrections"
    given = [CORRECTS, REASON, *corrected]
    process.add(Move(process, correct, "create", (), process.initial, by, given=given, partial=True))
    process.narrowed["is_corrected"] = yes_or_no("is_corrected", lambda: ~standing(process.record))


def standing(record: type[Any]) -> sa.ColumnElement[bool]:
    """The entries that no later one corrects: what the register says in the end."""
    later = aliased(record)
    return ~sa.select(later.id).where(later.corrects_id == record.id).exists()


#: What a correction has of its own: the number, and what it corrects and why.
CHAIN = ("number", CORRECTS.name, REASON.name)
