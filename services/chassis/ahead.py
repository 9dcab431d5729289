"""What makes many messages in one transaction cheaper than each in its own: looking ahead, and writing once.

Within a batch, new rows wait until something could see them, so that the database gets them by the dozen. What comes
later in the batch sees all that came before it, as if each message had been written by itself: a query whose equality
conditions rule the waiting rows out goes straight through, any other has them written first. In the same way what the
messages of a batch name is asked for once: replicas by their keys, own records by the columns that name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList

from services.chassis.tables import Replica

#: Marks a query that no waiting row could be an answer to.
APART = {"anju_apart": True}
Facts = dict[str, str]
NOTHING: Mapping[str, Any] = {}


class Entangled(Exception):
    """Earlier rows would have to be written now, together with half of this message: the batch is done one by one."""


class Ahead:
    """Of one session, for one batch. `done` is said after each message, `end` after the last."""

    def __init__(self, session: Session) -> None:
        self.session, self.active = session, True
        self._own: list[Any] = []
        self._earlier: dict[type[Any], list[Any]] = {}
        self._values: dict[type[Any], dict[str, set[Any]]] = {}
        self._absent: dict[type[Any], dict[str, set[str]]] = {}
        self._held: list[Any] = []
        event.listen(session, "transient_to_pending", self._made)
        event.listen(session, "after_flush", self._written)
        event.listen(session, "do_orm_execute", self._before_query)

    @property
    def untouched(self) -> bool:
        """Whether the current message has left no trace in the session."""
        return not self._own and not self.session.dirty

    def done(self) -> None:
        """The current message is complete. New rows may wait; a changed one is written, as its version counts."""
        if self.session.dirty:
            self.session.flush()
        for one in self._own:
            self._earlier.setdefault(type(one), []).append(one)
            for name, values in self._values.get(type(one), {}).items():
                values.add(getattr(one, name))
        self._own = []

    def end(self) -> None:
        self.active = False

    def hold_replicas(self, named: Iterable[tuple[str, str]]) -> None:
        """Have these replicas, pairs of resource and key, at hand."""
        wanted = sa.select(Replica).where(sa.tuple_(Replica.resource, Replica.key).in_(sorted(named)))
        self._held += self.session.scalars(wanted, execution_options=APART)

    def ask(self, record: type[Any], name: str, values: set[str]) -> None:
        """Find out at once for which of these values of a column there is no record."""
        column = getattr(record, name)
        found = sa.select(column).where(column.in_(sorted(values))).distinct()
        present = self.session.scalars(found, execution_options=APART)
        self._absent.setdefault(record, {})[name] = values.difference(present)

    def rules_out(self, record: type[Any], facts: Facts) -> bool:
        """Whether no record can have all these values. Waiting rows that may have them are written."""
        if self._may_wait(record, facts):
            self._write_earlier()
            return False
        absent = self._absent.get(record, {})
        return any(name in absent and value in absent[name] for name, value in facts.items())

    def _may_wait(self, record: type[Any], facts: Facts) -> bool:
        return record in self._earlier and all(value in self._waiting(record, name) for name, value in facts.items())

    def _waiting(self, record: type[Any], name: str) -> set[Any]:
        """The values that the waiting rows have in a column."""
        by_name = self._values.setdefault(record, {})
        if name not in by_name:
            by_name[name] = {getattr(one, name) for one in self._earlier[record]}
        return by_name[name]

    def _made(self, _: Session, instance: Any) -> None:
        if self.active:
            self._own.append(instance)

    def _written(self, session: Session, _: Any) -> None:
        if not self.active:
            return
        for one in session.dirty:
            self._absent.pop(type(one), None)
        for one in session.new:
            for name, absent in self._absent.get(type(one), {}).items():
                absent.discard(getattr(one, name))
        self._own, self._earlier, self._values = [], {}, {}

    def _before_query(self, query: ORMExecuteState) -> None:
        if not self.active or query.is_insert or query.execution_options.get("anju_apart"):
            return
        if not query.is_select:
            self._absent.clear()
        if self._earlier and self._may_see_waiting(query):
            self._write_earlier()

    def _may_see_waiting(self, query: ORMExecuteState) -> bool:
        """Whether a waiting row could be an answer; of a query over several tables nothing is known."""
        where, mappers = getattr(query.statement, "whereclause", None), query.all_mappers
        if not isinstance(query.statement, sa.Select) or where is None or len(mappers) != 1:
            return True
        parts = [*visitors.iterate(where), *query.statement.get_final_froms()]
        if any(isinstance(part, (sa.sql.expression.SelectBase, sa.sql.expression.Join)) for part in parts):
            return True
        conjunction = isinstance(where, BooleanClauseList) and where.operator is operators.and_
        return self._may_wait(mappers[0].class_, facts(where.clauses if conjunction else [where]))

    def _write_earlier(self) -> None:
        if not self.untouched:
            raise Entangled
        self.session.flush()


def facts(conditions: Sequence[sa.ColumnElement[bool]], equal: Mapping[str, Any] = NOTHING) -> Facts:
    """The texts that columns must equal; other conditions say nothing here and rule nothing out."""
    found = {name: str(value) for name, value in equal.items() if isinstance(value, str)}
    for one in conditions:
        if not isinstance(one, BinaryExpression) or one.operator is not operators.eq:
            continue
        if (
            isinstance(one.left, sa.Column)
            and isinstance(one.right, BindParameter)
            and isinstance(one.right.value, str)
        ):
            found[one.left.name] = str(one.right.value)
    return found
