"""The unit of work: one transaction that holds the record, its audit entry, its outgoing events and the receipt.

Moves receive it as a parameter annotated `Work`. It is the only way to the time, the actor, other records, parameters,
numbers, tasks, alerts and events, so a test that gives a move another `Work` controls all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis import assigning, audit, clocks, outbox
from services.chassis.actors import Actor
from services.chassis.asking import Asking
from services.chassis.moves import MOVES
from services.chassis.process import Process
from services.chassis.records import Base, Record, new_id
from services.chassis.series import Numbers
from services.chassis.tables import Audit, Clock, Outgoing
from services.contracts.errors import ValidationFailed
from services.contracts.events import Event

if TYPE_CHECKING:
    from services.chassis.service import Service

R = TypeVar("R", bound=Record)


class Work(Asking):
    """One transaction of one service, on behalf of one actor, at one moment."""

    def __init__(
        self,
        service: Service,
        session: Session,
        actor: Actor,
        now: datetime,
        *,
        command: str = "",
        correlation_id: str | None = None,
        causation_id: str | None = None,
        is_reading: bool = False,
    ) -> None:
        super().__init__(service, session, now, is_reading=is_reading)
        self.actor, self.command = actor, command
        #: When that happened which is handled now: what an event tells, when it was sent, however late it is heard.
        self.told_at = now
        #: What was asked before the transaction began (`services.chassis.beforehand`).
        self.foreknown: Any = None
        #: Whether a search by a whole number has been written down (`services.chassis.privacy`).
        self.looks_up = False
        self.correlation_id = correlation_id or new_id()
        self.causation_id = causation_id
        self.changed: dict[str, tuple[Process[Any], Any]] = {}
        self.announced = False
        self.numbers = Numbers()
        self.entries: list[dict[str, Any]] = []
        self.outgoing: list[dict[str, Any]] = []
        self.made_by: dict[Any, tuple[Actor, str, str]] = {}
        self.reasons: dict[Any, str] = {}
        self.started: dict[str, dict[str, Clock]] = {}
        self.currents: dict[tuple[str, str], str] = {}
        self._context: list[dict[str, Any]] = []
        self.refused: list[Callable[[Work], None]] = []
        audit.watch(self)

    task = assigning.give_task
    end_tasks = assigning.end_tasks
    alert = assigning.raise_alert
    clear_alerts = assigning.clear_alerts
    settle_alerts = assigning.settle_alerts
    holder = assigning.holder

    def if_refused(self, function: Callable[[Work], None]) -> None:
        """Do this in a transaction of its own where this one is refused: what a refusal has to leave behind."""
        self.refused.append(function)

    def is_new(self, record: Any) -> bool:
        return sa.inspect(record).key is None

    def need_replica(self, resource: str, key: str, *, field: str) -> dict[str, Any]:
        """Nobody begins anything with a record that was taken back; what another service tells of it is heard."""
        known = super().need_replica(resource, key, field=field)
        if not self.actor.is_system and self.is_withdrawn(resource, key):
            raise ValidationFailed.of(field, "withdrawn_reference", id=key)
        return known

    def begin_life(self, process: Process[Any], record: Any, state: str) -> Any:
        """Give a new record its state, number and clocks, and add it."""
        record.state = state
        record.id = record.id or new_id()
        record.created_at, record.created_by = self.now, self.actor.user
        if process.numbered and not record.number:
            register = process.numbered if isinstance(process.numbered, str) else process.numbered(record)
            record.number = self.next_number(register, record.project_id)
        record.version = record.version or 1
        clocks.follow(self, process, record, state)
        self.made_by[record] = self.actor, self.command, self.correlation_id
        self.session.add(record)
        return record

    def enter(self, process: Process[Any], record: Any, state: str, reason: str = "") -> None:
        """Put a record into a state and let its clocks follow."""
        record.state = state
        clocks.follow(self, process, record, state, reason)

    def next_number(self, register: str, project_id: str | None) -> str:
        """The next human number, `WO 2026-P01-000123`: gapless per register and year (X-67)."""
        return self.numbers.next(self, register, project_id)

    def emit(self, event: type[Event], record: Any = None, *, to: str | None = None, **facts: Any) -> None:
        """Announce a fact; it leaves with this transaction.

        Fields come from `facts`, then from the command's parameters and clocks, then from the record. `to` addresses a
        property company's inbox instead of this service's subscribers.
        """
        context = self._context[-1] if self._context else {}
        self.outgoing.append(outbox.row(self, event, record, to, context, facts))
        self.announced = True

    def emit_to(self, company: str | None, event: type[Event], record: Any = None, **facts: Any) -> None:
        """Tell a property company, if there is one."""
        if company:
            self.emit(event, record, to=company, **facts)

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """Within it, what happens is done by somebody else: a property company whose message is handled."""
        before, self.actor = self.actor, actor
        try:
            yield
            if self.ahead is None or self.session.dirty:
                self.session.flush()
        finally:
            self.actor = before

    @contextmanager
    def telling(self, **context: Any) -> Iterator[None]:
        """Within it, events find these facts under their names."""
        self._context.append(context)
        try:
            yield
        finally:
            self._context.pop()

    def perform(self, function: Callable[..., Any], record: Any = None, **params: Any) -> Any:
        """Give one of our own commands in this transaction; its guards hold, its roles do not: we are the system."""
        from services.chassis.commands import carry_out

        return carry_out(self, MOVES[function], record, params)

    def finish(self) -> None:
        """Write what is left; records that others keep replicas of are told whole, once."""
        self.session.flush()
        for process, record in list(self.changed.values()):
            if process.snapshot is not None:
                self.emit(process.snapshot, record)
        self.write()

    def write(self) -> None:
        """Bring everything into the transaction: records, audit entries, outgoing events, numbers."""
        self.session.flush()
        self.numbers.write(self)
        for table, rows in ((Audit, self.entries), (Outgoing, self.outgoing)):
            if rows:
                self.session.connection().execute(sa.insert(Base.metadata.tables[table.__tablename__]), rows)
        self.entries, self.outgoing = [], []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: what is done within it is all kept, or none of it, whatever else the transaction holds."""
        self.write()
        changed, taken = dict(self.changed), dict(self.numbers.taken)
        currents, amid = dict(self.currents), set(self._amid)
        started = {record_id: dict(rows) for record_id, rows in self.started.items()}
        try:
            with self.session.begin_nested():
                yield
                self.write()
        except BaseException:
            self.changed, self.started, self.entries, self.outgoing, self._once = changed, started, [], [], {}
            self.numbers.restore(taken)
            self.currents, self._amid = currents, amid
            raise
