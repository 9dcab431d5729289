"""The rotation board with the services in memory: who may see it, what it offers to whom, and when it is sent again."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from admin import create_app
from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.models import WebSession, db
from admin.sessions import now
from services.contracts import SERVICES, glossary
from tests.console.conftest import PASSWORD, Browser, _config

HERE = ["project:P01"]
PEOPLE = {
    "lead": ("钱军", {"site_sales_lead": HERE}),
    "one": ("赵敏", {"sales_agent": HERE}),
    "four": ("方慧", {"sales_agent": HERE}),
    "both": ("何平", {"site_sales_lead": ["project:P02"], "sales_agent": HERE}),
    "director": ("孙莉", {"sales_director": HERE}),
    "fin": ("褚婷", {"finance": HERE}),
}
BOARD, LIVE = "/rotation/P01", "/rotation/P01/live"
CHANGE, CHECK = "00000000-0000-4000-8000-00000000c0de", "00000000-0000-4000-8000-00000000beef"
PLACE = {"company_id": "C01", "project_id": "P01"}
POINTS = ("dress", "props", "sales_control", "sales_facts", "data_changes")


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


def seat(rank: int, agent: str, state: str, **more: Any) -> dict[str, Any]:
    counts = {"turn_counted": 0, "makeup_owed": 0, "rounds_cancelled": 0}
    known = {"rank": rank, "agent": agent, "slot_state": state, "since": "2026-03-02T02:00:00Z", "block": None}
    return known | {"roster_id": "R1", "check_id": None, "check_state": None, "is_next": False} | counts | more


def ring(fake: FakeServices, *seats: dict[str, Any]) -> None:
    fake.reports["leads", "rotation_today"] = [{"values": one, "behind": {}} for one in seats]


@pytest.fixture(scope="module")
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


def offered(page: str) -> set[str]:
    return set(re.findall(r"/rotation/P01/(\w+)", page))


def address(page: str, command: str) -> str:
    """Where a button or link of the board leads."""
    found = re.search(rf'(?:formaction|href)="(/rotation/P01/{command}[^"]*)"', page)
    assert found is not None, command
    return html.unescape(found[1])


def given(fake: FakeServices, command: str) -> list[dict[str, Any]]:
    """What the service was told to do."""
    return [call[3] for call in fake.calls if call[1:3] == ("execute", command)]


def asked(fake: FakeServices) -> list[str]:
    """The doors that were gone through."""
    return [call[1] for call in fake.calls]


@pytest.mark.requirement("X-310")
def test_the_board_says_who_is_where_and_why(enter: Any) -> None:
    page = enter("lead").get("/rotation/").text
    assert re.findall(r'class="seat (\w+)', page) == ["off", "receiving", "up"]
    assert "轮序第 2 位；赵敏不在岗" in page
    assert "未通过接待准备检查" in page
    assert offered(page) >= {"receive_reception", "finish_reception", "mark_back_roster", "declare_readiness_check"}
    assert {"cancel_round_roster", "join_roster", "abandon_reception"} <= offered(page)
    assert "fail_readiness_check" not in offered(page), "whoever receives is not checked"


@pytest.mark.requirement("X-310")
def test_where_nobody_can_receive_the_board_says_what_to_do(enter: Any, fake: FakeServices) -> None:
    page = enter("lead").get(BOARD).text
    assert "现在无人可接待" in page
    assert re.findall(r"<li>([^<]+)</li>", page[page.index("to-do") :])[:3] == [
        "赵敏：到岗后标记返岗",
        "two：结束正在进行的接待",
        "three：提交接待准备检查",
    ]
    ring(fake, seat(1, "one", "up", block="unacknowledged"), seat(2, "four", "cancelled_for_round"))
    page = enter("lead").get(BOARD).text
    assert "赵敏：确认销售信息变更" in page
    assert "方慧：本轮已取消，须先由他人接待一轮" in page
    ring(fake, seat(1, "one", "up", is_next=True))
    assert "to-do" not in enter("lead").get(BOARD).text


@pytest.mark.requirement("X-310")
@pytest.mark.parametrize("command", ["cancel_round_roster", "fail_readiness_check"])
def test_the_lead_takes_a_turn_away_with_a_reason(command: str, enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "two", "up", is_next=True, check_id=CHECK, check_state="passed"))
    lead = enter("lead")
    url = address(lead.get(BOARD).text, command)
    assert "two" in lead.get(url).text
    refused = lead.post(url, {"command_id": "12345678"})
    assert (refused.status_code, given(fake, command)) == (422, []), "not without a reason"
    assert lead.post(url, {"command_id": "12345678", "reason": "未佩戴工牌"}).status_code == 302
    told = {"reason": "未佩戴工牌"} | ({"agent": "two"} if command == "cancel_round_roster" else {})
    assert given(fake, command) == [told | {"id": parse_qs(urlsplit(url).query)["id"][0]}]


def test_leaving_a_customer_is_for_the_lead_to_say(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    url = address(lead.get(BOARD).text, "abandon_reception")
    assert lead.post(url, {"command_id": "12345678", "reason": "离开取楼书"}).status_code == 302
    assert given(fake, "abandon_reception") == [{"id": "RC1", "reason": "离开取楼书"}]
    ring(fake, seat(1, "one", "up", check_id=CHECK, check_state="passed", makeup_owed=1))
    assert offered(enter("one").get(BOARD).text) == {"receive_reception", "mark_away_roster", "live"}


def test_an_agent_is_offered_what_concerns_themselves(enter: Any) -> None:
    page = enter("one").get(BOARD).text
    assert offered(page) == {"receive_reception", "mark_back_roster", "live"}
    assert enter("one").get("/rotation/P01/cancel_round_roster?id=R1&agent=three").status_code == 403
    assert enter("one").get("/rotation/P02").status_code == 404
    assert enter("fin").get(BOARD).status_code == 403


def test_whoever_leads_elsewhere_is_an_agent_here(enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "both", "up", check_id=CHECK, check_state="passed"), seat(2, "three", "queued", block="unready"))
    assert offered(enter("both").get(BOARD).text) == {"receive_reception", "mark_away_roster", "live"}


@pytest.mark.requirement("X-309")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_agent_declares_what_was_verified_today(language: str, enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "one", "up", block="unready"))
    agent = enter("one", language)
    url = address(agent.get(BOARD).text, "declare_readiness_check")
    form = agent.get(url).text
    for point in POINTS:
        label = glossary.term("leads", "readiness_check", point, language=language)
        assert str(label) in form, point
    assert 'value="true" checked' not in form, "nothing is verified before somebody says so"
    part = {"command_id": "12345678", **dict.fromkeys(POINTS[1:], "true")}
    refused = agent.post(url, part)
    assert (refused.status_code, refused.text.count('aria-invalid="true"')) == (422, 1), "each point is answered"
    assert not given(fake, "declare_readiness_check")
    assert agent.post(url, part | {"dress": "false"}).status_code == 302
    said = {"project_id": "P01", "agent": "one", "dress": False, **dict.fromkeys(POINTS[1:], True)}
    assert given(fake, "declare_readiness_check") == [said]


@pytest.mark.requirement("X-309", "L-30")
def test_an_agent_acknowledges_a_change_by_one_button(enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "one", "up", block="unacknowledged"), seat(2, "four", "queued"))
    agent = enter("one")
    page = agent.get(BOARD).text
    assert "请先确认这些销售信息变更" in page
    assert "上调 300 元" in page
    before = len(fake.calls)
    answered = agent.post(address(page, "sign_fact_receipt"))
    assert (answered.status_code, answered.headers["Location"]) == (302, BOARD)
    assert given(fake, "sign_fact_receipt") == [{"change_id": CHANGE}]
    assert [call[1] for call in fake.calls[before:]] == ["execute"], "an id is not looked up again"
    assert "sign_fact_receipt" not in offered(enter("four").get(BOARD).text), "theirs are acknowledged"


def test_a_customer_is_named_only_to_whom_they_are_known(enter: Any, fake: FakeServices) -> None:
    link = r'<a href="/leads/customer/00000000-0000-4000-8000-0000000000a1" data-ref="[^"]+">客户</a>'
    for who, links in (("lead", 2), ("director", 2), ("one", 0)):
        page = enter(who).get(BOARD).text
        assert (len(re.findall(link, page)), "…" in page[page.index("data-live") :]) == (links, False), who
    fake.put("leads", "reception", id="RC2", roster_id="R1", uid="U2", agent="one", why=[], state="finished", **PLACE)
    assert 'href="/leads/customer/U2"' in enter("one").get(BOARD).text, "their own"


def test_nothing_is_sent_while_nothing_changes(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    first = lead.get(LIVE)
    assert lead.get(LIVE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    fake.reports["leads", "rotation_today"][2]["values"]["block"] = None
    assert lead.get(LIVE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_looking_at_the_board_asks_little(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    fake.calls.clear()
    lead.get(LIVE)
    assert asked(fake) == ["fetch", "report", "search_each"]
    ring(fake)
    fake.calls.clear()
    assert "还没有开轮" in lead.get(LIVE).text
    assert asked(fake) == ["fetch", "report"]


def test_a_command_asks_nothing_but_itself(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    url = address(lead.get(BOARD).text, "finish_reception")
    fake.calls.clear()
    assert lead.post(url, {"command_id": "12345678", "summary": "约周末再看"}).status_code == 302
    assert asked(fake) == ["execute"]


def test_what_was_typed_is_kept_while_the_service_is_away(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "named_agent": "one"}
    answers = {"been_before": "true", "has_called": "false", "is_recommended": "false", "how_named": "by_name"}
    with fake.away("leads"):
        away = lead.post(f"{BOARD}/receive_reception", typed | answers)
    assert away.status_code == 503
    assert [value in away.text for value in ("13700001111", "李雷", 'value="one"')] == [True] * 3
    assert re.search(r'name="been_before" value="true" checked', away.text)


def test_a_board_that_is_left_open_keeps_nobody_signed_in(enter: Any) -> None:
    lead = enter("lead")
    lead.get(BOARD)
    ago = now() - timedelta(minutes=5)

    def seen(url: str) -> datetime:
        with lead.client.application.app_context():
            db.session.execute(sa.update(WebSession).values(seen_at=ago))
            db.session.commit()
            lead.get(url)
            db.session.expire_all()
            at = db.session.scalar(sa.select(sa.func.max(WebSession.seen_at)).where(WebSession.user_id.is_not(None)))
        assert at is not None
        return at

    assert seen(LIVE) == ago
    assert seen(BOARD) > ago


@pytest.mark.requirement("X-306")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_intake_asks_its_questions_before_anything_is_saved(language: str, enter: Any, fake: FakeServices) -> None:
    agent = enter("one", language)
    form = agent.get(f"{BOARD}/receive_reception").text
    names = re.findall(r'name="(\w+)"', form[form.index("command_id") :])
    assert names.index("phone") < names.index("name") < names.index("been_before") < names.index("named_agent")
    assert 'name="project_id__text"' not in form, "the board says where"
    questions = ("been_before", "has_called", "is_recommended")
    for one in questions:
        label = glossary.term("leads", "reception", one, language=language)
        assert re.search(rf'<span class="label" id="i-{one}-label">{re.escape(str(label))} <span class="must"', form)
        assert (
            form.count(f'name="{one}" value="true" required') == form.count(f'name="{one}" value="false" required') == 1
        )
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷"}
    for missing in questions:
        rest = {one: "false" for one in questions if one != missing}
        refused = agent.post(f"{BOARD}/receive_reception", typed | rest)
        assert refused.status_code == 422
        assert f'id="i-{missing}-wrong"' in refused.text
    assert not given(fake, "receive_reception")
    assert agent.post(f"{BOARD}/receive_reception", typed | dict.fromkeys(questions, "false")).status_code == 302
    (sent,) = given(fake, "receive_reception")
    assert sent == {"project_id": "P01", "phone": "13700001111", "name": "李雷", **dict.fromkeys(questions, False)}


@pytest.mark.requirement("X-306")
def test_a_return_visit_is_taken_in_from_the_board_too(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    url = address(lead.get(BOARD).text, "receive_reception\\?")
    form = lead.get(url).text
    assert re.search(r'name="been_before" value="true" checked', form), "answered, and can be changed"
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "been_before": "false"}
    assert lead.post(url, typed | {"has_called": "false", "is_recommended": "false"}).status_code == 302
    assert given(fake, "receive_reception")[0]["been_before"] is False, "what was said last"


@pytest.mark.requirement("X-306")
@pytest.mark.parametrize(("who", "command"), [("lead", "register_visit_entry"), ("one", "meet_visit_entry")])
def test_visits_and_return_visits_are_entered_from_the_menu(
    who: str, command: str, enter: Any, fake: FakeServices
) -> None:
    browser = enter(who)
    menu = re.findall(r'href="(/leads/visit_entry/new/[^"]+)"', browser.get(BOARD).text)
    first, again = f"/leads/visit_entry/new/{command}", f"/leads/visit_entry/new/{command}?been_before=true"
    assert menu == [first, again]
    page = browser.get(again).text
    assert re.search(r'name="been_before" value="true" checked', page)
    assert f'<a href="{again}" aria-current="page">' in page
    assert page.count('aria-current="page"') == 2, "and in the crumbs"
    assert "checked" not in browser.get(first).text, "nothing is answered for them"
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "project_id": "P01", "place": "bus_tour"}
    typed |= {"project_id__text": "P01", "project_id__was": "P01"}
    questions = ("been_before", "has_called", "is_recommended")
    for missing in questions:
        refused = browser.post(first, typed | {one: "false" for one in questions if one != missing})
        assert (refused.status_code, f'id="c-{missing}-wrong"' in refused.text) == (422, True)
    assert not given(fake, command)
    assert browser.post(first, typed | dict.fromkeys(questions, "true")).status_code == 302
    assert {one: given(fake, command)[0][one] for one in questions} == dict.fromkeys(questions, True)


@pytest.mark.requirement("L-26")
def test_a_customer_may_ask_for_an_agent_who_is_off_today(enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "one", "up"))
    lead = enter("lead")
    form = lead.get(f"{BOARD}/receive_reception").text
    chosen = form[form.index('name="named_agent"') :].split("</select>")[0]
    people = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)', chosen)
    assert people[0] == ("one", "赵敏")
    assert ("four", "方慧（今天不在轮序中）") in people[1:]
    answers = dict.fromkeys(("been_before", "has_called", "is_recommended"), "false")
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "how_named": "by_name"}
    lead.post(f"{BOARD}/receive_reception", typed | answers | {"named_agent": "four"})
    assert given(fake, "receive_reception")[0]["named_agent"] == "four"


@pytest.mark.requirement("L-28")
def test_the_intake_says_whose_customer_telephones(enter: Any, fake: FakeServices) -> None:
    told = {"code": "known_customer_of", "params": {"agent": "one"}, "resource": None, "id": None, "label": None}
    fake.advice["leads", "receive_reception"] = {"suggestions": [], "cautions": [told]}
    lead = enter("lead")
    form = lead.get(f"{BOARD}/receive_reception").text
    found = re.search(r'data-advice="([^"]+)"', form)
    assert found
    typed = dict(re.findall(r'<input type="hidden" name="(project_id)" value="([^"]*)"', form))
    said = lead.post(found[1], {**typed, "phone": "13700001111"})
    assert "赵敏" in said.text
    (draft,) = [call[3] for call in fake.calls if call[1:3] == ("advise", "receive_reception")]
    assert (draft["project_id"], draft["phone"]) == ("P01", "13700001111")
