"""Human numbers without gaps, `WO 2026-P01-000123` (X-67).

The first number that a transaction takes locks its series until the end: whoever wants the next one waits, and a
rollback leaves no gap. Further ones are counted here, and the last is written with everything else.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.calendars import ZONE
from services.chassis.records import Base
from services.chassis.tables import NumberSeries

if TYPE_CHECKING:
    from services.chassis.work import Work

SERIES = Base.metadata.tables[NumberSeries.__tablename__]
Taken = dict[tuple[str, int], int]


class Numbers:
    """The series that one unit of work has locked, and how far it has counted each."""

    def __init__(self) -> None:
        self.taken: Taken = {}
        self._unwritten: set[tuple[str, int]] = set()

    def next(self, work: Work, register: str, project_id: str | None) -> str:
        """The next number of a register this year."""
        key = register, work.now.astimezone(ZONE).year
        if key in self.taken:
            self.taken[key] += 1
            self._unwritten.add(key)
        else:
            self.taken[key] = _lock(work, *key)
        return f"{register} {key[1]}-{project_id or '0'}-{self.taken[key]:06d}"

    def hold(self, work: Work, register: str) -> None:
        """Lock a series before its first number is taken: what its other users have done is seen from now on."""
        key = register, work.now.astimezone(ZONE).year
        if key not in self.taken:
            self.taken[key] = _lock(work, *key) - 1
            self._unwritten.add(key)

    def write(self, work: Work) -> None:
        """Leave the series as far as they were counted."""
        for register, year in sorted(self._unwritten):
            series = sa.update(SERIES).where(SERIES.c.register == register, SERIES.c.year == year)
            work.session.connection().execute(series.values(last=self.taken[register, year]))
        self._unwritten.clear()

    def restore(self, taken: Taken) -> None:
        """A savepoint was rolled back: what was counted, and locked, since then is free again."""
        self.taken = taken
        self._unwritten.clear()


def _lock(work: Work, register: str, year: int) -> int:
    counting = _counting(work.service.database.is_sqlite)
    first = {"register": register, "year": year, "last": 1}
    number: int = work.session.connection().execute(counting, first).scalar_one()
    work.forget_answers()  # it may have waited for somebody who changed them
    return number


@functools.cache
def _counting(is_sqlite: bool) -> sa.Executable:
    """Built once: to build it takes longer than to have it done."""
    first = (sqlite.insert if is_sqlite else postgresql.insert)(SERIES)
    further = first.on_conflict_do_update(
        index_elements=[SERIES.c.register, SERIES.c.year], set_={"last": SERIES.c.last + 1}
    )
    return further.returning(SERIES.c.last)
