"""The report centre and the advice of a form, on a console without services: what is shown, and where it leads."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.values import ZONE
from services.contracts import glossary
from services.contracts.errors import ValidationFailed
from tests.console.conftest import Browser

ROWS: list[dict[str, Any]] = [
    {
        "values": {
            "company_id": "C1", "tier": "ordinary", "channel": channel, "cases": number, "response_missed": late,
            "solution_missed": 0, "response_in_time": 75, "median_response": 40,
        },
        "behind": {
            "cases": {"channel": channel, "created_at": {"from": "2026-02-28T16:00:00Z", "to": "2026-03-31T15:59:59Z"}},
            "response_missed": {"channel": channel, "breached": "first_response"},
            "solution_missed": {"channel": channel, "breached": "solution"},
        },
    }
    for channel, number, late in (("hotline", 8, 2), ("counter", 4, 1))
]  # fmt: skip
URL = "/reports/complaints/response_timeliness"


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    one = FakeServices({name: glossary.catalogue(name) for name in ("leads", "complaints")})
    one.reports["complaints", "response_timeliness"] = ROWS
    return one


@pytest.fixture
def browser(make_app: Any, fake: FakeServices) -> Any:
    """Signed in as a supervisor, in English."""
    app = make_app(fake)
    with app.app_context():
        create_account("sun", "孙主管", "correct-horse-7", {"complaint_supervisor": ["company:C1"]})
        create_account("affairs", "郑洁", "correct-horse-7", {"customer_affairs": ["company:C1"]})
        create_account("op", "热线", "correct-horse-7", {"hotline_operator": ["company:C1"]})

    def enter(name: str) -> Browser:
        one = Browser(app.test_client())
        one.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        one.login(name)
        return one

    return enter


def test_the_centre_lists_what_a_person_may_read(browser: Any) -> None:
    page = browser("sun").get("/reports/")
    assert URL in page.text
    assert "Response timeliness" in page.text
    assert URL not in browser("op").get("/reports/").text
    assert browser("op").get(URL).status_code == 403
    assert "/reports/" not in re.findall(r'<a href="([^"]+)"', browser("op").get("/").text)


def test_every_count_leads_to_the_list_behind_it(browser: Any) -> None:
    sun = browser("sun")
    page = sun.get(URL)
    assert page.status_code == 200
    links = [one.replace("&amp;", "&") for one in re.findall(r'<td[^>]*><a href="([^"]+)"', page.text)]
    first = "/complaints/case/?channel=hotline&created_at_from=2026-03-01&created_at_to=2026-03-31"
    assert links[:2] == [first, "/complaints/case/?channel=hotline&breached=first_response"]
    assert sun.get(links[1]).status_code == 200
    asked = sun.client.application.extensions["anju_services"].calls[-1]
    assert asked[3]["filters"] == {"channel": "hotline", "breached": "first_response"}


def test_the_chart_shows_the_chosen_number(browser: Any) -> None:
    page = browser("sun").get(URL + "?measure=response_missed")
    widths = [float(one) for one in re.findall(r'<rect width="([\d.]+)"', page.text)]
    assert widths == [100.0, 50.0]
    assert [float(one) for one in re.findall(r'<rect width="([\d.]+)"', browser("sun").get(URL).text)] == [100.0, 50.0]


def test_what_narrows_a_report_is_checked_and_kept(browser: Any, fake: FakeServices) -> None:
    sun = browser("sun")
    wrong = sun.get(URL + "?since=yesterday")
    assert wrong.status_code == 422
    assert 'value="yesterday"' in wrong.text
    assert 'role="alert"' in wrong.text
    sun.get(URL + "?since=2026-03-01&until=2026-03-31")
    assert fake.calls[-1] == (
        "complaints",
        "report",
        "response_timeliness",
        {"since": "2026-03-01", "until": "2026-03-31"},
    )

    def refuse(*_: Any) -> Any:
        raise ValidationFailed.of("until", "before_since")

    fake.report = refuse  # type: ignore[method-assign]
    assert "The end is before the beginning" in sun.get(URL + "?since=2026-03-02&until=2026-03-01").text


def test_a_report_as_a_workbook(browser: Any) -> None:
    answer = browser("sun").get(URL + "/export")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][3:5] == ["Cases", "First response missed"]
    assert [row[3] for row in rows[1:3]] == ["8", "4"]


def test_a_form_asks_for_advice_and_shows_it(browser: Any, fake: FakeServices) -> None:
    op = browser("op")
    form = op.get("/complaints/case/new/register_case")
    assert 'data-advice="/complaints/case/advice/register_case"' in form.text
    case = fake.put("complaints", "case", number="CP 2026-P01-000001", company_id="C1")
    caution = {"code": "same_matter_open", "params": {}, "resource": "case", "id": case["id"], "label": case["number"]}
    level = {"field": "suggested_level", "value": 3, "code": "level_by_large_claim", "params": {"level": 3}}
    fake.advice["complaints", "register_case"] = {"suggestions": [level], "cautions": [caution]}
    said = op.post("/complaints/case/advice/register_case", {"description": "x", "amount_claimed": ""})
    assert f'href="/complaints/case/{case["id"]}"' in said.text
    assert 'data-field="suggested_level" data-value="3"' in said.text
    assert "level 3 is suggested" in said.text
    assert fake.calls[-1] == ("complaints", "advise", "register_case", {"description": "x"})
    assert op.client.post("/complaints/case/advice/register_case", data={}).status_code == 400
    assert op.post("/complaints/case/advice/respond_case").status_code == 404


def test_the_rest_api_reads_reports(browser: Any, fake: FakeServices) -> None:
    app = browser("sun").client.application
    client = app.test_client()
    signed = client.post(
        "/api/v1/security/login", json={"username": "sun", "password": "correct-horse-7", "provider": "db"}
    )
    head = {"Authorization": f"Bearer {signed.json['access_token']}"}
    answer = client.get("/api/v1/complaints/reports/response_timeliness?since=2026-03-01", headers=head)
    assert [row["values"]["cases"] for row in answer.json["result"]] == [8, 4]
    refused = client.get("/api/v1/complaints/reports/response_timeliness?since=x&colour=red", headers=head)
    assert refused.status_code == 422
    assert set(refused.json["errors"]) == {"since", "colour"}
    assert client.get("/api/v1/complaints/reports/weather", headers=head).status_code == 404
    spec = client.get("/api/v1/_openapi", headers=head).json
    assert "/api/v1/complaints/reports/response_timeliness" in spec["paths"]


def cells_of(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows()]


@pytest.mark.requirement("C-121")
def test_a_paper_register_in_its_order_on_the_page_and_as_a_workbook(browser: Any, fake: FakeServices) -> None:
    year = datetime.now(ZONE).year
    given = {"company_id": "C1", "description": "卫生间渗水", "created_at": f"{year}-01-01T00:00:00Z"}
    fake.put("complaints", "case", number="CP 1", registered_as="complaint", kind="complaint", **given)
    fake.put("complaints", "case", number="DP 1", registered_as="dispute", kind="dispute", **given)
    sun = browser("sun")
    assert "/registers/complaints/complaint_register" in sun.get("/reports/").text
    page = sun.get("/registers/complaints/complaint_register")
    heads = re.findall(r"<th[^>]*>([^<]+)</th>", page.text)
    assert heads[:4] == ["Register number", "Received at", "Channel", "Customer"]
    assert ("CP 1" in page.text, "DP 1" in page.text) == (True, False)
    assert f'value="{year}-01-01"' in page.text
    rows = cells_of(sun.get("/registers/complaints/dispute_register/export").data)
    assert rows[0][:3] == ["Register number", "Number in the dispute register", "Received at"]
    assert [row[0] for row in rows[1:-1]] == ["DP 1"]
    asked, begin = fake.calls[-1][3], {"from": f"{year - 1}-12-31T16:00:00Z"}
    assert (asked["filters"], asked["order"]) == ({"kind": "dispute", "created_at": begin}, "created_at")
    later = sun.get("/registers/complaints/complaint_register?since=2026-03-02&until=2026-03-31")
    bounds = {"from": "2026-03-01T16:00:00Z", "to": "2026-03-31T15:59:59.999999Z"}
    assert fake.calls[-1][3]["filters"]["created_at"] == bounds
    assert "CP 1" not in later.text


def test_a_paper_register_says_what_is_wrong_with_its_period(browser: Any) -> None:
    sun = browser("sun")
    for end in ("", "/export"):
        wrong = sun.get(f"/registers/complaints/dispute_register{end}?since=2026-03-02&until=2026-03-01")
        assert wrong.status_code == 422
        assert "The end is before the beginning" in wrong.text
    assert browser("op").get("/registers/complaints/dispute_register").status_code == 403
    assert sun.get("/registers/complaints/weather").status_code == 404


def test_references_stand_in_a_workbook_as_the_list_shows_them(browser: Any, fake: FakeServices) -> None:
    known = fake.put("leads", "customer", number="CU 7", name="王建国", phone="13812345678", company_id="C1")
    fake.put("complaints", "case", number="CP 1", uid=known["id"], company_id="C1")
    rows = cells_of(browser("affairs").post("/complaints/case/export").data)
    assert rows[1][rows[0].index("Customer")] == "王建国"
    foreign = fake.put("leads", "customer", number="CU 8", name="外人", phone="13912345678", company_id="C9")
    fake.put("complaints", "case", number="CP 2", uid=foreign["id"], company_id="C1")
    everything = [
        str(value) for row in cells_of(browser("affairs").post("/complaints/case/export").data) for value in row
    ]
    assert not [one for one in everything if foreign["id"] in one or "外人" in one or "13812345678" in one]
    assert "Customer" in everything[len(rows[0]) :], "who may not be named is called what they are"


def test_a_count_of_what_is_not_filled_in_has_its_own_list(browser: Any, fake: FakeServices) -> None:
    row = {"values": {"category": "fee", "topic": None, "cases": 2, "homes": 1, "project_id": None}}
    behind = {"cases": {"category": "fee", "topic": None, "appealed": True}}
    fake.reports["complaints", "hotspots"] = [{**row, "behind": behind}]
    sun = browser("sun")
    page = sun.get("/reports/complaints/hotspots")
    link = next(one for one in re.findall(r'<td[^>]*><a href="([^"]+)"', page.text)).replace("&amp;", "&")
    assert link == "/complaints/case/?category=fee&topic=-&appealed=true"
    listed = sun.get(link)
    assert fake.calls[-1][3]["filters"] == {"category": "fee", "topic": [None], "appealed": True}
    assert '<option value="-" selected>(not filled in)</option>' in listed.text
    assert "Supplier</th>" not in page.text, "a column that says nothing is left out"
