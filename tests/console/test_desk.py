"""The call desk: a whole telephone number leads to the caller and the entry; nothing typed reaches an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import SERVICES, glossary
from tests.console.conftest import Browser

PHONE = "13800001234"


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    one = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    wang = one.put("leads", "customer", id="U1", name="王先生", phone=PHONE, company_id="C1")
    one.put("leads", "home", id="H1", number="P01-1-1-101", owner_uid=wang["id"], company_id="C1")
    one.put("complaints", "case", number="CP 2026-P01-000009", uid="U1", state="responded", company_id="C1")
    one.put("leads", "customer", id="U2", name="李女士", phone="13900005678", company_id="C1")
    one.put("leads", "customer", id="U3", name="王女士", phone="13900005679", company_id="C1")
    return one


@pytest.fixture
def enter(make_app: Any, fake: FakeServices) -> Callable[[str], Browser]:
    app = make_app(fake)
    with app.app_context():
        create_account("op", "热线", "correct-horse-7", {"hotline_operator": ["company:C1"]})
        create_account("fin", "财务", "correct-horse-7", {"finance": ["company:C1"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        return browser

    return one


@pytest.mark.requirement("X-329")
def test_a_whole_number_leads_to_the_caller_and_the_entry(enter: Any) -> None:
    op = enter("op")
    asked = op.post("/desk/", {"q": PHONE})
    assert PHONE not in asked.headers["Location"]
    assert op.get(asked.headers["Location"]).headers["Location"] == "/desk/U1"
    page = op.get("/desk/U1").text
    assert "CP 2026-P01-000009" in page, "what is open"
    assert re.search(r'name="uid" value="U1"', page)
    assert re.search(r'name="home_id" value="H1"', page), "the only home is filled in"
    assert 'data-advice="/complaints/case/advice/register_case"' in page
    assert 'action="/complaints/case/new/register_case"' in page
    assert PHONE not in page, "the number is masked"


def test_several_are_offered_and_nobody_is_said(enter: Any) -> None:
    op = enter("op")
    part = op.get(op.post("/desk/", {"q": "0005678"}).headers["Location"]).text
    nobody = op.get(op.post("/desk/", {"q": "13711112222"}).headers["Location"]).text
    assert "没有找到" in nobody
    assert "没有找到" in part, "part of a number finds nobody: it could be guessed"
    by_name = op.get(op.post("/desk/", {"q": "女士"}).headers["Location"]).text
    assert sorted(re.findall(r'href="/desk/(U\d)"', by_name)) == ["U2", "U3"]


def test_the_desk_is_for_those_who_answer_the_telephone(enter: Any) -> None:
    assert enter("fin").get("/desk/").status_code == 403
    assert "/desk/" not in re.findall(r'href="([^"]+)"', enter("fin").get("/").text)
    assert "/desk/" in re.findall(r'href="([^"]+)"', enter("op").get("/").text)
