"""One relay per service: two would publish the same rows, and out of order."""

from __future__ import annotations

import pytest

from services.chassis.database import Database
from services.chassis.service import Service

pytestmark = pytest.mark.integration


def test_one_process_at_a_time_is_elected(service: Service) -> None:
    slept: list[float] = []
    another = Database(service.database.engine.url.render_as_string(hide_password=False))
    patience = [False, False, True]
    with service.database.elected("relay", slept.append, lambda: False) as first:
        assert first
        with another.elected("relay", slept.append, lambda: patience.pop(0)) as second:
            assert not second, "it gave up waiting"
        assert len(slept) == 2, "it asked again"
        with another.elected("other", slept.append, lambda: False) as of_another_role:
            assert of_another_role
    with another.elected("relay", slept.append, lambda: False) as after:
        assert after, "the role is free when its holder lets go"
    another.close()
