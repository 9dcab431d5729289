"""The benchmarks in their short form: they run, lose nothing, and are far from missing what they promise.

The floors are half of the targets and less: a busy machine may make a figure worse, but not by that much a share of two
contenders that take turns on it.
"""

from __future__ import annotations

import importlib.util

import pytest

from deploy.bench.figures import ANJU, Figure, Plan
from deploy.bench.run import BENCHMARKS, lines, page

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(400)]
PLAN = Plan(rounds=2, short=True, seed=3)


def measured(name: str) -> Figure:
    (figure,) = importlib.import_module(f"deploy.bench.{name}").measure(PLAN)
    assert isinstance(figure, Figure)
    assert len(figure.rounds[ANJU]) >= 1
    assert all(value > 0 for values in figure.rounds.values() for value in values)
    return figure


@pytest.mark.parametrize(("name", "bare"), [("gateway", "bare loop"), ("relay", "bare relay")])
def test_beside_a_bare_loop(name: str, bare: str) -> None:
    figure = measured(name)
    assert len(figure.rounds[ANJU]) == len(figure.rounds[bare]) == PLAN.rounds
    assert figure.median() / figure.median(bare) > 0.25


def test_handovers_are_applied_in_all_four_services() -> None:
    assert measured("handover").median() < 60_000


def test_somebody_elses_list_beside_an_import() -> None:
    assert measured("imports").median() < 5_000


def test_memory_of_an_idle_system() -> None:
    assert measured("memory").median() < 900


def test_the_page_tells_every_contender_with_its_share() -> None:
    rounds = {ANJU: [90.0, 100.0, 120.0], "bare": [200.0, 190.0, 210.0], "anju, more": [50.0, 60.0, 70.0]}
    figure = Figure("x", "per second", rounds, "at least 0.6", met=False, notes=("a note",))
    first, second, third = lines(figure)
    assert first == ("x", ANJU, "100 per second", "90 – 120", "", "at least 0.6", "no")
    assert (second[1], second[4]) == ("bare", "0.50")
    assert (third[1], third[4]) == ("anju, more", "")
    text = page([figure], PLAN)
    assert "| x | anju | 100 per second | 90 – 120 |" in text
    assert "- **x**: a note." in text


def test_every_benchmark_has_its_place_in_the_run() -> None:
    assert [name for name in BENCHMARKS if importlib.util.find_spec(f"deploy.bench.{name}") is None] == []
