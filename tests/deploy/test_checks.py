"""What the lanes of the suite come to together."""

from __future__ import annotations

import pytest

from deploy import checks
from services.chassis import settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([0, -9], -9),
        ([-9, 1], -9),
        ([0, checks.NOTHING_TO_RUN], 0),
        ([checks.NOTHING_TO_RUN, 2], 2),
        ([checks.NOTHING_TO_RUN, checks.NOTHING_TO_RUN], checks.NOTHING_TO_RUN),
        ([], 0),
    ],
)
def test_a_lane_that_failed_or_was_killed_fails_the_suite(statuses: list[int], worst: int) -> None:
    assert checks._worst(statuses) == worst


def test_every_folder_of_tests_is_in_one_lane() -> None:
    chosen = [part for part in checks.parts() if part != checks.LINT]
    first, second = checks.lanes(chosen)
    assert (settings.ROOT / "tests" / checks.TAKEN_OVER).is_dir()
    assert first == ["tests/integration", f"--ignore=tests/{checks.TAKEN_OVER}"]
    assert sorted(second) == sorted(f"tests/{part}" for part in {*chosen, checks.TAKEN_OVER} - {"integration"})


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (["integration"], [["tests/integration"]]),
        (["unit", "console"], [["tests/unit", "tests/console"]]),
        ([], []),
    ],
)
def test_a_part_by_itself_is_whole(chosen: list[str], told: list[list[str]]) -> None:
    assert checks.lanes(chosen) == told
