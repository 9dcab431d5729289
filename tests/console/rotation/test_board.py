"""The rotation board with the services in memory: who may see it, what it offers to whom, and when it is sent again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from admin.doubles import FakeServices
from admin.models import WebSession, db
from admin.sessions import now
from services.contracts import glossary
from tests.console.rotation.site import (
    BOARD,
    CHANGE,
    CHECK,
    LIVE,
    PLACE,
    POINTS,
    address,
    asked,
    given,
    offered,
    ring,
    seat,
)


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


@pytest.mark.requirement("X-309")
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
