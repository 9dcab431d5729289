"""The catalogue of traps fits the code, names real tests, and the run tells a seen trap from an unseen one."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy import detectors
from deploy.detectors import trial
from deploy.detectors.catalogue import Edit, Mutation, MutationInvalid, catalogue, chosen
from services.chassis import settings

pytestmark = pytest.mark.unit
DEMANDED = {"T1", "T2", "T3", "T4", "T6", "T10", "T12", "no inbox receipt", "publish before commit"}
QUICK = ("T4", "no inbox receipt")


def test_the_traps_that_must_be_there_are_there() -> None:
    names = [one.name for one in catalogue()]
    assert set(names) >= DEMANDED
    assert len(names) == len(set(names))
    assert len({one.back for one in catalogue()}) == len(names)


@pytest.mark.parametrize("mutation", catalogue(), ids=lambda one: one.name)
def test_every_edit_fits_the_code_exactly_once(mutation: Mutation) -> None:
    for path, text in mutation.applied(settings.ROOT).items():
        assert text != path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            compile(text, str(path), "exec")


@pytest.mark.parametrize("mutation", catalogue(), ids=lambda one: one.name)
def test_every_test_of_a_trap_exists(mutation: Mutation) -> None:
    assert mutation.fails
    assert mutation.holds
    assert not set(mutation.fails) & set(mutation.holds)
    for test in (*mutation.fails, *mutation.holds):
        path, _, name = test.partition("::")
        text = (settings.ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {re.escape(name.partition('[')[0])}\(", text, re.MULTILINE), test


def test_an_edit_that_no_longer_fits_is_told() -> None:
    edit = Edit("a.py", "x = 1", "x = 2")
    assert edit.applied("x = 1\n") == "x = 2\n"
    for text in ("", "x = 1; x = 1"):
        with pytest.raises(MutationInvalid, match=r"a\.py: this is there (0|2) times, not once"):
            edit.applied(text)


def test_traps_are_chosen_by_name() -> None:
    assert [one.name for one in chosen(["T1"])] == ["T1", "T1 in the consumer"]
    assert chosen([]) == list(catalogue())
    with pytest.raises(MutationInvalid, match="trap: must be one of"):
        chosen(["T99"])


FAILS, HOLDS = "tests/test_it.py::test_double[2]", "tests/test_it.py::test_zero"
MUTATION = Mutation("plus", "n + n + 1", (Edit("doubling.py", "n * 2", "n and n * 2 + 1"),), (FAILS,), (HOLDS,))


@pytest.mark.parametrize(
    ("status", "outcomes", "problem"),
    [
        pytest.param(1, {FAILS: "failed", HOLDS: "passed"}, None, id="seen"),
        pytest.param(0, {FAILS: "passed", HOLDS: "passed"}, f"{FAILS} passed, but must have failed", id="unseen"),
        pytest.param(1, {FAILS: "failed", HOLDS: "failed"}, f"{HOLDS} failed, but must have passed", id="all broken"),
        pytest.param(4, {}, f"{FAILS} did not run, but must have failed", id="no such test"),
        pytest.param(3, {FAILS: "failed", HOLDS: "passed"}, "pytest ended with 3, not 1", id="pytest broke"),
    ],
)
def test_only_a_failure_of_the_right_test_counts(status: int, outcomes: dict[str, str], problem: str | None) -> None:
    verdict = trial.judged(MUTATION, status, outcomes)
    assert verdict.seen is (problem is None)
    assert problem is None or problem in verdict.problems


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("", "passed"),
        ('<failure message="assert 7 == 6">E  assert 7 == 6</failure>', "failed"),
        ('<failure message="Failed: Timeout (&gt;150.0s)"/>', "failed"),
        ('<failure message="NameError: name x"/>', "failed on code that cannot be loaded"),
        ('<failure message="x">ModuleNotFoundError: No module</failure>', "failed on code that cannot be loaded"),
        ('<error message="collection failure"/>', "ended as error: collection failure"),
        ('<skipped message="no broker"/>', "ended as skipped: no broker"),
    ],
)
def test_only_a_failure_for_the_right_reason_counts(said: str, outcome: str) -> None:
    report = f'<testsuites><testcase classname="tests.test_it" name="test_double[2]">{said}</testcase></testsuites>'
    assert trial.outcomes_of(report) == {FAILS: outcome}


def test_a_trap_is_put_back_run_and_taken_away_again(tmp_path: Path) -> None:
    root = tmp_path / "code"
    (root / "tests").mkdir(parents=True)
    (root / "doubling.py").write_text("def double(n):\n    return n * 2\n")
    (root / "tests" / "test_it.py").write_text(
        "import sys\nimport pytest\nsys.path.insert(0, '.')\nfrom doubling import double\n\n"
        "@pytest.mark.parametrize('n', [2])\ndef test_double(n):\n    assert double(n) == 4\n\n"
        "def test_zero():\n    assert double(0) == 0\n"
    )
    assert trial.baseline([MUTATION], root).seen
    assert trial.tried(MUTATION, root).seen
    assert (root / "doubling.py").read_text() == "def double(n):\n    return n * 2\n"
    harmless = replace(MUTATION, edits=(Edit("doubling.py", "n * 2", "n + n"),))
    assert not trial.tried(harmless, root).seen


def test_the_quickest_traps_are_seen() -> None:
    said = StringIO()
    assert detectors.run(Console(file=said, width=200), QUICK) == 0, said.getvalue()
    assert f"seen: {len(QUICK)} of {len(QUICK)}" in said.getvalue()
