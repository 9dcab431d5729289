"""The demo's segments, whenever the demo is made: at two o'clock the night computes them by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from deploy.demo_care import CLUB
from deploy.demo_estate import AFFAIRS
from deploy.demo_segments import HEARD, compute_segments
from deploy.demo_story import Story


@pytest.mark.parametrize(("state", "begun"), [("waiting", ["begin_segment_run"]), ("running", []), ("done", [])])
def test_only_a_night_that_is_still_to_come_is_begun(state: str, begun: list[str]) -> None:
    said: list[str] = []

    def execute(service: str, command: str, *_: Any, **__: Any) -> dict[str, Any]:
        said.append(command)
        return {"id": "R", "state": "running"}

    story = Story(execute, lambda *_: [{"id": "R", "state": state}], {CLUB: {}, AFFAIRS: {}})
    estate: Any = SimpleNamespace(story=story, customers={key: SimpleNamespace(id=key) for key, _ in HEARD})
    compute_segments(estate)
    assert said == begun
