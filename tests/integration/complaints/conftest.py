"""Every test of the complaints service has a database of its own, once of each kind: a copy of a prepared one."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.integration.complaints.world import World, opened, prepare


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("complaints") / "prepared.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def prepared_postgresql(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("postgres").new_database()
    prepare(url.replace("postgresql://", "postgresql+psycopg2://"))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The service on a copy of the prepared database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("prepared_sqlite"), tmp_path / "complaints.db")
        with opened(f"sqlite:///{tmp_path / 'complaints.db'}") as one:
            yield one
        return
    prepared: str = request.getfixturevalue("prepared_postgresql")
    server, _, template = prepared.rpartition("/")
    name = f"anju_{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    with opened(f"{server}/{name}".replace("postgresql://", "postgresql+psycopg2://")) as one:
        yield one
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(f"{server}/postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
