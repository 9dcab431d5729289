"""A morning at the rotation board (X-310): two customers come in, one of whom asks for an agent who is not there."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def receive(page: Any, **named: str) -> None:
    """The intake, by the keyboard alone."""
    page.locator("body").press("n")
    expect(page.locator("dialog input[name=phone]")).to_be_focused()
    page.keyboard.type(f"137{random.randrange(10**8):08}")
    page.keyboard.press("Tab")
    page.keyboard.type("测试客户")
    for _ in range(3):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    for name, value in named.items():
        page.locator(f"dialog select[name={name}]").select_option(value)
    page.keyboard.press("Control+Enter")
    expect(page.locator("main > .note.done")).to_be_visible()


def seat(page: Any, name: str) -> Any:
    return page.locator(f".seat[aria-label='{name}']")


@pytest.mark.requirement("X-310", "X-306")
def test_two_customers_come_in_and_the_board_says_whose_they_are_and_why(at_desk: Any) -> None:
    page = at_desk("qian.jun").page
    watcher = at_desk("lin.xue").page
    watcher.goto("/rotation/P01")
    page.goto("/rotation/P01")
    expect(seat(page, "林雪")).to_contain_text("不在岗")
    page.locator("[id='act-finish_reception-gao.peng']").click()
    page.locator("dialog textarea").fill("已与客户约定周六复看。")
    page.locator("dialog button.primary").click()
    expect(page.locator(".seat").last).to_contain_text("高鹏")
    expect(page.locator(".next-one")).to_contain_text("补轮")

    receive(page)
    expect(page.locator("main > .note.done")).to_contain_text("由高鹏接待：补轮优先")
    receive(page, named_agent="lin.xue", how_named="by_name")
    expect(page.locator("main > .note.done")).to_contain_text("由赵敏接待：客户指认林雪，不在岗；轮序第")
    expect(seat(page, "赵敏")).to_contain_text("代接待中")
    expect(seat(page, "赵敏")).to_contain_text("待补 1 轮")
    expect(page.locator(".next-one")).to_contain_text("现在无人可接待")
    newest = page.locator(".received li").first
    expect(newest).to_contain_text("代林雪接待")
    expect(newest).to_contain_text("不计轮")

    expect(watcher.locator(".received li").first).to_contain_text("代林雪接待", timeout=15_000)
    expect(watcher.locator("#ring-stale")).to_be_hidden()
