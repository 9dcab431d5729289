"""Flow 2: a complaint plan is rejected, approved, agreed and carried out; in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.company import in_hours
from tests.e2e.conftest import Estate
from tests.e2e.desk import TELEPHONE, Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PLANS = ("一次性补偿 3,000 元。", "重做防水，另补偿 1,000 元。")
REASON = "只补偿不维修，问题还会再来。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_complaint_from_the_first_call_to_its_closing(
    language: str,
    at_desk: Callable[..., Desk],
    estate: Estate,
    person: Callable[..., Any],
    until: Callable[..., Any],
) -> None:
    home, customer = estate.home(), estate.customer()
    estate.known_to_complaints(home, customer["id"])
    hotline = at_desk("han.mei", language)
    case = _registered(hotline, home, customer["name"])

    handler = at_desk("li.na", language).open(case)
    number = handler.number
    handler.do("respond_case", first_contact="已电话联系，约定明日上门。")
    handler.do("investigate_case", investigator="li.na")
    handler.do("analyse_case", cause="窗口防水收头不到位。", responsible_party="contractor", developer_share=30)
    handler.do("draft_plan_case", plan=PLANS[0], amount_proposed="3000")
    handler.do("submit_plan_case", evidence=EVIDENCE)

    manager = at_desk("feng.hua", language)
    _rejected(manager, number)
    handler.open(case).shows(REASON)
    second = {"plan": PLANS[1], "amount_proposed": "1000", "repair_part": "重做主卧窗口防水。"}
    handler.do("revise_plan_case", **second, consultation="上门沟通", consultation_result="客户同意。")
    handler.do("submit_plan_case", evidence=EVIDENCE)
    _approved(manager, number)

    handler.open(case)
    handler.do("negotiate_case", minutes="当面沟通一小时。", offers="十日内完成。", attendance="客户、李娜")
    handler.do("agree_case", agreement="按方案执行。", signed_by=customer["name"], signed_on="2026-03-01")
    handler.do("execute_case", executor="li.na")
    _repaired(handler, case, person, until)

    handler.do("check_case", result="防水合格。", check_note="淋水试验 24 小时无渗漏。")
    handler.do("feed_back_case", told="已告知结果。", opinion="满意。")
    cause = {
        "transfer_document": "工联函 2026-052",
        "departments": ["project_department"],
        "due_on": in_hours(24 * 14)[:10],
    }
    handler.do(
        "transfer_cause_case", transfer_form="work_contact_letter", **cause, corrective_action="收头做法列入样板。"
    )
    supervisor = at_desk("jiang.tao", language).open(case)
    supervisor.do("close_case", outcome="settled", closing_note="客户满意。", satisfaction=5)
    expect(supervisor.page.get_by_role("heading", level=1)).to_contain_text(
        supervisor.words.state("complaints", "case", "closed")
    )


#: What is uploaded, and the address of something that was.
EVIDENCE = {"name": "现场记录.txt", "mimeType": "text/plain", "buffer": "窗台渗水面积约 0.6 平方米。".encode()}
ADDRESS = f"file:{'0a' * 32}/51200/20260301T100000Z/IMG_0001.jpg"


def _registered(desk: Desk, home: str, name: str) -> str:
    """Registered by the hotline; the page keeps what was typed when the service refuses it. Returns its address."""
    desk.open("/complaints/case/")
    label = desk.begin("register_case")
    typed = {"category": "delivery", "channel": "hotline", "description": "主卧窗台渗水，墙面发霉。"}
    desk.fill("register_case", kind="dispute", uid=name, home_id=home, **typed)
    desk.send(label)
    counterpart = desk.control(desk.words.field("complaints", "case", "counterpart"))
    expect(counterpart).to_have_attribute("aria-invalid", "true")
    expect(desk.control(desk.words.field("complaints", "case", "description"))).to_have_value(typed["description"])
    expect(desk.control(desk.words.field("complaints", "case", "uid"))).to_have_value(re.compile(name))
    desk.fill("register_case", kind="complaint")
    desk.send(label)
    desk.flash(desk.words.console("move.done", command=label))
    return desk.path


def _rejected(manager: Desk, number: str) -> None:
    """Round 1: the manager finds it waiting, cannot reject it without a reason, and rejects it with one."""
    manager.open("/approvals/").page.get_by_role("link", name=number, exact=True).click()
    manager.shows(PLANS[0])
    manager.shows(manager.words.console("inbox.first_round"))
    verdict = manager.page.locator(".verdict.reject")
    reason = verdict.get_by_label(manager.words.field("complaints", "case", "reason"))
    # As a browser without the page's own checks would send it.
    verdict.locator("form").evaluate("form => { form.noValidate = true; }")
    verdict.get_by_role("button").click()
    expect(verdict.get_by_role("alert")).to_be_visible()
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill(REASON)
    verdict.get_by_role("button").click()
    manager.flash(manager.words.console("inbox.reject_done", number=number))


def _approved(manager: Desk, number: str) -> None:
    """Round 2: what changed, and what was said of round 1, are there to be read."""
    manager.open("/approvals/").page.get_by_role("link", name=number, exact=True).click()
    manager.shows(REASON)
    row = manager.page.get_by_role("row").filter(has_text=PLANS[1])
    expect(row.locator("td").first).to_have_text(PLANS[0])
    expect(row.locator("td").last).to_have_text(PLANS[1])
    expect(row.locator("ins").first).to_be_visible()
    manager.page.locator(".verdict.approve").get_by_role("button").click()
    manager.flash(manager.words.console("inbox.approve_done", number=number))


def _repaired(desk: Desk, case: str, person: Callable[..., Any], until: Callable[..., Any]) -> None:
    """The repair part is an order of maintenance; its progress stands on the case, which cannot be checked before."""
    maintenance = person("xu.qing")
    of_case = {"case_id": case.rpartition("/")[2]}
    found = until(lambda: maintenance.rows("maintenance/work_order", **of_case), 15, 0.1)
    assert found, "no work order came of the repair part"
    order = found[0]

    def step(command: str, **payload: Any) -> None:
        maintenance.do("maintenance", f"{command}_work_order", id=order["id"], **payload)

    step("triage", repair_class="other", urgency="normal", in_warranty=True)
    step("dispatch", property_company="evergreen")
    step("accept", technician="刘师傅", appointment=in_hours(1))
    step("arrive", technician="刘师傅", arrived_at=in_hours(0))
    step("start")
    step("complete", work_done="防水重做。", completed_at=in_hours(0))
    progress = desk.panel("complaints", "case_repair")
    finished = desk.words.state("maintenance", "work_order", "done")
    seen = progress.filter(has_text=finished).filter(has_text=order["number"])

    def shown() -> bool:
        desk.open(case)
        desk.page.wait_for_load_state("networkidle")
        return bool(seen.count())

    assert until(shown, 15, 0.3)
    check = desk.page.get_by_role("button", name=desk.words.command("complaints", "check_case"), exact=True)
    expect(check).to_be_disabled()
    step("verify", result="淋水试验合格。")
    can_check = desk.page.get_by_role("link", name=desk.words.command("complaints", "check_case"), exact=True)
    assert until(lambda: desk.open(case) and can_check.count(), 15, 0.3)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_decisions_are_made_on_a_telephone(
    language: str, at_desk: Callable[..., Desk], estate: Estate, person: Callable[..., Any]
) -> None:
    home, customer = estate.home(), estate.customer()
    estate.known_to_complaints(home, customer["id"])
    case = _submitted(person, home, customer["id"])
    manager, handler = at_desk("feng.hua", language, size=TELEPHONE), person("li.na")
    assert manager.open("/approvals/").sticks_out <= 0
    _rejected(manager, case["number"])
    shown = handler.get(f"complaints/case/{case['id']}").record
    assert (shown["state"], shown["approver"]) == ("plan_drafted", None)

    again = {"plan": PLANS[1], "consultation": "上门沟通"}
    handler.do("complaints", "revise_plan_case", id=case["id"], **again)
    handler.do("complaints", "submit_plan_case", id=case["id"], evidence=[ADDRESS])
    manager.open("/approvals/").page.get_by_role("link", name=case["number"], exact=True).click()
    for said in (REASON, *PLANS):
        manager.shows(said)
    assert manager.sticks_out <= 0
    verdict = manager.page.locator(".verdict.approve")
    verdict.get_by_role("textbox").fill("同意。")
    verdict.get_by_role("button").click()
    manager.flash(manager.words.console("inbox.approve_done", number=case["number"]))
    assert handler.get(f"complaints/case/{case['id']}").record["state"] == "plan_approved"


def _submitted(person: Callable[..., Any], home: str, uid: str) -> dict[str, Any]:
    """A case whose plan waits for a decision."""
    told = {"kind": "complaint", "category": "contract", "channel": "hotline", "description": "合同附件缺页。"}
    case: dict[str, Any] = person("han.mei").do("complaints", "register_case", home_id=home, uid=uid, **told)
    handler = person("li.na")
    for command, payload in (
        ("respond", {"first_contact": "已联系。"}),
        ("investigate", {"investigator": "li.na"}),
        ("analyse", {"cause": "归档遗漏。", "responsible_party": "developer"}),
        ("draft_plan", {"plan": PLANS[0], "amount_proposed": "3000.00"}),
        ("submit_plan", {"evidence": [ADDRESS]}),
    ):
        handler.do("complaints", f"{command}_case", id=case["id"], **payload)
    return case
