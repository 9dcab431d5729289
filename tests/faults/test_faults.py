"""The short form of `./anju faults`: processes are killed for real, and nothing is lost or doubled."""

from __future__ import annotations

import gc
import io
import re

import pytest
from rich.console import Console

from deploy import faults
from deploy.faults import plan

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # A broker that is killed leaves sockets in the middle of a handshake; the garbage collector closes them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.requirement("X-402")
@pytest.mark.parametrize("database", [plan.POSTGRESQL, plan.SQLITE])
def test_kills_lose_and_double_nothing(database: str) -> None:
    wanted = faults.options(20261121, database, is_short=True, cluster=False)
    text = io.StringIO()
    status = faults.run(Console(file=text, width=200), wanted)
    gc.collect()
    said = text.getvalue()
    assert status == 0, said
    assert "nothing lost, nothing doubled" in said
    assert f"seed {wanted.seed}" in said
    points = re.search(r"fault points: (.*)", said)
    assert points is not None, said
    for name, point in wanted.points:
        assert f"{name}/{point} " in points[1] + " ", "the process died at the point"
