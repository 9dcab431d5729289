"""The whole system on one machine: broker, databases, services, console; started together and stopped together."""

from __future__ import annotations

import compileall
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kombu import Connection

from deploy import broker_users, docker_broker, heads
from deploy.broker import BrokerMissing, PrivateBroker, is_reachable, script
from deploy.processes import Child, stop_all
from services.chassis import settings, topology
from services.contracts import SERVICES

HEALTHY_SECONDS = 60
CONSOLE = "console"
Progress = Callable[[str], None]


class SystemFailed(RuntimeError):
    """The system did not come up; the text says which part and what it printed."""


@dataclass
class System:
    """Started by `start`; `stop` ends every process that was started, the broker last."""

    progress: Progress = lambda _: None
    companies: list[str] = field(default_factory=list)
    make_broker: Callable[[], Any] = PrivateBroker
    broker: Any = None
    console: Child | None = None
    services: list[Child] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{settings.port()}"

    @property
    def children(self) -> list[Child]:
        """Everything that must stay alive."""
        broker = self.broker.children if self.broker else []
        return [*broker, *self.services, *([self.console] if self.console else [])]

    def start(self) -> None:
        """Start all and return when `health` says so; raises `SystemFailed` after stopping what was started."""
        settings.home().mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self._launch_broker()
        if is_taken(settings.port()):
            raise SystemFailed(f"ANJU_PORT: something else listens on 127.0.0.1:{settings.port()}; set another port")
        compile_sources()
        # Nothing here waits for the broker to boot, which is the slowest part: services await it themselves.
        self.console = self._child(CONSOLE, console_command())
        self.progress("migrating the databases")
        migrate()
        self.progress("starting the services")
        self.services = [self._child(name, [sys.executable, "-m", "services.chassis.run", name]) for name in SERVICES]
        self.progress("waiting for the broker")
        if self.broker:
            self.broker.wait()
        elif not is_reachable(settings.amqp_uri(), timeout=5):
            raise SystemFailed("ANJU_AMQP_URI: no broker answers there, or it refuses the user")
        self.progress("declaring the topology")
        with Connection(settings.amqp_uri(), connect_timeout=5) as connection:
            topology.declare(connection, topology.topology(companies=self.known_companies()))
        self._wait_until_healthy()

    def _child(self, name: str, argv: list[str]) -> Child:
        child = Child(name, argv, self.environment())
        child.start()
        return child

    def _launch_broker(self) -> None:
        if os.environ.get("ANJU_AMQP_URI"):
            return
        for code in self.companies:
            broker_users.password(broker_users.company_user(code))
        self.progress("starting the private broker")
        if script("rabbitmq-server"):
            self.broker = self.make_broker()
        elif docker_broker.is_available():
            self.broker = docker_broker.DockerBroker()
        else:
            raise BrokerMissing("no RabbitMQ here: install rabbitmq-server, start Docker, or set ANJU_AMQP_URI")
        self.broker.launch()

    def known_companies(self) -> list[str]:
        return sorted({*self.companies, *broker_users.known_companies()})

    def environment(self) -> dict[str, str]:
        """What every child gets: absolute state folder and the broker, whatever the caller's directory was."""
        uri = self.broker.uri if self.broker else settings.amqp_uri()
        path = os.pathsep.join([str(settings.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        own = {
            "ANJU_HOME": str(settings.home()),
            "ANJU_AMQP_URI": uri,
            "ANJU_PORT": str(settings.port()),
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            # Everything is on this machine; eventlet's own resolver costs a quarter of a second of each start.
            "EVENTLET_NO_GREENDNS": "yes",
        }
        return {**os.environ, **own}

    def _wait_until_healthy(self) -> None:
        self.progress("waiting until everything is healthy")
        deadline = time.monotonic() + HEALTHY_SECONDS
        while time.monotonic() < deadline:
            for child in self.children:
                if child.returncode is not None:
                    raise SystemFailed(f"{child.name} ended with code {child.returncode}:\n{child.last_lines()}")
            status, report = health(self.url)
            # An event that a full queue refuses is no reason not to come up.
            if status == 200 or report.get("status") == "late":
                return
            time.sleep(0.1)
        raise SystemFailed(f"not healthy within {HEALTHY_SECONDS} s: {json.dumps(report, ensure_ascii=False)}")

    def stop(self) -> None:
        stop_all([*self.services, *([self.console] if self.console else [])])
        if self.broker:
            self.broker.stop()


@contextmanager
def running(system: System) -> Iterator[System]:
    system.start()
    try:
        yield system
    finally:
        system.stop()


def migrate(services: Sequence[str] = SERVICES) -> list[str]:
    """Bring the services' databases to head; the names of those that changed."""
    behind = [service for service in services if heads.heads(service) and not heads.is_at_head(service)]
    if not behind:
        return []
    from deploy import migrations  # slow to import

    return [service for service in behind if migrations.upgrade(service)]


def is_taken(port: int) -> bool:
    """Whether somebody listens there: whose health would then be taken for the console's."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def compile_sources() -> None:
    """Compile what has changed, once: five processes start from it, also where Python is told to write no bytecode."""
    for package in ("services", "admin"):
        compileall.compile_dir(settings.ROOT / package, quiet=2)


def console_command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "admin:create_app()"]


def health(url: str, timeout: float = 3) -> tuple[int, dict[str, Any]]:
    """The console's health: HTTP status (0 when nothing answers) and its report."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        try:
            return refusal.code, json.load(refusal)
        except ValueError:
            return refusal.code, {}
    except (OSError, ValueError):
        return 0, {}
