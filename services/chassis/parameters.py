"""Figures of the rules as data: a default in the code, values with effective dates in the database (Appendix A)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "days": timedelta(days=1)}
LONGEST = timedelta(days=36_500)
LONGEST_MONTHS = 1_200
MOST = {"%": 100, "0/1": 1}
MOST_OTHERWISE = 1_000_000_000_000
Length = timedelta | relativedelta


@dataclass(frozen=True)
class Parameter:
    """A named figure. `unit` min, h, days or months makes it a length of time; yuan, %, homes and others are counts,
    0/1 is a switch.

    `calendar` is "elapsed" (the default, X-66), "dates" for days that end at 24:00, or "working" for limits that run in
    working hours only. `by_company`: a company may have a figure of its own; what reads it says whose it asks for.
    """

    name: str
    default: Decimal | int
    unit: str
    source: str
    calendar: str = "elapsed"
    by_company: bool = False

    @property
    def most(self) -> int:
        """What may be set at most: a length of time stays one that a calendar can count."""
        if self.unit == "months":
            return LONGEST_MONTHS
        return int(LONGEST / UNITS[self.unit]) if self.unit in UNITS else MOST.get(self.unit, MOST_OTHERWISE)

    def length(self, value: Decimal | int) -> Length:
        """The value as a length of time, whole months of the calendar too; raises KeyError for a unit that is none."""
        return relativedelta(months=int(value)) if self.unit == "months" else float(value) * UNITS[self.unit]
