"""What is kept of exports, sign-ins and changes of accounts: rows that stay, and lines of the log (X-60, X-65)."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from admin import create_app, logs, traces
from admin.models import Person, Trace, db
from tests.console.conftest import _config


def kept(app) -> list[tuple]:
    with app.app_context():
        rows = db.session.scalars(sa.select(Trace).where(Trace.actor != traces.LAUNCHER).order_by(Trace.id))
        return [(one.kind, one.actor, one.subject, one.before, one.after) for one in rows]


def id_of(app, username: str) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(Person.id).where(Person.username == username))


@pytest.mark.requirement("X-65")
def test_an_export_is_kept_with_who_took_what(app, browser, order):
    assert browser("desk").post("/maintenance/work_order/export", {"order": "number"}).status_code == 200
    taken = {"list": "maintenance/work_order", "rows": 1, "filters": []}
    assert kept(app) == [("exported", "desk", None, None, taken)]
    assert "工单，1 行" in browser("admin").get(f"/people/{id_of(app, 'desk')}").text


@pytest.mark.requirement("X-60")
def test_every_change_of_an_account_is_kept_and_shown(app, browser):
    admin = browser("admin")
    admin.post("/people/new", {"username": "new.one", "name": "新人", "roles": "sales_agent project:P01"})
    new = id_of(app, "new.one")
    admin.post(f"/people/{new}", {"name": "新同事", "roles": "sales_agent project:P02"})
    admin.post(f"/people/{new}/active", {"active": "0"})
    admin.post(f"/people/{new}/active", {"active": "1"})
    admin.post(f"/people/{new}/password")
    assert kept(app) == [
        ("account_created", "admin", "new.one", None, "新人"),
        ("roles_changed", "admin", "new.one", {}, {"sales_agent": ["project:P01"]}),
        ("renamed", "admin", "new.one", "新人", "新同事"),
        ("roles_changed", "admin", "new.one", {"sales_agent": ["project:P01"]}, {"sales_agent": ["project:P02"]}),
        ("disabled", "admin", "new.one", True, False),
        ("enabled", "admin", "new.one", False, True),
        ("password_reset", "admin", "new.one", None, None),
    ]
    page = admin.get(f"/people/{new}").text
    for word in ("修改角色", "project:P01 → ", "新人 → 新同事", "重置密码", "管理员甲"):
        assert word in page


def test_what_was_not_changed_leaves_no_trace(app, browser):
    browser("admin").post(f"/people/{id_of(app, 'desk')}", {"name": "王受理", "roles": "maintenance_desk project:P01"})
    assert kept(app) == []


def test_nobody_changes_their_own_roles(app, browser):
    admin, own = browser("admin"), id_of(app, "admin")
    answer = admin.post(f"/people/{own}", {"name": "管理员甲", "roles": "administrator group\nfinance group"})
    assert answer.status_code == 422
    assert "另一位管理员" in answer.text
    assert admin.post(f"/people/{own}", {"name": "管理员甲二", "roles": "administrator group"}).status_code == 302


def test_the_database_keeps_the_rows(database_url, fake):
    app = create_app(_config(database_url, fake))
    with app.app_context():
        traces.note("disabled", "admin", "desk", True, False)
        db.session.commit()
        for statement in ("UPDATE trace SET actor = 'nobody'", "DELETE FROM trace"):
            with db.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
                connection.execute(sa.text(statement))
        assert db.session.scalar(sa.select(Trace.actor)) == "admin"
        db.session.remove()
        db.engine.dispose()


def test_sign_ins_and_exports_are_lines_of_the_log(app, browser, order, capfd):
    logs.configure("info", service="console")
    desk = browser("desk")
    browser().login("desk", "wrong-wrong-1")
    desk.post("/maintenance/work_order/export", {})
    lines = [json.loads(one) for one in capfd.readouterr().err.splitlines() if one.startswith("{")]
    said = {one["event"]: one for one in lines}
    assert {"login", "login failed", "exported"} <= set(said)
    assert said["login"].items() >= {"user": "desk", "service": "console", "level": "info"}.items()
    assert said["exported"]["after"]["rows"] == 1
    assert "wrong-wrong-1" not in str(lines)
