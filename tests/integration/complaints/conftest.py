"""Every test of the complaints service runs on a database of its own, once of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.complaints.world import World, opened


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as one:
        yield one
