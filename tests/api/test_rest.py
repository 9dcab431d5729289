"""The REST API over the double: what it answers, to whom, and how it refuses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from admin.described import Resource
from admin.doubles import FakeServices
from admin.models import Person, db
from tests.api.catalogue import CATALOGUES
from tests.api.rest import API, PASSWORD, REPORT, Caller, console, fake


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One console for all tests here; each test gets services of its own in it."""
    return console(tmp_path_factory.mktemp("console"), fake())


@pytest.fixture
def services(app: Flask) -> FakeServices:
    app.extensions["anju_services"] = new = fake()
    return new


@pytest.fixture
def desk(app: Flask, services: FakeServices) -> Caller:
    return Caller(app, "desk")


@pytest.fixture
def order(desk: Caller) -> Any:
    return desk.post("report_work_order", REPORT).get_json()["result"]


def codes(response: Any) -> dict[str, list[str]]:
    return {field: [one["code"] for one in found] for field, found in response.get_json()["errors"].items()}


def test_a_list_has_a_count_and_its_records(desk: Caller, order: Any) -> None:
    answer = desk.get("/work_order?state=reported&q=p01&order=-created_at&page=1&page_size=5")
    assert answer.status_code == 200
    assert answer.get_json() == {"count": 1, "capped": False, "result": [order]}
    assert desk.get("/work_order?state=triaged&state=closed").get_json()["count"] == 0
    assert desk.get("/work_order?reported_at_from=2026-01-01T00:00:00Z&wanted_on_to=2026-02-01").status_code == 200
    assert desk.get("/work_order?page=2").get_json()["result"] == []


def test_a_record_comes_with_its_moves_and_its_version(desk: Caller, order: Any) -> None:
    answer = desk.get(f"/work_order/{order['id']}")
    assert answer.get_json()["result"] == order
    assert {one["command"] for one in answer.get_json()["actions"] if one["allowed"]} >= {"triage_work_order"}
    assert answer.headers["ETag"] == '"1"'
    (entry,) = desk.get(f"/work_order/{order['id']}/history").get_json()["result"]
    assert entry["name"] == "report_work_order"


def test_a_command_is_done_once_per_key_and_person(app: Flask, desk: Caller, services: FakeServices) -> None:
    first = desk.post("report_work_order", REPORT, key="k1")
    again = desk.post("report_work_order", REPORT, key="k1")
    assert first.get_json() == again.get_json()
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    other = desk.post("report_work_order", REPORT | {"description": "别的"}, key="k1")
    assert (other.status_code, codes(other)) == (409, {"": ["idempotency_conflict"]})
    # Another person's key is another key: it neither collides nor shows the first one's result.
    assert Caller(app, "seller").post("report_work_order", REPORT, key="k1").status_code == 403
    empty = Caller(app, "seller").post("report_work_order", {}, key="k2")
    assert empty.status_code == 403, "whoever may not give a command is not told what is missing from it"


@pytest.mark.parametrize(("key", "code"), [("", "idempotency_key_missing"), ("x" * 65, "idempotency_key_too_long")])
def test_the_key_is_required_and_short(desk: Caller, key: str, code: str) -> None:
    answer = desk.post("report_work_order", REPORT, Idempotency_Key=key)
    assert (answer.status_code, codes(answer)) == (400, {"Idempotency-Key": [code]})


def test_the_version_comes_by_header_or_body(desk: Caller, order: Any) -> None:
    move = {"id": order["id"], "description": "新"}
    assert desk.post("describe_work_order", move | {"version": 1}).status_code == 200
    stale = desk.post("describe_work_order", move | {"version": 1})
    assert (stale.status_code, codes(stale)) == (409, {"": ["stale_version"]})
    assert desk.post("describe_work_order", move, If_Match='"1"').status_code == 409
    assert desk.post("describe_work_order", move, If_Match='W/"2"').headers["ETag"] == '"3"'
    assert desk.post("describe_work_order", move, If_Match="*").status_code == 200
    assert codes(desk.post("describe_work_order", move, If_Match="abc")) == {"If-Match": ["if_match_invalid"]}
    assert codes(desk.post("describe_work_order", move | {"version": 3}, If_Match="4")) == {
        "If-Match": ["versions_differ"]
    }
    assert codes(desk.post("describe_work_order", move | {"version": "4"})) == {"version": ["invalid_integer"]}


def test_every_wrong_field_is_named_with_its_rule(desk: Caller, services: FakeServices) -> None:
    before = len(services.calls)
    answer = desk.post("report_work_order", {"home_id": "!", "floors": 900, "x": 1, "description": "a\x00"})
    assert answer.status_code == 422
    assert codes(answer) == {
        "home_id": ["pattern"],
        "floors": ["number_range"],
        "x": ["unknown_field"],
        "description": ["nul_character"],
        "repair_class": ["required"],
    }
    assert answer.get_json()["errors"]["floors"][0]["params"] == {"min": 0, "max": 200}
    assert len(services.calls) == before, "what cannot be right is not sent"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("page=0", "page", "number_range"),
        ("page=abc", "page", "invalid_integer"),
        ("page=1&page=2", "page", "too_many"),
        ("page_size=101", "page_size", "number_range"),
        ("page_size=-1", "page_size", "invalid_integer"),
        ("order=phone", "order", "choice"),
        ("order=", "order", "choice"),
        ("order=--number", "order", "choice"),
        ("phone=138", "phone", "unknown_field"),
        ("nonsense=1", "nonsense", "unknown_field"),
        ("state=flying", "state", "choice"),
        ("is_urgent=yes", "is_urgent", "invalid_boolean"),
        ("floors=1e3", "floors", "invalid_integer"),
        ("reported_at=2026-01-01T00:00:00Z", "reported_at", "unknown_field"),
        ("reported_at_from=2026-01-01T00:00:00", "reported_at_from", "moment_without_offset"),
        ("wanted_on_to=tomorrow", "wanted_on_to", "invalid_date"),
        ("q=" + "x" * 101, "q", "too_long"),
        ("q=%00", "q", "nul_character"),
        ("home_id=%00", "home_id", "nul_character"),
    ],
)
def test_a_wrong_query_is_named_with_its_rule(desk: Caller, query: str, field: str, code: str) -> None:
    answer = desk.get(f"/work_order?{query}")
    assert (answer.status_code, codes(answer)) == (422, {field: [code]})


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"[]", 400, "not_an_object"),
        (b"null", 400, "not_an_object"),
        (b'"text"', 400, "not_an_object"),
        (b'{"id": "1", "id": "2"}', 400, "duplicate_key"),
        (b'{"a": {"__type__": "datetime", "__value__": "x"}}', 400, "type_marker"),
        (b'{"a\\u0000": 1}', 400, "nul_character"),
        (b'{"floors": NaN}', 400, "not_json"),
        (b'{"floors": 1e999}', 400, "number_range"),
        (b'{"floors": ' + b"9" * 100_000 + b"}", 400, "number_range"),
        (b'{"description": "\\ud800"}', 400, "not_utf8"),
        (b'{"description": "\xff"}', 400, "not_utf8"),
        ('{"description": "x"}'.encode("utf-16"), 400, "not_utf8"),
        (b"[" * 100_000, 400, "too_deep"),
        (b'{"details":' * 30 + b"1" + b"}" * 30, 400, "too_deep"),
        (b'{"description": "' + b"x" * 300_000 + b'"}', 413, "body_too_large"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_no_json_object_is_refused(desk: Caller, raw: bytes, status: int, code: str) -> None:
    answer = desk.post("report_work_order", raw=raw)
    assert answer.status_code == status
    assert [one for found in codes(answer).values() for one in found] == [code]


def test_brackets_in_a_text_are_no_depth(desk: Caller) -> None:
    assert desk.post("report_work_order", REPORT | {"description": '\\"[{' * 300}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_kind_of_body_is_refused(desk: Caller, headers: dict[str, str]) -> None:
    answer = desk.post("report_work_order", raw=json.dumps(REPORT).encode(), **headers)
    assert (answer.status_code, codes(answer)) == (415, {"": ["unsupported_media_type"]})


def test_paths_and_methods_that_do_not_fit(desk: Caller) -> None:
    assert codes(desk.get("/spaceship")) == {"": ["unknown_resource"]}
    assert codes(desk.post("explode_work_order", {})) == {"": ["unknown_command"]}
    assert codes(desk.get("/work_order/unknown")) == {"": ["not_found"]}
    assert desk.get("/work_order/%00").status_code == 404
    assert desk.get("/work_order/" + "x" * 200).status_code == 404
    got = desk.get("/report_work_order")
    assert (got.status_code, got.headers["Allow"]) == (405, "POST")
    posted = desk.post("work_order", {})
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET")
    put = desk.http.put(f"{API}/work_order")
    assert put.status_code == 405
    assert "GET" in put.headers["Allow"]
    nowhere = desk.http.get("/api/v1/nowhere/at_all")
    assert nowhere.status_code == 404
    assert set(nowhere.get_json()) == {"message", "errors"}


def test_a_service_that_is_away_is_503_and_no_other_suffers(desk: Caller, services: FakeServices) -> None:
    with services.away("complaints"):
        answer = desk.http.get("/api/v1/complaints/case", headers={"Authorization": f"Bearer {desk.token}"})
        assert (answer.status_code, codes(answer)) == (503, {"": ["service_unavailable"]})
        assert desk.get("/work_order").status_code == 200


def test_a_fault_of_ours_tells_nothing(desk: Caller, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: Any) -> None:
        raise RuntimeError("secret 13800138000")

    monkeypatch.setattr(services, "search", fault)
    answer = desk.get("/work_order")
    assert answer.status_code == 500
    assert set(answer.get_json()) == {"message", "errors"}
    assert "secret" not in answer.text


@pytest.mark.parametrize("token", [None, "", "x", "Bearer", "Bearer x", "Bearer a.b.c", "Basic ZGVzazp4"])
def test_no_token_no_answer(app: Flask, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": token}
    for answer in (
        app.test_client().get(f"{API}/work_order", headers=headers),
        app.test_client().post(f"{API}/report_work_order", headers=headers, json=REPORT),
    ):
        assert answer.status_code == 401
        assert set(answer.get_json()) == {"message", "errors"}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_token_of_a_disabled_person_stops_at_once(app: Flask, services: FakeServices) -> None:
    lead = Caller(app, "lead")
    assert lead.get("/work_order").status_code == 200
    with app.app_context():
        db.session.execute(sa.update(Person).where(Person.username == "lead").values(active=False))
        db.session.commit()
    assert lead.get("/work_order").status_code == 401
    assert lead.post("report_work_order", REPORT).status_code == 401


def test_a_first_password_is_good_for_nothing_but_choosing_another(app: Flask, services: FakeServices) -> None:
    newcomer = Caller(app, "newcomer")
    with app.app_context():
        db.session.execute(sa.update(Person).where(Person.username == "newcomer").values(must_change_password=True))
        db.session.commit()
    answer = newcomer.get("/work_order")
    assert (answer.status_code, codes(answer)) == (403, {"": ["password_change_required"]})


def test_a_browser_session_signs_nobody_in(app: Flask, services: FakeServices) -> None:
    browser = app.test_client()
    form = browser.get("/login/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token is not None
    signed_in = browser.post("/login/", data={"csrf_token": token[1], "username": "desk", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert browser.get("/").status_code == 200
    before = len(services.calls)
    answer = browser.post(f"{API}/report_work_order", json=REPORT, headers={"Idempotency-Key": "1"})
    assert answer.status_code == 401
    assert browser.get(f"{API}/work_order").status_code == 401
    assert len(services.calls) == before


def test_refusals_speak_the_readers_language(desk: Caller) -> None:
    english = desk.get("/work_order/unknown")
    chinese = desk.get("/work_order/unknown", Accept_Language="zh-CN,zh;q=0.9,en;q=0.1")
    assert english.headers["Content-Language"] == "en"
    assert chinese.headers["Content-Language"] == "zh"
    assert english.get_json()["message"].isascii()
    assert not chinese.get_json()["message"].isascii()


NUL = b'{"username": "a\\u0000", "password": "b", "provider": "db"}'


@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'{"username": 1}', NUL, b"[" * 9999])
def test_the_token_door_refuses_nonsense(app: Flask, raw: bytes) -> None:
    answer = app.test_client().post("/api/v1/security/login", data=raw, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.get_json()) == {"message", "errors"}


def test_openapi_lists_every_resource_and_command(desk: Caller) -> None:
    answer = desk.http.get("/api/v1/_openapi", headers={"Authorization": f"Bearer {desk.token}"})
    paths = answer.get_json()["paths"]
    for service, book in CATALOGUES.items():
        for name in book["resources"]:
            for tail in ("", "/{id}", "/{id}/history"):
                assert "get" in paths[f"/api/v1/{service}/{name}{tail}"]
        for name, command in book["commands"].items():
            assert paths[f"/api/v1/{service}/{name}"]["post"]["summary"] == command["summary"]
    body = answer.get_json()["components"]["schemas"]["maintenance.report_work_order"]
    assert body["required"] == ["home_id", "repair_class", "description"]
    assert body["properties"]["floors"] == {"type": "integer", "minimum": 0, "maximum": 200, "nullable": True}


def test_there_are_no_refresh_tokens(app: Flask, services: FakeServices) -> None:
    """One would open the door for thirty days after the password that it was given for was reset."""
    client, login = app.test_client(), {"username": "desk", "password": PASSWORD, "provider": "db"}
    refused = client.post("/api/v1/security/login", json={**login, "refresh": True})
    assert refused.status_code == 400
    assert "refresh" in refused.get_json()["errors"]
    assert client.post("/api/v1/security/refresh").status_code == 404
    assert set(client.post("/api/v1/security/login", json=login).get_json()) == {"access_token"}


def test_too_many_failed_sign_ins_say_when_it_is_worth_another_try(app: Flask, services: FakeServices) -> None:
    client, wrong = app.test_client(), {"username": "nobody", "password": "wrong-wrong-1", "provider": "db"}
    for _ in range(app.config["LOGIN_ATTEMPTS"]):
        client.post("/api/v1/security/login", json=wrong)
    limited = client.post("/api/v1/security/login", json=wrong, headers={"Accept-Language": "en"})
    assert limited.status_code == 429
    assert limited.headers["Retry-After"] == "600"
    assert limited.get_json()["message"] == "Too many requests. Please try again later."


@pytest.mark.requirement("X-47")
def test_who_tries_to_change_an_entry_of_a_register_is_told_of(
    desk: Caller, order: Any, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Resource, "append_only", True)
    path = f"{API}/work_order/{order['id']}"
    for method in ("PUT", "PATCH", "DELETE"):
        assert desk.http.open(path, method=method).status_code == 401
        assert desk.http.open(path, method=method, headers=desk._headers({})).status_code == 405
    assert desk.post("edit_work_order", {"id": order["id"]}).status_code == 404
    assert desk.post("edit_nothing_known", {"id": order["id"]}).status_code == 404
    told = [call[2:] for call in services.calls if call[1] == "tell_attempt"]
    words = ("put", "patch", "delete", "edit_work_order")
    assert told == [("work_order", order["id"], what, "desk", "rest") for what in words]
