"""Forms at the keyboard: where one begins to type, and yes and no. The services are in memory."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from admin.accounts import create_account
from admin.doubles import FakeServices
from tests.console.conftest import PASSWORD, make_app, small_books, template_database
from tests.console.leads_book import fake, real_words
from tests.e2e.memory import at_console

__all__ = ["fake", "make_app", "real_words", "small_books", "template_database"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def app(make_app: Any) -> Any:
    made = make_app()
    with made.app_context():
        create_account("lead", "钱军", PASSWORD, {"site_sales_lead": ["project:P01"]})
    return made


@pytest.fixture
def entry(fake: FakeServices) -> dict[str, Any]:
    """A visit with an answer that was left out."""
    return fake.put("leads", "visit_entry", uid="U1", been_before=None, company_id="C1", project_id="P01")


def test_who_corrects_an_entry_begins_with_the_reason(browser: Any, app: Any, entry: dict[str, Any]) -> None:
    with at_console(browser, app, "lead", "zh-CN") as page:
        page.goto(f"/leads/visit_entry/{entry['id']}")
        page.locator("a[data-dialog][href*=correct_visit_entry]").click()
        expect(page.locator("#dialog [name=correction_reason]")).to_be_focused()


@pytest.mark.parametrize(("locale", "yes", "no"), [("en-GB", "y", "n"), ("zh-CN", "s", "f")])
def test_an_answer_that_may_be_left_out_is_typed_as_one_that_is_asked(
    browser: Any, app: Any, entry: dict[str, Any], locale: str, yes: str, no: str
) -> None:
    with at_console(browser, app, "lead", locale) as page:
        checked = page.locator('input[name="been_before"]:checked')
        for key, said in ((no, "false"), (yes, "true"), ("2", "false"), ("1", "true")):
            page.goto(f"/leads/visit_entry/new/correct_visit_entry?corrects_id={entry['id']}")
            expect(page.locator("html")).to_have_attribute("lang", re.compile(locale[:2]))
            expect(checked).to_have_value("")
            checked.focus()
            page.keyboard.press(key)
            expect(checked).to_have_value(said)


def test_whose_user_name_is_typed_stands_below(browser: Any, app: Any, entry: dict[str, Any]) -> None:
    with at_console(browser, app, "lead", "zh-CN") as page:
        page.goto(f"/leads/visit_entry/new/correct_visit_entry?corrects_id={entry['id']}")
        typed, whose = page.locator("[name=named_agent]"), page.locator("[name=named_agent] + .whose")
        for text, name in (("lead", "钱军"), ("lea", "")):
            typed.fill(text)
            expect(whose).to_have_text(name)
