"""The whole system as `./anju up` runs it, in a folder of its own that is gone afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy import system
from deploy.bench.figures import Void
from deploy.broker import free_port
from services.chassis import settings

START_SECONDS = 180
PASSWORD = "measured-in-Shanghai-7"


@dataclass(frozen=True)
class Whole:
    """A running system: the process that started it, where its console is, and what it was started with."""

    pid: int
    url: str
    environment: dict[str, str]


def add_people(people: Sequence[dict[str, Any]], environment: dict[str, str]) -> None:
    """Accounts with `username`, `name` and `roles` in the console that the environment names; they sign in with
    `PASSWORD`."""
    told = json.dumps({"password": PASSWORD, "accounts": people}, ensure_ascii=False)
    argv = [sys.executable, "-m", "deploy.seeding", "accounts"]
    made = subprocess.run(
        argv, input=told, text=True, env=environment, cwd=settings.ROOT, capture_output=True, check=False
    )
    if made.returncode:
        raise Void(f"accounts: {made.stderr[-2000:]}")


class Caller:
    """Somebody with a token for the REST API."""

    def __init__(self, whole: Whole, user: str) -> None:
        self._url = f"{whole.url}/api/v1"
        signed = self._call("security/login", {"username": user, "password": PASSWORD, "provider": "db"}, {})
        self._headers = {"Authorization": f"Bearer {signed['access_token']}"}

    def do(self, command: str, **payload: Any) -> Any:
        """A command, `service/name`, that has to succeed; its record."""
        return self._call(command, payload, {**self._headers, "Idempotency-Key": str(uuid.uuid4())})["result"]

    def get(self, path: str) -> Any:
        """One record, `service/register/id`."""
        return self._call(path, None, self._headers)["result"]

    def _call(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self._url}/{path}", data, {"Content-Type": "application/json", **headers})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)


@contextlib.contextmanager
def whole(**own: str) -> Iterator[Whole]:
    """Start it with settings of one's own, wait until it is healthy, and stop it."""
    folder, port = Path(tempfile.mkdtemp(prefix="anju-bench-")), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    environment |= {"ANJU_HOME": str(folder), "ANJU_PORT": str(port), "PYTHONPATH": str(settings.ROOT)}
    environment |= {"ANJU_SECRET_KEY": secrets.token_urlsafe(40), **own}
    with (folder / "launcher.log").open("wb") as log:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "deploy", "up"],
            cwd=settings.ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        running = Whole(launcher.pid, f"http://127.0.0.1:{port}", environment)
        deadline = time.monotonic() + START_SECONDS
        while system.health(running.url)[0] != 200:
            if launcher.poll() is not None or time.monotonic() > deadline:
                raise Void("the system did not come up")
            time.sleep(0.2)
        yield running
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
