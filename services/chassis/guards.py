"""Whether a move is possible now, and why not: the one answer that buttons and commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.chassis import approvals
from services.chassis.actors import EVERYBODY, role_names
from services.chassis.moves import Move, Obstacle

if TYPE_CHECKING:
    from services.chassis.work import Work


def obstacle(
    work: Work, move: Move, record: Any, *, roles: bool, decisions: dict[Any, Obstacle | None] | None = None
) -> Obstacle | None:
    """Why the move is not possible now, or None: its state, then its actor, then its gate.

    `decisions` remembers, for many moves of one record, whether the actor may decide: to approve and to reject is one
    question.
    """
    if not move.allows(record.state):
        return Obstacle("illegal_move", {"command": move.command, "state": record.state})
    if roles and move.decides is not None:
        decisions = {} if decisions is None else decisions
        if move.decides.kind not in decisions:
            decisions[move.decides.kind] = approvals.obstacle(work, move.process, move.decides, record)
        if (problem := decisions[move.decides.kind]) is not None:
            return problem
    elif roles and not reaches(work, move, record):
        return Obstacle("forbidden", {"command": move.command, "roles": role_names(move.by)})
    return move.guard(record, work) if move.guard else None


def reaches(work: Work, move: Move, record: Any) -> bool:
    """Whether one of the move's roles, held by the actor, covers this record now (X-41 for switched roles)."""
    for role in move.by:
        held = work.holder(role, record.project_id)
        if work.actor.covers([held], record.company_id, record.project_id) and (
            work.actor.is_system or held == EVERYBODY or work.actor.scopes([held])
        ):
            return True
    return False
