"""The system under a run: in a folder of its own, with its own broker and database server, its processes watched.

Everything that ends is started again after a moment, as a process manager would; whoever starts the run does that by
calling `watch` all the time. Only processes that were started here are ever ended.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.broker import free_port
from deploy.faults.office import ACCOUNT, ROLES
from deploy.faults.plan import COMPANIES, CONSOLE, POSTGRESQL, Options
from deploy.postgres import ThrowAwayPostgres
from deploy.processes import Child
from deploy.system import System
from services.chassis import settings
from services.contracts import SERVICES

TICK = 0.03
BACK_SECONDS = (0.1, 1.0)
#: Real durability, and nothing that would make a short run slower.
POSTGRES = {"max_wal_size": "1GB", "checkpoint_timeout": "15min"}


class World:
    """Started by `start`, ended by `stop`, whatever happened in between."""

    def __init__(self, options: Options, progress: Callable[[str], None]) -> None:
        self.options, self.progress = options, progress
        self.folder = Path(tempfile.mkdtemp(prefix="anju-faults-"))
        self.password = secrets.token_urlsafe(16)
        self.postgres: ThrowAwayPostgres | None = None
        self.system: System | None = None
        self.ended: Counter[str] = Counter()
        self._draw = random.Random(f"{options.seed}/back")
        self._due: dict[str, float] = {}
        self._said_before: dict[str, int] = {}
        self._before = dict(os.environ)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def broker(self) -> Any:
        assert self.system is not None
        return self.system.broker

    @property
    def url(self) -> str:
        assert self.system is not None
        return self.system.url

    @property
    def database_url(self) -> str | None:
        return os.environ.get("ANJU_DATABASE_URL")

    def company_uris(self, code: str) -> list[str]:
        """The company's own way to each node of the broker."""
        uris: list[str] = self.broker.company_uri(code).split(";")
        return uris

    def start(self) -> None:
        for name in [name for name in os.environ if name.startswith("ANJU_")]:
            del os.environ[name]
        os.environ |= {"ANJU_HOME": str(self.home), "ANJU_PORT": str(free_port()), "ANJU_LOG_LEVEL": "info"}
        if self.options.database == POSTGRESQL:
            self.progress("starting PostgreSQL")
            self.postgres = ThrowAwayPostgres(POSTGRES)
            self.postgres.start()
            os.environ["ANJU_DATABASE_URL"] = self.postgres.new_database()
        self.system = System(self.progress, list(COMPANIES), **self._kind_of_broker())
        self.system.start()
        self._make_account()

    def _kind_of_broker(self) -> dict[str, Any]:
        if not self.options.cluster:
            return {}
        from deploy.cluster import Cluster

        return {"make_broker": Cluster}

    def _make_account(self) -> None:
        """By the console's own code, in a process of its own."""
        self.progress("making the account")
        account = {"username": ACCOUNT, "name": "故障测试", "roles": {role: ["group"] for role in ROLES}}
        subprocess.run(
            [sys.executable, "-m", "deploy.seeding", "accounts"],
            input=json.dumps({"password": self.password, "accounts": [account]}),
            cwd=settings.ROOT,
            env=self.environment(),
            text=True,
            check=True,
            capture_output=True,
        )

    def environment(self) -> dict[str, str]:
        assert self.system is not None
        return self.system.environment()

    def stop(self) -> None:
        """End all that was started and put the environment back; the folder stays when asked for by `keep`."""
        try:
            if self.system is not None:
                self._thaw()
                self.system.stop()
        finally:
            if self.postgres is not None:
                self.postgres.stop()
            for name in [name for name in os.environ if name.startswith("ANJU_")]:
                del os.environ[name]
            os.environ |= {name: value for name, value in self._before.items() if name.startswith("ANJU_")}

    def _thaw(self) -> None:
        """A frozen node does not hear that it shall stop."""
        if self.broker is not None:
            for pid in self.broker.pids():
                os.kill(pid, signal.SIGCONT)

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def child(self, name: str) -> Child:
        """A service's process or the console's."""
        assert self.system is not None
        if name == CONSOLE:
            assert self.system.console is not None
            return self.system.console
        return self.system.services[SERVICES.index(name)]

    def kill(self, name: str) -> None:
        """As a power cut would end it: the console with its workers."""
        child = self.child(name)
        assert child.process is not None
        if child.process.poll() is None:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def start_again(self, name: str, fault: str = "") -> None:
        """Now, and with a fault point if one is given."""
        child = self.child(name)
        child.env.pop("ANJU_FAULT", None)
        if fault:
            child.env["ANJU_FAULT"] = fault
        self._due.pop(name, None)
        self._said_before[name] = child.log.stat().st_size
        child.start()

    def is_at_work(self, name: str) -> bool:
        """Whether the process lives and has said, since it was started, that it has come up."""
        child = self.child(name)
        if child.returncode is not None:
            return False
        with child.log.open("rb") as log:
            log.seek(self._said_before.get(name, 0))
            return (b"Booting worker" if name == CONSOLE else b"service_started") in log.read()

    def watch(self, but: str = "") -> None:
        """Start again, after a moment, what has ended; all `but` one, if that is left to somebody else."""
        now = time.monotonic()
        for name in (*SERVICES, CONSOLE):
            if name == but:
                continue
            code = self.child(name).returncode
            if code is None:
                continue
            if name not in self._due:
                self.ended[f"{name}: {signal.Signals(-code).name if code < 0 else code}"] += 1
                self._due[name] = now + self._draw.uniform(*BACK_SECONDS) * self.options.pace
            elif now >= self._due[name]:
                self.start_again(name)

    def until(self, condition: Callable[[], Any], seconds: float, *, but: str = "") -> Any:
        """What the condition answers as soon as it is true, or its last answer when the time is over."""
        deadline = time.monotonic() + seconds
        while not (answer := condition()) and time.monotonic() < deadline:
            self.watch(but)
            time.sleep(TICK)
        return answer

    def pass_time(self, seconds: float) -> None:
        """Let the system work."""
        self.until(lambda: False, seconds)


def workers(child: Child) -> list[int]:
    """The processes that gunicorn has started."""
    assert child.process is not None
    pid = child.process.pid
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
