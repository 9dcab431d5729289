"""The pages that put several services together: inbox, my work, home card, search, operations; and saved views."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.console.conftest import value_of

ROOT = {"user": "x", "name": "x", "roles": {"complaint_handler": ["group"], "company_manager": ["group"]}}


def keep(fake: Any, service: str, name: str, /, **values: Any) -> dict[str, Any]:
    """A record with fields that `put` has parameters for (`resource`)."""
    record = fake.put(service, name)
    fake._records[service, name][record["id"]].update(values)
    return {**record, **values}


@pytest.fixture
def submitted(fake):
    """A case whose plan was rejected once and submitted again by the handler."""
    home = fake.put("leads", "home", label="滨江花园 3-1201", project_id="P01", company_id="C01")
    where = {"project_id": "P01", "company_id": "C01"}
    case = fake.put("complaints", "case", number="TS 1", home_id=home["id"], content="渗水", plan="全部更换", **where)
    fake.execute(
        "complaints",
        "submit_plan_case",
        {"id": case["id"], "plan": "全部更换"},
        actor={**ROOT, "user": "handler", "name": "李专人"},
        command_id="e" * 12,
    )
    same = {
        "resource": "case",
        "record_id": case["id"],
        "record_number": "TS 1",
        "title": "TS 1",
        "kind": "case_plan",
        "submitted_by": "handler",
        "approver_role": "company_manager",
        "approve_command": "approve_plan_case",
        "reject_command": "reject_plan_case",
        "snapshot_hash": "ab" * 32,
        "amount": "3000.00",
        **where,
    }
    first = keep(
        fake,
        "complaints",
        "approval",
        round=1,
        state="rejected",
        submitted_at="2026-05-01T01:00:00Z",
        decided_by="manager",
        decided_at="2026-05-02T01:00:00Z",
        reason="依据不足",
        snapshot={"plan": "局部补漏"},
        **same,
    )
    second = keep(
        fake,
        "complaints",
        "approval",
        round=2,
        submitted_at="2026-05-03T01:00:00Z",
        snapshot={"plan": "全部更换"},
        **same,
    )
    return {"case": case, "first": first, "second": second}


def test_the_inbox_has_what_waits(browser, submitted):
    manager = browser("manager")
    assert "TS 1" in manager.get("/approvals/").text
    assert "TS 1" in manager.get("/approvals/?tab=decided").text
    assert "TS 1" in manager.get("/").text
    assert manager.get("/work/count").get_json() == {"count": 1}
    handler = browser("handler")
    assert "TS 1" not in handler.get("/approvals/").text, "nobody decides what they submitted (X-44)"
    assert "TS 1" in handler.get("/approvals/?tab=submitted").text


def test_what_somebody_consented_to_is_decided_by_them_too(browser, fake, submitted):
    consents = [{"role": "public_relations", "user": "manager", "at": "2026-05-02T01:00:00Z", "comment": None}]
    joint = {"kind": "plan", "resource": "case", "record_id": submitted["case"]["id"], "record_number": "TS 7"}
    waits = {"submitted_by": "handler", "submitted_at": "2026-05-04T01:00:00Z", "snapshot": {}, "round": 3}
    keep(fake, "complaints", "approval", **joint, **waits, approver_role="customer_centre", consents=consents)
    assert "TS 7" in browser("manager").get("/approvals/?tab=decided").text


def test_versions_side_by_side_with_earlier_decisions(browser, submitted):
    page = browser("manager").get(f"/approvals/complaints/{submitted['second']['id']}").text
    assert "<del>局部补漏</del>" in page
    assert "<ins>全部更换</ins>" in page
    assert "依据不足" in page
    assert "第 1 版" in page


def test_rejecting_needs_a_reason_and_keeps_the_page(browser, fake, submitted):
    manager = browser("manager")
    url = f"/approvals/complaints/{submitted['second']['id']}"
    refused = manager.post(
        f"{url}/reject", {"reason": "  ", "version": value_of(manager.get(url).text, "version"), "command_id": "f" * 12}
    )
    assert refused.status_code == 422
    assert "必填" in refused.text
    done = manager.post(
        f"{url}/reject",
        {
            "reason": "金额依据不足",
            "version": value_of(refused.text, "version"),
            "command_id": value_of(refused.text, "command_id"),
        },
    )
    assert done.status_code == 302
    case = fake.fetch("complaints", "case", submitted["case"]["id"], ROOT)["result"]
    assert case["state"] == "plan_drafted"


def test_approving(browser, fake, submitted):
    manager = browser("manager")
    url = f"/approvals/complaints/{submitted['second']['id']}"
    done = manager.post(
        f"{url}/approve", {"comment": "", "version": value_of(manager.get(url).text, "version"), "command_id": "g" * 12}
    )
    assert done.status_code == 302
    assert fake.fetch("complaints", "case", submitted["case"]["id"], ROOT)["result"]["state"] == "plan_approved"


def test_others_may_not_decide(browser, submitted):
    url = f"/approvals/complaints/{submitted['second']['id']}"
    handler = browser("handler")
    assert handler.post(f"{url}/approve", {"comment": "", "command_id": "h" * 12}).status_code == 403
    assert "verdict approve" not in handler.get(url).text


@pytest.mark.parametrize("down", ["leads", "complaints", "maintenance", "membership"])
def test_one_service_down_and_the_rest_of_the_page_works(browser, fake, order, submitted, down):
    desk, manager, admin = browser("desk"), browser("manager"), browser("admin")
    fake.put("membership", "member", home_id=order["home_id"], number="HY 77", project_id="P01")
    home = f"/leads/home/{order['home_id']}"
    with fake.away(down):
        for who, url in ((desk, "/"), (manager, "/approvals/"), (admin, "/operations/")):
            page = who.get(url)
            assert page.status_code == 200
            assert "服务暂时无法访问" in page.text
        card = desk.get(home)
        assert card.status_code == (503 if down == "leads" else 200)
        if down == "membership":
            assert order["number"] in card.text
            assert "服务暂时无法访问" in card.text
        if down == "maintenance":
            assert "HY 77" in card.text
            assert "服务暂时无法访问" in card.text


def test_a_list_of_a_service_that_is_down_says_so(browser, fake, order):
    with fake.away("maintenance"):
        answer = browser("desk").get("/maintenance/work_order/")
    assert answer.status_code == 503
    assert "维修服务暂时无法访问" in answer.text


def test_search_finds_by_number_in_all_registers(browser, order):
    desk = browser("desk")
    found = desk.get(desk.post("/search", {"q": order["number"]}).headers["Location"])
    assert order["number"] in found.text
    assert "没有符合条件的记录" in desk.get(desk.post("/search", {"q": "nothing-9"}).headers["Location"]).text


def test_parked_messages_are_replayed_with_a_note(browser, fake):
    messages = [
        fake.put("maintenance", "parked_message", message_id=f"m-{n}", reason="not_json", body="eyJhIjoxfQ==")
        for n in range(3)
    ]
    admin, auditor = browser("admin"), browser("auditor")
    page = admin.get("/operations/").text
    assert "m-1" in page
    assert "消息不是有效的 JSON" in page
    assert 'name="verb"' not in auditor.get("/operations/").text
    form = {
        "register": "maintenance/parked_message",
        "verb": "replay",
        "id": [messages[0]["id"], messages[1]["id"]],
        "command_id": "k" * 12,
    }
    admin.post("/operations/settle", {**form, "note": ""})
    assert not [call for call in fake.calls if call[1] == "execute"], "a note is needed"
    for _ in range(2):
        admin.post("/operations/settle", {**form, "note": "原因已排除"})
    states = [fake._records["maintenance", "parked_message"][one["id"]] for one in messages]
    assert [one["state"] for one in states] == ["retrying", "retrying", "parked"]
    assert [one["version"] for one in states] == [2, 2, 1], "sent twice, done once"
    assert auditor.post("/operations/settle", {**form, "note": "x"}).status_code == 403
    shown = admin.get(f"/maintenance/parked_message/{messages[2]['id']}").text
    assert "{&#34;a&#34;:1}" in shown


def test_saved_views(browser, order):
    desk, other = browser("desk"), browser("desk2")
    url = "/maintenance/work_order/"
    desk.post(f"{url}views", {"name": "特急", "urgency": "emergency"})
    assert "特急" in desk.get(url).text
    assert "?urgency=emergency" in desk.get(url).text
    assert "?urgency=emergency" not in other.get(url).text, "a view is its person's"
    desk.post(f"{url}views", {"name": "王女士", "q": "王女士"})
    assert "不能保存" in desk.get(url).text, "what may be personal is not kept"


def test_clocks_are_coloured_by_share(browser, fake, order):
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    for number, (due, share) in enumerate(((200, 0.2), (30, 0.8), (-120, 1.4))):
        clock = {
            "name": "on_site",
            "started_at": now.isoformat(),
            "due_at": (now + timedelta(minutes=due, seconds=20)).isoformat(),
            "share": share,
            "paused": False,
            "stopped_at": None,
            "breached": due < 0,
        }
        fake.put(
            "maintenance",
            "work_order",
            number=f"C{number}",
            home_id=order["home_id"],
            description="d",
            project_id="P01",
            clocks=[clock],
        )
    page = browser("desk").get("/maintenance/work_order/").text
    for tone, text in (("green", "剩 3 小时 20 分"), ("amber", "剩 30 分"), ("red", "超 1 小时 59 分")):
        assert f'class="clock {tone}"' in page
        assert text in page


def test_a_disabled_move_says_why(browser, fake, submitted):
    handler_and_manager = {"user": "handler", "name": "李专人", "roles": {"company_manager": ["group"]}}
    found = fake.fetch("complaints", "case", submitted["case"]["id"], handler_and_manager)
    assert any(action["obstacle"] for action in found["actions"])
    fetch = fake.fetch
    fake.fetch = lambda *args: {**fetch(*args), "actions": found["actions"]}
    page = browser("manager").get(f"/complaints/case/{submitted['case']['id']}").text
    assert "不能审批自己提交的事项" in page
    assert "disabled" in page


def test_pickers_work_without_script(browser, fake, order):
    desk = browser("desk")
    url = "/maintenance/work_order/new/report_work_order"
    form = {"home_id": "", "home_id__text": "3-1201", "home_id__was": "", "description": "d", "urgency": "normal"}
    assert desk.post(url, {**form, "command_id": "m" * 12}).status_code == 302
    fake.put("leads", "home", label="滨江花园 5-1201", project_id="P01")
    several = desk.post(url, {**form, "home_id__text": "1201", "command_id": "n" * 12})
    assert several.status_code == 422
    assert "请选择一条" in several.text
    chosen = order["home_id"]
    assert f'<input type="radio" name="home_id__picked" value="{chosen}">' in several.text
    again = {**form, "home_id__text": "1201", "home_id__was": "1201", "home_id__picked": chosen}
    done = desk.post(url, {**again, "command_id": "o" * 12})
    assert done.status_code == 302
    at_the_desk = {**ROOT, "roles": {"maintenance_desk": ["group"]}}
    id = done.headers["Location"].rsplit("/", 1)[1]
    assert fake.fetch("maintenance", "work_order", id, at_the_desk)["result"]["home_id"] == chosen


def test_what_finds_nothing_is_not_taken_for_an_id(browser, fake, order):
    desk, url = browser("desk"), "/maintenance/work_order/new/report_work_order"
    form = {"home_id": "", "home_id__text": "没有这套房", "home_id__was": "", "description": "d", "urgency": "normal"}
    refused = desk.post(url, {**form, "command_id": "p" * 12})
    assert refused.status_code == 422
    assert refused.text.count("找不到这条记录") == 1
    assert 'name="home_id" value=""' in refused.text
    assert 'value="没有这套房"' in refused.text, "what was typed is still there"


def test_names_of_references(browser, fake, order):
    answer = browser("desk").post(
        "/work/labels", {"ref": [f"leads/home|{order['home_id']}", "leads/home|nothing", "x|y", "leads/contract|1"]}
    )
    assert answer.get_json() == {"labels": {f"leads/home|{order['home_id']}": "滨江花园 3-1201"}}


def test_a_dialog_is_told_where_to_go(browser, order):
    """Its request would follow a redirect unseen, and the message would be shown to nobody."""
    desk = browser("desk")
    url = f"/maintenance/work_order/{order['id']}/cancel_work_order"
    form = desk.get(url, headers={"X-Fragment": "1"}).text
    assert "<html" not in form
    sent = {"reason": "重复报修", "version": value_of(form, "version"), "command_id": value_of(form, "command_id")}
    done = desk.post(url, sent, headers={"X-Fragment": "1"})
    assert done.status_code == 204
    assert "已完成" in desk.get(done.headers["X-Location"]).text


def test_forms_tell_assistive_technology_what_belongs_together(browser, fake, order):
    page = browser("desk").post(
        "/maintenance/work_order/new/report_work_order",
        {"home_id": "", "home_id__text": "没有", "home_id__was": "", "description": "d", "command_id": "q" * 12},
    )
    assert page.status_code == 422
    (picker,) = re.findall(r'<input id="c-home_id"[^>]*>', page.text)
    for part in ('role="combobox"', 'aria-controls="c-home_id-found"', 'aria-expanded="false"'):
        assert part in picker
    assert 'aria-invalid="true" aria-describedby="c-home_id-wrong"' in picker
    assert '<span id="c-home_id-wrong"><span class="wrong"' in page.text
    assert '<ul class="found" id="c-home_id-found" role="listbox"' in page.text


def test_an_account_that_is_refused_says_at_which_field(browser):
    page = browser("admin").post("/people/new", {"username": "A", "name": "", "roles": "king"})
    assert page.status_code == 422
    assert re.search(r'aria-invalid="true" aria-describedby="(username|name|roles)-wrong"', page.text)
