"""Whose performance a deal is: decided, disputed, overridden, forfeited, void (L-43 to L-49, X-36.11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.approvals import Approval
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.contracts.events.leads_sales import CommissionSplitDecided, HomeReserved
from services.leads.contracts import Contract
from services.leads.homes import Home
from services.leads.ownership import decisions
from services.leads.ownership.disputes import SplitDispute
from services.leads.ownership.figures import CALL_SPLIT, DEAL_BY_CONTRACT, VISIT_SPLIT, shares_at
from services.leads.ownership.records import SplitDecision
from services.leads.penalties import SNATCH_COMMISSION
from services.leads.reservations import Reservation
from services.leads.service import SERVICE
from tests.integration.leads.deals import DIRECTOR, LEAD, MANAGER, Floor, agent, on
from tests.integration.leads.test_both_databases import at_once
from tests.integration.leads.world import World, person

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


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)


@pytest.fixture
def both(database_url: str) -> Iterator[Floor]:
    world = World(SERVICE, database_url)
    yield Floor(world)
    world.close()


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


def snatched(world: World, user: str, sanction: str | None = None, **about: Any) -> dict[str, Any]:
    """A confirmed finding; with the sanction that the director decided."""
    found = {"project_id": "P01", "agent": user, "kind": "snatching", "occurred_on": "2026-05-01", "evidence": "-"}
    violation = world.do("record_violation", {**found, **about}, by=LEAD)
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
