"""`GET /health` tells the truth, soon, and to everybody alike."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from admin import health
from admin.doubles import FakeServices
from admin.rpc import Services
from services.contracts import SERVICES
from tests.api.catalogue import CATALOGUES
from tests.api.node import Node, ServiceProcess
from tests.api.rest import console

EMPTY: dict[str, Any] = {"resources": {}, "commands": {}}


@pytest.fixture
def services() -> FakeServices:
    return FakeServices({name: CATALOGUES.get(name, EMPTY) for name in SERVICES})


@pytest.fixture
def app(tmp_path: Path, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(health, "CACHE", 0.0)
    return with_health(console(tmp_path, services))


def with_health(app: Flask) -> Flask:
    if "health" not in app.blueprints:
        app.register_blueprint(health.blueprint)
    return app


def test_all_is_well(app: Flask) -> None:
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok",
        "console": {"status": "ok", "database": True},
        "services": {name: {"status": "ok", "database": True} for name in SERVICES},
        "broker": True,
        "outbox_age_seconds": 0.0,
    }


@pytest.mark.parametrize("away", [*SERVICES, "broker"])
def test_what_is_away_is_named(app: Flask, services: FakeServices, away: str) -> None:
    with services.away(away):
        answer = app.test_client().get("/health")
    report = answer.get_json()
    assert (answer.status_code, report["status"]) == (503, "degraded")
    assert report["broker"] is (away != "broker")
    down = {name for name, one in report["services"].items() if one["status"] == "down"}
    assert down == (set(SERVICES) if away == "broker" else {away})
    assert app.test_client().get("/health").status_code == 200


def test_a_database_of_a_service_counts(app: Flask, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = {"service": "leads", "database": False, "outbox": None, "inbox": None, "relay": False}
    known = services.health
    monkeypatch.setattr(services, "health", lambda name: silent if name == "leads" else known(name))
    report = app.test_client().get("/health").get_json()
    assert report["status"] == "degraded"
    assert report["services"]["leads"] == {"status": "down", "database": False}


def test_events_that_wait_too_long_are_told_whichever_replica_publishes(
    app: Flask, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two replicas the one that answers is often not the one that publishes; only the age of events tells."""
    known = services.health
    answer = {"database": True, "inbox": None, "relay": False}
    age = 60.0
    late = lambda name: answer | {"outbox": {"oldest_seconds": age}} if name == "leads" else known(name)  # noqa: E731
    monkeypatch.setattr(services, "health", late)
    assert app.test_client().get("/health").get_json()["status"] == "ok"
    age = 60.1
    response = app.test_client().get("/health")
    assert (response.status_code, response.get_json()["status"]) == (503, "late")
    assert response.get_json()["services"]["leads"] == {"status": "late", "database": True}


def test_a_hanging_database_costs_two_seconds_and_one_thread(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    checker = app.extensions["anju_health"]
    monkeypatch.setattr(checker, "_ask_database", lambda: release.wait(30))
    monkeypatch.setattr(health, "DATABASE_WITHIN", 0.3)
    before = threading.active_count()
    for _ in range(3):
        started = time.monotonic()
        report = app.test_client().get("/health").get_json()
        assert time.monotonic() - started < 1.0
        assert report["console"] == {"status": "down", "database": False}
    assert threading.active_count() <= before + 1
    release.set()


def test_a_missing_database_is_told(tmp_path: Path, app: Flask) -> None:
    from admin.models import db

    with app.app_context():
        db.engine.dispose()
    for path in tmp_path.glob("console.db*"):
        path.unlink()
    (tmp_path / "console.db").mkdir()
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    assert answer.get_json()["console"]["database"] is False


def test_many_callers_are_one_question(tmp_path: Path, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CACHE", 60.0)
    app = with_health(console(tmp_path, services))
    threads = [threading.Thread(target=lambda: app.test_client().get("/health")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(services.calls) == len(SERVICES)


def test_the_truth_within_two_seconds_over_a_real_broker(
    tmp_path: Path, node: Node, maintenance: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CACHE", 0.0)
    client = Services(node.uri, rest=0.2)
    http = with_health(console(tmp_path, client)).test_client()

    def report() -> Any:
        started = time.monotonic()
        found = http.get("/health").get_json()
        assert time.monotonic() - started < 2.0
        return found

    assert report()["services"]["maintenance"]["status"] == "ok"
    assert report()["services"]["leads"]["status"] == "down"
    with maintenance.frozen():
        assert [report()["services"]["maintenance"]["status"] for _ in range(3)] == ["down"] * 3
    with node.frozen():
        assert [report()["broker"] for _ in range(3)] == [False] * 3
    maintenance.stop()
    assert report()["services"]["maintenance"]["status"] == "down"
    client.close()
