"""How many rows a list has, in all and per state, in a time that does not grow with the register (ADR 8).

Counts stop: 10,000 for a list, 1,000 for a state. Rows of one place or of one value of a column are counted state by
state from the index that begins with it. With more conditions, or with words, no index has the answer: then up to 1,000
are looked for once, and what is found is counted by state, exactly or, where there are more, as "at least".
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.columns import Moment
from services.chassis.process import Process

COUNT_CAP = 10_000
TAB_CAP = 1_000
ONE = sa.literal(1).label("one")
NEVER = datetime.max.replace(tzinfo=UTC)  #: later than every record
FEW = 8  #: so many places are counted each for itself, from its own range of an index; more are one condition


@dataclass(frozen=True)
class Rows:
    """Which rows are counted: in any of the places, under all of the conditions; `one_index` answers these."""

    places: Sequence[Any]
    conditions: Sequence[Any]
    by_state: Sequence[Any]
    one_index: bool


@dataclass(frozen=True)
class Counted:
    """How many rows, and how many in each state; `capped`: there are more, and from `least` on, so many or more."""

    number: int
    capped: bool
    tabs: dict[str, int]
    least: int = 0


def _counted(number: int, cap: int, tabs: dict[str, int], least: int = 0) -> Counted:
    return Counted(min(number, cap), number > cap, tabs, least)


def total(session: Session, process: Process[Any], rows: Rows) -> Counted:
    """How many there are in all."""
    return _counted(session.scalar(sa.select(_total(process, rows, COUNT_CAP))) or 0, COUNT_CAP, {})


def per_state(session: Session, process: Process[Any], rows: Rows) -> Counted:
    """How many there are in all and in each state."""
    return (_state_by_state if rows.one_index and len(rows.places) <= FEW else _at_once)(session, process, rows)


def _state_by_state(session: Session, process: Process[Any], rows: Rows) -> Counted:
    each, record = _states(process), process.record
    # A range, in an order that only the index which begins with it has: of a state that it does not know yet PostgreSQL
    # thinks that it is a frequent one, and would look for a rare one among all rows. Bounded by both columns, or it
    # thinks that the range is short, and collects all of it in a bitmap before it counts the first.
    bound = sa.tuple_(record.state, record.created_at) <= sa.tuple_(each.c.name, sa.literal(NEVER, Moment))
    conditions = [record.state >= each.c.name, bound, *rows.conditions]
    there = _number(_found(record, [ONE], rows.places, conditions, TAB_CAP, [each], record.state, record.created_at))
    every = sa.select(sa.literal("").label("name"), _total(process, rows, COUNT_CAP).label("number"))
    answers = session.execute(every.union_all(sa.select(each.c.name, there)))
    tabs = {name: number for name, number in answers if number}
    return _counted(tabs.pop("", 0), COUNT_CAP, tabs, TAB_CAP)


def _at_once(session: Session, process: Process[Any], rows: Rows) -> Counted:
    wanted = sa.case((sa.and_(*rows.by_state), 1), else_=0) if rows.by_state else sa.literal(1)
    columns = [process.record.state, wanted.label("wanted")]
    first = _found(process.record, columns, rows.places, rows.conditions, TAB_CAP + 1)
    counted = sa.select(first.c.state, sa.func.count(), sa.func.sum(first.c.wanted)).group_by(first.c.state)
    found = list(session.execute(counted))
    tabs = {state: number for state, number, _ in found}
    every = sum(tabs.values())
    number = int(sum(wanted for _, _, wanted in found))
    if rows.by_state and every > TAB_CAP:
        number = session.scalar(sa.select(_total(process, rows, TAB_CAP))) or 0
    return _counted(number, TAB_CAP, tabs, 0 if every > TAB_CAP else TAB_CAP + 1)


def _total(process: Process[Any], rows: Rows, cap: int) -> Any:
    return _number(_found(process.record, [ONE], rows.places, [*rows.conditions, *rows.by_state], cap + 1))


def _number(found: Any) -> Any:
    return sa.select(sa.func.count()).select_from(found).scalar_subquery()


def _found(
    record: Any,
    columns: Sequence[Any],
    places: Sequence[Any],
    conditions: Sequence[Any],
    cap: int,
    outer: Sequence[Any] = (),
    *order: Any,
) -> Any:
    """The first rows up to the cap: for each place those that no earlier place has; they may speak of `outer`."""
    alternatives = [sa.or_(*places)] if len(places) > FEW else places
    parts = []
    for number, place in enumerate(alternatives):
        earlier = [sa.not_(sa.func.coalesce(sa.or_(*alternatives[:number]), sa.false()))] if number else []
        part = sa.select(*columns).select_from(record).where(place, *earlier, *conditions).order_by(*order).limit(cap)
        parts.append((part.correlate(*outer) if outer else part).subquery())
    if len(parts) == 1:
        return parts[0]
    return sa.union_all(*(sa.select(part) for part in parts)).limit(cap).subquery()


@functools.cache
def _states(process: Process[Any]) -> Any:
    """The states of a process as rows."""
    return sa.union_all(*(sa.select(sa.literal(state).label("name")) for state in process.states)).subquery("states")
