"""Who supervises a level: the board, an order until it is confirmed, and a case that goes up a level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Estate
from tests.e2e.desk import LARGE, TELEPHONE, Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
#: Its sales are closed: customer affairs is its competent department, which supervises level 2 (X-41, C-30).
CLOSED = "P02"
BOARD = "/reports/complaints/supervision_by_level"
ORDER, DONE = "今日内上门核实并回复客户。", "已上门，客户同意周五复查。"


@pytest.mark.requirement("C-31", "C-32", "C-123")
@pytest.mark.parametrize(("language", "size"), [("zh", LARGE), ("en", TELEPHONE)])
def test_a_supervisor_orders_confirms_and_raises_a_level(
    language: str, size: Any, at_desk: Callable[..., Desk], estate: Estate, person: Callable[..., Any]
) -> None:
    customer = estate.customer()
    estate.known_to_complaints("P01-1-1-0802", customer["id"])
    # Of no home: three homes with one matter would be a group complaint, which has a level of its own.
    told = {"kind": "complaint", "category": "service_attitude", "channel": "counter", "description": "现场无人接待。"}
    case = person("han.mei").do("complaints", "register_case", project_id=CLOSED, uid=customer["id"], **told)
    assert case["level"] == 1

    supervisor = at_desk("jiang.tao", language, size=size)
    _found_on_the_board(supervisor, case["number"], 1)
    order = _ordered(supervisor, case["number"])
    supervisor.shows(supervisor.words.state("complaints", "supervision_order", "issued"))

    handler = at_desk("li.na", language).open(f"/complaints/task/?record_id={order.rpartition('/')[2]}")
    handler.shows(handler.words("complaints", "rules", "supervision_order"))
    handler.open(order).do("report_done_supervision_order", result=DONE)

    supervisor.open(order).shows(DONE)
    supervisor.do("confirm_supervision_order")
    supervisor.shows(supervisor.words.state("complaints", "supervision_order", "confirmed"))

    supervisor.open(f"/complaints/case/{case['id']}")
    expect(supervisor.panel("complaints", "supervision_order")).to_contain_text(ORDER)
    supervisor.do("raise_level_case", level="2", reason="同楼多户反映。")
    supervisor.shows(supervisor.words("complaints", "choices", "case_level", "2"))
    supervisor.shows(supervisor.words("complaints", "choices", "level_trigger", "decision"))
    assert supervisor.sticks_out <= 0
    _found_on_the_board(supervisor, case["number"], 2)

    head = at_desk("zheng.jie", language).open(f"/complaints/alert/?record_id={case['id']}")
    head.shows(head.words("complaints", "rules", "complaint_level_raised"))


def _found_on_the_board(desk: Desk, number: str, level: int) -> None:
    """From the number of open cases of the level to the case itself."""
    desk.open(BOARD)
    assert desk.sticks_out <= 0
    name = desk.words("complaints", "choices", "case_level", str(level))
    desk.page.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()
    expect(desk.page.get_by_role("link", name=number, exact=True)).to_be_visible()
    assert desk.sticks_out <= 0


def _ordered(desk: Desk, number: str) -> str:
    """An order about the case until tomorrow; returns its address."""
    desk.open("/complaints/supervision_order/")
    until = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    due_at = until.strftime("%Y-%m-%dT%H:%M")
    desk.do("issue_supervision_order", case_id=number, instruction=ORDER, due_at=due_at, assignee="li.na")
    return desk.path
