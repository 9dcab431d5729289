"""A business process, declared once.

    orders = Process(WorkOrder, key="order_id", numbered="WO", readers=[Role.MAINTENANCE_DESK])

    @orders.create("reported", by=[Role.MAINTENANCE_DESK], emits=[WorkOrderCreated])
    def report(home_id: HomeId, description: LongText) -> WorkOrder: ...

    @orders.move("reported", "triaged", by=[Role.MAINTENANCE_DESK])
    def triage(order: WorkOrder, repair_class: RepairClass, work: Work) -> None: ...

The decorators return the function unchanged, so a test calls it without any framework. A parameter annotated `Work` is
the unit of work; every other one is a field of the command, which is called `<verb>_<resource>` on the wire.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import marshmallow as ma

from services.chassis import indexes
from services.chassis.actors import Roles, role_names
from services.chassis.records import Record
from services.contracts.events import Event
from services.contracts.fields import Field, field_of, schema_of

if TYPE_CHECKING:
    from services.chassis.advice import Adviser
    from services.chassis.authority import ApprovalRule
    from services.chassis.beforehand import Asks
    from services.chassis.clocks import ClockRule
    from services.chassis.extracts import Extract
    from services.chassis.reports import Report
    from services.chassis.work import Work

R = TypeVar("R", bound=Record)
F = TypeVar("F", bound=Callable[..., Any])
States = str | tuple[str, ...]


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
Emits = Sequence[type[Event] | To]


@dataclass(eq=False)
class Move:
    """One command of a process: who may give it, from which states, and the function that does it.

    `takes` names the registers whose numbers it takes for something else than a record that begins. `beside` is what
    its answer holds beside the record, made anew whenever it is answered for the moment at which it was given: kept
    nowhere.
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
    takes: Sequence[str] = ()
    beforehand: Asks | None = None
    beside: Callable[[Work, Move, Any, datetime], dict[str, Any]] | None = None

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
        return schema_of(self.command, self.params)

    def allows(self, state: str) -> bool:
        return not self.origin or state in self.origin


@dataclass(frozen=True)
class Reaction:
    """A function that turns somebody else's event into a command of ours."""

    event: type[Event]
    function: Callable[..., Any]


class Process(Generic[R]):
    """The declaration of one register and its life.

    `readers` may see it, within `own` where that is given (a condition for an actor and a moment); `key` is how others
    name its records; `numbered` is the register of their human numbers, or a function that names it for a record;
    `snapshot` is the event that tells the whole record whenever it changes. `life` maps states to the states that the
    chassis itself moves a record to, for records that no command begins or ends. `announces` lists the events that the
    functions tell by `work.emit`, beside those that the moves declare; `progress` is told at every change of state.
    `conditions` are filters by what is no field of its own: each makes a condition from the text that is asked for.
    `unmasked` is the condition, for an actor and a moment, of the records whose masked fields they see in full (X-65).
    """

    def __init__(
        self,
        record: type[R],
        *,
        key: str | None = None,
        readers: Roles = (),
        numbered: str | Callable[[Any], str] | None = None,
        title: str | None = None,
        listed: Sequence[str] = (),
        filters: Sequence[str] = (),
        search: Sequence[str] = (),
        snapshot: type[Event] | None = None,
        unmasked: Callable[[Any, Any], Any] | None = None,
        own: Callable[[Any, Any], Any] | None = None,
        life: Mapping[str, tuple[str, ...]] | None = None,
        announces: Sequence[type[Event]] = (),
        progress: type[Event] | None = None,
        conditions: Mapping[str, Callable[[str], Any]] | None = None,
    ) -> None:
        self.record, self.name = record, record.__tablename__
        self.key = key or f"{self.name}_id"
        self.readers, self.unmasked, self.own = readers, unmasked, own
        self.numbered, self.snapshot = numbered, snapshot
        names = list(record.__fields__)
        self.title = title or ("number" if "number" in names else names[0])
        self.listed = list(listed) or names[:6]
        self.filters, self.search = ["state", *filters], list(search) or [self.title]
        indexes.declare(record, [*self.filters, *self.listed], self.search)
        self.life, self.announces, self.progress = dict(life or {}), tuple(announces), progress
        self.conditions = dict(conditions or {})
        self.moves: dict[str, Move] = {}
        self.clocks: list[ClockRule] = []
        self.reactions: list[Reaction] = []
        self.reports: list[Report] = []
        self.extracts: list[Extract] = []
        self.marks: dict[str, Callable[[], Any]] = {}
        self.advisers: dict[str, Adviser] = {}
        self.followers: list[tuple[tuple[str, ...], Callable[[Any, Any], None]]] = []
        self.explainers: list[Adviser] = []

    def create(
        self,
        to: str,
        *,
        by: Roles,
        on: type[Event] | None = None,
        emits: Emits = (),
        submits: ApprovalRule | None = None,
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Declare how a record begins; the function returns the new record."""

        def declare(function: Callable[..., R]) -> Callable[..., R]:
            self.add(Move(self, function, "create", (), to, by, on=on, emits=emits, submits=submits))
            return function

        return declare

    def move(
        self,
        origin: States,
        to: str,
        *,
        by: Roles = (),
        on: type[Event] | None = None,
        emits: Emits = (),
        guard: Guard | None = None,
        submits: ApprovalRule | None = None,
        approves: ApprovalRule | None = None,
        rejects: ApprovalRule | None = None,
        takes: Sequence[str] = (),
    ) -> Callable[[F], F]:
        """Declare a move from one or several states to another."""

        def declare(function: F) -> F:
            self.add(
                Move(
                    self,
                    function,
                    "move",
                    (origin,) if isinstance(origin, str) else origin,
                    to,
                    by,
                    on=on,
                    emits=emits,
                    guard=guard,
                    submits=submits,
                    decides=approves or rejects,
                    verdict="approved" if approves else "rejected" if rejects else None,
                    takes=takes,
                )
            )
            return function

        return declare

    def change(
        self,
        within: States = (),
        *,
        by: Roles = (),
        on: type[Event] | None = None,
        emits: Emits = (),
        guard: Guard | None = None,
        submits: ApprovalRule | None = None,
        rejects: ApprovalRule | None = None,
        takes: Sequence[str] = (),
    ) -> Callable[[F], F]:
        """Declare a command that leaves the state as it is (`within` empty: in any state)."""

        def declare(function: F) -> F:
            origin = (within,) if isinstance(within, str) else within
            verdict = "rejected" if rejects else None
            given = (by, on, emits, guard, submits, rejects, verdict)
            self.add(Move(self, function, "change", origin, None, *given, takes=takes))
            return function

        return declare

    def reacts(self, event: type[Event]) -> Callable[[F], F]:
        """Declare a reaction `(event, work)`; it gives commands of ours by `work.perform`, never edits a record."""

        def declare(function: F) -> F:
            self.reactions.append(Reaction(event, function))
            return function

        return declare

    def followed(self, *verbs: str) -> Callable[[F], F]:
        """Declare what other processes do after these commands, `(record, work)`, once they are done and told."""

        def declare(function: F) -> F:
            if unknown := set(verbs) - self.moves.keys():
                raise TypeError(f"{self.name}: {', '.join(sorted(unknown))} is no command to be followed")
            self.followers.append((verbs, function))
            return function

        return declare

    def mark(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """Declare a yes or no that no field holds, as a condition over the record: its list can be filtered by it."""
        self.marks[function.__name__] = function
        return function

    def explains(self, function: Adviser) -> Adviser:
        """Declare what the page of a record says about it: a function `(record, work)` that yields cautions."""
        self.explainers.append(function)
        return function

    def add(self, move: Move) -> None:
        """Add a command; the decorators do it."""
        if move.verb in self.moves:
            raise TypeError(f"{self.name}: {move.verb} is declared twice")
        self.moves[move.verb] = move
        MOVES[move.function] = move

    @property
    def transitions(self) -> list[tuple[str | None, tuple[str, ...], str]]:
        """Every `(command, from, to)`; a step that the chassis makes has no command."""
        steps: list[tuple[str | None, tuple[str, ...], str]] = []
        for move in self.moves.values():
            if move.to is not None:
                steps.append((move.command, move.origin, move.to))
        return steps + [(None, (origin,), to) for origin, targets in self.life.items() for to in targets]

    @property
    def states(self) -> list[str]:
        """Every state, in the order in which the steps name them."""
        found: dict[str, None] = {}
        for _, origin, to in self.transitions:
            found.update(dict.fromkeys((*origin, to)))
        return list(found)

    @property
    def approval_rules(self) -> list[ApprovalRule]:
        """The decisions that the records of this process need."""
        return list({id(move.decides): move.decides for move in self.moves.values() if move.decides}.values())

    @property
    def initial(self) -> str | None:
        begins = [move.to for move in self.moves.values() if move.kind == "create"] + list(self.life)
        return begins[0] if begins else None

    @property
    def final(self) -> list[str]:
        left = {state for _, origin, _ in self.transitions for state in origin}
        return [state for state in self.states if state not in left]

    def fault(self) -> str | None:
        """What is wrong with the declaration: a state that is left but never reached is a typing error."""
        reached = {to for _, _, to in self.transitions} | set(self.life)
        for move in self.moves.values():
            for state in move.origin:
                if state not in reached:
                    return f"{self.name}: {move.verb} leaves {state!r}, which no move reaches"
            jointly = move.decides is not None and move.decides.jointly and move.verdict == "approved"
            if jointly and any(field.name != "comment" for field in move.params):
                return f"{self.name}: {move.verb} is given by several, who can only comment"
        if self.record.__fields__.get(self.title, Field()).mask:
            return f"{self.name}: {self.title} is masked and names its records"
        if taken := self.marks.keys() & self.record.__fields__.keys():
            return f"{self.name}: {', '.join(sorted(taken))} is a field and a mark"
        faults = [one.fault() for one in self.reports] + [one.fault() for one in self.extracts]
        return next(filter(None, faults), None)

    def reader_roles(self) -> list[str]:
        """Who may read: the declared readers and everyone who may give one of the commands."""
        names = role_names(self.readers)
        for move in self.moves.values():
            names += [name for name in role_names(move.by) if name not in names]
        return names


#: The declared move of each function, so that code names a move by its function.
MOVES: dict[Callable[..., Any], Move] = {}
