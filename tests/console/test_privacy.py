"""What is personal stays where it belongs: not in addresses, masked in lists and workbooks, behind the right door."""

from __future__ import annotations

import io

import openpyxl


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
