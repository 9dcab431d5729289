"""A violation: the lead records it, the system proposes the sanction, the sales director decides (X-36.11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EVIDENCE = "未询问来访途径，隐瞒同事已接待的事实。"


@pytest.mark.requirement("X-312", "L-37")
def test_the_lead_records_it_with_its_proposal_and_the_director_decides(at_desk: Callable[..., Desk]) -> None:
    lead = at_desk("qian.jun")
    lead.page.wait_for_url(lambda url: "login" not in url)
    lead.open("/leads/violation/")
    told = {"project_id": "翡翠湾", "agent": "gao.peng", "kind": "snatching", "occurred_on": "2026-11-20"}
    lead.do("record_violation", **told, evidence=EVIDENCE)
    number, path = lead.number, lead.path
    lead.shows(lead.words("leads", "choices", "sanction", "fine_and_commission"))
    lead.shows("¥ 500.00")

    director = at_desk("sun.li")
    director.open("/approvals/").page.get_by_role("link", name=number, exact=True).click()
    director.shows(EVIDENCE)
    director.page.locator(".verdict.approve").get_by_role("button").click()
    director.flash(director.words.console("inbox.approve_done", number=number))
    heading = lead.open(path).page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(lead.words.state("leads", "violation", "confirmed"))
