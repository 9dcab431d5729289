"""The unit of work: one transaction that holds the record, its audit entry, its outgoing events and the receipt.

Moves receive it as a parameter annotated `Work`. It is the only way to the time, the actor, other records, parameters,
numbers, tasks, alerts and events, so a test that gives a move another `Work` controls all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

from services.chassis import ahead, audit, clocks, outbox
from services.chassis.actors import Actor
from services.chassis.calendars import ZONE
from services.chassis.duties import Alert, Task, alerts, tasks
from services.chassis.parameters import Parameter
from services.chassis.process import MOVES, Process
from services.chassis.records import Base, Record, new_id
from services.chassis.series import Numbers
from services.chassis.settled import ParameterValue
from services.chassis.tables import Audit, Clock, Outgoing, Replica
from services.contracts.errors import NotFound, ValidationFailed
from services.contracts.events import Event
from services.contracts.roles import Role, SwitchedRole

if TYPE_CHECKING:
    from services.chassis.service import Service

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Elsewhere:
    """A record of another service, `resource` as in `complaints/case`, that somebody here has to do something about."""

    resource: str
    id: str
    number: str
    company_id: str | None = None
    project_id: str | None = None


class Work:
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
        self.service, self.session, self.actor, self.now = service, session, actor, now
        self.command, self.is_reading = command, is_reading
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
        self.ahead: ahead.Ahead | None = None
        self._context: list[dict[str, Any]] = []
        self._parameters: dict[tuple[str, str | None], list[tuple[datetime, Decimal]]] | None = None
        self._once: dict[Any, Any] = {}
        self._answers: dict[Any, Sequence[Any]] = {}
        self._amid: set[tuple[str, ...]] = set()
        self.currents: dict[tuple[str, str], str] = {}
        self.held: list[Any] = []
        audit.watch(self)
        sa.event.listen(session, "after_flush", self.forget_answers)
        sa.event.listen(session, "do_orm_execute", self._before_statement)
        sa.event.listen(session, "after_soft_rollback", self.forget_answers)

    @property
    def today(self) -> date:
        """The calendar date in Asia/Shanghai."""
        return self.now.astimezone(ZONE).date()

    def _before_statement(self, statement: ORMExecuteState) -> None:
        if not statement.is_select or getattr(statement.statement, "_for_update_arg", None) is not None:
            self.forget_answers()

    def is_new(self, record: Any) -> bool:
        return sa.inspect(record).key is None

    def parameter(self, parameter: Parameter, *, at: datetime | None = None, company_id: str | None = None) -> Any:
        """The figure in force now, or at an earlier moment: a Decimal or int in the parameter's unit; that of
        the company, where it has one of its own."""
        if self._parameters is None:
            in_force = sa.select(ParameterValue).where(ParameterValue.valid_from <= self.now)
            self._parameters = {}
            for row in self.session.scalars(in_force.order_by(ParameterValue.valid_from)):
                self._parameters.setdefault((row.parameter, row.company_id), []).append((row.valid_from, row.value))
        for whose in dict.fromkeys((company_id, None)):
            for since, value in reversed(self._parameters.get((parameter.name, whose), [])):
                if at is None or since <= at:
                    return value
        return parameter.default

    def get(self, record: type[R], record_id: str, *, field: str = "id", lock: bool = False) -> R:
        """A record by id. Raises NotFound for the id of a command, ValidationFailed that names any other field."""
        if self.ahead is None or lock:
            found = self.session.get(record, record_id, with_for_update=lock or None)
        else:
            self.ahead.rules_out(record, {"id": record_id})
            found = self.session.get(record, record_id, execution_options=ahead.APART)
        if found is None:
            if field == "id":
                raise NotFound(resource=record.__tablename__, id=record_id)
            raise ValidationFailed.of(field, "unknown_reference", id=record_id)
        self.held.append(found)  # the session forgets what nobody holds, and would ask for it again
        return found

    def first(self, record: type[R], *conditions: sa.ColumnElement[bool], **equal: Any) -> R | None:
        """The first record that fits, oldest first; `equal` are fields with their values."""
        if self.ahead is not None and self.ahead.rules_out(record, ahead.facts(conditions, equal)):
            return None
        oldest = sa.select(record).filter_by(**equal).where(*conditions).order_by(record.created_at).limit(1)
        return next(iter(self._asked(oldest)), None)

    def all(self, record: type[R], *conditions: sa.ColumnElement[bool], **equal: Any) -> list[R]:
        """Every record that fits, oldest first; for the few that belong to one object."""
        if self.ahead is not None and self.ahead.rules_out(record, ahead.facts(conditions, equal)):
            return []
        found = sa.select(record).filter_by(**equal).where(*conditions).order_by(record.created_at)
        return list(self._asked(found))

    def _asked(self, question: sa.Select[R]) -> Sequence[R]:
        """The answer, asked for once until something is written or waited for: a reaction asks what the command that
        it gives asks again."""
        key = question._generate_cache_key()
        if key is None:
            return self.session.scalars(question, execution_options=ahead.APART).all()
        name = key.key, tuple(repr(one.value) for one in key.bindparams)
        if name not in self._answers:
            self._answers[name] = self.session.scalars(question, execution_options=ahead.APART).all()
        return self._answers[name]

    def forget_answers(self, *_: Any) -> None:
        """What was found may be otherwise now: this transaction has written, or has waited for another one."""
        self._answers.clear()

    def alone(self, *key: str) -> None:
        """Until this transaction ends no other one holds the same key, so that what is looked up now stays true.

        It waits for the other one. SQLite's writers take turns anyway.
        """
        self._lock(sa.func.pg_advisory_xact_lock, key)

    def among(self, *key: str) -> None:
        """Until this transaction ends no other one is alone with this key; any number may be among those with it."""
        if key not in self._amid:
            self._amid.add(key)
            self._lock(sa.func.pg_advisory_xact_lock_shared, key)

    def _lock(self, lock: Any, key: tuple[str, ...]) -> None:
        # A query is a transaction of its own: what it locked would be free again at once.
        if not (self.is_reading or self.service.database.is_sqlite):
            named = sa.func.hashtextextended(sa.func.concat(sa.func.current_schema(), "/", "/".join(key)), 0)
            self.session.execute(sa.select(lock(named)), execution_options=ahead.APART)
            self.forget_answers()

    def once(self, key: Any, ask: Callable[[], Any]) -> Any:
        """The answer to a question that this transaction itself does not change the answer to, asked once in it."""
        if key not in self._once:
            self._once[key] = ask()
        return self._once[key]

    def replica(self, resource: str, key: str | None) -> dict[str, Any] | None:
        """What we know of another service's record, or None."""
        row = self.session.get(Replica, (resource, key), execution_options=ahead.APART) if key else None
        return row.data if row else None

    def replicas(self, resource: str, **equal: Any) -> list[dict[str, Any]]:
        """What we know of all records of another service's register that fit; for registers of a few hundred."""
        known = sa.select(Replica.data).where(Replica.resource == resource).order_by(Replica.key)
        rows = self.session.scalars(known, execution_options=ahead.APART)
        return [data for data in rows if all(data.get(name) == value for name, value in equal.items())]

    def need_replica(self, resource: str, key: str, *, field: str) -> dict[str, Any]:
        """The same, where a command named it; raises ValidationFailed for that field."""
        known = self.replica(resource, key)
        if known is None:
            raise ValidationFailed.of(field, "unknown_reference", id=key)
        return known

    def holder(self, role: Role | SwitchedRole | str, project_id: str | None) -> str:
        """The plain role: a switched one is held by the department that is competent for the project today (X-41)."""
        if not isinstance(role, SwitchedRole):
            return str(role)
        # Nobody has a replica of what is their own.
        known = self.service.own_data(self, role.resource, project_id) or (
            None if self.service.owns(role.resource) else self.replica(role.resource, project_id)
        )
        switched = (known or {}).get(role.date_field)
        return str(role.after if switched and str(switched) <= self.today.isoformat() else role.before)

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

    def task(
        self,
        subject: str,
        record: Record | Elsewhere,
        *,
        role: Role | SwitchedRole | str,
        assignee: str | None = None,
        due_at: datetime | None = None,
    ) -> Task:
        """Give somebody something to do about a record (X-48)."""
        holder = self.holder(role, record.project_id)
        task = Task(subject=subject[:200], role=holder, assignee=assignee, due_at=due_at, **_about(self, record))
        self.begin_life(tasks, task, "open")
        return task

    def end_tasks(
        self,
        record: Any,
        state: str,
        *,
        subject: str | None = None,
        roles: Sequence[str] | None = None,
        result: str | None = None,
    ) -> None:
        """What somebody had to do about a record is `done`, `confirmed` after that, or `dropped` (X-48)."""
        before = "done" if state == "confirmed" else "open"
        named = [Task.subject == subject] if subject is not None else []
        named += [Task.role.in_(roles)] if roles is not None else []
        resource = self.service.resources[type(record).__tablename__].name
        of_record = Task.resource == resource, Task.record_id == record.id, Task.state == before
        for task in self.all(Task, *of_record, *named):
            if state == "done":
                task.done_by, task.result = self.actor.user, result
            self.enter(tasks, task, state)

    def alert(
        self,
        rule: str,
        record: Any,
        *,
        role: Role | SwitchedRole | str,
        user: str | None = None,
        clock_name: str | None = None,
    ) -> Alert | None:
        """Raise an alert and its task (X-49); None when one is open for this rule and record (X-50)."""
        about = _about(self, record)
        already = self.first(
            Alert,
            Alert.rule == rule,
            Alert.resource == about["resource"],
            Alert.record_id == record.id,
            Alert.cleared_at.is_(None),
        )
        if already is not None:
            return None
        holder = self.holder(role, record.project_id)
        alert = Alert(
            rule=rule, recipient_role=holder, recipient=user, raised_at=self.now, step=0, clock_name=clock_name, **about
        )
        self.begin_life(alerts, alert, "raised")
        self.task(rule, record, role=role, assignee=user)
        return alert

    def clear_alerts(self, resource: str, record_id: str, clock_name: str) -> None:
        """The limit is met: its open alerts are cleared and their open tasks dropped."""
        open_ones = self.all(
            Alert,
            Alert.resource == resource,
            Alert.record_id == record_id,
            Alert.clock_name == clock_name,
            Alert.cleared_at.is_(None),
        )
        for alert in open_ones:
            self._clear(alert)
            for task in self.all(Task, Task.subject == alert.rule, Task.record_id == record_id, Task.state == "open"):
                self.enter(tasks, task, "dropped")

    def settle_alerts(self, resource: str, record_id: str, rule: str | None = None) -> None:
        """What alerts without a running limit were raised for has been done, or their record has ended (X-50)."""
        running = sa.select(Clock.name).where(
            Clock.resource == resource, Clock.record_id == record_id, Clock.stopped_at.is_(None)
        )
        over = sa.or_(Alert.clock_name.is_(None), Alert.clock_name.not_in(running))
        about = Alert.resource == resource, Alert.record_id == record_id, over
        named = [Alert.rule == rule] if rule is not None else []
        for alert in self.all(Alert, *about, *named, Alert.cleared_at.is_(None)):
            self._clear(alert)

    def _clear(self, alert: Alert) -> None:
        alert.cleared_at, alert.next_step_at = self.now, None
        self.enter(alerts, alert, "cleared")

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


def _about(work: Work, record: Any) -> dict[str, Any]:
    if isinstance(record, Elsewhere):
        place = {"company_id": record.company_id, "project_id": record.project_id}
        return {"resource": record.resource, "record_id": record.id, "record_number": record.number[:60], **place}
    process = work.service.resources[type(record).__tablename__]
    return {
        "resource": process.name,
        "record_id": record.id,
        "record_number": str(getattr(record, process.title))[:60],
        "company_id": record.company_id,
        "project_id": record.project_id,
    }
