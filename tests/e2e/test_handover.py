"""Flow 3: a handover is completed and every service reacts; with one of them away the rest of the page works."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import RunningSystem
from tests.e2e.company import Company
from tests.e2e.conftest import Estate
from tests.e2e.desk import Desk
from tests.e2e.rest import call

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
#: What a completed handover makes, by the service that makes it.
EFFECTS = (
    ("leads", "title_deed_case"),
    ("maintenance", "warranty_item"),
    ("membership", "member"),
    ("membership", "household"),
    ("membership", "care_task"),
    ("membership", "follow_up"),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_completed_handover_is_seen_on_the_home_and_on_the_customer(
    language: str, at_desk: Callable[..., Desk], evergreen: Company, estate: Estate, until: Callable[..., Any]
) -> None:
    handover = estate.booked_handover()
    home, uid = handover["home_id"], handover["uid"]
    estate.known_to_maintenance(home)
    desk = at_desk("wu.gang", language).open(f"/leads/handover/{handover['id']}")
    desk.do("start_handover", safety_confirmed=True, companions="配偶")
    papers = "住宅质量保证书\n住宅使用说明书"
    desk.do("complete_handover", handover_sheet="JFD-9", keys=6, documents=papers, water_meter="3.2")
    completed = time.monotonic()

    def all_told(page: str) -> Any:
        effects = [desk.panel(*one) for one in EFFECTS]
        return until(lambda: desk.open(page) and all(one.count() for one in effects), 10, 0.3)

    assert all_told(f"/leads/home/{home}")
    expect(desk.panel("maintenance", "warranty_item").locator("tbody tr")).to_have_count(5)
    expect(desk.panel("membership", "household")).to_contain_text("施兰")
    theme = desk.words("membership", "choices", "follow_up_theme", "handover")
    expect(desk.panel("membership", "follow_up")).to_contain_text(theme)
    assert all_told(f"/leads/customer/{uid}")
    expect(desk.panel("maintenance", "warranty_item").locator("small").first).to_have_text("5")
    journey = desk.page.locator(".journey-card")
    expect(journey).to_contain_text(desk.words.state("leads", "customer_stage", "owner"))
    assert time.monotonic() - completed < 15
    copy = evergreen.receives(until, "handover_completed", home_id=home)
    assert len(copy["data"]["warranty_items"]) == 5


def test_with_membership_away_the_rest_of_the_page_works_and_says_so(
    system: RunningSystem, at_desk: Callable[..., Desk], until: Callable[..., Any]
) -> None:
    desk = at_desk("wu.gang").open("/leads/home/P01-1-1-0802")
    expect(desk.panel("membership", "household")).to_contain_text("施兰")
    with _stopped(system.pid("membership")):
        began = time.monotonic()
        desk.page.goto("/leads/home/P01-1-1-0802", wait_until="domcontentloaded")
        assert time.monotonic() - began < 3
        expect(desk.panel("maintenance", "warranty_item").locator("tbody tr")).to_have_count(5)
        expect(desk.panel("membership", "household")).to_contain_text(desk.words("common", "services", "membership"))
        told = until(lambda: _away(system.url), 20, 0.5)
        assert told == ["membership"], "the one that is away, and no other"
        status = system.anju("status")
        assert status.returncode == 1
        assert "membership" in status.stdout
        assert "does not answer" in status.stdout
    assert until(lambda: call(f"{system.url}/health").status == 200, 15, 0.2)
    assert system.anju("status").returncode == 0
    household = desk.panel("membership", "household").filter(has_text="施兰")
    assert until(lambda: desk.open("/leads/home/P01-1-1-0802") and household.count(), 15, 0.3)


def _away(url: str) -> list[str]:
    """The services that the health door calls down, when it is those alone; nothing while others are slow."""
    health = call(f"{url}/health")
    down = [name for name, one in health.body["services"].items() if one["status"] == "down"]
    return down if health.status == 503 and len(down) == 1 else []


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    """A process that does not answer, as one that hangs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
