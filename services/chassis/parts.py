"""Very many records worked through in parts, each a transaction of its own, so that nobody waits for the whole.

    batches = in_parts(tag_changes, "next_batch", size=BATCH, starts="applying", reached="last_uid", then=apply)

The record that asks for it keeps in the field `reached` the last id that was done. A limit of no length makes `then`
again and again until `went_on` says that nothing is left; a service that was down goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis import clocks
from services.chassis.parameters import Parameter
from services.chassis.process import Process

if TYPE_CHECKING:
    from services.chassis.work import Work

#: (ext) How long it is until the next part.
PAUSE = Parameter("parts.pause", 0, "min", "X-36.15")


@dataclass(frozen=True)
class Parts:
    """How the work of one kind of record is taken apart."""

    process: Process[Any]
    name: str
    size: Parameter
    reached: str

    def next(self, work: Work, record: Any, chosen: sa.Select[Any], by: Any) -> sa.Select[Any]:
        """Of what is chosen the next part, in the order of the ids `by`."""
        after = getattr(record, self.reached) or ""
        return chosen.where(by > after).order_by(by).limit(int(work.parameter(self.size)))

    def went_on(self, work: Work, record: Any, part: Sequence[Any]) -> bool:
        """Whether there is another part after this one, whose rows have an `id`; it is made by itself then."""
        goes_on = len(part) == int(work.parameter(self.size))
        setattr(record, self.reached, part[-1].id if goes_on else None)
        clocks.restart(work, self.process, record, self.name)
        return goes_on


def in_parts(
    process: Process[Any],
    name: str,
    *,
    size: Parameter,
    starts: str | tuple[str, ...],
    reached: str,
    then: Callable[..., Any],
    needed: Callable[[Any], bool] | None = None,
) -> Parts:
    """Have `then`, a command of the process, done for one part after the other in the states `starts`, where it is
    `needed`; `size` is how many are in a part."""
    limit = PAUSE if needed is None else lambda record: PAUSE if needed(record) else None
    clocks.clock(process, name, limit=limit, starts=starts, then=then)
    return Parts(process, name, size, reached)
