"""`./anju resync`: replicas that were lost are built again, from their owner's own records."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e


def rows(system: Any, service: str, statement: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{system.home / 'data' / service}.db?mode=rw", uri=True, timeout=10)
    try:
        found = connection.execute(statement).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def test_lost_replicas_are_told_again(system: Any, until: Callable[..., Any]) -> None:
    homes = rows(system, "leads", "SELECT count(*) FROM home")
    assert homes[0][0] > 0
    lost = "SELECT count(*) FROM replica WHERE resource = 'leads/home'"
    assert until(lambda: rows(system, "complaints", lost) == homes, 20)
    rows(system, "complaints", "DELETE FROM replica WHERE resource = 'leads/home'")
    done = system.anju("resync", "leads/home")
    assert done.returncode == 0, done.stderr
    assert f"leads/home: {homes[0][0]} told" in done.stdout
    assert until(lambda: rows(system, "complaints", lost) == homes, 20)


def test_an_unknown_resource_is_named(system: Any) -> None:
    refused = system.anju("resync", "leads/nothing")
    assert refused.returncode != 0
    assert "must be one of" in refused.stderr
    assert "Traceback" not in refused.stderr
