"""What a process declares: commands, the guards before them, the events after them, reactions to others' events."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from services.chassis.actors import Roles
from services.contracts.events import Event
from services.contracts.fields import Field, field_of, schema_of

if TYPE_CHECKING:
    from services.chassis.authority import ApprovalRule
    from services.chassis.beforehand import Asks
    from services.chassis.process import Process
    from services.chassis.work import Work


@dataclass(frozen=True)
class Obstacle:
    """Why a move is not allowed now: a code of the errors glossary and what fills its sentence."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class To:
    """An event that goes to the inbox of the property company named by a field of the record, if it names one."""

    event: type[Event]
    field: str


Guard = Callable[[Any, Any], Obstacle | None]
#: `(given, work)`: raises for what a person may not give; what the service performs by itself is not asked.
Admits = Callable[[Mapping[str, Any], Any], object]
Emits = Sequence[type[Event] | To]


@dataclass(eq=False)
class Move:
    """One command of a process: who may give it, from which states, and the function that does it.

    `takes` names the registers whose numbers it takes for something else than a record that begins. `beside` is what
    its answer holds beside the record, made anew whenever it is answered for the moment at which it was given: kept
    nowhere. `identifies` is the parameter by whose whole number its advisers say who somebody is. The function of a
    `partial` one is given only the fields that the payload has: nothing is not the same as left out. `admits` looks at
    what a person gives.
    """

    process: Process[Any]
    function: Callable[..., Any]
    kind: str
    origin: tuple[str, ...]
    to: str | None
    by: Roles
    on: type[Event] | None = None
    emits: Emits = ()
    guard: Guard | None = None
    submits: ApprovalRule | None = None
    decides: ApprovalRule | None = None
    verdict: str | None = None
    given: list[Field] | None = None
    partial: bool = False
    takes: Sequence[str] = ()
    beforehand: Asks | None = None
    beside: Callable[[Work, Move, Any, datetime], dict[str, Any]] | None = None
    identifies: str | None = None
    admits: Admits | None = None

    @property
    def verb(self) -> str:
        return self.function.__name__

    @property
    def command(self) -> str:
        return f"{self.verb}_{self.process.name}"

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")

    @functools.cached_property
    def signature(self) -> tuple[list[Field], str | None]:
        """The command's fields, and the name of the parameter that takes the unit of work."""
        from services.chassis.work import Work

        if self.given is not None:
            return self.given, "work"
        # The chassis' own processes import Work for checking only: the unit of work is built on them.
        hints = typing.get_type_hints(self.function, localns={"Work": Work}, include_extras=True)
        given = list(inspect.signature(self.function).parameters.values())
        described, work = [], None
        for parameter in given if self.kind == "create" else given[1:]:
            if hints[parameter.name] is Work:
                work = parameter.name
                continue
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            described.append(field_of(parameter.name, hints[parameter.name], default))
        return described, work

    @property
    def params(self) -> list[Field]:
        return self.signature[0]

    @functools.cached_property
    def schema(self) -> ma.Schema:
        """Loads the command's payload, without the `id` of the record it is for."""
        return schema_of(self.command, self.params, partial=self.partial)

    def allows(self, state: str) -> bool:
        return not self.origin or state in self.origin


@dataclass(frozen=True)
class Reaction:
    """A function that turns somebody else's event into a command of ours."""

    event: type[Event]
    function: Callable[..., Any]


#: The declared move of each function, so that code names a move by its function.
MOVES: dict[Callable[..., Any], Move] = {}
