"""The rotation board with the services in memory: who may see it, what it offers to whom, and when it is sent again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.models import WebSession, db
from admin.sessions import now
from admin.values import ZONE
from services.contracts import SERVICES, glossary
from tests.console.conftest import Browser

PEOPLE = {"lead": ("钱军", "site_sales_lead"), "one": ("赵敏", "sales_agent"), "fin": ("褚婷", "finance")}
LIVE = "/rotation/P01/live"


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    fake = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    place = {"company_id": "C01", "project_id": "P01"}
    fake.put("leads", "project", id="P01", code="P01", name="翡翠湾", **place)
    fake.put("leads", "roster", id="R1", day=datetime.now(ZONE).date(), **place)
    why = [{"code": "turn_in_ring", "params": {"place": 2}}, {"code": "turn_passed_off", "params": {"agents": ["one"]}}]
    values = {"agent": "two", "started_at": datetime.now(UTC), "assignment": "in_turn", "turn_counted": True}
    fake.put("leads", "reception", id="RC1", uid="U1", why=why, **values, **place)
    fake.reports["leads", "rotation_today"] = [
        {"values": seat(1, "one", "off"), "behind": {}},
        {"values": seat(2, "two", "receiving", turn_counted=1), "behind": {}},
        {"values": seat(3, "three", "up", block="unready"), "behind": {}},
    ]
    return fake


def seat(rank: int, agent: str, state: str, **more: Any) -> dict[str, Any]:
    counts = {"turn_counted": 0, "makeup_owed": 0, "rounds_cancelled": 0}
    known = {"rank": rank, "agent": agent, "slot_state": state, "since": "2026-03-02T02:00:00Z", "block": None}
    return known | {"is_next": False} | counts | more


@pytest.fixture
def enter(make_app: Any, fake: FakeServices) -> Callable[[str], Browser]:
    app = make_app(fake)
    with app.app_context():
        for user, (name, role) in PEOPLE.items():
            create_account(user, name, "correct-horse-7", {role: ["project:P01"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        return browser

    return one


@pytest.mark.requirement("X-310")
def test_the_board_says_who_is_where_and_why(enter: Any) -> None:
    page = enter("lead").get("/rotation/").text
    assert re.findall(r'class="seat (\w+)', page) == ["off", "receiving", "up"]
    assert "轮序第 2 位；赵敏不在岗" in page
    assert "未通过接待准备检查" in page
    assert "现在无人可接待" in page
    offered = set(re.findall(r"/rotation/P01/(\w+)", page))
    assert offered >= {"receive_reception", "finish_reception", "mark_back_roster", "declare_readiness_check"}
    assert {"cancel_round_roster", "join_roster"} <= offered


def test_an_agent_is_offered_what_concerns_themselves(enter: Any) -> None:
    page = enter("one").get("/rotation/P01").text
    assert set(re.findall(r"/rotation/P01/(\w+)", page)) == {"receive_reception", "mark_back_roster", "live"}
    assert enter("one").get("/rotation/P01/cancel_round_roster?id=R1&agent=three").status_code == 403
    assert enter("one").get("/rotation/P02").status_code == 404
    assert enter("fin").get("/rotation/P01").status_code == 403


def test_nothing_is_sent_while_nothing_changes(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    first = lead.get(LIVE)
    assert lead.get(LIVE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    fake.reports["leads", "rotation_today"][2]["values"]["block"] = None
    assert lead.get(LIVE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_board_that_is_left_open_keeps_nobody_signed_in(enter: Any) -> None:
    lead = enter("lead")
    lead.get("/rotation/P01")
    ago = now() - timedelta(minutes=5)

    def seen(url: str) -> datetime:
        with lead.client.application.app_context():
            db.session.execute(sa.update(WebSession).values(seen_at=ago))
            db.session.commit()
            lead.get(url)
            db.session.expire_all()
            (at,) = db.session.scalars(sa.select(WebSession.seen_at).where(WebSession.user_id.is_not(None)))
        return at

    assert seen(LIVE) == ago
    assert seen("/rotation/P01") > ago


def test_the_intake_begins_with_the_telephone(enter: Any) -> None:
    form = enter("lead").get("/rotation/P01/receive_reception").text
    names = re.findall(r'name="(\w+)"', form[form.index("command_id") :])
    assert names.index("phone") < names.index("name") < names.index("been_before") < names.index("named_agent")
    assert 'name="project_id"' not in form, "the board says where"
