"""What a unit of work can be asked: records, figures, what other services told, and locks that keep it true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

from services.chassis import ahead
from services.chassis.calendars import ZONE
from services.chassis.parameters import Parameter
from services.chassis.records import Record
from services.chassis.settled import ParameterValue
from services.chassis.tables import Replica
from services.contracts.errors import NotFound, ValidationFailed

if TYPE_CHECKING:
    from services.chassis.service import Service

R = TypeVar("R", bound=Record)


class Asking:
    """The half of a unit of work that changes nothing. One that `is_reading` is no transaction, and locks nothing."""

    def __init__(self, service: Service, session: Session, now: datetime, *, is_reading: bool) -> None:
        self.service, self.session, self.now, self.is_reading = service, session, now, is_reading
        self.ahead: ahead.Ahead | None = None
        #: The session forgets what nobody holds, and would ask for it again.
        self.held: list[Any] = []
        self._parameters: dict[tuple[str, str | None], list[tuple[datetime, Decimal]]] | None = None
        self._once: dict[Any, Any] = {}
        self._answers: dict[Any, Sequence[Any]] = {}
        self._amid: set[tuple[str, ...]] = set()
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
        self.held.append(found)
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

    def is_withdrawn(self, resource: str, key: str) -> bool:
        """Whether another service's record was taken back together with the import that had made it."""
        return (self.replica(resource, key) or {}).get("state") == "withdrawn"
