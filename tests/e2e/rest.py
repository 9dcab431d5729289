"""The REST API as another system uses it: a token, JSON, and nothing of ours imported."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def record(self) -> dict[str, Any]:
        """The record of a command that was done."""
        assert self.status == 200, (self.status, self.body)
        record: dict[str, Any] = self.body["result"]
        return record


def call(url: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """One request; a refusal is an answer like any other."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, _content(answer.read()), dict(answer.headers))
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, _content(refusal.read()), dict(refusal.headers))


def _content(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


class Person:
    """Somebody with a token."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = f"{url}/api/v1"
        signed = call(f"{self.url}/security/login", {"username": user, "password": password, "provider": "db"})
        assert signed.status == 200, signed
        self.headers = {"Authorization": f"Bearer {signed.body['access_token']}", "Accept-Language": "zh"}

    def get(self, path: str, **params: Any) -> Answer:
        return call(f"{self.url}/{path}?{urlencode(params)}", headers=self.headers)

    def post(self, path: str, *, key: str | None = None, **payload: Any) -> Answer:
        """A command, with an Idempotency-Key of its own unless one is given."""
        return call(f"{self.url}/{path}", payload, {**self.headers, "Idempotency-Key": key or str(uuid.uuid4())})

    def do(self, service: str, command: str, **payload: Any) -> dict[str, Any]:
        """A command that has to succeed."""
        return self.post(f"{service}/{command}", **payload).record

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The records of a list."""
        found = self.get(path, **params)
        assert found.status == 200, found
        rows: list[dict[str, Any]] = found.body["result"]
        return rows
