"""Whose customer and whose deal: the agent reads why, the lead forwards a dispute, the director decides it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Estate
from tests.e2e.desk import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
CLAIM = "客户到访后由我全程接待并促成认购。"
REASON = "来电登记在先，维持各半。"
FLOOR = "/leads/split_dispute/"
RULE = {"zh": "R2 来电保护期内各半", "en": "R2 inside a call window: half each"}


def _sold(person: Callable[..., Any], estate: Estate) -> tuple[str, str, dict[str, Any]]:
    """A caller of Lin Xue's whom Gao Peng receives and sells to within the days of the call: name, UID, decision."""
    name = f"测试{uuid.uuid4().hex[:6]}"
    called = {"name": name, "phone": f"139{random.randrange(10**8):08}", "project_id": "P01"}
    entry = person("lin.xue").do(
        "leads", "register_call_entry", **called, source="telephone", is_invited=True, topic="budget"
    )
    uid = entry["uid"]
    intake = {"been_before": False, "has_called": True, "is_recommended": False}
    person("qian.jun").do("leads", "register_visit_entry", uid=uid, project_id="P01", agent="gao.peng", **intake)
    signed = {"uid": uid, "home_id": estate.home(), "deposit": "50000.00", "agreement": "RG-9", "terms_version": "1"}
    deal = person("gao.peng").do("leads", "sign_reservation", **signed, has_withdrawal_clause=True)
    (split,) = person("gao.peng").rows("leads/split_decision", deal_id=deal["id"])
    return name, uid, split


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.requirement("L-49", "X-315")
def test_an_agent_reads_why_and_the_director_decides_a_dispute(
    language: str, at_desk: Callable[..., Desk], person: Callable[..., Any], estate: Estate
) -> None:
    name, uid, split = _sold(person, estate)
    assert (split["rule_code"], split["first_share"]) == ("r2", 50)

    agent = at_desk("gao.peng", language).open(f"/leads/protection/?uid={uid}")
    agent.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
    agent.shows("高鹏")
    agent.shows({"zh": "开启保护期", "en": "opened the window"}[language])

    agent.open(f"/leads/split_decision/{split['id']}").shows(RULE[language])
    raised = {"decision_id": split["id"], "claim": CLAIM}
    dispute = person("gao.peng").do("leads", "raise_claim_split_dispute", **raised)
    said = {"statement": "来电当天已邀约。", "counter_evidence": []}
    person("lin.xue").do("leads", "answer_split_dispute", id=dispute["id"], **said)

    lead = at_desk("qian.jun", language).open(f"{FLOOR}{dispute['id']}")
    number = lead.number
    lead.shows(CLAIM)
    lead.do("submit_split_dispute", first_agent="gao.peng", first_share="100")

    director = at_desk("sun.li", language)
    director.open("/approvals/").page.get_by_role("link", name=number, exact=True).click()
    director.shows(CLAIM)
    verdict = {"zh": "reject", "en": "approve"}[language]
    decision = director.page.locator(f".verdict.{verdict}")
    if verdict == "reject":
        decision.get_by_label(director.words.field("leads", "split_dispute", "reason")).fill(REASON)
    decision.get_by_role("button").click()
    director.flash(director.words.console(f"inbox.{verdict}_done", number=number))

    state = {"reject": "dismissed", "approve": "granted"}[verdict]
    agent.open(f"{FLOOR}{dispute['id']}")
    heading = agent.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(agent.words.state("leads", "split_dispute", state))
    if verdict == "reject":
        agent.shows(REASON)
        return
    overridden = [one for one in person("gao.peng").rows("leads/split_decision", deal_id=split["deal_id"])
                  if one["state"] == "payable"]  # fmt: skip
    assert [(one["decider"], one["first_agent"], one["first_share"]) for one in overridden] == [
        ("override", "gao.peng", 100)
    ]
    agent.open(f"/leads/split_decision/{overridden[0]['id']}").shows(
        agent.words("leads", "choices", "decider", "override")
    )
