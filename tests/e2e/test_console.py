"""Coming in and going out, languages, and that each role finds its own menu."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk

pytestmark = pytest.mark.e2e


def test_a_wrong_password_opens_nothing(stranger: Callable[..., Desk]) -> None:
    desk = stranger("kong.xin").sign_in("not-the-password")
    expect(desk.page.get_by_role("alert")).to_have_text(desk.words.console("login.refused"))
    desk.open("/leads/home/")
    assert desk.path == "/login/"


def test_a_session_ends_with_the_logout(at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("kong.xin").open("/leads/home/")
    cookies = desk.context.cookies()
    desk.page.locator("details.user summary").click()
    desk.page.get_by_role("button", name=desk.words.console("app.logout")).click()
    desk.flash(desk.words.console("login.goodbye"))
    desk.context.clear_cookies()
    desk.context.add_cookies(cookies)
    desk.open("/leads/home/")
    assert desk.path == "/login/"


def test_the_language_changes_at_once_and_stays(at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("hua.ying")
    title = desk.page.get_by_role("navigation", name=desk.words.console("app.menu"))
    expect(title).to_contain_text("工单")
    desk.page.get_by_role("button", name="EN").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    again = at_desk("hua.ying")
    expect(again.page.get_by_role("navigation", name="Menu").first).to_contain_text("Work orders")
    again.page.get_by_role("button", name="中").click()
    expect(again.page.locator("html")).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize(
    ("user", "seen", "hidden"),
    [
        ("kong.xin", "leads/home", "complaints/case"),
        ("xu.qing", "maintenance/work_order", "membership/member"),
        ("shi.lan", "membership/follow_up", "maintenance/property_company"),
    ],
)
def test_a_role_sees_its_own_menu_only(user: str, seen: str, hidden: str, at_desk: Callable[..., Desk]) -> None:
    desk = at_desk(user)
    menu = desk.page.get_by_role("navigation", name=desk.words.console("app.menu"))
    expect(menu.locator(f'a[href="/{seen}/"]')).to_have_count(1)
    expect(menu.locator('a[href="/operations/"]')).to_have_count(0)
    expect(menu.locator(f'a[href="/{hidden}/"]')).to_have_count(0)
    answer = desk.page.goto(f"/{hidden}/")
    assert answer is not None
    assert answer.status == 403
    desk.shows(desk.words.console("problem.403.title"))


def test_my_work_shows_what_waits_for_each(at_desk: Callable[..., Desk]) -> None:
    desk = at_desk("xu.qing").open("/")
    desk.shows(desk.words.console("work.awaiting", what=desk.words("maintenance", "work_order")))
    lead = at_desk("he.ping").open("/")
    lead.shows(re.compile(r"WO \d{4}-P02-"))
