"""What is personal stays where it belongs: not in addresses, masked in lists and workbooks, behind the right door."""

from __future__ import annotations

import io

import openpyxl
import pytest
import sqlalchemy as sa

from admin.models import Trace, db
from tests.console.conftest import PASSWORD

NUMBER = "13812345678"
WHY = {"field": "phone", "purpose": "call_back", "explanation": "客户要求回电", "command_id": "reveal-0001"}


@pytest.mark.requirement("X-65")
def test_a_number_is_in_no_page_until_it_is_revealed_and_then_in_one_answer(app, browser, order):
    desk, url = browser("desk"), f"/maintenance/work_order/{order['id']}"
    for path in ("/maintenance/work_order/", url, f"{url}/related", f"{url}/reveal_work_order"):
        assert NUMBER not in desk.get(path).text
    refused = desk.post(f"{url}/reveal_work_order", {**WHY, "explanation": ""})
    assert refused.status_code == 422
    assert NUMBER not in refused.text
    shown = desk.post(f"{url}/reveal_work_order", WHY, headers={"X-Fragment": "1"})
    assert shown.headers["Cache-Control"] == "no-store"
    assert f"data-value>{NUMBER}<" in shown.text
    assert 'data-reveals="120"' in shown.text
    assert "data-copy" in shown.text
    assert NUMBER not in desk.get(url).text
    with app.app_context():
        (trace,) = db.session.scalars(sa.select(Trace).where(Trace.kind == "revealed"))
        what = {"list": "maintenance/work_order", "id": order["id"], "field": "phone", "purpose": "call_back"}
        assert (trace.actor, trace.after) == ("desk", what)


@pytest.mark.requirement("X-65")
def test_what_was_shown_long_enough_is_asked_for_again(browser, fake, order, monkeypatch):
    monkeypatch.setattr(fake, "execute", lambda *_, **__: {"result": order, "replayed": True, "revealed": None})
    again = browser("desk").post(f"/maintenance/work_order/{order['id']}/reveal_work_order", WHY)
    assert again.status_code == 409
    assert "显示时间已过" in again.text
    assert WHY["command_id"] not in again.text, "the next one is a new access"


@pytest.mark.requirement("X-65")
def test_a_number_revealed_by_the_api_is_traced_too(app, order):
    client = app.test_client()
    signed = client.post("/api/v1/security/login", json={"username": "desk", "password": PASSWORD, "provider": "db"})
    headers = {"Authorization": f"Bearer {signed.json['access_token']}", "Idempotency-Key": "k1"}
    payload = {"id": order["id"], "purpose": "other", "explanation": "核对"}
    told = client.post("/api/v1/maintenance/reveal_work_order", json=payload, headers=headers).json
    assert told["revealed"] == {"field": "phone", "value": NUMBER, "seconds": 120}
    assert told["result"]["phone"] == "138****5678"
    with app.app_context():
        (trace,) = db.session.scalars(sa.select(Trace).where(Trace.kind == "revealed"))
        assert (trace.actor, trace.after["purpose"]) == ("desk", "other")


def test_masked_fields_are_neither_filtered_nor_sorted_by(browser, fake, order):
    page = browser("desk").get("/maintenance/work_order/?order=phone&phone=13812345678").text
    asked = [call for call in fake.calls if call[1] == "search"][-1][3]
    assert "phone" not in asked["filters"]
    assert "order" not in asked
    assert 'value="13812345678"' not in page


def test_no_personal_data_in_addresses(browser, order):
    desk = browser("desk")
    for typed in ("13812345678", "张建国", "zhang jianguo"):
        answer = desk.post("/maintenance/work_order/query", {"q": typed})
        assert "s=" in answer.headers["Location"]
        assert "q=" not in answer.headers["Location"]
        found = desk.get(answer.headers["Location"])
        assert f'value="{typed}"' in found.text, "the form still shows what was asked"
        searched = desk.post("/search", {"q": typed})
        assert typed not in searched.headers["Location"]
    assert (
        "q=WO+2026-P01-000001"
        in desk.post("/maintenance/work_order/query", {"q": "WO 2026-P01-000001"}).headers["Location"]
    )
    typed_into_the_address = desk.get("/maintenance/work_order/?q=13812345678")
    assert typed_into_the_address.status_code == 302
    assert "138" not in typed_into_the_address.headers["Location"]


def test_export_in_the_order_of_the_register_and_masked(browser, fake, order):
    fake.put(
        "maintenance",
        "work_order",
        number="WO 2",
        home_id=order["home_id"],
        description='=HYPERLINK("http://x")',
        urgency="normal",
        project_id="P01",
    )
    answer = browser("desk").post("/maintenance/work_order/export", {"order": "number"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("编号", "房屋", "描述")
    assert rows[0][-2:] == ("状态", "登记时间")
    assert any("138****5678" in row for row in rows)
    cell = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=HYPERLINK"))
    assert cell.data_type == "s", "text stays text in somebody's spreadsheet"


def test_a_foreign_cookie_does_not_open_the_api(browser, order):
    """Cookies count for pages, tokens for the API: a form of another site reaches neither."""
    desk = browser("desk")
    assert desk.client.get("/api/v1/maintenance/work_order").status_code == 401
    assert (
        desk.client.post("/api/v1/maintenance/cancel_work_order", json={"id": order["id"], "reason": "x"}).status_code
        == 401
    )
