"""Advice: what a service says about a command while somebody still fills it in.

    @advises(register)
    def foresee(draft: Mapping[str, Any], work: Work) -> Iterator[Suggestion | Caution]:
        ...

`draft` holds the fields that are valid so far. Nothing is written, and nothing that is said here binds: the command's
own rules decide when it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as given
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from services.chassis import views
from services.chassis.moves import MOVES, Move
from services.contracts.errors import Forbidden, UnknownCommand, ValidationFailed
from services.contracts.fields import to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work

MOST = 20


@dataclass(frozen=True)
class Suggestion:
    """A value for a field, and why: a code of the errors glossary with what fills its sentence."""

    field: str
    value: Any
    code: str
    params: Mapping[str, Any] = given(default_factory=dict)


@dataclass(frozen=True)
class Caution:
    """Something to look at first; `about` is a record of this service that the sentence speaks of."""

    code: str
    params: Mapping[str, Any] = given(default_factory=dict)
    about: Any = None


Adviser = Callable[[Any, Any], Iterator[Suggestion | Caution]]


def advises(function: Callable[..., Any], *, identifies: str | None = None) -> Callable[[Adviser], Adviser]:
    """Declare who advises on a command, named by its function. Advice that `identifies` says whose the number in that
    parameter is: it is a look-up, written down and limited (X-65)."""

    def declare(adviser: Adviser) -> Adviser:
        MOVES[function].process.advisers[MOVES[function].verb] = adviser
        MOVES[function].identifies = identifies
        return adviser

    return declare


def advise(work: Work, command: str, payload: Any) -> dict[str, Any]:
    """What is said about a command that is not given yet: `{"suggestions": [{"field", "value", "code", "params"}],
    "cautions": [{"code", "params", "resource", "id", "label"}]}`; a record that the reader may not see is left out.
    """
    move = work.service.commands.get(command)
    if move is None:
        raise UnknownCommand(command=str(command)[:80])
    if not work.actor.scopes(move.by):
        raise Forbidden(command=command)
    if not isinstance(payload, dict):
        raise ValidationFailed.of("", "not_an_object")
    adviser = move.process.advisers.get(move.verb)
    suggestions: list[dict[str, Any]] = []
    cautions: list[dict[str, Any]] = []
    if adviser is not None:
        for said in adviser(_valid(move, payload), work):
            if isinstance(said, Suggestion):
                why = {"code": said.code, "params": to_wire(dict(said.params))}
                suggestions.append({"field": said.field, "value": to_wire(said.value), **why})
            elif (caution := _caution(work, said)) is not None:
                cautions.append(caution)
    return {"suggestions": suggestions[:MOST], "cautions": cautions[:MOST]}


def explained(work: Work, resource: str, record_id: str) -> list[dict[str, Any]]:
    """What a register says about one of its records: `[{"code", "params", "resource", "id", "label"}]`."""
    process = views.resource(work.service, resource)
    if not process.explainers:
        return []
    record = work.get(process.record, record_id)
    explained = (one for explainer in process.explainers for one in explainer(record, work))
    said = (_caution(work, one) for one in explained if isinstance(one, Caution))
    return [one for one in said if one is not None][:MOST]


def _valid(move: Move, payload: dict[str, Any]) -> dict[str, Any]:
    """The fields that are right so far; the others are None or their defaults."""
    empty = {one.name: None for one in move.params}
    try:
        loaded: dict[str, Any] = move.schema.load(payload, partial=True, unknown=ma.EXCLUDE)
    except ma.ValidationError as wrong:
        loaded = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
    return empty | loaded


def _caution(work: Work, said: Caution) -> dict[str, Any] | None:
    described: dict[str, Any] = {"code": said.code, "params": to_wire(dict(said.params))}
    if said.about is None:
        return described | {"resource": None, "id": None, "label": None}
    process = work.service.resources[type(said.about).__tablename__]
    if not views.visible(work, process, said.about):
        return None
    label = views.label(work, process, said.about)
    return described | {"resource": process.name, "id": said.about.id, "label": label}
