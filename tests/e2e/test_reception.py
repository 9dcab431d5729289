"""The reception's forms at a real keyboard: nobody at the desk has a hand free for the mouse (X-306)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from tests.e2e.desk import Desk

pytestmark = pytest.mark.e2e


@pytest.mark.requirement("X-306", "L-20")
def test_a_call_is_entered_with_the_keyboard_alone(at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("lin.xue")
    desk.page.wait_for_url(lambda url: "login" not in url)
    desk.open("/leads/call_entry/new/register_call_entry").page.wait_for_load_state("networkidle")
    keys = desk.page.keyboard

    def at() -> str:
        return str(desk.page.evaluate("document.activeElement.name"))

    assert at() == "phone"
    phone = f"139{random.randrange(10**8):08}"
    keys.type(phone)
    for name, typed in (("name", "键盘客户"), ("uid__text", ""), ("project_id__text", ""), ("source", "wz")):
        keys.press("Tab")
        assert at() == name
        keys.type(typed)
    assert desk.page.evaluate("document.activeElement.value") == "website"
    keys.press("Tab")
    keys.type("2")
    assert (at(), desk.page.evaluate("document.activeElement.value")) == ("is_invited", "false")
    keys.press("Enter")
    desk.page.wait_for_url(re.compile(r"/leads/call_entry/[0-9a-f-]{36}$"))
    desk.flash(desk.words.console("move.done", command=desk.words.command("leads", "register_call_entry")))
    desk.shows("键盘客户")
