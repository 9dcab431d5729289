"""Two records that are one customer: the steward sees both and proposes, customer affairs approves (L-04, X-322)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import TELEPHONE, Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WHY = "身份证一致，先后两次登记。"


def _registered(person: Callable[..., Any], name: str, ending: str) -> dict[str, Any]:
    told = {"kind": "person", "name": name, "phone": f"139{random.randrange(10**4):04}{ending}", "project_id": "P01"}
    made: dict[str, Any] = person("zhao.min").do("leads", "register_customer", **told)
    return made


@pytest.mark.parametrize(("language", "size"), [("zh", None), ("en", TELEPHONE)])
@pytest.mark.requirement("L-04", "X-322")
def test_the_steward_sees_a_pair_and_proposes_and_customer_affairs_approves(
    language: str, size: Any, at_desk: Callable[..., Desk], person: Callable[..., Any]
) -> None:
    name, ending = f"测试{uuid.uuid4().hex[:6]}", f"{random.randrange(10**4):04}"
    kept, other = _registered(person, name, ending), _registered(person, name, ending)
    (pair,) = person("cao.rui").rows("leads/duplicate_candidate", uid=min(kept["id"], other["id"]))

    steward = at_desk("cao.rui", language, **({"size": size} if size else {}))
    steward.page.wait_for_url(lambda url: "login" not in url)
    steward.open(f"/leads/duplicate_candidate/{pair['id']}")
    for one in (kept, other):
        steward.shows(one["number"])
    expect(steward.page.locator("table.alike tr.differs")).not_to_have_count(0)
    assert steward.sticks_out <= 0
    steward.page.locator('textarea[name="reason"]').fill(WHY)
    said = steward.words.console("stewardship.keep").format(name=name, number=kept["number"])
    steward.page.get_by_role("button", name=said).click()
    heading = steward.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(steward.words.state("leads", "duplicate_candidate", "merge_proposed"))

    (merge,) = person("zheng.jie").rows("leads/customer_merge", survivor_uid=kept["id"])
    affairs = at_desk("zheng.jie", language)
    affairs.open("/approvals/").page.get_by_role("link", name=merge["number"], exact=True).click()
    affairs.shows(WHY)
    affairs.page.locator(".verdict.approve").get_by_role("button").click()
    affairs.flash(affairs.words.console("inbox.approve_done", number=merge["number"]))

    steward.open(f"/leads/customer/{other['id']}")
    assert steward.path == f"/leads/customer/{kept['id']}", "the merged number leads to the one that stays"
