"""My work (X-301): whose the tasks and alerts are, and what they are about."""

from __future__ import annotations

import re

import pytest

from tests.console.test_pages import keep


@pytest.mark.requirement("X-301", "X-48")
def test_my_work_is_mine_or_nobodys_and_so_is_the_list_behind_it(browser, fake):
    def give(assignee: str | None, subject: str) -> None:
        keep(fake, "complaints", "task", subject=subject, role="complaint_handler", assignee=assignee)

    for person, subject in ((None, "谁都可以"), ("handler", "我来办"), ("other", "别人的事")):
        give(person, subject)
        keep(fake, "complaints", "alert", rule="x", record_number=f"AL-{person}", recipient=person)
    desk = browser("handler")
    shown = desk.get("/").text
    assert [text for text in ("谁都可以", "我来办", "别人的事") if text in shown] == ["谁都可以", "我来办"]
    assert [text for text in ("AL-None", "AL-handler", "AL-other") if text in shown] == ["AL-None", "AL-handler"]
    for _ in range(10):
        give("handler", "还有一件")
    (address,) = set(re.findall(r'href="(/complaints/task/[?][^"]+)"', desk.get("/").text))
    listed = desk.get(address.replace("&amp;", "&")).text
    assert [text for text in ("谁都可以", "我来办", "别人的事") if text in listed] == ["谁都可以", "我来办"]


@pytest.mark.requirement("X-48")
def test_a_task_about_a_record_that_another_one_names_shows_what_it_is(app, browser, fake, monkeypatch):
    contract = app.extensions["anju_catalogues"].resource("leads", "contract")
    monkeypatch.setitem(contract.described, "title", "customer_id")
    uid = "9217ee6b-114a-4e35-97b9-f543dd2cceab"
    about = {"resource": "leads/contract", "record_id": "C1", "record_number": uid}
    task = keep(fake, "complaints", "task", subject="请确认", role="complaint_handler", **about)
    for path in ("/complaints/task/", f"/complaints/task/{task['id']}"):
        shown = browser("handler").get(path).text
        assert 'href="/leads/contract/C1"' in shown
        assert uid not in shown
