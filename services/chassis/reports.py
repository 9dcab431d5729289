"""Reports: figures computed from a register, each with the list behind it (X-377).

    @dataclass(frozen=True, kw_only=True)
    class ByChannel(Row):
        channel: Channel
        cases: int
        late: int

    @report(cases, ByChannel, by=SUPERVISING, along="channel", counts=("cases", "late"))
    def complaints_by_channel(work: Work, since: Day | None = None) -> Iterator[ByChannel]: ...

A row says in `behind` which filters of the register's list hold its records, and in `narrowed` which further ones a
single count needs: whoever sees a number can look at what was counted, and a test counts them again.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import marshmallow as ma
import sqlalchemy as sa

from services.chassis import commands
from services.chassis.actors import Roles
from services.chassis.calendars import end_of
from services.chassis.process import Process
from services.chassis.records import plain
from services.contracts.errors import Forbidden, UnknownCommand, ValidationFailed
from services.contracts.fields import Field, field_of, schema_of, to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work

Filters = Mapping[str, Any]
MOST_ROWS = 500
USUAL_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a report. Subclasses add its columns; `narrowed` maps a count to filters beside those of `behind`."""

    behind: Filters = field(default_factory=dict)
    narrowed: Mapping[str, Filters] = field(default_factory=dict)


def number_of(condition: Any) -> Any:
    """For a query over groups: how many rows of each fit."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


#: The columns that every row has are no columns of the report.
_OWN = {one.name for one in dataclasses.fields(Row)}


@dataclass(frozen=True, eq=False)
class Report:
    """One declared report of a process: who may read it, its columns, and what is counted along what."""

    process: Process[Any]
    function: Callable[..., Iterator[Row]]
    row: type[Row]
    by: Roles
    along: tuple[str, ...]
    counts: tuple[str, ...]
    figures: tuple[str, ...]
    ahead: int = 0

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")

    @functools.cached_property
    def columns(self) -> list[Field]:
        """The row's own columns in order."""
        hints = typing.get_type_hints(self.row, include_extras=True)
        return [field_of(name, hints[name]) for name in hints if name not in _OWN]

    @functools.cached_property
    def params(self) -> list[Field]:
        """What a reader may narrow the report by; all optional."""
        from services.chassis.work import Work

        hints = typing.get_type_hints(self.function, localns={"Work": Work}, include_extras=True)
        given = list(inspect.signature(self.function).parameters.values())[1:]
        return [field_of(one.name, hints[one.name], one.default) for one in given]

    @functools.cached_property
    def schema(self) -> ma.Schema:
        """Loads what narrows the report."""
        return schema_of(self.name, self.params)

    def fault(self) -> str | None:
        """What is wrong with the declaration."""
        names = {one.name for one in self.columns}
        missing = [one for one in (*self.along, *self.counts, *self.figures) if one not in names]
        if missing:
            return f"report {self.name}: {', '.join(missing)} are no columns of {self.row.__name__}"
        if masked := [one.name for one in self.columns if one.mask]:
            return f"report {self.name}: {', '.join(masked)} are masked"
        return None


def report(
    process: Process[Any],
    row: type[Row],
    *,
    by: Roles,
    along: str | Sequence[str],
    counts: Sequence[str],
    figures: Sequence[str] = (),
    ahead: int = 0,
) -> Callable[[Callable[..., Iterator[Row]]], Callable[..., Iterator[Row]]]:
    """Declare a report `(work, **params)` of a process. `counts` are columns that count records of its list, `figures`
    other numbers (an average, a sum); the chart shows them along a column, or several together. Queries take
    `views.seen` as conditions, so that a report counts what its reader may see. A report with `since` and `until` is
    given both: what is not asked for are the last `USUAL_DAYS` days, and `ahead` more that are still to come.
    """

    def declare(function: Callable[..., Iterator[Row]]) -> Callable[..., Iterator[Row]]:
        axes = (along,) if isinstance(along, str) else tuple(along)
        process.reports.append(Report(process, function, row, by, axes, tuple(counts), tuple(figures), ahead))
        return function

    return declare


def dates(work: Work, since: date | None, until: date | None, *, ahead: int = 0) -> tuple[date, date]:
    """The first and the last day; by default the last `USUAL_DAYS` days, and `ahead` more that are still to come."""
    last = until or work.today + timedelta(days=ahead)
    first = since or min(work.today, last) - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise ValidationFailed.of("until", "before_since")
    return first, last


def period(work: Work, since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """From the start of the first day to the end of the last one, in Asia/Shanghai; see `dates`."""
    first, last = dates(work, since, until)
    return end_of(first - timedelta(days=1)), end_of(last)


def during(begin: datetime, end: datetime) -> dict[str, datetime]:
    """A filter of a list for moments from `begin` on and before `end`; lists include both ends of theirs."""
    return {"from": begin, "to": end - timedelta(microseconds=1)}


def run(work: Work, name: str, params: Any) -> dict[str, Any]:
    """The rows of a report, and what they were counted for.

    `{"rows": [{"values", "behind": {count: filters}}], "capped": bool, "params": {name: value}}`
    """
    chosen = work.service.reports.get(name)
    if chosen is None:
        raise UnknownCommand(code="unknown_report", report=str(name)[:80])
    if not work.actor.scopes(chosen.by):
        raise Forbidden(code="forbidden", command=name, roles=[str(one) for one in chosen.by])
    if not isinstance(params, dict):
        raise ValidationFailed.of("params", "not_an_object")
    asked = commands.loaded(chosen.schema, params)
    if {"since", "until"} <= {one.name for one in chosen.params}:
        days = dates(work, asked.get("since"), asked.get("until"), ahead=chosen.ahead)
        asked |= zip(("since", "until"), days, strict=True)
    rows = [_described(chosen, row) for row in itertools.islice(chosen.function(work, **asked), MOST_ROWS + 1)]
    return {"rows": rows[:MOST_ROWS], "capped": len(rows) > MOST_ROWS, "params": to_wire(asked)}


def _described(chosen: Report, row: Row) -> dict[str, Any]:
    values = {one.name: to_wire(plain(getattr(row, one.name))) for one in chosen.columns}
    behind = {name: to_wire({**row.behind, **row.narrowed.get(name, {})}) for name in chosen.counts}
    return {"values": values, "behind": behind}
