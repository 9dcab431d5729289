"""One service's database: engine, transactions, elections."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.chassis.guarding import COUNTED, LAST_TABLE
from services.chassis.guarding import append_only_ddl as append_only_ddl  # the first revisions import it from here

STATEMENT_TIMEOUT_MS = 10_000
RESTED_SECONDS = 1.0
#: SQLite's primary result codes and PostgreSQL's classes of SQLSTATE that say: not now. All else is the statement's.
SQLITE_AWAY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
)
POSTGRESQL_AWAY = ("08", "40", "53", "57")
CANCELLED = "57014"
SQLITE_TAKEN = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True)
class Refused:
    """How often append-only tables refused a change, and which one did last."""

    count: int
    table: str


class Database:
    """Transactions on SQLite (WAL) or PostgreSQL.

    On SQLite writers take turns on a lock of this process before they begin: a greenlet that waited inside SQLite for
    another greenlet's commit would stop the whole process, including the greenlet that it waits for.
    """

    def __init__(self, url: str, *, pool_size: int = 12) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._refused = Refused(0, "")
        self._writing = threading.RLock() if self.is_sqlite else None
        if self.is_sqlite:
            path = url.removeprefix("sqlite:///")
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.engine = sa.create_engine(
                url, hide_parameters=True, connect_args={"timeout": 10, "check_same_thread": False}
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reader = self.engine
            event.listen(self.engine, "handle_error", self._note_refused)
        else:
            self.engine = _postgresql(url, pool_size=pool_size)
            # At READ COMMITTED each query sees what is committed when it begins, in a transaction or not: BEGIN and
            # ROLLBACK around it would be two round trips for nothing. A pool of its own: to change the mode of a
            # connection and to change it back would be one, too.
            self._reader = _postgresql(url, pool_size=pool_size, isolation_level="AUTOCOMMIT")

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back by any error."""
        if self._writing is not None:
            with self._writing:
                yield from self._session(immediate=True)
        else:
            yield from self._session(immediate=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for queries: it is neither flushed nor committed."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def at_once(self) -> Iterator[sa.Connection]:
        """A connection for changes that need no transaction around them: on PostgreSQL each is kept as it is done."""
        if self._writing is not None:
            with self.write() as session:
                yield session.connection()
        else:
            with self._reader.connect() as connection:
                yield connection

    def _session(self, *, immediate: bool) -> Iterator[Session]:
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            if immediate:
                session.connection(execution_options={"anju_immediate": True})
            yield session
            session.commit()

    @contextmanager
    def elected(self, role: str, sleep: Callable[[float], None], stopping: Callable[[], bool]) -> Iterator[bool]:
        """Wait until this process is the only one in a role; False when it stopped waiting.

        PostgreSQL: an advisory lock on a connection of its own, which a lost connection gives up. SQLite: a file lock.
        """
        election = (
            _FileElection(self.engine.url.database, role) if self.is_sqlite else _AdvisoryElection(self.engine, role)
        )
        try:
            while not (won := election.win()) and not stopping():
                sleep(1)
            yield won
        finally:
            election.close()

    def refused(self) -> Refused:
        """What the append-only tables have refused, ever on PostgreSQL, since it was opened on SQLite."""
        if self.is_sqlite:
            return self._refused
        counted = sa.text(
            "SELECT CASE WHEN c.is_called THEN c.last_value ELSE 0 END, t.last_value::oid::regclass::text "
            f"FROM {COUNTED} c, {LAST_TABLE} t"
        )
        with self.read() as session:
            count, table = session.execute(counted).one()
        return Refused(count, str(table).rpartition(".")[2])

    def _note_refused(self, failed: Any) -> None:
        words = str(failed.original_exception).split(" is append-only")
        if len(words) > 1:
            self._refused = Refused(self._refused.count + 1, words[0])

    def alive(self) -> bool:
        """Whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()
        self._reader.dispose()


def is_away(fault: BaseException) -> bool:
    """Whether the database itself cannot go on now, so that the same will do later: it is gone, busy, full, or took
    the side of another transaction. A missing table, or a statement over its time, is a fault of what was asked."""
    if not isinstance(fault, sa.exc.DBAPIError):
        return False
    if isinstance(fault.orig, sqlite3.Error):
        return getattr(fault.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in SQLITE_AWAY
    state = getattr(fault.orig, "pgcode", None)
    if state is None:
        return isinstance(fault, (sa.exc.OperationalError, sa.exc.InterfaceError)) or fault.connection_invalidated
    return state[:2] in POSTGRESQL_AWAY and state != CANCELLED


def is_taken(fault: sa.exc.IntegrityError) -> bool:
    """Whether the database holds such a record already, and only one."""
    if isinstance(fault.orig, sqlite3.Error):
        return fault.orig.sqlite_errorcode in SQLITE_TAKEN
    return getattr(fault.orig, "pgcode", None) == UNIQUE_VIOLATION


class _FileElection:
    def __init__(self, database: str | None, role: str) -> None:
        self._file = open(f"{database}.{role}.lock", "w")  # noqa: SIM115 - held for as long as the role is

    def win(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._file.close()


class _AdvisoryElection:
    def __init__(self, engine: sa.Engine, role: str) -> None:
        self._engine, self._role = engine, role
        self._connection: sa.Connection | None = None

    def win(self) -> bool:
        try:
            if self._connection is None:
                # Not in a transaction: an idle one would be ended by the server, and the lock with it.
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            key = sa.func.hashtext(sa.func.current_schema() + self._role)
            return bool(self._connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        except sa.exc.SQLAlchemyError:
            self.close()
            return False

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _postgresql(url: str, **pool: Any) -> sa.Engine:
    options = {"connect_timeout": 3, "application_name": "anju"}
    engine = sa.create_engine(url, hide_parameters=True, max_overflow=8, connect_args=options, **pool)
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_after_rest)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, and savepoints work
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("anju_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _prepare_postgresql(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = 30000")
    connection.commit()
    cursor.close()


def _note_use(_: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_after_rest(connection: Any, record: Any, _: Any) -> None:
    """Ask a connection that has rested whether its server is still there; SQLAlchemy's own ping asks each time."""
    used_at = record.info.get("used_at")
    if used_at is None or time.monotonic() - used_at < RESTED_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()
    except psycopg2.Error as gone:
        raise sa.exc.InvalidatePoolError() from gone
