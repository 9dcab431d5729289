"""The main pages as people see them on a telephone and on a screen: nothing sticks out, nobody reads an id."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.desk import TELEPHONE, Desk

pytestmark = pytest.mark.e2e
ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}\b")
#: Pages that are no lists of records; the board shows who is there today, which may be nobody.
PAGES = ("/operations/", "/people/", "/imports/", "/rotation/")
#: Somebody, their language, their pages, and the lists whose first record they open too.
DESKS = [
    ("li.na", "zh", ["/complaints/case/", "/complaints/plan/", "/leads/customer/", "/leads/home/"]),
    ("shi.lan", "en", ["/membership/follow_up/", "/membership/profile/", "/maintenance/work_order/"]),
    ("cao.rui", "en", ["/imports/", "/leads/duplicate_candidate/"]),
    ("qian.jun", "zh", ["/rotation/", "/leads/protection/", "/leads/visit_entry/"]),
    ("yan.kai", "en", ["/operations/", "/people/", "/complaints/parameter/", "/maintenance/engagement/"]),
]


def seen(desk: Desk, path: str) -> None:
    """The page is within the window; once its records have their names, no id is left."""
    desk.open(path)
    desk.page.wait_for_load_state("networkidle")
    assert desk.sticks_out <= 0, path
    assert ID.findall(desk.page.inner_text("body")) == [], path


@pytest.mark.parametrize(("user", "language", "lists"), DESKS)
def test_pages_fit_a_telephone_and_name_what_they_show(
    user: str, language: str, lists: list[str], at_desk: Callable[..., Desk]
) -> None:
    desk = at_desk(user, language, size=TELEPHONE)
    desk.page.wait_for_url(lambda url: "login" not in url)
    for path in ("/", "/approvals/", *lists):
        seen(desk, path)
        if path in lists and path not in PAGES:
            record = desk.page.locator("main a.strong").first.get_attribute("href")
            assert record, path
            seen(desk, record)


def test_a_record_is_filtered_by_the_name_of_another(at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("li.na").open("/complaints/case/")
    desk.page.get_by_text(desk.words.console("list.more")).click()
    label = desk.words.field("complaints", "case", "uid")
    field = desk.page.get_by_label(label, exact=True).first
    field.press_sequentially("刘雅婷", delay=10)
    desk.page.get_by_role("option", name="刘雅婷").first.click()
    desk.page.get_by_role("button", name=desk.words.console("list.query")).click()
    desk.page.wait_for_url(re.compile(r"uid="))
    desk.page.wait_for_load_state("networkidle")
    assert "刘雅婷" in field.input_value()
    rows = desk.page.locator("table.rows tbody tr")
    assert rows.count() > 0
    assert all("刘雅婷" in rows.nth(at).inner_text() for at in range(rows.count()))
