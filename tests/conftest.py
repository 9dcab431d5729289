"""What tests of the real thing stand on: a broker, a database server, a database of either kind, the whole system.

Each is made once per run, on ports and in folders of its own, and only if a test asks for it. Nothing here reaches
beyond this machine. A broker or database server that already runs can be lent: ``ANJU_TEST_BROKER_HOME`` (the
ANJU_HOME of a private broker) and ``ANJU_TEST_POSTGRES`` (a URL whose user may create databases).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from services.chassis import settings

# The same examples at every run, and no judgement by the machine's speed: a red run is red for everybody.
hypothesis_settings.register_profile(
    "anju", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("anju")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# As root without a sandbox, and nothing that would look for hosts on the internet.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session", autouse=True)
def session_home() -> Iterator[Path]:
    """No test ever touches the state of the checkout."""
    folder = Path(tempfile.mkdtemp(prefix="anju-test-"))
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ANJU_")}
    os.environ |= {name: value for name, value in before.items() if name.startswith("ANJU_TEST_")}
    os.environ["ANJU_HOME"] = str(folder)
    yield folder
    os.environ.pop("ANJU_HOME", None)
    os.environ |= before
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def anju_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ANJU_HOME for one test."""
    monkeypatch.setenv("ANJU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def broker(session_home: Path) -> Iterator[Any]:
    """A private broker with the whole topology and two companies: ``acme`` and ``zenith``.

    ``broker.uri`` is the services' user, ``broker.company_uri(code)`` a company's; ``broker.ctl(...)`` is rabbitmqctl.
    """
    from kombu import Connection

    from deploy import broker_users
    from deploy.broker import PrivateBroker
    from services.chassis import topology

    lent = os.environ.get("ANJU_TEST_BROKER_HOME")
    if lent:
        os.environ["ANJU_HOME"] = lent
    running = PrivateBroker()
    for code in ("acme", "zenith"):
        broker_users.password(broker_users.company_user(code))
    if not lent:
        running.start()
    with Connection(running.uri) as connection:
        topology.declare(connection, topology.topology(companies=["acme", "zenith"]))
    yield running
    if not lent:
        running.stop()
    os.environ["ANJU_HOME"] = str(session_home)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A throw-away PostgreSQL server; ``new_database()`` gives the URL of an empty database."""
    from deploy.postgres import LentPostgres, ThrowAwayPostgres

    lent = os.environ.get("ANJU_TEST_POSTGRES")
    server: Any = LentPostgres(lent) if lent else ThrowAwayPostgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url.replace("postgresql://", "postgresql+psycopg2://")
    server.drop_database(url)


@dataclass(frozen=True)
class RunningSystem:
    """The system as ``./anju up --demo`` runs it. ``process`` is the launcher."""

    url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def amqp_uri(self) -> str:
        return (self.home / "secrets" / "amqp_uri").read_text(encoding="utf-8").strip()

    @property
    def password(self) -> str:
        """The password of every demo account."""
        from deploy.demo import PASSWORD

        return PASSWORD

    def pid(self, name: str) -> int:
        """The process of a service, of the ``console`` or of the ``broker``."""
        return int((self.home / "run" / f"{name}.pid").read_text(encoding="ascii"))

    def anju(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the launcher against this system."""
        command = [sys.executable, "-m", "deploy", *arguments]
        return subprocess.run(
            command, cwd=settings.ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., RunningSystem]]:
    """Start a system of one's own: ``launch(demo=True, ANJU_DATABASE_URL=...)``; ``root`` is another checkout.

    All are stopped at the end.
    """
    from deploy.broker import free_port

    started: list[RunningSystem] = []

    def start(
        *,
        demo: bool = True,
        home: Path | None = None,
        root: Path = settings.ROOT,
        seconds: float = 100,
        **environment: str,
    ) -> RunningSystem:
        home = home or Path(tempfile.mkdtemp(prefix="anju-system-"))
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ANJU_")}
        port = free_port()
        env = {**clean, "ANJU_HOME": str(home), "ANJU_PORT": str(port), "PYTHONPATH": str(root), **environment}
        command = [sys.executable, "-m", "deploy", "up", *(["--demo"] if demo else [])]
        with (home / "launcher.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        system = RunningSystem(f"http://127.0.0.1:{port}", home, env, process)
        started.append(system)
        until(lambda: b"Anju is up" in (home / "launcher.log").read_bytes() or process.poll() is not None, seconds)
        if process.poll() is not None or (demo and not until(lambda: _seeded(home), seconds)):
            pytest.fail((home / "launcher.log").read_text(encoding="utf-8", errors="replace"))
        return system

    yield start
    for system in started:
        stop(system.process)
        shutil.rmtree(system.home, ignore_errors=True)


@pytest.fixture(scope="session")
def system(launch: Callable[..., RunningSystem]) -> RunningSystem:
    """The whole system with demo data, once per run."""
    return launch(demo=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("chromium is not installed; ./anju test installs it on Debian and Ubuntu")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


def until(condition: Callable[[], Any], seconds: float = 10, every: float = 0.05) -> Any:
    """What the condition answers as soon as it is true, or its last answer when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(every)
    return answer


@pytest.fixture(name="until", scope="session")
def until_fixture() -> Callable[..., Any]:
    """``until(condition, seconds)``: poll with a deadline instead of sleeping."""
    return until


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """Ask a process to stop and return its exit code."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _seeded(home: Path) -> bool:
    return (home / "data" / "demo.stamp").is_file()
