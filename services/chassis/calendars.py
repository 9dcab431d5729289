"""Working time: several ranges a day, public holidays and the working weekends that pay for them (调休)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from dateutil.relativedelta import relativedelta

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class WorkingCalendar:
    """When work is done. `ranges` are local times of one day, in order; a holiday has none."""

    ranges: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(18)))

    def works_on(self, day: date) -> bool:
        """Whether a day is worked: the State Council's calendar where it is published, else Monday to Friday."""
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    def intervals(self, start: datetime) -> tuple[datetime, datetime]:
        """The first working interval that ends after `start`, cut to begin no earlier than `start`."""
        day = start.astimezone(ZONE).date()
        while True:
            if self.works_on(day):
                for begin, end in self.ranges:
                    opens, closes = datetime.combine(day, begin, ZONE), datetime.combine(day, end, ZONE)
                    if closes > start:
                        return max(opens, start), closes
            day += timedelta(days=1)

    def add(self, start: datetime, length: timedelta | relativedelta) -> datetime:
        """The moment when `length` of working time has passed since `start`; months are those of the calendar."""
        if isinstance(length, relativedelta):
            return start + length
        left = length
        while True:
            begin, end = self.intervals(start)
            if end - begin >= left:
                return begin + left
            left -= end - begin
            start = end

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments."""
        total = timedelta()
        while start < end:
            begin, closes = self.intervals(start)
            if begin >= end:
                break
            total += min(closes, end) - begin
            start = closes
        return total


class ElapsedCalendar:
    """Around the clock: the default, because the intake is promised around the clock (X-66)."""

    def add(self, start: datetime, length: timedelta | relativedelta) -> datetime:
        return start + length

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta())


class DateCalendar(ElapsedCalendar):
    """By dates: the day of the start is day 0, and the limit ends at 24:00 of the last day (domain 0.2).

    Limits that pause are no limits by dates.
    """

    def add(self, start: datetime, length: timedelta | relativedelta) -> datetime:
        return end_of((start + length).astimezone(ZONE).date())


def end_of(day: date | datetime) -> datetime:
    """24:00 of a date in Asia/Shanghai (domain 0.2); a moment is its own end."""
    return day if isinstance(day, datetime) else datetime.combine(day + timedelta(days=1), time(), ZONE)


def add_months(day: date, months: int) -> date:
    """The same day some months later (or earlier, for a negative number), cut to the month's length."""
    return day + relativedelta(months=months)


CALENDARS: dict[str, ElapsedCalendar | WorkingCalendar] = {
    "elapsed": ElapsedCalendar(),
    "dates": DateCalendar(),
    "working": WorkingCalendar(),
}
