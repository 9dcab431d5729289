"""Make the console's tables, once, even when several workers start together."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role as FabRole
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from admin.settings import SCHEMA
from services.contracts.roles import Role

STARTING = 4_102_011


def prepare(engine: Engine) -> None:
    """Create what is missing: folder, schema, tables, and a Flask-AppBuilder role for each role of the contracts."""
    _tune_sqlite(engine)
    with _one_at_a_time(engine) as connection:
        Model.metadata.create_all(connection)
        with Session(bind=connection) as session:
            there = set(session.scalars(sa.select(FabRole.name)))
            wanted = ["public", *(role.value for role in Role if role is not Role.SYSTEM)]
            session.add_all(FabRole(name=name) for name in wanted if name not in there)
            session.commit()


@contextlib.contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[sa.Connection]:
    """A connection, while every other worker that starts waits."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": STARTING})
            if "search_path" in str(engine.url.query.get("options", "")):
                connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
            yield connection
        return
    folder = Path(str(engine.url.database)).parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "console.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with engine.begin() as connection:
            yield connection


def _tune_sqlite(engine: Engine) -> None:
    if engine.dialect.name != "sqlite" or engine.url.database in (None, "", ":memory:"):
        return

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
