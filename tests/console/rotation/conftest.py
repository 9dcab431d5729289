"""One console for all tests of the rotation, with the people of a sales site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from admin import create_app
from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from tests.console.conftest import PASSWORD, Browser, _config
from tests.console.rotation.site import CHANGE, CHECK, PEOPLE, PLACE, seat


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    fake = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    fake.put("leads", "project", id="P01", code="P01", name="翡翠湾", **PLACE)
    fake.put("leads", "roster", id="R1", **PLACE)
    fake.put("leads", "customer", id="00000000-0000-4000-8000-0000000000a1", name="郑国强", **PLACE)
    why = [{"code": "turn_in_ring", "params": {"place": 2}}, {"code": "turn_passed_off", "params": {"agents": ["one"]}}]
    values = {"agent": "two", "started_at": datetime.now(UTC), "assignment": "in_turn", "turn_counted": True}
    uid = "00000000-0000-4000-8000-0000000000a1"
    fake.put("leads", "reception", id="RC1", roster_id="R1", uid=uid, why=why, **values, **PLACE)
    fake.calculated["leads", "reception"] = {"agent": "two", "why": why}
    fake.put("leads", "sales_fact_change", id=CHANGE, number="SC 2026-P01-000001", content="上调 300 元", **PLACE)
    fake.put("leads", "readiness_check", id=CHECK, agent="two", state="passed", **PLACE)
    unread = {"change_id": CHANGE, "kind": "price", "content": "上调 300 元", "effective_at": "2026-03-02T02:00:00Z"}
    fake.reports["leads", "unread_changes"] = [{"values": unread, "behind": {}}]
    fake.reports["leads", "rotation_today"] = [
        {"values": seat(1, "one", "off"), "behind": {}},
        {"values": seat(2, "two", "receiving", turn_counted=1, check_id=CHECK, check_state="passed"), "behind": {}},
        {"values": seat(3, "three", "up", block="unready"), "behind": {}},
    ]
    return fake


@pytest.fixture(scope="session")
def site_app(template_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One console for all of them, with the people of a sales site."""
    path = tmp_path_factory.mktemp("rotation") / "console.db"
    path.write_bytes(template_database)
    real = {service: glossary.catalogue(service) for service in SERVICES}
    app = create_app(_config(f"sqlite:///{path}", FakeServices(real)))
    with app.app_context():
        for user, (name, roles) in PEOPLE.items():
            create_account(user, name, PASSWORD, roles)
    return app


@pytest.fixture
def enter(site_app: Flask, fake: FakeServices) -> Callable[..., Browser]:
    site_app.extensions["anju_services"] = fake

    def one(name: str, language: str = "zh") -> Browser:
        browser = Browser(site_app.test_client())
        browser.login(name)
        browser.post("/language/", {"language": language})
        return browser

    return one
