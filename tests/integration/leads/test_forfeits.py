"""What a confirmed snatching costs (L-45, L-37)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from services.leads.ownership.records import SplitDecision
from services.leads.penalties import SNATCH_COMMISSION
from tests.integration.leads.deals import DIRECTOR, LEAD, Floor, agent, both, floor, on
from tests.integration.leads.world import World

__all__ = ["both", "floor"]


@pytest.mark.requirement("L-45", "L-37")
def test_a_confirmed_snatching_leaves_the_violator_nothing(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.call(uid, "zhao")
    floor.visit(uid, "lin")
    deal = floor.reserve(uid, "lin")

    def forfeit(user: str) -> None:
        found = {"project_id": "P01", "agent": user, "kind": "snatching", "occurred_on": "2026-05-01"}
        about = {**found, "evidence": "未询问来访方式", "deal_id": deal["number"]}
        violation = world.do("record_violation", about, by=LEAD)
        world.do("confirm_violation", {"id": violation["id"]}, by=DIRECTOR)

    forfeit("lin")
    assert floor.shares(deal["id"]) == ("r2", {"zhao": 50, None: 50})
    forfeit("lin")
    assert len(world.all(SplitDecision)) == 2
    dispute = world.do(
        "raise_claim_split_dispute", {"decision_id": floor.split(deal["id"]).id, "claim": "-"}, by=agent("zhao")
    )
    proposal = {"first_agent": "zhao", "first_share": 70, "second_agent": "lin"}
    world.do("submit_split_dispute", {"id": dispute["id"], **proposal}, by=LEAD)
    world.do("grant_split_dispute", {"id": dispute["id"]}, by=DIRECTOR)
    assert floor.shares(deal["id"]) == ("override", {"zhao": 70, None: 30})
    forfeit("zhao")
    assert floor.shares(deal["id"]) == ("override", {None: 100})


def proposed(world: World, user: str, **about: Any) -> dict[str, Any]:
    found = {"project_id": "P01", "agent": user, "kind": "snatching", "occurred_on": "2026-05-01", "evidence": "-"}
    return world.do("record_violation", {**found, **about}, by=LEAD)


def snatched(world: World, user: str, sanction: str | None = None, **about: Any) -> dict[str, Any]:
    """A confirmed finding; with the sanction that the director decided."""
    violation = proposed(world, user, **about)
    decided = {"decided": sanction} if sanction else {}
    return world.do("confirm_violation", {"id": violation["id"], **decided}, by=DIRECTOR)


@pytest.mark.requirement("L-45")
def test_a_finding_about_a_home_costs_its_agent_whenever_the_home_is_sold(both: Floor) -> None:
    world, home = both.world, both.home()
    snatched(world, "lin", home_id=home)
    snatched(world, "gao", "recorded", home_id=home)

    def reserve(closer: str) -> dict[str, Any]:
        said = {"uid": both.customer(), "home_id": home, "deposit": "50000"}
        return world.do("sign_reservation", said, by=agent(closer))

    deal = reserve("lin")
    assert both.shares(deal["id"]) == ("r3", {None: 100}), "confirmed before the deal"
    assert both.split(deal["id"]).forfeited == ["lin"]
    world.do("cancel_reservation", {"id": deal["id"], "reason": "退订"}, by=LEAD)
    deal = reserve("gao")
    assert both.shares(deal["id"]) == ("r3", {"gao": 100}), "the director let it be at a record"
    change = {"parameter": SNATCH_COMMISSION.name, "value": "40", "valid_from": world.now, "reason": "试行"}
    world.do("establish_parameter", change)
    world.now = on(2)
    taken = snatched(world, "gao", home_id=home)
    assert taken["commission_share"] == 40
    assert both.shares(deal["id"]) == ("r3", {"gao": 60, None: 40})
    claim = {"decision_id": both.split(deal["id"]).id, "claim": "-", "claimant": "lin"}
    dispute = world.do("raise_claim_split_dispute", claim, by=LEAD)
    half = {"id": dispute["id"], "first_agent": "gao", "first_share": 50, "second_agent": "lin"}
    world.do("submit_split_dispute", half, by=LEAD)
    world.now = on(3)
    world.do("grant_split_dispute", {"id": dispute["id"]}, by=DIRECTOR)
    assert both.shares(deal["id"]) == ("override", {"gao": 30, None: 70})
    assert both.split(deal["id"]).state == "payable"


@pytest.mark.requirement("L-45", "L-38")
def test_the_second_row_withholds_what_its_figure_is_more(both: Floor) -> None:
    world = both.world
    first = proposed(world, "lin")
    deal = both.reserve(both.customer(), "lin")
    change = {"parameter": SNATCH_COMMISSION.name, "value": "40", "valid_from": world.now, "reason": "试行"}
    world.do("establish_parameter", change)
    second = snatched(world, "lin", home_id=deal["home_id"])
    assert both.shares(deal["id"]) == ("r3", {"lin": 60, None: 40})
    world.now = on(2)
    world.do("establish_parameter", {**change, "value": "100", "valid_from": world.now})
    world.do("confirm_violation", {"id": first["id"]}, by=DIRECTOR)
    world.do("raise_sanction_violation", {"id": second["id"]}, by=DIRECTOR)
    assert both.shares(deal["id"]) == ("r3", {None: 100})


def test_a_finding_names_a_deal_and_a_home_that_there_are(floor: Floor) -> None:
    world, home = floor.world, floor.home()
    deal = floor.reserve(floor.customer(), "lin")
    world.do("set_up_project", {"code": "P02", "name": "枫林苑二期", "company_id": "C01"})
    elsewhere = {"code": "P02-1", "project_id": "P02", "building": "1", "unit": "1"}
    world.do("set_up_home", elsewhere)
    for about, field, code in (
        ({"deal_id": "RS 2026-P01-000099"}, "deal_id", "unknown_deal"),
        ({"deal_id": deal["number"], "home_id": home}, "home_id", "home_of_another_deal"),
        ({"home_id": "P02-1"}, "home_id", "home_of_another_project"),
        ({"home_id": "none"}, "home_id", "unknown_reference"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            snatched(world, "lin", **about)
        assert refused.value.errors[field][0]["code"] == code
    assert snatched(world, "lin", deal_id=deal["number"])["home_id"] == deal["home_id"]
