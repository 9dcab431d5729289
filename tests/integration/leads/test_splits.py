"""Whose performance a deal is: decided, disputed, overridden, forfeited, void (L-43 to L-49, X-36.11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.contracts.errors import Forbidden, ValidationFailed
from services.contracts.events.leads_sales import CommissionSplitDecided, HomeReserved
from services.leads.contracts import Contract
from services.leads.homes import Home
from services.leads.ownership import decisions
from services.leads.ownership.figures import CALL_SPLIT, DEAL_BY_CONTRACT, VISIT_SPLIT, shares_at
from services.leads.ownership.records import SplitDecision
from services.leads.reservations import Reservation
from tests.integration.leads.deals import DIRECTOR, LEAD, Floor, agent, both, floor, on
from tests.integration.leads.test_both_databases import at_once

__all__ = ["both", "floor"]

#: L-50: the contacts as kind, agent and day; who closes, on which day; the rule and the shares.
EXAMPLES: list[tuple[list[tuple[str, str, int]], str, int, str, dict[str, int]]] = [
    ([("visit", "A", 1), ("visit", "B", 15)], "B", 16, "r1", {"A": 100}),
    ([("visit", "A", 1), ("visit", "B", 15)], "B", 17, "r3", {"B": 100}),
    ([("call", "A", 1), ("visit", "B", 4)], "B", 6, "r2", {"A": 50, "B": 50}),
    ([("call", "A", 1), ("visit", "B", 4)], "B", 7, "r4", {"B": 100}),
    ([("call", "A", 1), ("deputy", "B", 4)], "B", 5, "r5", {"A": 100}),
    ([("visit", "A", 1), ("visit", "A", 14), ("visit", "B", 20)], "B", 21, "r1", {"A": 100}),
    ([("visit", "A", 1), ("visit", "A", 14), ("visit", "B", 20)], "B", 22, "r3", {"B": 100}),
    ([("call", "A", 1), ("visit", "B", 3), ("visit", "C", 5)], "C", 5, "r8", {"A": 50, "B": 50}),
]


def enter(floor: Floor, uid: str, contacts: Any) -> None:
    for kind, user, day in contacts:
        if kind == "deputy":
            floor.visit(uid, user, on(day), named="A")
        else:
            getattr(floor, kind)(uid, user, on(day))


@pytest.mark.requirement("L-50", "L-43", "L-44")
def test_the_worked_examples_whenever_their_entries_come(floor: Floor) -> None:
    floor.world.now = on(31)
    for contacts, closer, day, rule, shares in EXAMPLES:
        for order in (contacts, contacts[::-1]):
            uid = floor.customer()
            enter(floor, uid, order)
            deal = floor.reserve(uid, closer, on(day, 20))
            assert floor.shares(deal["id"]) == (rule, shares), (order, closer, day)
            told = floor.world.told(CommissionSplitDecided)[-1]
            assert (told["deal_id"], told["rule_code"], told["decided_by"]) == (deal["id"], rule, LEAD["user"])
            assert {one["agent"]: one["share"] for one in told["shares"]} == shares


@pytest.mark.requirement("L-44", "L-66")
def test_a_reservation_keeps_its_decision_with_what_was_considered(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    call = floor.call(uid, "zhao")
    world.now = on(4)
    floor.visit(uid, "lin")
    world.now = on(6)
    deal = floor.reserve(uid, "lin")
    (told,) = world.told(HomeReserved)
    assert (told["reservation_id"], told["agent"], told["deposit"]) == (deal["id"], "lin", "50000.00")
    decision = floor.split(deal["id"])
    assert (decision.number, decision.state, decision.decider) == ("SD 2026-P01-000001", "payable", "system")
    assert decision.considered[0] == {
        "agent": "zhao",
        "basis": "call",
        "entry": call["number"],
        "starts_on": "2026-05-01",
        "ends_on": "2026-05-06",
        "standing": "open",
        "is_decisive": True,
    }
    assert [one["is_decisive"] for one in decision.considered] == [True, False]
    assert floor.states(uid) == {"zhao": "consumed", "lin": "consumed"}
    by_people = [move.command for move in decisions.split_decisions.moves.values() if list(move.by) != ["system"]]
    assert by_people == []


@pytest.mark.requirement("L-43", "L-66", "L-76")
def test_a_deal_is_decided_at_its_reservation_or_at_its_contract(floor: Floor) -> None:
    uid, other, world = floor.customer(), floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    floor.visit(other, "zhao")
    world.now = on(16)
    deal = floor.reserve(uid, "lin")
    world.now = on(20)
    sale = {"uid": uid, "home_id": deal["home_id"], "amount": "2000000", "signed_on": "2026-05-20"}
    contract = world.do("sign_contract", sale, by=agent("gao"))
    assert (contract["agent"], contract["reservation_id"]) == ("lin", deal["id"])
    assert world.get(Reservation, deal["id"]).state == "contracted"
    assert floor.shares(deal["id"]) == ("r1", {"zhao": 100})
    direct = world.do("sign_contract", {**sale, "uid": other, "home_id": floor.home()}, by=agent("gao"))
    assert floor.shares(direct["id"]) == ("r3", {"gao": 100})
    backdated = {**sale, "uid": other, "home_id": floor.home(), "signed_on": "2026-05-16", "agent": "gao"}
    assert floor.shares(world.do("sign_contract", backdated, by=LEAD)["id"]) == ("r1", {"zhao": 100})
    assert len(world.all(SplitDecision)) == 3
    switch = {"parameter": DEAL_BY_CONTRACT.name, "value": "1", "valid_from": on(20), "reason": "公司规定"}
    world.do("establish_parameter", switch)
    late = floor.reserve(other, "gao")
    assert len(world.all(SplitDecision)) == 3
    world.do("sign_contract", {**sale, "uid": other, "home_id": late["home_id"]}, by=agent("gao"))
    assert floor.shares(late["id"]) == ("r3", {"gao": 100})


@pytest.mark.requirement("L-41")
def test_a_window_keeps_the_figures_that_it_began_with(floor: Floor) -> None:
    early, later, world = floor.customer(), floor.customer(), floor.world
    world.now = on(1)
    floor.visit(early, "zhao")
    for name, value in (("protection.first_visit", "3"), ("commission.call_split", "40")):
        change = {"parameter": name, "value": value, "valid_from": on(2), "reason": "试行"}
        world.do("establish_parameter", change)
    with pytest.raises(ValidationFailed):
        world.do("establish_parameter", {**change, "value": "101"})
    world.now = on(2)
    floor.visit(later, "zhao")
    world.now = on(8)
    assert floor.shares(floor.reserve(early, "lin")["id"]) == ("r1", {"zhao": 100})
    assert floor.shares(floor.reserve(later, "lin")["id"]) == ("r3", {"lin": 100})
    called = floor.customer()
    floor.call(called, "zhao")
    assert floor.shares(floor.reserve(called, "lin")["id"]) == ("r2", {"zhao": 40, "lin": 60})


@pytest.mark.requirement("L-43")
def test_a_company_has_shares_of_its_own_from_a_day_on(both: Floor) -> None:
    """D-02: the shares of R1 and R2 are rows, of one company or of all; the company's own come first."""
    world = both.world
    for company, name, value, day in (
        ("C01", CALL_SPLIT.name, "60", 2),
        ("C01", VISIT_SPLIT.name, "80", 2),
        ("C02", CALL_SPLIT.name, "10", 2),
        (None, CALL_SPLIT.name, "30", 3),
    ):
        change = {"parameter": name, "company_id": company, "value": value, "valid_from": on(day), "reason": "公司规定"}
        world.do("establish_parameter", {key: one for key, one in change.items() if one is not None})
    with pytest.raises(ValidationFailed) as refused:
        world.do("establish_parameter", {**change, "parameter": "protection.call", "company_id": "C01"})
    assert refused.value.errors == {"company_id": [{"code": "same_for_all_companies", "params": {}}]}
    called, visited = both.customer(), both.customer()
    both.call(called, "zhao")
    both.visit(visited, "zhao")
    assert both.shares(both.reserve(called, "lin")["id"]) == ("r2", {"zhao": 50, "lin": 50}), "before its day"
    world.now = on(4)
    for uid, rule, share in ((called, "r2", 60), (visited, "r1", 80)):
        assert both.shares(both.reserve(uid, "lin")["id"]) == (rule, {"zhao": share, "lin": 100 - share})
    with world.reading() as work:
        found = [(shares_at(work, on(day), of).call, of) for of in ("C01", "C02", "C03") for day in (1, 2, 3)]
    assert found == [
        *((50, "C01"), (60, "C01"), (60, "C01"), (50, "C02"), (10, "C02"), (10, "C02")),
        *((50, "C03"), (50, "C03"), (30, "C03")),
    ]


@pytest.mark.requirement("L-42")
def test_a_deal_that_comes_to_nothing_gives_the_windows_back(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    deal = floor.reserve(uid, "zhao")
    assert floor.states(uid) == {"zhao": "consumed"}
    world.now = on(3)
    with pytest.raises(Forbidden):
        world.do("cancel_reservation", {"id": deal["id"], "reason": "退订"}, by=agent("zhao"))
    world.do("cancel_reservation", {"id": deal["id"], "reason": "退订"}, by=LEAD)
    assert (floor.states(uid), floor.split(deal["id"]).state) == ({"zhao": "open"}, "void")
    assert world.get(Home, deal["home_id"]).state == "on_sale"
    sale = {"uid": uid, "home_id": deal["home_id"], "amount": "2000000", "signed_on": "2026-05-03"}
    contract = world.do("sign_contract", sale, by=agent("lin"))
    assert floor.shares(contract["id"]) == ("r1", {"zhao": 100})
    world.do("request_termination_contract", {"id": contract["id"], "reason": "贷款未批"}, by=LEAD)
    world.do("terminate_contract", {"id": contract["id"]}, by=DIRECTOR)
    assert (floor.split(contract["id"]).state, floor.states(uid)) == ("void", {"zhao": "open"})


def test_whom_an_owner_recommends_goes_to_the_agent_who_served_that_owner(floor: Floor) -> None:
    owner, looker, stranger, world = floor.customer(), floor.customer(), floor.customer(), floor.world
    world.now = on(1)
    floor.visit(owner, "zhao")
    floor.reserve(owner, "zhao")
    world.now = on(2)
    floor.visit(owner, "lin")
    floor.visit(looker, "gao")
    with world.reading() as work:
        served = [decisions.serving_agent(work, uid, "P01") for uid in (owner, looker, stranger)]
    assert served == ["zhao", None, None], "who only looked is no owner"


@pytest.mark.requirement("L-65", "L-66")
def test_two_agents_reserve_one_home_at_once_and_one_deal_is_decided(both: Floor) -> None:
    world, home = both.world, both.home()
    uid, other = both.customer(), both.customer()

    def sign(user: str, customer: str) -> dict[str, Any]:
        said = {"uid": customer, "home_id": home, "deposit": "50000"}
        return world.do("sign_reservation", said, by=agent(user))

    answers = at_once(lambda: sign("zhao", uid), lambda: sign("lin", other))
    assert sorted(type(one).__name__ for one in answers) == ["ValidationFailed", "dict"]
    assert (len(world.all(Reservation)), len(world.all(SplitDecision))) == (1, 1)
    assert world.all(Contract) == []


@pytest.mark.requirement("L-66")
@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"deposit": "0"}, "deposit", "not_positive"),
        ({"signed_at": on(1, 9)}, "signed_at", "in_the_future"),
        ({"home_id": "none"}, "home_id", "unknown_reference"),
        ({"uid": "nobody"}, "uid", "unknown_reference"),
    ],
)
def test_what_is_not_reserved(floor: Floor, given: dict[str, Any], field: str, code: str) -> None:
    said: dict[str, datetime | str] = {"uid": floor.customer(), "home_id": floor.home(), "deposit": "50000"}
    with pytest.raises(ValidationFailed) as refusal:
        floor.world.do("sign_reservation", {**said, **given}, by=agent("zhao"))
    assert refusal.value.errors[field][0]["code"] == code
