"""The customer page (X-302): what all services know of one customer, on one timeline, with the journey (X-55, X-80)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.journey import STEPS, journey
from admin.models import db
from services.contracts import SERVICES, glossary
from tests.console.conftest import Browser

PHONE = "13800001234"
HERE = {"project_id": "P01", "company_id": "C1"}
PEOPLE = {"sales_agent": "agent", "complaint_handler": "handler", "customer_affairs": "affairs"}


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    one = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    one.put("leads", "customer", id="U1", number="CU 1", name="王先生", phone=PHONE, **HERE)
    stage = {"uid": "U1", "since": "2026-03-02T02:00:00Z", "agent": "agent", **HERE}
    one.put("leads", "customer_stage", id="S1", state="contracted", **stage)
    one.put("leads", "home", id="H1", code="P01-1-1-101", owner_uid="U1", state="contracted", **HERE)
    one.put("leads", "contract", id="K1", number="CT 2026-P01-000003", uid="U1", signed_on="2026-03-02", **HERE)
    contact = {"uid": "U1", "direction": "inbound", **HERE}
    call = {"uid": "U1", "agent": "agent", "is_invited": True, "source": "telephone", **HERE}
    one.put("leads", "call_entry", number="CE 2026-P01-000001", at="2026-02-01T02:00:00Z", **call)
    at = {"reference": "CE 2026-P01-000001", "kind": "call", "channel": "telephone"}
    one.put("leads", "interaction", at="2026-02-01T02:00:00Z", **at, **contact)
    one.put("leads", "interaction", at="2026-05-01T02:00:00Z", kind="visit", channel="in_person", **contact)
    one.put("complaints", "case", number="CP 2026-P01-000009", uid="U1", state="responded", **HERE)
    one.put("complaints", "case", number="CP 2026-P01-000008", uid="U1", state="closed", **HERE)
    one.put("maintenance", "work_order", number="WO 2026-P01-000007", uid="U1", home_id="H1", **HERE)
    return one


@pytest.fixture
def enter(make_app: Any) -> Any:
    app = make_app()
    with app.app_context():
        for role, name in PEOPLE.items():
            create_account(f"{name}.one", name, "correct-horse-7", {role: ["company:C1"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(f"{name}.one")
        return browser

    one.app = app
    return one


@pytest.mark.requirement("X-55")
def test_one_page_has_what_every_service_knows(enter: Any) -> None:
    page = enter("handler").get("/leads/customer/U1").text
    for found in (
        "王先生",
        "138****1234",
        "CT 2026-P01-000003",
        "CP 2026-P01-000009",
        "WO 2026-P01-000007",
        "P01-1-1-101",
    ):
        assert found in page, found
    assert PHONE not in page
    assert "call_entry" not in page, "the floor's registers are not for the handler"
    days = re.findall(r"<time>(2026-[^<]+)</time> ", page.split('class="timeline"')[1])
    assert days[-3:] == ["2026-05-01 10:00", "2026-03-02", "2026-02-01 10:00"], "the newest first"
    beside = page.split('class="card portrait"', 1)[1]
    assert "CP 2026-P01-000009" in beside
    assert "CP 2026-P01-000008" not in beside
    assert "CP 2026-P01-000008" in page


@pytest.mark.requirement("X-80")
def test_a_contact_that_a_register_tells_is_told_once(enter: Any) -> None:
    page = enter("agent").get("/leads/customer/U1").text
    assert len(re.findall("<time>2026-02-01 10:00</time>", page)) == 1
    assert "CE 2026-P01-000001" in page
    assert "CP 2026-P01-000009" not in page, "complaints are not for sales"
    assert re.search(r'<li class="now"[^>]*><b>等待</b>', page)
    assert "想要知情" in page


@pytest.mark.requirement("X-55")
def test_the_timeline_ends_where_a_register_has_more(enter: Any, fake: FakeServices) -> None:
    for day in range(1, 8):
        fake.put("complaints", "forum_complaint", number=f"FC 2026-0{day}", posted_at=f"2026-02-0{day}T02:00:00Z",
                 uid="U1", **HERE)  # fmt: skip
    page = enter("handler").get("/leads/customer/U1").text
    told = page.split('class="timeline"')[1].split("</section>")[0]
    assert [day for day in range(1, 8) if f"FC 2026-0{day}" in told] == [3, 4, 5, 6, 7]
    assert "CT 2026-P01-000003" in told, "what came later is there"
    assert "2026-02-01 10:00" not in told, "what stands behind the missing ones is not"
    before = page.split('class="more">更早的记录')[1].split("</p>")[0]
    assert re.findall(r'href="([^"?]+)[^>]*>[^<]* (\d)</a>', before) == [("/complaints/forum_complaint/", "7")]


@pytest.mark.requirement("X-55")
def test_what_cannot_be_asked_for_in_its_order_ends_the_timeline_when_it_was_entered(
    enter: Any, fake: FakeServices
) -> None:
    for day in range(1, 8):
        more = {"received_at": f"2026-04-{day:02}T02:00:00Z", "created_at": f"2026-05-{19 - day:02}T02:00:00Z"}
        fake.put("complaints", "suggestion", number=f"SG 2026-0{day}", uid="U1", state="received", **more, **HERE)
    told = enter("handler").get("/leads/customer/U1").text.split('class="timeline"')[1].split("</section>")[0]
    assert "SG 2026-0" not in told, "the third may be later than the first"
    assert "2026-03-02" not in told


@pytest.mark.requirement("X-308")
def test_the_customers_page_leads_to_the_homes_that_fit(enter: Any, fake: FakeServices) -> None:
    fits = {"fit": 92, "fit_budget": 100, "fit_area": 80, "home_id": "H1", "unit_type": "三房", "price": "2680000.00"}
    fake.reports["leads", "matching_homes"] = [{"values": fits, "behind": {}}]
    agent = enter("agent")
    address = re.search(r'href="(/reports/leads/matching_homes\?uid=U1)"', agent.get("/leads/customer/U1").text)
    assert address
    page = agent.get(address[1])
    assert page.status_code == 200
    (asked,) = [call for call in fake.calls if call[1] == "report"]
    assert asked[3] == {"uid": "U1"}
    for found in ("92", "三房", 'data-ref="leads/home|H1"', 'data-ref="leads/customer|U1"'):
        assert found in page.text, found
    assert "matching_homes" not in enter("handler").get("/leads/customer/U1").text


def test_what_is_said_of_a_customer_is_in_the_language_of_the_page(enter: Any, fake: FakeServices) -> None:
    tags = {"segment": "沉睡", "high_value": "是", "concern_topics": ["地段"], "occupation": "茶商"}
    fake._records["leads", "customer"]["U1"]["tags"] = tags
    for tag, value in (("segment", "沉睡"), ("occupation", "茶商")):
        fake.put("leads", "customer_tag", uid="U1", tag=tag, value=value, band=value, is_effective=True, **HERE)
    agent = enter("agent")
    assert "客户分层：沉睡；高价值客户：是；关注点：地段；职业：茶商" in agent.get("/leads/customer/U1").text
    agent.post("/language/", {"language": "en"})
    page = agent.get("/leads/customer/U1").text
    assert "Segment: Dormant; High-value customer: Yes; Concerns: Location; Occupation: 茶商" in page
    listed = agent.get("/leads/customer_tag/").text
    assert ("Dormant" in listed, "沉睡" in listed, "茶商" in listed) == (True, False, True), "their own stay as typed"


def test_a_service_that_is_away_is_said_and_the_rest_is_there(enter: Any, fake: FakeServices) -> None:
    handler = enter("handler")
    with fake.away("maintenance"):
        page = handler.get("/leads/customer/U1")
    assert page.status_code == 200
    assert page.text.count('class="note away"') == 1
    assert "CP 2026-P01-000009" in page.text


def test_the_page_costs_one_question_to_each_service(enter: Any, fake: FakeServices) -> None:
    affairs = enter("affairs")
    affairs.get("/leads/customer/U1")
    made: list[str] = []
    with enter.app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: made.append(given[2]))
    asked = len(fake.calls)
    assert affairs.get("/leads/customer/U1").status_code == 200
    assert len(made) <= 2, made
    calls = [call[1] for call in fake.calls[asked:]]
    assert calls == ["fetch", "history", *["search_each"] * 4, "history"]


def _steps(state: str, homes: list[dict[str, Any]], *moves: tuple[str, str]) -> dict[str, tuple[str, str]]:
    stage = {"id": "S1", "state": state, "since": "2026-03-02T02:00:00Z", **HERE}
    past = [
        {"kind": "audit", "at": f"{day}T02:00:00Z", "detail": {"from": "x", "to": to}} for to, day in reversed(moves)
    ]
    contracts = [{"signed_on": "2026-03-05", **HERE}, {"signed_on": "2025-01-01", "project_id": "P02"}]
    return {one.name: (one.tone, one.reached) for one in journey(stage, past, homes, contracts).steps}


@pytest.mark.requirement("X-80")
@pytest.mark.parametrize(
    ("state", "home", "now"),
    [
        ("registered", None, "viewing"),
        ("visited", None, "viewing"),
        ("interested", None, "comparing"),
        ("dormant", None, "comparing"),
        ("nurturing", None, "comparing"),
        ("reserved", "reserved", "deciding"),
        ("contracted", "contracted", "waiting"),
        ("contracted", "ready", "taking_over"),
        ("owner", "handed_over", "taking_over"),
        ("owner", "decorating", "decorating"),
        ("owner", "occupied", "moving"),
        ("old_owner", "occupied", "living"),
        ("lost", None, None),
    ],
)
def test_a_stage_and_a_home_place_the_customer_on_the_way(state: str, home: str | None, now: str | None) -> None:
    steps = _steps(state, [{"state": home, **HERE}] if home else [])
    assert [name for name, (tone, _) in steps.items() if tone == "now"] == ([now] if now else [])
    if now:
        before = STEPS[: STEPS.index(now)]
        assert all(steps[name][0] == "past" for name in before)


@pytest.mark.requirement("X-80")
def test_each_step_has_its_first_day() -> None:
    moves = ("registered", "2026-01-01"), ("visited", "2026-01-05"), ("interested", "2026-01-09")
    home = {"state": "occupied", "handed_over_on": "2026-06-01", "moved_in_on": "2026-09-01", **HERE}
    steps = _steps("owner", [home], *moves, ("dormant", "2026-02-20"), ("reserved", "2026-03-01"))
    days = {name: day for name, (_, day) in steps.items() if day}
    assert days == {
        "viewing": "2026-01-01",
        "comparing": "2026-01-09",
        "deciding": "2026-03-01",
        "signing": "2026-03-05",
        "taking_over": "2026-06-01",
        "moving": "2026-09-01",
    }


@pytest.mark.requirement("X-80")
def test_each_step_has_its_name_and_its_feeling_in_both_languages() -> None:
    book = glossary.terms("console")["journey"]
    for step in STEPS:
        for name in (step, f"{step}_feeling"):
            assert all(book[name]), name
