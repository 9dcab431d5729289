"""A throw-away PostgreSQL server for tests and measurements; production brings its own.

PostgreSQL refuses to run as root, so root starts it as the unprivileged user that Debian's package made.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psycopg2

from deploy.broker import free_port
from deploy.processes import end_with

FOLDERS = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS = 30
#: Durability costs time and a throw-away server needs none; measurements pass their own settings.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(RuntimeError):
    """The server is not installed or did not start; the text says which."""


def program(name: str) -> str:
    """The path of a PostgreSQL program such as ``initdb``; the newest where there are several."""
    for pattern in FOLDERS:
        for folder in sorted(glob.glob(pattern), reverse=True):
            if found := shutil.which(name, path=folder):
                return found
    if found := shutil.which(name):
        return found
    raise PostgresFailed(f"{name} is not installed: Debian/Ubuntu package postgresql, brew postgresql@16")


class LentPostgres:
    """A server that someone else runs; its user may create databases."""

    def __init__(self, url: str) -> None:
        self.base = url.rpartition("/")[0]

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        """It is not ours to stop."""

    def url(self, database: str) -> str:
        return f"{self.base}/{database}"

    def new_database(self, template: str | None = None) -> str:
        """The URL of an empty database of its own, or of a copy of the database with that URL."""
        name = f"anju_{uuid.uuid4().hex[:12]}"
        source = f" TEMPLATE {template.rpartition('/')[2]}" if template else ""
        self._execute(f"CREATE DATABASE {name}{source}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.url("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


class ThrowAwayPostgres(LentPostgres):
    """Its own data folder, port and user; everything is gone after `stop`."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.settings = FAST if settings is None else settings
        self.folder = Path(tempfile.mkdtemp(prefix="anju-pg-"))
        self.port = free_port()
        super().__init__(f"postgresql://postgres@127.0.0.1:{self.port}/postgres")
        self.user = _unprivileged_user()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        made = self._popen(
            [program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        )
        if made.wait():
            raise PostgresFailed(f"initdb: {self._log()}")
        self.resume()

    def resume(self) -> None:
        """Serve the data folder, as it was left; returns when connections are accepted."""
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
        pairs = [f"-c{name}={value}" for name, value in {**options, **self.settings}.items()]
        data = self.folder / "data"
        self.process = self._popen([program("postgres"), "-D", str(data), "-p", str(self.port), *pairs])
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                psycopg2.connect(self.url("postgres"), connect_timeout=1).close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        self.stop()
        raise PostgresFailed(f"postgres: {self._log()}")

    def crash(self) -> None:
        """Stop at once (``pg_ctl stop -m immediate``), as a power cut would; `resume` starts it again."""
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(20)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _popen(self, argv: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                argv,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                start_new_session=True,
                preexec_fn=end_with(os.getpid(), signal.SIGQUIT),
            )

    def _log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:].strip()


def _unprivileged_user() -> str | None:
    if os.getuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise PostgresFailed("PostgreSQL does not run as root and there is no user 'postgres' to run it as")
