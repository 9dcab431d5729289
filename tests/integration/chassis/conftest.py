"""The example service on an empty database of either kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.chassis.service import Service
from tests import example


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    with example.opened(database_url) as opened:
        yield opened
