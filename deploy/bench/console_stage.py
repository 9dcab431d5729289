"""The stage of the console's measurement: PostgreSQL, a private broker, the service `maintenance`, the console and
Django's admin, each web application with one gunicorn worker; everything in a folder of its own and gone afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg2

from deploy.bench.console_pages import Visitor
from deploy.bench.figures import Plan
from deploy.bench.whole import PASSWORD, add_people
from deploy.broker import PrivateBroker, free_port
from deploy.postgres import ThrowAwayPostgres
from deploy.processes import Child, stop_all
from deploy.system import console_command, migrate
from services.chassis import settings

DESK, COMPANY_DESK = "bench.desk", "bench.company"
ACCOUNTS: list[dict[str, Any]] = [
    {"username": DESK, "name": "测量员", "roles": {"maintenance_desk": ["group"]}},
    {"username": COMPANY_DESK, "name": "公司测量员", "roles": {"maintenance_desk": ["company:C01"]}},
]
#: Durable as production is, with the memory that a small server gives; nothing here writes while pages are read.
SERVER = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "synchronous_commit": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "256MB",
    "jit": "off",
}
READY_SECONDS = 60


class StageFailed(RuntimeError):
    """A part did not start; the text says which and what it printed."""


@dataclass
class Stage:
    """What runs, and how to reach it."""

    postgres: ThrowAwayPostgres
    database: str
    broker_uri: str
    console: str
    django: str

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor in the service's own schema, committed at the end."""
        connection = psycopg2.connect(self.database, options="-csearch_path=maintenance,public")
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()

    @property
    def server_log(self) -> Path:
        return self.postgres.folder / "log"

    def visitors(self) -> dict[str, Visitor]:
        """Signed-in browsers: the console's desk, that of one company, and Django's superuser."""
        return {
            DESK: Visitor(self.console).sign_in("/login/", {"username": DESK, "password": PASSWORD}),
            COMPANY_DESK: Visitor(self.console).sign_in("/login/", {"username": COMPANY_DESK, "password": PASSWORD}),
            "django": Visitor(self.django).sign_in("/admin/login/", {"username": "bench", "password": PASSWORD}),
        }


@contextlib.contextmanager
def stage(plan: Plan) -> Iterator[Stage]:
    """Start all of it; stop all of it."""
    home = Path(tempfile.mkdtemp(prefix="bench-console-"))
    postgres = ThrowAwayPostgres(SERVER)
    console_port, django_port = free_port(), free_port()
    own = {
        "ANJU_HOME": str(home),
        "ANJU_PORT": str(console_port),
        "ANJU_WORKERS": "1",
        "ANJU_THREADS": "1",
        "ANJU_LOG_LEVEL": "warning",
        "ANJU_SECRET_KEY": secrets.token_urlsafe(40),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    broker, children = None, list[Child]()
    with mock.patch.dict(os.environ, clean | own, clear=True):
        try:
            plan.say("starting PostgreSQL and a private broker")
            broker = PrivateBroker()
            broker.launch()
            postgres.start()
            database = postgres.new_database()
            os.environ |= {"ANJU_DATABASE_URL": database, "PYTHONPATH": str(settings.ROOT)}
            migrate(["maintenance"])
            add_people(ACCOUNTS, {**_environment(), "ANJU_AMQP_URI": "amqp://127.0.0.1:1//"})
            _run("from deploy.bench import django_admin; django_admin.prepare(__import__('sys').argv[1])", PASSWORD)
            broker.wait()
            os.environ["ANJU_AMQP_URI"] = broker.uri
            plan.say("starting the service, the console and Django")
            children = [
                Child("maintenance", [sys.executable, "-m", "services.chassis.run", "maintenance"], _environment()),
                Child("console", console_command(), _environment()),
                Child("django", _django_command(django_port), _environment()),
            ]
            for child in children:
                child.start()
            running = Stage(
                postgres, database, broker.uri, f"http://127.0.0.1:{console_port}", f"http://127.0.0.1:{django_port}"
            )
            _await(running, children)
            yield running
        finally:
            stop_all(children)
            if broker:
                broker.stop()
            postgres.stop()
            shutil.rmtree(home, ignore_errors=True)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "EVENTLET_NO_GREENDNS": "yes"}


def _django_command(port: int) -> list[str]:
    """One sync worker, as gunicorn's documentation runs Django."""
    where = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "sync", "--log-level", "warning"]
    return [
        *(sys.executable, "-m", "gunicorn", *where, "--no-control-socket"),
        "deploy.bench.django_admin:application",
    ]


def _run(code: str, *arguments: str) -> None:
    argv = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(argv, text=True, env=_environment(), cwd=settings.ROOT, capture_output=True, check=False)
    if done.returncode:
        raise StageFailed(f"django: {done.stderr[-2000:]}")


def _await(running: Stage, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    wanted = {f"{running.console}/login/": 200, f"{running.django}/admin/login/": 200}
    while time.monotonic() < deadline:
        for child in children:
            if child.returncode is not None:
                raise StageFailed(f"{child.name} ended with code {child.returncode}:\n{child.last_lines()}")
        if all(Visitor(url).status() == status for url, status in wanted.items()) and _doors_are_open(running):
            return
        time.sleep(0.1)
    raise StageFailed(f"not ready within {READY_SECONDS} s:\n" + "\n".join(child.last_lines() for child in children))


def _doors_are_open(running: Stage) -> bool:
    """Whether the service consumes calls."""
    from amqp.exceptions import AMQPError
    from kombu import Connection

    with Connection(running.broker_uri, connect_timeout=2) as connection, connection.channel() as channel:
        try:
            return bool(channel.queue_declare("rpc-maintenance", passive=True).consumer_count)
        except AMQPError:
            return False
