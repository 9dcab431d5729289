"""The date of a moment in SQL, as the calendar of Asia/Shanghai has it, on both databases.

sa.select(day_of(Visit.at), sa.func.count()).group_by(day_of(Visit.at))
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from services.chassis.calendars import ZONE


class day_of(FunctionElement[date]):
    """The day on which a moment is."""

    type = sa.Date()
    inherit_cache = True


class month_of(FunctionElement[date]):
    """The first day of the month in which a moment is."""

    type = sa.Date()
    inherit_cache = True


@compiles(day_of, "postgresql")
def _day(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST({_local(element, compiler, how)} AS DATE)"


@compiles(month_of, "postgresql")
def _month(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(date_trunc('month', {_local(element, compiler, how)}) AS DATE)"


def _local(element: Any, compiler: Any, how: dict[str, Any]) -> str:
    return f"({compiler.process(element.clauses, **how)} AT TIME ZONE '{ZONE.key}')"


@compiles(day_of, "sqlite")
def _day_by_hours(element: Any, compiler: Any, **how: Any) -> str:
    return f"date({_to_the_second(element, compiler, how)}, '+8 hours')"


@compiles(month_of, "sqlite")
def _month_by_hours(element: Any, compiler: Any, **how: Any) -> str:
    return f"date({_to_the_second(element, compiler, how)}, '+8 hours', 'start of month')"


def _to_the_second(element: Any, compiler: Any, how: dict[str, Any]) -> str:
    """Without the fraction: SQLite would round the last microseconds of a day up to the next one."""
    return f"substr({compiler.process(element.clauses, **how)}, 1, 19)"
