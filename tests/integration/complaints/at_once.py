"""Two transactions at once on PostgreSQL: the second is let run until it waits for the first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from tests.integration.complaints.world import World

PATIENCE = 20.0


@contextmanager
def meanwhile(world: World, give: Callable[[], Any]) -> Iterator[list[BaseException]]:
    """Within it, another transaction has gone as far as it can; what went wrong in it is in the list at the end."""
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            give()
        except BaseException as failed:
            wrong.append(failed)

    other = threading.Thread(target=run, daemon=True)
    other.start()
    wait_until(lambda: not other.is_alive() or waits_for_a_lock(world))
    yield wrong
    other.join(timeout=PATIENCE)
    assert not other.is_alive()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def waits_for_a_lock(world: World) -> bool:
    connection = psycopg2.connect(world.service.database.engine.url.render_as_string(False).replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()
