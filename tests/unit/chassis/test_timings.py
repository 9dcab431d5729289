"""The intervals of a limit: running and paused by turns, in the limit's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.chassis.tables import Clock, Pause
from services.chassis.timings import intervals_of

pytestmark = pytest.mark.unit


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def row(**facts: datetime | None) -> Clock:
    return Clock(started_at=at(1), due_at=at(9), stopped_at=facts.get("stopped"), paused_at=facts.get("paused"))


def spans(clock: Clock, *pauses: Pause) -> list[tuple[bool, int, str | None, str | None]]:
    found = intervals_of(clock, list(pauses), "elapsed", at(8))
    return [(one["running"], one["seconds"] // 3600, one["reason"], one["by"]) for one in found]


def test_a_pause_lies_between_two_runs() -> None:
    pause = Pause(started_at=at(3), ended_at=at(5), reason="parts", paused_by="wei")
    assert spans(row(stopped=at(7)), pause) == [
        (True, 2, None, None),
        (False, 2, "parts", "wei"),
        (True, 2, None, None),
    ]


def test_a_pause_that_lasts_ends_the_list() -> None:
    pause = Pause(started_at=at(3), reason="weather", paused_by="wei")
    assert spans(row(paused=at(3)), pause) == [(True, 2, None, None), (False, 5, "weather", "wei")]


def test_a_limit_that_was_counted_anew_forgets_earlier_pauses() -> None:
    assert spans(row(), Pause(started_at=at(0), ended_at=at(1), reason="x")) == [(True, 7, None, None)]


def test_working_time_counts_working_hours() -> None:
    begun = Clock(started_at=at(1), due_at=at(1, 4), stopped_at=at(1, 3), paused_at=None)
    (whole,) = intervals_of(begun, [], "working", at(8, 4))
    assert 0 < whole["seconds"] < 24 * 3600
