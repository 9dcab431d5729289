"""What a command has to know from somebody who may take long: it is asked before the command's transaction begins.

    @beforehand(receive)
    def put(record: None, given: Mapping[str, Any], work: Work) -> Callable[[], Any]:
        ...

The function reads what the question needs and returns the question itself, which is put while nothing is held open; the
command finds the answer as `work.foreknown`. It is None where the command is given otherwise than through the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from services.chassis import guards
from services.chassis.moves import MOVES

if TYPE_CHECKING:
    from services.chassis.moves import Move
    from services.chassis.work import Work

Asks = Callable[[Any, Mapping[str, Any], Any], Callable[[], Any]]


def beforehand(function: Callable[..., Any]) -> Callable[[Asks], Asks]:
    """Declare what is asked before a command, named by its function."""

    def declare(asks: Asks) -> Asks:
        MOVES[function].beforehand = asks
        return asks

    return declare


def is_refused(work: Work, move: Move, record: Any) -> bool:
    """Whether the command will be refused whatever it says: by its role, its record or the record's state."""
    if move.kind == "create":
        return not work.actor.scopes(move.by)
    return record is None or guards.obstacle(work, move, record, roles=True) is not None
