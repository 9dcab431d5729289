"""A private RabbitMQ node, and a small Nameko service in its own process; tests stop, freeze and restart them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.broker import PrivateBroker

ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Poll until the condition holds; fails when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not hold within {seconds} s"
        time.sleep(pause)


class Node:
    """The broker, with its home folder set only while it is being handled."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with self._at_home():
            self.broker = PrivateBroker()
            self.broker.start()
            self.uri = self.broker.uri

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANJU_HOME", str(self.home))
            patch.delenv("ANJU_AMQP_URI", raising=False)
            yield

    def stop(self) -> None:
        with self._at_home():
            self.broker.stop()

    def restart(self) -> None:
        with self._at_home():
            self.broker.stop()
            self.broker.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP for as long as the block runs."""
        process = self.broker.children[-1].process
        assert process is not None
        os.killpg(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGCONT)


class ServiceProcess:
    """`tests.api.small_service` in its own process."""

    def __init__(self, uri: str, name: str, journal: Path, backend: str = "echo") -> None:
        self.command = [sys.executable, "-m", "tests.api.small_service", uri, name, backend, str(journal)]
        self.journal = journal
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def done(self) -> list[str]:
        """Command ids that it carried out, in order."""
        return self.journal.read_text().split() if self.journal.exists() else []

    @contextmanager
    def frozen(self) -> Iterator[None]:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)
