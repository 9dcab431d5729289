"""The console with the REST API over the double, and people who may do different things in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import create_app
from admin.accounts import create_account
from admin.doubles import FakeServices
from tests.api.catalogue import CATALOGUES

PASSWORD = "korrekt-Pferd-9-Batterie"
PEOPLE = {"desk": "maintenance_desk", "lead": "maintenance_lead", "seller": "sales_agent", "newcomer": "sales_agent"}
REPORT = {"home_id": "P01-1-101", "repair_class": "leakage", "description": "卫生间漏水", "phone": "13800138000"}
API = "/api/v1/maintenance"


def console(folder: Path, services: Any, catalogues: Mapping[str, Any] = CATALOGUES, **config: Any) -> Flask:
    """A console with three people; `services` stands for the real ones."""
    app = create_app(
        {
            "ANJU_SERVICES": services,
            "ANJU_CATALOGUES": catalogues,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'console.db'}",
            "SECRET_KEY": "a test's secret that is long enough to sign with",
            "AUTH_RATE_LIMITED": False,
            "RATELIMIT_ENABLED": False,
            **config,
        }
    )
    with app.app_context():
        for name, role in PEOPLE.items():
            create_account(name, name.title(), PASSWORD, {role: ["group"]}, language="en")
    return app


class Caller:
    """A person with a token."""

    def __init__(self, app: Flask, username: str) -> None:
        self.http: FlaskClient = app.test_client()
        login = {"username": username, "password": PASSWORD, "provider": "db"}
        self.token = self.http.post("/api/v1/security/login", json=login).get_json()["access_token"]

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.http.get(API + path, headers=self._headers(headers))

    def post(
        self, command: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None, **headers: str
    ) -> TestResponse:
        named = {"Idempotency-Key": key or str(uuid.uuid4())} | self._headers(headers)
        if raw is not None:
            return self.http.post(f"{API}/{command}", data=raw, headers={"Content-Type": "application/json"} | named)
        return self.http.post(f"{API}/{command}", json=body, headers=named)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}"} | named


def fake() -> FakeServices:
    return FakeServices(CATALOGUES)
