"""The office: clients of the REST API that ask again, with the same Idempotency-Key, until they are answered."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import Any

from deploy.faults import stories
from deploy.faults.gate import Gate
from deploy.faults.ledger import ABANDONED, ACKNOWLEDGED, REFUSED, Command, Ledger

THREADS = 6
SECONDS = 15
PAUSE = 0.25
PATIENCE = 120.0
GIVEN_UP = 0.2
#: The one account of a run: every role that its stories need.
ACCOUNT = "faults"
ROLES = (
    "administrator",
    "project_department",
    "customer_affairs",
    "sales_agent",
    "site_sales_lead",
    "hotline_operator",
    "complaint_handler",
    "maintenance_desk",
    "maintenance_lead",
)


class OfficeFailed(RuntimeError):
    """What has to be there before the load could not be made; the text says which command was refused and why."""


class Office:
    """`THREADS` people who work through the stories of a run."""

    def __init__(self, url: str, password: str, ledger: Ledger, gate: Gate, seed: int, commands: int) -> None:
        self._url, self._password, self._ledger, self._gate = f"{url}/api/v1", password, ledger, gate
        self._draw = random.Random(f"{seed}/office/nerve")
        self._writer = stories.Writer(seed)
        self._token = ""
        self._lock, self._signing = threading.Lock(), threading.Lock()
        self._waiting: SimpleQueue[tuple[int, Any, float]] = SimpleQueue()
        began = 0
        for number, story in enumerate(stories.chosen(seed, commands)):
            self._waiting.put((number, story, began / max(1, commands)))
            began += stories.LENGTHS[story]
        self._numbers = itertools.count(90_000)
        self._busy = 0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]

    def prepare(self, homes: dict[str, list[str]]) -> None:
        """Make what the load stands on; it is no part of the count of commands."""
        own = {kind: [f"{place}-9-{kind}" for place in homes] for kind in ("repair", "complaint")}
        together: dict[str, list[Command]] = {}
        for command in stories.setting(self._writer, homes | own):
            together.setdefault(command.name, []).append(command)
        for group in together.values():
            self._do_all(group)
        owner = stories.customer(self._writer, stories.OWNER, 1)
        (record,) = self._do_all([owner])
        self._writer.owner = record["id"]

    def _do_all(self, commands: Iterable[Command]) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(THREADS) as together:
            records = []
            for command, record in together.map(lambda one: (one, self._insist(one, counted=False)), commands):
                if record is None:
                    raise OfficeFailed(f"{command.name}: {command.problem}")
                records.append(record)
            return records

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def stir(self) -> None:
        """One story more than planned, now: a fault waits for something to happen."""
        self._waiting.put((next(self._numbers), stories.complaint, 0.0))

    @property
    def done_all(self) -> bool:
        """Nothing waits and nobody is in the middle of a story."""
        with self._lock:
            return self._waiting.empty() and not self._busy

    def _work(self) -> None:
        while not self._gate.stopped.is_set():
            taken = self._take()
            if taken is None:
                self._gate.stopped.wait(PAUSE)
                continue
            number, story = taken
            try:
                self._tell(story(self._writer, number), stories.LENGTHS[story])
            finally:
                with self._lock:
                    self._busy -= 1

    def _take(self) -> tuple[int, Any] | None:
        """The next story that the gate lets through."""
        with self._lock:
            try:
                number, story, part = self._waiting.get_nowait()
            except Empty:
                return None
            if not self._gate.is_open(part):
                self._waiting.put((number, story, part))
                return None
            self._busy += 1
            return number, story

    def _tell(self, story: stories.Story, length: int) -> None:
        record: dict[str, Any] | None = None
        try:
            command = next(story)
            for position in range(1, length + 1):
                record = self._insist(command, last=position == length)
                if record is None:
                    return
                command = story.send(record)
        except StopIteration:
            return

    def _insist(self, command: Command, *, counted: bool = True, last: bool = False) -> dict[str, Any] | None:
        """Ask until the answer is known; None when it was refused, given up, or the run is stopped."""
        deadline = time.monotonic() + PATIENCE
        while not self._gate.stopped.is_set():
            if counted:
                self._ledger.ask(command)
            status, body, replayed = self._ask(command)
            if status == 200:
                command.outcome, command.replayed = ACKNOWLEDGED, replayed
                command.record_id = body["result"]["id"]
                record: dict[str, Any] = body["result"]
                return record
            command.problem = f"{status} {json.dumps(body, ensure_ascii=False)[:500]}"
            if status == 401:
                self._sign_in()
                continue
            if 400 <= status < 500 and not _not_yet(body):
                command.outcome = REFUSED
                return None
            if time.monotonic() > deadline:
                command.outcome = REFUSED if 400 <= status < 500 else ABANDONED
                return None
            if counted and (status == 0 or status >= 500):
                self._ledger.note("answers not received")
                if last and command.sends == 1 and self._draw.random() < GIVEN_UP:
                    command.outcome = ABANDONED
                    return None
            self._gate.stopped.wait(PAUSE)
        return None

    def _ask(self, command: Command) -> tuple[int, Any, bool]:
        """Status (0 when nothing came back), body, and whether it was answered again."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": command.key}
        return self._post(f"{command.service}/{command.name}", command.payload, headers)

    def _sign_in(self) -> None:
        with self._signing:
            told = {"username": ACCOUNT, "password": self._password, "provider": "db"}
            status, body, _ = self._post("security/login", told, {})
            if status == 200:
                self._token = body["access_token"]
            else:
                self._gate.stopped.wait(PAUSE)

    def _post(self, path: str, payload: Any, headers: dict[str, str]) -> tuple[int, Any, bool]:
        headers = {"Content-Type": "application/json", "Accept-Language": "en", **headers}
        request = urllib.request.Request(f"{self._url}/{path}", json.dumps(payload).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.status, json.load(answer), "Idempotency-Replayed" in answer.headers
        except urllib.error.HTTPError as refusal:
            try:
                return refusal.code, json.load(refusal), False
            except (OSError, ValueError):
                return refusal.code, {}, False
        except (OSError, ValueError, HTTPException) as lost:
            return 0, {"lost": type(lost).__name__}, False


def _not_yet(body: Any) -> bool:
    """Whether waiting helps: a record of another service whose event is on the way."""
    return "unknown_reference" in json.dumps(body)
