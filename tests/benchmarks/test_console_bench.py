"""The console's measurement in short: it runs, counts what it says, and nothing is out of all proportion."""

from __future__ import annotations

import pytest

from deploy.bench import console
from deploy.bench.figures import ANJU, Plan

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.mark.timeout(400)
def test_the_console_beside_django_in_short() -> None:
    figures = {one.name: one for one in console.measure(Plan(rounds=2, short=True))}
    beside = [one for one in figures.values() if console.DJANGO in one.rounds]
    assert len(beside) == 7
    for one in beside:
        assert {len(rounds) for rounds in one.rounds.values()} == {2}
        assert one.median() < 20 * one.median(console.DJANGO), one
    statements, calls = figures["console: statements of a page"], figures["console: calls of a page"]
    assert min(calls.rounds[ANJU]) >= 1
    assert min(statements.rounds[ANJU]) >= 4
    assert statements.met, statements.notes
    assert calls.met, calls.notes
    size = figures["console: size of a page, compressed"]
    assert size.met, size.notes


def test_the_95th_percentile() -> None:
    assert console.percentile([float(one) for one in range(1, 101)]) == 95
    assert console.percentile([7.0]) == 7
