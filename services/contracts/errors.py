"""Errors that cross a service's door.

    AnjuError
        ValidationFailed        422   one or more fields break a rule
        NotFound                404   no such record within the caller's scope
        UnknownCommand          404   no such command or resource
        Forbidden               403   the caller's roles do not allow it
            OwnSubmission       403   nobody decides what they submitted (X-44)
        Conflict                409
            IllegalMove         409   the record's state does not allow the move
            StaleVersion        409   somebody changed the record meanwhile
            IdempotencyConflict 409   the same command_id with other content
            DecidedAlready      409   another approver was first
        ServiceUnavailable      503   the service, its database or the broker is away

`code` names a sentence in the glossary's book `errors`, `params` fill it. Nameko carries the class path and `args`,
which is one JSON object, so that `rebuild` makes the same error on the caller's side.
"""

from __future__ import annotations

import json
from typing import Any


class AnjuError(Exception):
    """Something the caller is told about."""

    status = 500
    code = "error"

    def __init__(self, carried: dict[str, Any] | None = None, /, **params: Any) -> None:
        carried = carried if carried is not None else {"code": params.pop("code", self.code), "params": params}
        # As JSON text: Nameko makes text of every number, boolean and null inside an error's arguments.
        super().__init__(json.dumps(carried, ensure_ascii=False, default=str))
        self.code = carried.get("code", type(self).code)
        self.params: dict[str, Any] = carried.get("params", {})

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class ValidationFailed(AnjuError):
    """Fields break a rule: `errors` is `{field: [{"code", "params"}]}`; the key "" is the command as a whole."""

    status = 422
    code = "validation_failed"

    def __init__(self, carried: dict[str, Any] | None = None, /, **params: Any) -> None:
        super().__init__(carried, **params)
        self.errors: dict[str, list[dict[str, Any]]] = self.params.get("errors", {})

    @classmethod
    def of(cls, field: str, code: str, **params: Any) -> ValidationFailed:
        """One field, one rule."""
        return cls(errors={field: [{"code": code, "params": params}]})


class NotFound(AnjuError):
    """No such record within the caller's scope."""

    status = 404
    code = "not_found"


class UnknownCommand(AnjuError):
    """No such command or resource."""

    status = 404
    code = "unknown_command"


class Forbidden(AnjuError):
    """The caller's roles do not allow it."""

    status = 403
    code = "forbidden"


class OwnSubmission(Forbidden):
    """Nobody decides what they submitted (X-44)."""

    code = "own_submission"


class Conflict(AnjuError):
    """The record is not as the caller believes."""

    status = 409
    code = "conflict"


class IllegalMove(Conflict):
    """The record's state, or a gate before the move, does not allow it."""

    code = "illegal_move"


class StaleVersion(Conflict):
    """Somebody changed the record meanwhile; `params["changes"]` tells what."""

    code = "stale_version"


class IdempotencyConflict(Conflict):
    """The same command_id came with other content."""

    code = "idempotency_conflict"


class DecidedAlready(Conflict):
    """Another approver was first."""

    code = "decided_already"


class ServiceUnavailable(AnjuError):
    """The service, its database or the broker is away."""

    status = 503
    code = "service_unavailable"


def _tree(root: type[AnjuError]) -> list[type[AnjuError]]:
    return [root, *(below for child in root.__subclasses__() for below in _tree(child))]


BY_NAME: dict[str, type[AnjuError]] = {error.__name__: error for error in _tree(AnjuError)}


def rebuild(exc_type: str, exc_args: list[Any] | tuple[Any, ...]) -> AnjuError | None:
    """The error that a service raised, or None when it is none of ours (a fault of the service)."""
    error = BY_NAME.get(exc_type)
    try:
        carried = json.loads(exc_args[0])
    except (IndexError, TypeError, ValueError):
        return None
    return error(carried) if error is not None and isinstance(carried, dict) else None
