"""The hazards H1 to H11 of stock Flask-AppBuilder, each with a test that fails without the fix."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from admin.described import Resource
from admin.models import db
from services.contracts.errors import ServiceUnavailable, StaleVersion, ValidationFailed
from tests.console.conftest import value_of

ROOT = {"user": "x", "name": "x", "roles": {"maintenance_desk": ["group"]}}


def sent(page: str, **values: str) -> dict[str, str]:
    """What a browser would send: the hidden fields of the form, and what was typed."""
    return {name: value_of(page, name) for name in ("version", "command_id") if f'name="{name}"' in page} | values


def test_h1_a_record_outside_the_scope_is_not_there(browser, fake, order):
    """Not to be shown, not to be moved, not to be decided on, not to be exported."""
    other = browser("desk2")
    url = f"/maintenance/work_order/{order['id']}"
    assert other.get(url).status_code == 404
    assert other.get(f"{url}/cancel_work_order").status_code == 404
    assert (
        other.post(f"{url}/cancel_work_order", {"reason": "x", "version": "1", "command_id": "a" * 12}).status_code
        == 404
    )
    assert order["number"] not in other.get("/maintenance/work_order/").text
    assert fake.fetch("maintenance", "work_order", order["id"], ROOT)["result"]["state"] == "reported"


def test_h1_every_call_carries_the_person(browser, app, order):
    """The services decide, so each call says who asks: nothing is asked in the console's own name."""
    services, seen = app.extensions["anju_services"], []
    gather = services.gather
    services.gather = lambda calls, **more: seen.extend(calls) or gather(calls, **more)
    desk = browser("desk")
    for url in (
        "/",
        "/maintenance/work_order/",
        f"/maintenance/work_order/{order['id']}",
        f"/leads/home/{order['home_id']}",
        "/work/count",
    ):
        desk.get(url)
    assert seen
    assert all(call[-1]["user"] == "desk" for call in seen if call[0] != "health")


def test_h3_related_registers_that_a_role_may_not_read_are_not_shown(browser, fake, order):
    fake.put("leads", "contract", home_id=order["home_id"], number="HT-SECRET-1", project_id="P01")
    fake.put("membership", "member", home_id=order["home_id"], number="HY-1", project_id="P01")
    agent, desk = browser("agent"), browser("desk")
    url = f"/leads/home/{order['home_id']}"
    assert "HT-SECRET-1" in agent.get(url).text
    assert order["number"] not in agent.get(url).text
    assert order["number"] in desk.get(url).text
    assert "HT-SECRET-1" not in desk.get(url).text
    fake.calls.clear()
    desk.get(url)
    assert "contract" not in [call[2] for call in fake.calls], "it is not even asked for"


def test_h4_no_stock_download_door(app):
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert not [rule for rule in rules if "download" in rule or "upload" in rule]


def test_h5_fields_that_are_not_of_the_command_are_not_sent(browser, fake, order):
    """Neither an owner nor a state nor a scope can be slipped in with a form."""
    desk = browser("desk")
    form = {
        "home_id": order["home_id"],
        "home_id__text": "x",
        "home_id__was": "x",
        "description": "d",
        "urgency": "normal",
        "command_id": "b" * 12,
    }
    desk.post(
        "/maintenance/work_order/new/report_work_order",
        {**form, "state": "closed", "created_by": "boss", "project_id": "P02", "engineer": "me"},
    )
    payload = [call for call in fake.calls if call[1] == "execute"][-1][3]
    assert set(payload) <= {"home_id", "description", "urgency", "reported_at", "cost"}


def refusing(services, error):
    def execute(*args, **more):
        raise error

    services.execute = execute


LONG = "业主王女士来电，反映厨房天花板渗水。<b>已拍照</b> " * 20


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValidationFailed.of("description", "outside_scope"), 422),
        (ServiceUnavailable(service="maintenance"), 503),
        (StaleVersion(current=4, changes={"urgency": ["high", "normal"]}), 409),
    ],
)
def test_h6_nothing_that_was_typed_is_lost(browser, fake, order, error, status):
    refusing(fake, error)
    desk = browser("desk")
    form = {
        "home_id": order["home_id"],
        "home_id__text": "滨江",
        "home_id__was": "滨江",
        "description": LONG,
        "urgency": "high",
        "reported_at": "2026-05-01T09:30",
        "cost": "12x",
        "command_id": "c" * 12,
    }
    first = desk.post("/maintenance/work_order/new/report_work_order", form)
    assert first.status_code == 422
    assert "12x" in first.text, "a wrong amount is kept and told"
    answer = desk.post("/maintenance/work_order/new/report_work_order", {**form, "cost": "12.50"})
    assert answer.status_code == status
    page = answer.text
    assert page.count("&lt;b&gt;已拍照&lt;/b&gt;") == 20
    for kept in ("滨江", "12.50", "2026-05-01T09:30", '<option value="high" selected>', order["home_id"]):
        assert kept in page
    if status == 422:
        assert 'aria-invalid="true"' in page
        assert "超出您的权限范围" in page


def test_h6_after_an_unknown_outcome_the_same_command_is_sent_again(browser, fake, order):
    """A service that did not answer may have done it: the second try must be the same command."""
    execute, seen = fake.execute, []

    def away(*args, **more):
        seen.append(more["command_id"])
        execute(*args, **more)
        raise ServiceUnavailable(service="maintenance")

    fake.execute = away
    desk = browser("desk")
    url = f"/maintenance/work_order/{order['id']}/triage_work_order"
    answer = desk.post(url, sent(desk.get(url).text, urgency="high", note="先止水"))
    assert answer.status_code == 503
    fake.execute = execute
    again = desk.post(url, sent(answer.text, urgency="high", note="先止水"))
    assert again.status_code == 302
    assert fake.fetch("maintenance", "work_order", order["id"], ROOT)["result"]["version"] == 2


def test_a_double_click_does_it_once(browser, fake, order):
    desk = browser("desk")
    url = "/maintenance/work_order/new/report_work_order"
    form = sent(
        desk.get(url).text,
        home_id=order["home_id"],
        home_id__text="x",
        home_id__was="x",
        description="d",
        urgency="normal",
    )
    assert [desk.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert fake.search("maintenance", "work_order", {}, ROOT)["count"] == 2


def test_h7_a_stale_form_shows_what_changed(browser, fake, order):
    desk = browser("desk")
    url = f"/maintenance/work_order/{order['id']}/triage_work_order"
    form = sent(desk.get(url).text, urgency="normal", note="我的说明")
    refused = StaleVersion(current=2, given=1, by=["赵受理"], changes={"urgency": ["high", "emergency"]})
    execute = fake.execute
    refusing(fake, refused)
    answer = desk.post(url, form)
    assert answer.status_code == 409
    assert "紧急" in answer.text
    assert "特急" in answer.text
    assert "我的说明" in answer.text
    assert value_of(answer.text, "version") == "2"
    assert value_of(answer.text, "command_id") != form["command_id"]
    fake.execute = execute


def test_h7_the_version_that_the_person_saw_is_sent(browser, fake, order):
    """Cancelling would still be legal after the triage, so only the version tells that the page was old."""
    desk = browser("desk")
    url = f"/maintenance/work_order/{order['id']}"
    stale = sent(desk.get(f"{url}/cancel_work_order").text, reason="重复报修")
    triage = {"id": order["id"], "urgency": "high"}
    fake.execute("maintenance", "triage_work_order", triage, actor=ROOT, command_id="d" * 12)
    assert desk.post(f"{url}/cancel_work_order", stale).status_code == 409
    assert fake.fetch("maintenance", "work_order", order["id"], ROOT)["result"]["state"] == "triaged"


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-1",
        "page=999999999999",
        "size=x",
        "order=phone",
        "order=-nothing",
        "state=bogus",
        "urgency=1&urgency=2",
        "reported_at_from=never",
        "s=nothing",
        "q=%00",
        "in_warranty=maybe",
        "phone=138",
        "home_id=" + "x" * 5000,
        "unknown=1",
    ],
)
def test_h8_bad_parameters_are_clamped_or_told(browser, order, query):
    answer = browser("desk").get(f"/maintenance/work_order/?{query}", follow_redirects=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/maintenance/work_order/nothing", 404),
        ("/maintenance/nothing/", 404),
        ("/maintenance/work_order/new/nothing", 404),
        ("/maintenance/work_order/new/cancel_work_order", 404),
        ("/maintenance/work_order/x/report_work_order", 404),
        ("/maintenance/work_order/x/approve_plan_case", 404),
        ("/approvals/complaints/nothing", 404),
        ("/approvals/nothing/1", 404),
        ("/people/99999999", 403),
        ("/nothing", 404),
    ],
)
def test_h8_what_is_not_there(browser, url, status):
    answer = browser("desk").get(url)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "安居" in answer.text


def test_h8_a_fault_shows_a_page_and_no_traceback(browser, app, fake):
    def broken(*_args, **_more):
        raise RuntimeError("secret detail")

    fake.gather = broken
    answer = browser("desk").get("/maintenance/work_order/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "故障编号" in answer.text


def test_h9_pages_are_bounded(browser, fake, order):
    desk = browser("desk")
    for size in ("100000", "101", "0"):
        desk.get(f"/maintenance/work_order/?size={size}")
    sizes = {call[3]["page_size"] for call in fake.calls if call[1] == "search" and call[2] == "work_order"}
    assert sizes <= {20, 50, 100}


def test_h9_few_statements_and_two_questions_per_page(app, browser, fake, order):
    for number in range(60):
        fake.put(
            "maintenance",
            "work_order",
            number=f"WO-{number}",
            home_id=order["home_id"],
            description="d",
            urgency="high",
            project_id="P01",
        )
    desk = browser("desk")
    desk.get("/")
    statements: list[str] = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for url in ("/maintenance/work_order/?size=50", f"/maintenance/work_order/{order['id']}"):
        statements.clear()
        fake.calls.clear()
        assert desk.get(url).status_code == 200
        assert len(statements) <= 8, statements
        assert len(fake.calls) <= 2, fake.calls


def test_h10_pages_do_not_grow_with_what_references_point_at(browser, fake, order):
    desk = browser("desk")
    url = "/maintenance/work_order/new/report_work_order"
    small = len(desk.get(url).data)
    for number in range(500):
        fake.put("leads", "home", label=f"滨江花园 {number}", project_id="P01")
    assert abs(len(desk.get(url).data) - small) < 100
    found = desk.post("/leads/home/options", {"q": "滨江"}).get_json()["result"]
    assert len(found) == 20


def test_h11_dates_are_filtered_without_a_plugin(browser, fake, order):
    desk = browser("desk")
    page = desk.get("/maintenance/work_order/").text
    assert 'type="date" name="reported_at_from"' in page
    desk.get("/maintenance/work_order/?reported_at_from=2026-05-01&reported_at_to=2026-05-02")
    asked = [call for call in fake.calls if call[1] == "search"][-1][3]["filters"]["reported_at"]
    assert asked == {"from": "2026-04-30T16:00:00Z", "to": "2026-05-02T15:59:59.999999Z"}, "whole days of China"


@pytest.mark.requirement("X-47", "X-390")
def test_who_opens_an_address_that_would_change_an_entry_is_told_of(browser, order, fake, monkeypatch):
    """X-47: a register has no edit page; looking for one is on record, whatever it is called."""
    desk, register = browser("desk"), "/maintenance/work_order"
    desk.get(f"{register}/{order['id']}/edit")
    monkeypatch.setattr(Resource, "append_only", True)
    assert desk.get(f"{register}/{order['id']}/edit").status_code == 404
    assert desk.post(f"{register}/{order['id']}/delete_work_order", {}).status_code == 404
    told = [call[2:] for call in fake.calls if call[1] == "tell_attempt"]
    assert told == [("work_order", order["id"], what, "desk", "console") for what in ("edit", "delete_work_order")]
