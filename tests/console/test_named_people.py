"""People in forms and filters: by their user name or their name, and never somebody whom nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from tests.console.conftest import PASSWORD, Browser, value_of
from tests.console.leads_book import fake, real_words

__all__ = ["fake", "real_words"]

NEW = "/leads/violation/new/record_violation"
ABOUT = {
    "project_id": "P01",
    "project_id__text": "P01",
    "project_id__was": "P01",
    "kind": "snatching",
    "occurred_on": "2026-05-01",
    "evidence": "未询问来访方式",
    "command_id": "c" * 32,
}
PEOPLE = {"lead": "钱军", "zhao.min": "赵敏", "li.na": "李娜", "li.na2": "李娜", "zhao.left": "赵敏"}


@pytest.fixture
def lead(make_app: Any, fake: FakeServices) -> Browser:
    app = make_app(fake)
    with app.app_context():
        for user, name in PEOPLE.items():
            person = create_account(user, name, PASSWORD, {"site_sales_lead": ["project:P01"]})
            person.active = user != "zhao.left"
        from admin.models import db

        db.session.commit()
    browser = Browser(app.test_client())
    browser.login("lead")
    return browser


@pytest.fixture
def kept(fake: FakeServices) -> Callable[[], list[str]]:
    """Whose violation was recorded."""
    return lambda: [call[3]["agent"] for call in fake.calls if call[1:3] == ("execute", "record_violation")]


@pytest.mark.parametrize("typed", ["zhao.min", "赵敏", " 赵敏 "])
def test_somebody_is_named_by_user_name_or_name(lead: Browser, kept: Any, typed: str) -> None:
    assert lead.post(NEW, {**ABOUT, "agent": typed}).status_code == 302
    assert kept() == ["zhao.min"]


def test_who_has_left_is_still_named_by_user_name(lead: Browser, kept: Any) -> None:
    assert lead.post(NEW, {**ABOUT, "agent": "zhao.left"}).status_code == 302
    assert kept() == ["zhao.left"]


@pytest.mark.parametrize(
    ("typed", "language", "said"),
    [
        ("赵明", "zh", "没有这位人员：请填写用户名或姓名。"),
        ("zhao.mim", "en", "Nobody has this user name or name."),
        ("李娜", "zh", "有几位同名的人员（li.na、li.na2），请填写用户名。"),
        ("李娜", "en", "Several people have this name (li.na, li.na2): give the user name."),
    ],
)
def test_whom_nobody_or_several_are_called_is_told_at_the_field(
    lead: Browser, kept: Any, typed: str, language: str, said: str
) -> None:
    lead.post("/language/", {"language": language})
    refused = lead.post(NEW, {**ABOUT, "agent": typed})
    assert refused.status_code == 422
    assert said in refused.text
    assert value_of(refused.text, "agent") == typed
    assert kept() == []


def test_several_are_named_a_line_each(lead: Browser, fake: FakeServices) -> None:
    open_it = {"project_id": "P01", "project_id__text": "P01", "project_id__was": "P01", "command_id": "d" * 32}
    lead.post("/leads/roster/new/open_roster", {**open_it, "agents": "赵敏\nli.na"})
    (given,) = [call[3] for call in fake.calls if call[1:3] == ("execute", "open_roster")]
    assert given["agents"] == ["zhao.min", "li.na"]
    refused = lead.post("/leads/roster/new/open_roster", {**open_it, "agents": "赵敏\n钱钱"})
    assert "钱钱: 没有这位人员" in refused.text


def test_a_form_shows_whose_user_name_it_holds(lead: Browser, fake: FakeServices) -> None:
    entry = fake.put("leads", "visit_entry", agent="zhao.min", project_id="P01", uid="U1")
    form = lead.get(f"/leads/visit_entry/new/correct_visit_entry?corrects_id={entry['id']}").text
    assert '<small class="whose">赵敏</small>' in form


def test_a_list_is_filtered_by_a_name(lead: Browser, fake: FakeServices) -> None:
    lead.post("/leads/violation/query", {"agent": "赵敏"}, follow_redirects=True)
    asked = [call[3]["filters"] for call in fake.calls if call[1:3] == ("search", "violation")]
    assert asked[-1]["agent"] == "zhao.min"
