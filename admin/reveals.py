"""A masked number that was revealed to somebody: shown once, and kept only as a trace without the number (X-65)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from admin import traces
from admin.described import Command
from admin.models import db
from admin.texts import field_name


@dataclass(frozen=True)
class Revealed:
    """The number, what it is, and for how many seconds it may be shown."""

    label: str
    value: str
    seconds: int


def noted(
    command: Command, actor: dict[str, Any], payload: dict[str, Any], answered: dict[str, Any]
) -> Revealed | None:
    """What an answer reveals, once it has been traced who saw it; None where it reveals nothing."""
    told = answered.get("revealed")
    if told is None:
        return None
    what = {"list": f"{command.service}/{command.resource}", "id": answered["result"]["id"], "field": told["field"]}
    traces.note("revealed", actor["user"], after=what | {"purpose": payload.get("purpose")})
    db.session.commit()
    label = field_name(command.service, command.resource, told["field"])
    return Revealed(label, str(told["value"] or ""), int(told["seconds"]))
