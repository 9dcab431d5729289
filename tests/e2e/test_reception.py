"""The reception's forms at a real keyboard: nobody at the desk has a hand free for the mouse (X-306)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk
from tests.e2e.floor import AGENTS, LEAD, SITE, Floor

pytestmark = pytest.mark.e2e
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
SOURCE = {"zh": "wz", "en": "web"}


@LANGUAGES
@pytest.mark.requirement("X-306", "L-20")
def test_a_call_is_entered_with_the_keyboard_alone(language: str, at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("lin.xue", language)
    desk.page.wait_for_url(lambda url: "login" not in url)
    desk.open("/leads/call_entry/new/register_call_entry").page.wait_for_load_state("networkidle")
    keys = desk.page.keyboard

    def at() -> str:
        return str(desk.page.evaluate("document.activeElement.name"))

    assert at() == "phone"
    keys.type(f"139{random.randrange(10**8):08}")
    for name, typed in (
        ("name", "键盘客户"),
        ("uid__text", ""),
        ("project_id__text", ""),
        ("source", SOURCE[language]),
    ):
        keys.press("Tab")
        assert at() == name
        keys.type(typed)
    assert desk.page.evaluate("document.activeElement.value") == "website"
    keys.press("Tab")
    keys.type("2")
    said = desk.page.evaluate(
        "[document.activeElement.name, document.activeElement.value, document.activeElement.checked]"
    )
    assert said == ["is_invited", "false", True]
    keys.press("Enter")
    desk.page.wait_for_url(re.compile(r"/leads/call_entry/[0-9a-f-]{36}$"))
    desk.flash(desk.words.console("move.done", command=desk.words.command("leads", "register_call_entry")))
    desk.shows("键盘客户")


@LANGUAGES
@pytest.mark.requirement("X-306", "L-22")
def test_who_comes_back_is_in_the_return_visit_register(
    language: str, at_desk: Callable[..., Desk], person: Callable[[str], Any]
) -> None:
    """Two intakes of one customer by the keyboard: a first visit in turn, then a return visit that names the agent."""
    Floor(person(LEAD), ("zhao.min",))
    desk = at_desk("zhao.min", language)
    desk.page.wait_for_url(lambda url: "login" not in url)
    keys, phone, name = desk.page.keyboard, f"136{random.randrange(10**8):08}", f"回访客户{random.randrange(10**4):04}"
    desk.open(f"/rotation/{SITE}")

    def intake(been_before: str, *naming: str) -> None:
        desk.page.locator("body").press("Alt+n")
        expect(desk.page.locator("dialog input[name=phone]")).to_be_focused()
        keys.type(phone)
        for typed in (name, been_before, "2", "2", *naming):
            keys.press("Tab")
            keys.type(typed)
        keys.press("Enter")
        expect(desk.page.locator("main > .note.done")).to_contain_text(AGENTS["zhao.min"])
        expect(desk.page.locator(".seat .acts .primary")).to_be_visible()

    def finish() -> None:
        desk.page.locator("[id='act-finish_reception-zhao.min']").click()
        expect(desk.page.locator("dialog textarea")).to_be_focused()
        keys.type("看了样板间")
        keys.press("Control+Enter")
        expect(desk.page.locator(".seat .acts .primary")).to_have_count(0)

    intake("2")
    finish()
    intake("1", "zm", "1")
    finish()
    for kind in ("first", "return"):
        desk.open(f"/leads/visit_entry/?kind={kind}")
        expect(desk.page.locator("table.rows tbody tr").filter(has_text=name)).to_have_count(1)
