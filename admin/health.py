"""`GET /health`: whether the console, each service, their databases and the broker work. No login, no secrets.

For a load balancer and for people: 200 when everything works, 503 when anything does not. It answers within two seconds
whatever is down, and asks at most once a second however often it is called.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any, cast

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.sansio.blueprints import BlueprintSetupState

from admin.models import db
from services.contracts import SERVICES
from services.contracts.errors import AnjuError

log = logging.getLogger("anju.health")

CACHE = 1.0  # seconds
BROKER_WITHIN = 0.5  # seconds; together below 2 s
SERVICES_WITHIN = 1.0
DATABASE_WITHIN = 1.8
LATE = 60.0  # seconds that an event may wait for its publication

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """`{"status", "console", "services", "broker", "outbox_age_seconds"}`."""
    report = current_app.extensions["anju_health"].report()
    return jsonify(report), 200 if report["status"] == "ok" else 503


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions["anju_health"] = Checker(cast(Flask, state.app))


class Checker:
    """One report at a time, kept for a second."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._report: dict[str, Any] = {}
        self._until = 0.0
        self._threads = ThreadPoolExecutor(1, "health")
        self._database: Future[bool] | None = None

    def report(self) -> dict[str, Any]:
        """The report, at most a second old. Whoever comes while it is being made waits for it."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._report = self._make()
                self._until = time.monotonic() + CACHE
            return self._report

    def _make(self) -> dict[str, Any]:
        started = time.monotonic()
        # A database that hangs holds one thread for as long as it hangs, and not one more per question.
        if self._database is None or self._database.done():
            self._database = self._threads.submit(self._ask_database)
        doors = self._app.extensions["anju_services"]
        broker = bool(doors.broker(deadline=BROKER_WITHIN))
        answers: list[Any] = [None] * len(SERVICES)
        if broker:
            answers = doors.gather([("health", name) for name in SERVICES], deadline=SERVICES_WITHIN)
        services = {name: _said(answer) for name, answer in zip(SERVICES, answers, strict=True)}
        try:
            database = self._database.result(max(0.0, DATABASE_WITHIN - (time.monotonic() - started)))
        except TooLate:
            database = False
        ages = [one.pop("outbox_age_seconds") for one in services.values()]
        said = {one["status"] for one in services.values()}
        whole = broker and database and "down" not in said
        return {
            "status": "degraded" if not whole else "late" if "late" in said else "ok",
            "console": {"status": "ok" if database else "down", "database": database},
            "services": services,
            "broker": broker,
            "outbox_age_seconds": max((age for age in ages if age is not None), default=None),
        }

    def _ask_database(self) -> bool:
        try:
            with self._app.app_context(), db.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError as wrong:
            log.warning("the console's database is away: %s", type(wrong).__name__)
            return False
        return True


def late(outbox: dict[str, Any]) -> bool:
    """Whether events wait longer than any relay takes. Which replica publishes says nothing."""
    return float(outbox.get("oldest_seconds") or 0) > LATE


def _said(answer: Any) -> dict[str, Any]:
    """What a service says of itself, without figures that are nobody's business here."""
    if answer is None or isinstance(answer, AnjuError):
        return {"status": "down", "database": None, "outbox_age_seconds": None}
    database = bool(answer.get("database"))
    outbox = answer.get("outbox") or {}
    return {
        "status": "down" if not database else "late" if late(outbox) else "ok",
        "database": database,
        "outbox_age_seconds": outbox.get("oldest_seconds"),
    }
