"""Flow 1: a property company's repair, from its own system to ours and back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.company import Company, in_hours
from tests.e2e.conftest import Estate
from tests.e2e.desk import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SAID = "厨房净水器无水，阀门无法关闭。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_repair_goes_from_the_company_to_the_desk_and_back(
    language: str,
    at_desk: Callable[..., Desk],
    evergreen: Company,
    estate: Estate,
    person: Callable[..., Any],
    until: Callable[..., Any],
) -> None:
    home = estate.home()
    estate.known_to_maintenance(home)
    desk = at_desk("xu.qing", language)
    report = {"source_ref": f"CQ-{home}", "home_id": home, "repair_class": "equipment", "description": SAID}
    began = time.monotonic()
    evergreen.tell("repair_reported", **report, reporter="王女士", reported_at=in_hours(-1))
    row = desk.page.get_by_role("row").filter(has_text=SAID)
    assert until(lambda: desk.open(f"/maintenance/work_order/?home_id={home}") and row.count(), 10, 0.2)
    assert time.monotonic() - began < 8
    left = [" ".join([desk.words.console("clock.days", n=1), desk.words.console("clock.hours", n=n)]) for n in (22, 23)]
    said = "|".join(re.escape(desk.words.console("clock.left", time=one)) for one in left)
    expect(row).to_contain_text(re.compile(said))
    expect(row).to_contain_text(desk.words.state("maintenance", "work_order", "reported"))

    row.get_by_role("link").first.click()
    number, order_id = desk.number, desk.path.rpartition("/")[2]
    desk.do("triage_work_order", repair_class="equipment", urgency="high", in_warranty=True)
    desk.do("dispatch_work_order", property_company="evergreen")
    dispatched = evergreen.receives(until, "work_order_dispatched", order_id=order_id)
    assert dispatched["data"]["number"] == number
    assert dispatched["data"]["home_id"] == home

    evergreen.tell("repair_accepted", order_id=order_id, technician="张师傅", appointment=in_hours(2))
    evergreen.tell("repair_arrived", order_id=order_id, technician="张师傅", arrived_at=in_hours(0))
    evergreen.tell("repair_started", order_id=order_id, started_at=in_hours(0))
    evergreen.tell("repair_completed", order_id=number, work_done="更换阀门。", completed_at=in_hours(0))
    done = desk.words.state("maintenance", "work_order", "done")
    heading = desk.page.get_by_role("heading", level=1).filter(has_text=done)
    assert until(lambda: desk.open(f"/maintenance/work_order/{order_id}") and heading.count(), 15, 0.3)
    clock = desk.page.locator(".clock-line").filter(
        has_text=desk.words("maintenance", "work_order", "clocks", "on_site")
    )
    expect(clock).to_contain_text(desk.words.console("clock.met"))

    desk.do("verify_work_order", result="现场复核，出水正常。")
    desk.do("confirm_work_order", rating=5, owner_remark="很快")
    desk.do("close_work_order", cost="120.50", payer="developer")
    desk.shows("¥ 120.50")
    timeline = desk.page.get_by_role("listitem").filter(has=desk.page.locator(".when"))
    for command in ("report", "triage", "dispatch", "accept", "arrive", "start", "complete", "verify", "close"):
        label = desk.words.command("maintenance", f"{command}_work_order")
        expect(timeline.filter(has_text=label).first).to_be_visible()
    said = re.compile(
        rf"{desk.words.console('timeline.audit')}\s+{desk.words.command('maintenance', 'complete_work_order')}\s"
    )
    expect(timeline.filter(has_text=said).first).to_contain_text("常青物业服务有限公司")


def test_bad_messages_are_shown_and_discarded_and_the_next_one_flows_on(
    at_desk: Callable[..., Desk],
    evergreen: Company,
    estate: Estate,
    person: Callable[..., Any],
    until: Callable[..., Any],
) -> None:
    home = estate.home()
    estate.known_to_maintenance(home)
    report = {"home_id": home, "repair_class": "decoration", "reporter": "前台", "reported_at": in_hours(-1)}
    evergreen.publish("this is no JSON")
    wrong = evergreen.tell("repair_reported", **{**report, "repair_class": "flooding"}, source_ref="x", description="y")
    evergreen.tell("repair_reported", **report, source_ref=f"CQ-{home}", description="墙纸起泡。")
    desk = person("xu.qing")
    assert until(lambda: desk.rows("maintenance/work_order", home_id=home), 10, 0.1)
    refusal = evergreen.receives(until, "message_rejected", message_id=wrong)
    assert refusal["data"]["fields_at_fault"] == ["repair_class"]
    assert evergreen.receives(until, "message_rejected", message_type="unknown")

    admin = at_desk("yan.kai").open("/operations/")
    kept = person("yan.kai").rows("maintenance/parked_message", q=wrong)
    row = admin.page.get_by_role("row").filter(has=admin.page.locator(f'input[value="{kept[0]["id"]}"]'))
    expect(row).to_contain_text(admin.words("errors", "field_invalid"))
    row.get_by_role("checkbox").check()
    admin.page.get_by_label(admin.words.console("operations.note")).fill("已与物业公司确认，作废。")
    admin.page.get_by_role("button", name=admin.words.console("operations.discard")).click()
    admin.flash(admin.words.console("operations.discard_done", n=1))
    expect(row).to_have_count(0)
    settled = person("yan.kai").get(f"maintenance/parked_message/{kept[0]['id']}").record
    assert (settled["state"], settled["note"]) == ("discarded", "已与物业公司确认，作废。")
