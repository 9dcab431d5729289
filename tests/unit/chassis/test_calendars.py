"""Working time: several ranges a day, public holidays, and the weekends that pay for them (调休)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.calendars import CALENDARS, ZONE, ElapsedCalendar, WorkingCalendar, add_months, end_of

pytestmark = pytest.mark.unit
CALENDAR = WorkingCalendar()
HOURS = timedelta(hours=1)


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at("2025-03-03", "09:00"), 2, at("2025-03-03", "11:00")),
        (at("2025-03-03", "11:00"), 2, at("2025-03-03", "14:30")),  # over lunch, 12:00 to 13:30
        (at("2025-03-03", "12:30"), 1, at("2025-03-03", "14:30")),  # begins within lunch
        (at("2025-03-03", "17:00"), 2, at("2025-03-04", "10:00")),  # over night
        (at("2025-03-07", "17:00"), 2, at("2025-03-10", "10:00")),  # over an ordinary weekend
        (
            at("2025-01-24", "17:00"),
            2,
            at("2025-01-26", "10:00"),
        ),  # Sunday 26 January 2025 was worked for Spring Festival
        (at("2025-01-27", "17:00"), 2, at("2025-02-05", "10:00")),  # Spring Festival, 28 January to 4 February
        (at("2025-09-30", "17:30"), 1, at("2025-10-09", "09:30")),  # National Day and Mid-Autumn, 1 to 8 October
    ],
)
def test_working_time_passes_only_while_people_work(start: datetime, hours: int, end: datetime) -> None:
    assert CALENDAR.add(start, hours * HOURS) == end
    assert CALENDAR.between(start, end) == hours * HOURS


def test_a_year_that_is_not_published_yet_has_ordinary_weeks() -> None:
    assert not CALENDAR.works_on(date(2099, 3, 7))
    assert CALENDAR.works_on(date(2099, 3, 9))


moments = st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 1)).map(lambda one: one.replace(tzinfo=ZONE))


@given(moments, st.integers(1, 100 * 60))
def test_what_is_added_lies_between(start: datetime, minutes: int) -> None:
    length = timedelta(minutes=minutes)
    end = CALENDAR.add(start, length)
    assert CALENDAR.between(start, end) == length
    assert end > start


@given(moments, st.integers(0, 10_000), st.integers(0, 10_000))
def test_lengths_add_up(start: datetime, first: int, second: int) -> None:
    a, b = timedelta(minutes=first), timedelta(minutes=second)
    for calendar in (CALENDAR, ElapsedCalendar()):
        together, in_two = calendar.add(start, a + b), calendar.add(calendar.add(start, a), b)
        assert calendar.between(min(together, in_two), max(together, in_two)) == timedelta()


def test_a_day_limit_ends_at_midnight_in_shanghai() -> None:
    assert end_of(date(2026, 3, 2)) == datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    moment = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    assert end_of(moment) == moment


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 2), 60, date(2031, 3, 2)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 2), -12, date(2025, 3, 2)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


def test_ranges_can_be_others() -> None:
    night = WorkingCalendar(ranges=((time(20), time(23)),))
    assert night.add(at("2025-03-03", "09:00"), 4 * HOURS) == at("2025-03-04", "21:00")


@pytest.mark.parametrize("clock", ["00:00", "10:00", "23:59"])
def test_a_limit_by_dates_ends_with_its_last_day_whatever_the_hour_of_its_beginning(clock: str) -> None:
    assert CALENDARS["dates"].add(at("2026-05-01", clock), timedelta(days=30)) == at("2026-06-01", "00:00")
