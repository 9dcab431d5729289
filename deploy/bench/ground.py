"""What every benchmark stands on: a broker and a durable PostgreSQL server of their own, and how effects are timed.

An effect counts when it is committed: PostgreSQL itself keeps the time of each commit (`track_commit_timestamp`), so
nothing is asked of a contender while it works and nobody's own word is taken for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import amqp
import psycopg2
from kombu import Connection

from deploy import broker_users, system
from deploy.bench.figures import Void
from deploy.broker import PrivateBroker
from deploy.postgres import ThrowAwayPostgres
from deploy.processes import Child
from services.chassis import settings, topology, wire
from services.chassis.catalogue import service_named

COMPANY = "bench"
#: Every commit waits for the disk, as in production; everything else is PostgreSQL's own default.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "track_commit_timestamp": "on"}
PATIENCE_SECONDS = 120


class Ground:
    """A broker with the whole topology, a database server, and processes that are stopped at the end."""

    def __init__(self, broker: PrivateBroker, postgres: ThrowAwayPostgres) -> None:
        self.broker, self.postgres = broker, postgres

    def environment(self, url: str) -> dict[str, str]:
        """What a service's process needs to work on this ground."""
        own = {
            "ANJU_AMQP_URI": self.broker.uri,
            "ANJU_DATABASE_URL": url,
            "ANJU_HOME": str(settings.home()),
            "ANJU_LOG_LEVEL": "warning",
            "PYTHONPATH": str(settings.ROOT),
            "EVENTLET_NO_GREENDNS": "yes",
        }
        return {**os.environ, **own}

    @contextmanager
    def process(self, name: str, module: str, arguments: Sequence[str], url: str) -> Iterator[Child]:
        """`python -m module arguments`, stopped at the end."""
        child = Child(name, [sys.executable, "-m", module, *arguments], self.environment(url))
        child.start()
        try:
            yield child
        finally:
            child.stop()

    def service(self, name: str, url: str) -> Any:
        """A real service process on a database."""
        return self.process(name, "services.chassis.run", [name], url)

    def migrated(self, services: Sequence[str]) -> str:
        """A database with the schemas of these services, brought to their newest revision."""
        url = self.postgres.new_database()
        with at_database(url):
            system.migrate(services)
        return url

    @contextmanager
    def copied(self, template: str) -> Iterator[str]:
        """A copy of a prepared database, dropped at the end."""
        url = self.postgres.new_database(template)
        try:
            yield url
        finally:
            self.postgres.drop_database(url)

    def publish(self, exchange: str, key: str, bodies: Sequence[bytes]) -> None:
        """Publish all, wait for the confirms of all."""
        with Connection(self.broker.uri) as connection:
            channel = connection.channel()
            channel.confirm_select()
            waiting = set(range(1, len(bodies) + 1))

            def confirmed(tag: int, multiple: bool) -> None:
                waiting.difference_update([one for one in waiting if one <= tag] if multiple else [tag])

            channel.events["basic_ack"] = {confirmed}
            for body in bodies:
                message = amqp.Message(body, content_type=wire.CONTENT_TYPE, content_encoding="utf-8", delivery_mode=2)
                channel._basic_publish(message, exchange=exchange, routing_key=key)
            while waiting:
                connection.drain_events(timeout=30)

    def purge(self, *queues: str) -> None:
        with Connection(self.broker.uri) as connection:
            for queue in queues:
                connection.channel().queue_purge(queue)

    def taken(self, queue: str) -> list[bytes]:
        """Everything that a queue holds, taken."""
        found: list[bytes] = []
        with Connection(self.broker.uri) as connection:
            channel = connection.channel()
            count = channel.queue_declare(queue, passive=True).message_count
            channel.basic_qos(0, 500, False)

            def took(message: Any) -> None:
                found.append(bytes(message.body))
                if len(found) % 250 == 0 or len(found) == count:
                    channel.basic_ack(message.delivery_tag, multiple=True)

            channel.auto_decode = False
            channel.basic_consume(queue, callback=took)
            while len(found) < count:
                connection.drain_events(timeout=10)
        return found

    def busy(self, child: Child) -> float:
        """Seconds of processor time that a process, the database server and the broker have used so far."""
        roots = [self.postgres.process, child.process, *(one.process for one in self.broker.children)]
        ticks = sum(_ticks(pid) for root in roots if root is not None for pid in family(root.pid))
        return ticks / os.sysconf("SC_CLK_TCK")

    def waiting(self, queue: str) -> int:
        """How many messages a queue holds that no consumer has got."""
        with Connection(self.broker.uri) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).message_count)


def family(pid: int) -> list[int]:
    """A process and all that it has started, directly or not (Linux)."""
    found = [pid]
    for one in found:
        with suppress(OSError):  # it may end while it is looked at
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def _ticks(pid: int) -> int:
    """User and system time of a process, and of those of its children that have ended."""
    try:
        figures = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(one) for one in figures[11:15])


@contextmanager
def ground() -> Iterator[Ground]:
    """Made for one run in a folder of its own; nothing of it is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="anju-bench-"))
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ANJU_")}
    os.environ["ANJU_HOME"] = str(folder)
    postgres = ThrowAwayPostgres(DURABLE)
    try:
        broker_users.password(broker_users.company_user(COMPANY))
        broker = PrivateBroker()
        broker.launch()
        try:
            postgres.start()
            broker.wait()
            with Connection(broker.uri) as connection:
                topology.declare(connection, topology.topology(companies=[COMPANY]))
            yield Ground(broker, postgres)
        finally:
            broker.stop()
    finally:
        postgres.stop()
        os.environ.pop("ANJU_HOME", None)
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def at_database(url: str) -> Iterator[None]:
    """Within it, `settings.database_url` points there."""
    os.environ["ANJU_DATABASE_URL"] = url
    try:
        yield
    finally:
        os.environ.pop("ANJU_DATABASE_URL", None)


@contextmanager
def opened(name: str, url: str) -> Iterator[Any]:
    """A service's own code on a database, in this process."""
    service = service_named(name)
    with at_database(url):
        service.open(settings.database_url(name))
    try:
        yield service
    finally:
        service.close()


def change(url: str, statement: str) -> None:
    """Change something in a prepared database."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        connection.commit()


def rows(url: str, statement: str, parameters: Any = None) -> list[Any]:
    """What a database says."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def awaited(child: Child, condition: Callable[[], bool], what: str, every: float = 0.25) -> None:
    """Look now and then until it is so; a process that ends, or takes too long, makes the run void."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if child.returncode is not None:
            raise Void(f"{child.name} ended with code {child.returncode}: {child.last_lines(5)}")
        if time.monotonic() > deadline:
            raise Void(f"{child.name}: {what} within {PATIENCE_SECONDS} s: {child.last_lines(5)}")
        time.sleep(every)


def rate(url: str, table: str, condition: str = "true") -> float:
    """Rows a second from the first commit to the last, by the server's own clock, without what the first brought."""
    statement = (
        f"SELECT pg_xact_commit_timestamp(xmin) AS at, count(*) FROM {table} WHERE {condition} GROUP BY 1 ORDER BY 1"
    )
    commits = rows(url, statement)
    if len(commits) < 2:
        raise Void(f"{table}: {len(commits)} commits are too few to measure")
    seconds = (commits[-1][0] - commits[0][0]).total_seconds()
    return float(sum(count for _, count in commits[1:]) / seconds)
