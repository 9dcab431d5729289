"""The console with the services in memory: no broker, no network."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import create_app
from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.models import db
from admin.pages.work import IndexView
from services.contracts import SERVICES, glossary
from tests.console.fixture_catalogue import catalogues
from tests.console.words import WORDS

PASSWORD = "correct-horse-7"
PEOPLE: dict[str, tuple[str, dict[str, list[str]]]] = {
    "desk": ("王受理", {"maintenance_desk": ["project:P01"]}),
    "desk2": ("赵受理", {"maintenance_desk": ["project:P02"]}),
    "handler": ("李专人", {"complaint_handler": ["project:P01"]}),
    "manager": ("陈经理", {"company_manager": ["company:C01"]}),
    "agent": ("周销售", {"sales_agent": ["project:P01"]}),
    "admin": ("管理员甲", {"administrator": ["group"]}),
    "auditor": ("审计员乙", {"auditor": ["group"]}),
}


class Browser:
    """A client that fills in the token of forms, as a browser does."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, url: str, **more: Any) -> TestResponse:
        return self.client.get(url, **more)

    def post(self, url: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        page = self.client.get("/password/" if more.pop("inside", True) else "/login/")
        return self.client.post(url, data={"csrf_token": token_in(page.text), **(data or {})}, **more)

    def login(self, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/login/", {"username": username, "password": password}, inside=False, **more)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found.group(1) if found else ""


def value_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden field {name}"
    return found.group(1)


@pytest.fixture
def real_words() -> bool:
    """Tests of the real catalogues override this."""
    return False


@pytest.fixture(autouse=True)
def small_books(monkeypatch: pytest.MonkeyPatch, real_words: bool) -> None:
    """The small system is called by its own words, whatever the services' books say."""
    real = glossary.terms
    if not real_words:
        monkeypatch.setattr(glossary, "terms", lambda book: WORDS if book in SERVICES else real(book))


@pytest.fixture
def fake() -> FakeServices:
    return FakeServices(catalogues())


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The console's database with all people in it, made once: hashing passwords is slow on purpose."""
    import sqlite3

    folder = tmp_path_factory.mktemp("template")
    app = create_app(_config(f"sqlite:///{folder}/console.db", FakeServices(catalogues())))
    with app.app_context():
        for username, (name, roles) in PEOPLE.items():
            create_account(username, name, PASSWORD, roles)
    connection = sqlite3.connect(folder / "console.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return (folder / "console.db").read_bytes()


def _config(database: str, services: Any) -> dict[str, Any]:
    return {
        "TESTING": True,
        "SECRET_KEY": "x" * 40,
        "SQLALCHEMY_DATABASE_URI": database,
        "PROPAGATE_EXCEPTIONS": False,
        "ANJU_SERVICES": services,
        "ANJU_CATALOGUES": services.catalogues,
        "AUTH_RATE_LIMIT": "1000 per minute",
        "FAB_PASSWORD_HASH_METHOD": "scrypt:1024:8:1",
    }


@pytest.fixture
def make_app(template_database: bytes, tmp_path: Any, fake: FakeServices) -> Callable[..., Flask]:
    def make(services: Any = None, **more: Any) -> Flask:
        path = tmp_path / "console.db"
        if not path.exists():
            path.write_bytes(template_database)
        return create_app(_config(f"sqlite:///{path}", services or fake) | more)

    return make


@pytest.fixture(scope="session")
def shared_app(template_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Putting the console together takes longer than most tests, so they share one and get fresh content."""
    path = tmp_path_factory.mktemp("shared") / "console.db"
    path.write_bytes(template_database)
    return create_app(_config(f"sqlite:///{path}", FakeServices(catalogues())))


@pytest.fixture
def app(shared_app: Flask, template_database: bytes, fake: FakeServices) -> Flask:
    with shared_app.app_context():
        db.session.remove()
        db.engine.dispose()
        path = pathlib.Path(str(db.engine.url.database))
        for beside in path.parent.glob("console.db-*"):
            beside.unlink()
        path.write_bytes(template_database)
    shared_app.extensions["anju_services"] = fake
    for view in shared_app.extensions["appbuilder"].baseviews:
        if isinstance(view, IndexView):
            view.forget()
    return shared_app


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """`browser("desk")` is somebody signed in; `browser()` is a stranger."""

    def open_as(username: str | None = None) -> Browser:
        found = Browser(app.test_client())
        if username:
            assert found.login(username).status_code == 302
        return found

    return open_as


@pytest.fixture
def order(fake: FakeServices) -> dict[str, Any]:
    """A work order of project P01."""
    home = fake.put("leads", "home", label="滨江花园 3-1201", project_id="P01")
    return fake.put(
        "maintenance",
        "work_order",
        number="WO 2026-P01-000001",
        home_id=home["id"],
        description="厨房天花板渗水",
        urgency="high",
        phone="13812345678",
        project_id="P01",
        company_id="C01",
    )
