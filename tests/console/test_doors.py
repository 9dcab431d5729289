"""Coming in and going out: sessions, limits, redirects, passwords (T12, T13; ASVS 6, 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from admin import accounts, passwords, sessions
from admin.models import Person, WebSession, db
from admin.pages.login import safe_next
from tests.console.conftest import PASSWORD, Browser, token_in


def person(app: Flask, username: str) -> Person:
    found = db.session.scalar(sa.select(Person).where(Person.username == username))
    assert found
    return found


def filling(rule: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What the parts of an address are; one that is one of several words is the first of them, where ours is none."""
    found = {}
    for name in rule.arguments:
        words = sorted(getattr(rule._converters[name], "items", ()))
        found[name] = words[0] if words and values[name] not in words else values[name]
    return found


def test_strangers_are_sent_to_the_login(app, browser):
    stranger = browser()
    for rule in app.url_map.iter_rules():
        if (
            rule.endpoint in ("static", "LoginView.login")
            or rule.rule.startswith("/static")
            or "/api/" in rule.rule
            or rule.rule == "/health"
        ):
            continue
        values = {
            "service": "leads",
            "resource": "home",
            "id": 1,
            "command": "x",
            "name": "x",
            "uid": "x",
            "project_id": "P01",
            "sha256": "x",
            "verdict": "approve",
            "verb": "x",
            "row": 1,
            "locale": "en",
            "filename": "x",
        }
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(
                rule.endpoint, filling(rule, values), method=next(iter(rule.methods - {"HEAD", "OPTIONS"}))
            )
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            status = stranger.client.open(url, method=method).status_code
            assert status in (302, 400, 404), f"{method} {url} gave {status}"


def test_no_change_by_get_and_none_without_a_token(app, browser, order, fake):
    """T12, H2: a link or a foreign form changes nothing, at any door."""
    desk = browser("desk")
    before = len([one for one in fake.calls if one[1] == "execute"])
    url = f"/maintenance/work_order/{order['id']}/cancel_work_order"
    assert desk.get(url).status_code == 200
    assert desk.client.post(url, data={"reason": "x"}).status_code == 400
    for door in ("/logout/", "/language/", "/theme/", "/operations/settle", "/people/1/active", "/people/1/password"):
        assert desk.get(door).status_code == 405
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and "/api/" not in rule.rule:
            values = {
                "service": "maintenance",
                "resource": "work_order",
                "id": 1,
                "command": "cancel_work_order",
                "verdict": "reject",
                "project_id": "P01",
                "verb": "x",
                "row": 1,
            }
            url = app.url_map.bind("localhost").build(rule.endpoint, filling(rule, values), method="POST")
            assert desk.client.post(url, data={"language": "en"}).status_code == 400, f"POST {url} without a token"
    assert len([one for one in fake.calls if one[1] == "execute"]) == before


def test_the_cookie_is_worthless_after_logout(browser):
    """T13: the session ends on the server."""
    desk = browser("desk")
    stolen = desk.client.get_cookie("anju").value
    desk.post("/logout/")
    thief = browser()
    thief.client.set_cookie("anju", stolen)
    assert thief.get("/").status_code == 302


def test_a_new_token_at_login(browser):
    """A token that somebody planted before the login opens nothing after it."""
    victim = browser()
    victim.get("/login/")
    planted = victim.client.get_cookie("anju").value
    victim.login("desk")
    assert victim.client.get_cookie("anju").value != planted
    attacker = browser()
    attacker.client.set_cookie("anju", planted)
    assert attacker.get("/").status_code == 302


def test_disabling_somebody_ends_their_sessions(app, browser):
    desk = browser("desk")
    assert desk.get("/").status_code == 200
    with app.app_context():
        accounts.set_active(person(app, "desk"), False, "admin")
    assert desk.get("/").status_code == 302
    assert browser().login("desk").status_code == 401


@pytest.mark.parametrize("limit", ["SESSION_IDLE", "SESSION_ABSOLUTE"])
def test_sessions_end_when_idle_and_after_a_day(app, browser, limit):
    desk = browser("desk")
    past = sessions.now() - app.config[limit] - timedelta(seconds=1)
    column = WebSession.seen_at if limit == "SESSION_IDLE" else WebSession.started_at
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.update(WebSession).values({column: past}))
    assert desk.get("/").status_code == 302


def test_visitors_who_never_sign_in_do_not_fill_the_table(app, browser, monkeypatch):
    def kept():
        with app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).select_from(WebSession))

    for _ in range(3):
        browser().get("/login/")
    assert kept() == 3
    start = sessions.now()
    monkeypatch.setattr(sessions, "now", lambda: start + app.config["SESSION_IDLE"] + timedelta(seconds=90))
    browser().get("/login/")
    assert kept() == 1


def test_the_database_holds_no_token(app, browser):
    desk = browser("desk")
    token = desk.client.get_cookie("anju").value
    with app.app_context():
        assert token not in str(db.session.execute(sa.select(WebSession.digest)).all())


def test_rights_change_at_once(app, browser):
    desk = browser("desk")
    assert desk.get("/maintenance/work_order/").status_code == 200
    with app.app_context():
        accounts.assign(person(app, "desk"), {"club_officer": ["group"]}, "admin")
        db.session.commit()
    assert desk.get("/maintenance/work_order/").status_code == 403


def test_too_many_failures_of_one_account_from_one_address(app, browser):
    for _ in range(app.config["LOGIN_ATTEMPTS"]):
        assert browser().login("desk", "wrong-wrong-1").status_code == 401
    assert browser().login("desk").status_code == 429
    elsewhere = Browser(app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert elsewhere.login("desk").status_code == 302, "nobody is locked out from elsewhere"
    assert browser().login("handler").status_code == 302, "another account is not affected"


def test_the_token_door_of_the_api_counts_too(app):
    client = app.test_client()
    body = {"username": "desk", "password": "wrong-wrong-1", "provider": "db"}
    answers = [
        client.post("/api/v1/security/login", json=body).status_code for _ in range(app.config["LOGIN_ATTEMPTS"] + 2)
    ]
    assert answers[:5] == [401] * 5
    assert answers[5:] == [429] * 2


def test_a_flood_from_one_address_is_refused(make_app):
    client = make_app(AUTH_RATE_LIMIT="3 per minute").test_client()
    tries = [{"username": f"somebody{n}", "password": "wrong-wrong-1", "provider": "db"} for n in range(5)]
    assert [client.post("/api/v1/security/login", json=one).status_code for one in tries] == [401] * 3 + [429] * 2


def test_existing_and_missing_accounts_look_alike(browser):
    there, missing = browser().login("desk", "wrong-wrong-1"), browser().login("nobody", "wrong-wrong-1")
    assert there.status_code == missing.status_code == 401
    hide = [(browser, "desk"), (browser, "nobody")]
    texts = [
        answer.text.replace(name, "").replace(token_in(answer.text), "")
        for answer, (_, name) in zip((there, missing), hide, strict=True)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\nb",
        "///evil.example",
        "",
        "\x00",
    ],
)
def test_no_open_redirect(app, target):
    with app.test_request_context():
        assert safe_next(target) == "/"
        assert safe_next("/leads/home/?page=2") == "/leads/home/?page=2"


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short", "too_short"),
        ("password12", "too_common"),
        ("1234567890", "too_common"),
        ("aaaaaaaaaaaa", "too_common"),
        ("desk-is-here-1", "has_name"),
        ("Woaini1314520", "too_common"),
        ("x" * 129, "too_long"),
    ],
)
def test_weak_passwords(password, rule):
    assert passwords.problem(password, "desk") == f"password.{rule}"


def test_good_passwords():
    for password in ("correct-horse-7", "下雨天要带伞出门哦真的", passwords.random_password()):
        assert passwords.problem(password, "desk") is None


def test_first_password_opens_only_the_page_to_change_it(app, browser):
    with app.app_context():
        first = accounts.reset_password(person(app, "desk"), "admin")
    desk = browser()
    assert desk.login("desk", first).status_code == 302
    assert desk.get("/").headers["Location"] == "/password/"
    changed = desk.post("/password/", {"old": first, "new": "a-better-one-9", "again": "a-better-one-9"})
    assert changed.status_code == 302
    assert desk.get("/").status_code == 200
    assert browser().login("desk", first).status_code == 401


def test_changing_the_password_ends_other_sessions(browser):
    here, there = browser("desk"), browser("desk")
    here.post("/password/", {"old": PASSWORD, "new": "a-better-one-9", "again": "a-better-one-9"})
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_headers(make_app):
    plain = make_app().test_client().get("/login/")
    assert "script-src 'self'" in plain.headers["Content-Security-Policy"]
    assert "unsafe" not in plain.headers["Content-Security-Policy"]
    assert plain.headers["X-Frame-Options"] == "DENY"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.headers["Referrer-Policy"] == "same-origin"
    assert plain.headers["Cache-Control"] == "no-store"
    cookie = plain.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    secure = make_app(SESSION_COOKIE_SECURE=True).test_client().get("/login/")
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in secure.headers


def test_no_page_has_inline_script_or_style(browser, order):
    admin = browser("admin")
    for url in ("/", "/people/", "/operations/", "/leads/home/", f"/leads/home/{order['home_id']}"):
        text = admin.get(url).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count("<script src=")
        assert "http://" not in text.replace("http://localhost", "")
        assert "https://" not in text


def test_stock_screens_are_gone(browser):
    admin = browser("admin")
    for url in (
        "/users/list/",
        "/roles/list/",
        "/back",
        "/lang/en",
        "/swagger/v1",
        "/registeruser/form",
        "/static/appbuilder/css/bootstrap.min.css",
        "/userinfoeditview/form",
        "/resetpassword/form?pk=1",
    ):
        assert admin.get(url).status_code == 404, url


def test_only_administrators_manage_people(browser):
    for username in ("desk", "auditor", "manager"):
        for url in ("/people/", "/people/new", "/people/1"):
            assert browser(username).get(url).status_code == 403
    assert browser("admin").get("/people/").status_code == 200


def test_an_administrator_creates_an_account(browser):
    admin = browser("admin")
    made = admin.post("/people/new", {"username": "xin.ren", "name": "新人", "roles": "complaint_handler project:P01"})
    assert made.status_code == 200
    refused = admin.post("/people/new", {"username": "Bad Name", "name": "新人", "roles": "wizard"})
    assert refused.status_code == 422
    assert "wizard" in refused.text, "what was typed stays"
