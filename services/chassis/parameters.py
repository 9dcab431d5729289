"""Figures of the rules as data: a default in the code, values with effective dates in the database (Appendix A)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "days": timedelta(days=1)}
LONGEST = timedelta(days=36_500)
MOST = 1_000_000_000_000


@dataclass(frozen=True)
class Parameter:
    """A named figure. `unit` min, h or days makes it a length of time; months, yuan, %, homes and others are counts.

    `calendar` is "elapsed" (the default, X-66) or "working" for limits that run in working hours only.
    """

    name: str
    default: Decimal | int
    unit: str
    source: str
    calendar: str = "elapsed"

    @property
    def most(self) -> int:
        """What may be set at most: a length of time stays one that a calendar can count."""
        return int(LONGEST / UNITS[self.unit]) if self.unit in UNITS else MOST

    def length(self, value: Decimal | int) -> timedelta:
        """The value as a length of time; raises KeyError for a unit that is none."""
        return float(value) * UNITS[self.unit]
