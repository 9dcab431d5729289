"""What the lanes of the suite come to together."""

from __future__ import annotations

import pytest

from deploy import checks

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
