"""A split that somebody disputes: both sides, the decision, the appeal (L-49, X-36.11)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.approvals import Approval
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.contracts.events.leads_sales import CommissionSplitDecided
from services.leads.ownership.disputes import SplitDispute
from services.leads.ownership.records import SplitDecision
from tests.integration.leads.deals import DIRECTOR, LEAD, MANAGER, Floor, agent, floor, on
from tests.integration.leads.world import person

__all__ = ["floor"]


@pytest.mark.requirement("L-49", "X-36.11", "X-44")
def test_a_disputed_split_is_held_until_the_last_word(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    deal = floor.reserve(uid, "lin")
    first = floor.split(deal["id"])
    claim = {"decision_id": first.id, "claim": "客户由我跟进半年", "evidence": []}
    dispute = world.do("raise_claim_split_dispute", claim, by=agent("lin"))
    assert (dispute["claimant"], dispute["respondents"]) == ("lin", ["zhao"])
    assert world.get(SplitDecision, first.id).state == "held"
    with pytest.raises(ValidationFailed) as twice:
        world.do("raise_claim_split_dispute", claim, by=agent("zhao"))
    assert twice.value.errors["decision_id"][0]["code"] == "disputed_already"
    said = {"id": dispute["id"], "statement": "首访由我接待"}
    with pytest.raises(Forbidden):
        world.do("answer_split_dispute", said, by=agent("lin"))
    world.do("answer_split_dispute", said, by=agent("zhao"))
    proposal = {"id": dispute["id"], "first_agent": "zhao", "first_share": 60}
    with pytest.raises(ValidationFailed):
        world.do("submit_split_dispute", proposal, by=LEAD)
    both = person("qian.jun", "site_sales_lead", "sales_director")
    world.do("submit_split_dispute", {**proposal, "second_agent": "lin"}, by=both)
    with pytest.raises(OwnSubmission):
        world.do("grant_split_dispute", {"id": dispute["id"]}, by=both)
    world.do("grant_split_dispute", {"id": dispute["id"], "comment": "双方均有投入"}, by=DIRECTOR)
    second = floor.split(deal["id"])
    assert floor.shares(deal["id"]) == ("override", {"zhao": 60, "lin": 40})
    assert (second.state, second.decider, second.decided_by, second.supersedes_id) == (
        *("payable", "override", "sun.li", first.id),
    )
    assert world.get(SplitDecision, first.id).state == "superseded"
    appeal = {"id": dispute["id"], "appeal_claim": "证据未采信", "first_agent": "lin", "first_share": 100}
    world.do("appeal_split_dispute", appeal, by=agent("lin"))
    assert world.get(SplitDecision, second.id).state == "held"
    with pytest.raises(Forbidden):
        world.do("dismiss_appeal_split_dispute", {"id": dispute["id"], "reason": "维持"}, by=DIRECTOR)
    world.do("dismiss_appeal_split_dispute", {"id": dispute["id"], "reason": "维持"}, by=MANAGER)
    assert (world.get(SplitDecision, second.id).state, world.get(SplitDispute, dispute["id"]).state) == (
        *("payable", "appeal_dismissed"),
    )
    with pytest.raises(Exception, match="illegal_move"):
        world.do("appeal_split_dispute", appeal, by=agent("lin"))


@pytest.mark.requirement("L-49", "X-36.11")
def test_refused_the_result_of_the_rules_stands_and_an_appeal_can_still_change_it(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    deal = floor.reserve(uid, "lin")
    first = floor.split(deal["id"])
    dispute = world.do("raise_claim_split_dispute", {"decision_id": first.id, "claim": "-", "claimant": "gao"}, by=LEAD)
    assert dispute["claimant"] == "gao"
    world.do("submit_split_dispute", {"id": dispute["id"], "first_agent": "gao", "first_share": 100}, by=LEAD)
    world.do("dismiss_split_dispute", {"id": dispute["id"], "reason": "无登记"}, by=DIRECTOR)
    assert (floor.shares(deal["id"]), floor.split(deal["id"]).state) == (("r3", {"lin": 100}), "payable")
    appeal = {"id": dispute["id"], "appeal_claim": "补充录音", "first_agent": "gao", "first_share": 100}
    world.do("appeal_split_dispute", appeal, by=agent("gao"))
    world.do("grant_appeal_split_dispute", {"id": dispute["id"]}, by=MANAGER)
    assert (floor.shares(deal["id"]), floor.split(deal["id"]).state) == (("override", {"gao": 100}), "payable")
    claim = {"decision_id": floor.split(deal["id"]).id, "claim": "-"}
    with pytest.raises(ValidationFailed) as over:
        world.do("raise_claim_split_dispute", claim, by=LEAD)
    decided = {"code": "dispute_decided", "params": {"number": dispute["number"]}}
    assert over.value.errors == {"decision_id": [decided]}, "the last word is the last"


@pytest.mark.requirement("L-49")
def test_everybody_whom_a_split_names_is_a_party_and_nobody_else(floor: Floor) -> None:
    """R8: half each to whoever took the call and whoever received, while a third one closed."""
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.call(uid, "zhao")
    world.now = on(2)
    floor.visit(uid, "lin")
    world.now = on(3)
    floor.visit(uid, "gao")
    deal = floor.reserve(uid, "gao")
    claim = {"decision_id": floor.split(deal["id"]).id, "claim": "由我促成"}
    dispute = world.do("raise_claim_split_dispute", claim, by=agent("gao"))
    assert dispute["respondents"] == ["zhao", "lin"]
    for user in ("zhao", "lin", "gao", "fang"):
        with world.reading(Actor.from_wire(agent(user))) as work:
            known = views.search(work, "split_dispute", {})["count"]
        assert known == (user != "fang"), user
        said = {"id": dispute["id"], "statement": f"{user} 的陈述"}
        if user in ("zhao", "lin"):
            assert world.do("answer_split_dispute", said, by=agent(user))["statement"] == said["statement"]
        else:
            with pytest.raises(NotFound if user == "fang" else Forbidden):
                world.do("answer_split_dispute", said, by=agent(user))
    world.do("withdraw_split_dispute", {"id": dispute["id"], "reason": "误报"}, by=agent("gao"))
    assert floor.split(deal["id"]).state == "payable"
    again = world.do("raise_claim_split_dispute", claim, by=agent("zhao"))
    world.do("submit_split_dispute", {"id": again["id"], "first_agent": "zhao", "first_share": 100}, by=LEAD)
    world.do("grant_split_dispute", {"id": again["id"]}, by=DIRECTOR)
    appeal = {"id": again["id"], "appeal_claim": "-", "first_agent": "lin", "first_share": 100}
    with pytest.raises(NotFound):
        world.do("appeal_split_dispute", appeal, by=agent("fang"))
    assert world.do("appeal_split_dispute", appeal, by=agent("lin"))["state"] == "appealed"


@pytest.mark.requirement("L-49", "L-44")
def test_whoever_pays_hears_that_a_split_is_held_released_and_void(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    deal = floor.reserve(uid, "lin")

    def dispute() -> dict[str, Any]:
        claim = {"decision_id": floor.split(deal["id"]).id, "claim": "-", "claimant": "gao"}
        return world.do("raise_claim_split_dispute", claim, by=LEAD)

    world.do("withdraw_split_dispute", {"id": dispute()["id"], "reason": "误报"}, by=LEAD)
    last = dispute()
    world.do("submit_split_dispute", {"id": last["id"], "first_agent": "gao", "first_share": 100}, by=LEAD)
    world.do("cancel_reservation", {"id": deal["id"], "reason": "退订"}, by=LEAD)
    told = world.told(CommissionSplitDecided)
    assert [(one["deal_id"], one["state"]) for one in told] == [
        (deal["id"], state) for state in ("payable", "held", "payable", "held", "void")
    ]
    assert world.get(SplitDispute, last["id"]).state == "withdrawn", "nothing is left to decide"
    assert world.all(Approval, Approval.record_id == last["id"])[0].state == "withdrawn"
