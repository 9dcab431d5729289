"""A morning at the rotation board (X-310): a turn is lost, customers come in, one asks for somebody who is out."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from services.contracts import glossary
from tests.e2e.desk import Desk
from tests.e2e.floor import AGENTS, LEAD, SITE, Floor

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
BOARD = f"/rotation/{SITE}"


def receive(desk: Desk, **named: str) -> None:
    """The intake, by the keyboard alone."""
    page = desk.page
    page.locator("body").press("Alt+n")
    expect(page.locator("dialog input[name=phone]")).to_be_focused()
    page.keyboard.type(f"137{random.randrange(10**8):08}")
    page.keyboard.press("Tab")
    page.keyboard.type("测试客户")
    for _ in range(3):
        page.keyboard.press("Tab")
        page.keyboard.type("2")
    for name, value in named.items():
        page.locator(f"dialog select[name={name}]").select_option(value)
    page.keyboard.press("Control+Enter")
    done(desk)


def act(desk: Desk, command: str, user: str, words: str) -> None:
    """Press a button of somebody's place, say why, and send it."""
    desk.page.locator(f"[id='act-{command}-{user}']").click()
    desk.page.locator("dialog textarea").fill(words)
    desk.page.locator("dialog button.primary").click()
    done(desk)


def done(desk: Desk) -> None:
    expect(desk.page.locator("dialog[open]")).to_have_count(0, timeout=15_000)
    expect(desk.page.locator("main > .note.done")).to_be_visible()


def seat(desk: Desk, user: str) -> Locator:
    return desk.page.locator(f".seat[aria-label='{AGENTS[user]}']")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.requirement("X-310")
def test_the_lead_runs_the_ring_and_everybody_sees_why(
    language: str, at_desk: Callable[..., Desk], person: Callable[[str], Any]
) -> None:
    floor = Floor(person(LEAD), ("zhao.min", "gao.peng", "fang.hui"))
    watcher = at_desk("zhao.min", language)
    lead = at_desk(LEAD, language)
    for desk in (watcher, lead):
        desk.page.wait_for_url(lambda url: "login" not in url)
        desk.open(BOARD)
    words, newest = lead.words, lead.page.locator(".received li").first
    next_one = lead.page.locator("#ring-next")
    ring = [
        user
        for name in lead.page.locator(".seat").all()
        for user in AGENTS
        if name.get_attribute("aria-label") == AGENTS[user]
    ]
    first, second, third = (user for user in ring if user != "lin.xue")

    expect(next_one).to_contain_text(AGENTS[first])
    lost = floor.slot(first)["rounds_cancelled"]
    act(lead, "cancel_round_roster", first, "工牌未佩戴")
    expect(seat(lead, first)).to_contain_text(words.state("leads", "rotation_slot", "cancelled_for_round"))
    expect(seat(lead, first)).to_contain_text(words.console("rotation.cancelled", n=lost + 1))
    expect(next_one).to_contain_text(AGENTS[second])

    receive(lead)
    expect(newest).to_contain_text(AGENTS[second])
    expect(newest).to_contain_text(words.console("rotation.counted"))
    receive(lead, named_agent="lin.xue", how_named="by_name")
    told = glossary.sentence("turn_named_off", language, agent="林雪")
    expect(lead.page.locator("main > .note.done")).to_contain_text(told)
    expect(seat(lead, third)).to_contain_text(words.state("leads", "rotation_slot", "deputising"))
    expect(seat(lead, third)).to_contain_text(words.console("rotation.owed", n=1))
    in_place = words.console("rotation.for_agent", name="林雪")
    expect(newest).to_contain_text(in_place)
    expect(newest).to_contain_text(words.console("rotation.not_counted"))
    expect(watcher.page.locator(".received li").first).to_contain_text(in_place, timeout=15_000)
    expect(watcher.page.locator("#ring-next")).to_contain_text(AGENTS[first])
    expect(watcher.page.locator("#ring-stale")).to_be_hidden()

    act(lead, "abandon_reception", second, "离开去取楼书")
    expect(lead.page.locator(".received li").nth(1)).to_contain_text(words.state("leads", "reception", "abandoned"))
    act(lead, "finish_reception", third, "已与客户约定周六复看。")
    expect(lead.page.locator(".seat").last).to_contain_text(AGENTS[third])
    expect(next_one).to_contain_text(AGENTS[third])
    expect(next_one).to_contain_text(words.console("rotation.by_make_up"))
