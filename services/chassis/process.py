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

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from services.chassis import indexes
from services.chassis.actors import Roles, role_names
from services.chassis.filters import Filter, yes_or_no
from services.chassis.moves import MOVES, Admits, Emits, Guard, Move, Reaction
from services.chassis.records import Record
from services.contracts.events import Event
from services.contracts.fields import Field

if TYPE_CHECKING:
    from services.chassis.advice import Adviser
    from services.chassis.authority import ApprovalRule
    from services.chassis.clocks import ClockRule
    from services.chassis.extracts import Extract
    from services.chassis.reports import Report

R = TypeVar("R", bound=Record)
F = TypeVar("F", bound=Callable[..., Any])
States = str | tuple[str, ...]


class Process(Generic[R]):
    """The declaration of one register and its life.

    `readers` may see it, within `own` where that is given (a condition for an actor and a moment); `key` is how others
    name its records; `numbered` is the register of their human numbers, or a function that names it for a record;
    `snapshot` is the event that tells the whole record whenever it changes. `life` maps states to the states that the
    chassis itself moves a record to, for records that no command begins or ends. `announces` lists the events that the
    functions tell by `work.emit`, beside those that the moves declare; `progress` is told at every change of state.
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
        self.moves: dict[str, Move] = {}
        self.clocks: list[ClockRule] = []
        self.reactions: list[Reaction] = []
        self.reports: list[Report] = []
        self.extracts: list[Extract] = []
        self.narrowed: dict[str, Filter] = {}
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
        admits: Admits | None = None,
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Declare how a record begins; the function returns the new record."""

        def declare(function: Callable[..., R]) -> Callable[..., R]:
            self.add(Move(self, function, "create", (), to, by, on=on, emits=emits, submits=submits, admits=admits))
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
        self.narrowed[function.__name__] = yes_or_no(function.__name__, function)
        return function

    def narrow(self, by: Field, *, is_offered: bool = True) -> Callable[[F], F]:
        """Declare a filter by what is no column: the function makes a condition from a list of values of this kind."""

        def declare(function: F) -> F:
            self.narrowed[by.name] = Filter(by, function, is_offered)
            return function

        return declare

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
        if taken := self.narrowed.keys() & self.record.__fields__.keys():
            return f"{self.name}: {', '.join(sorted(taken))} is a field and a filter of its own"
        faults = [one.fault() for one in self.reports] + [one.fault() for one in self.extracts]
        return next(filter(None, faults), None)

    def reader_roles(self) -> list[str]:
        """Who may read: the declared readers and everyone who may give one of the commands."""
        names = role_names(self.readers)
        for move in self.moves.values():
            names += [name for name in role_names(move.by) if name not in names]
        return names
