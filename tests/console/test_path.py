"""Sign in, find a record, move it."""

from tests.console.conftest import value_of


def test_list_record_and_move(browser, fake, order):
    desk = browser("desk")
    listed = desk.get("/maintenance/work_order/")
    assert listed.status_code == 200
    assert "WO 2026-P01-000001" in listed.text
    shown = desk.get(f"/maintenance/work_order/{order['id']}")
    assert shown.status_code == 200
    assert "厨房天花板渗水" in shown.text
    assert "13812345678" not in shown.text
    form = desk.get(f"/maintenance/work_order/{order['id']}/triage_work_order")
    sent = {
        "urgency": "emergency",
        "note": "",
        "version": value_of(form.text, "version"),
        "command_id": value_of(form.text, "command_id"),
    }
    moved = desk.post(f"/maintenance/work_order/{order['id']}/triage_work_order", sent)
    assert moved.status_code == 302, moved.text
    record = fake.fetch(
        "maintenance", "work_order", order["id"], {"user": "d", "name": "d", "roles": {"maintenance_desk": ["group"]}}
    )
    assert record["result"]["state"] == "triaged"
    assert record["result"]["urgency"] == "emergency"


def test_create(browser, fake, order):
    desk = browser("desk")
    form = desk.get("/maintenance/work_order/new/report_work_order")
    assert form.status_code == 200
    sent = {
        "home_id": order["home_id"],
        "home_id__text": order["home_id"],
        "home_id__was": order["home_id"],
        "description": "门锁坏了",
        "urgency": "normal",
        "reported_at": "2026-05-01T09:30",
        "cost": "",
        "command_id": value_of(form.text, "command_id"),
    }
    made = desk.post("/maintenance/work_order/new/report_work_order", sent)
    assert made.status_code == 302, made.text
    call = [one for one in fake.calls if one[1] == "execute"][-1]
    assert call[3] == {
        "home_id": order["home_id"],
        "description": "门锁坏了",
        "urgency": "normal",
        "reported_at": "2026-05-01T01:30:00Z",
    }


def test_every_page_opens(browser, fake, order):
    for url in (
        "/",
        "/approvals/",
        "/operations/",
        "/people/",
        "/people/new",
        "/people/1",
        "/password/",
        "/leads/home/",
        f"/leads/home/{order['home_id']}",
        "/maintenance/task/",
        "/search",
    ):
        assert browser("admin").get(url).status_code == 200, url
