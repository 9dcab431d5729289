"""Who sees whose customers, what the director is asked, and what the reports count (X-393, X-36.10, L-162, L-173)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.leads.customers import Customer, CustomerStage
from services.leads.interactions import Interaction
from services.leads.ownership.records import Protection
from services.leads.reception.entries import CallEntry, VisitEntry
from services.leads.reception.follow_ups import SalesFollowUp
from services.leads.reception.objections import Objection
from tests.integration.leads.deals import DIRECTOR, LEAD, Floor, agent, both, floor, on
from tests.integration.leads.world import World, person

__all__ = ["both", "floor"]


def seen(world: World, resource: str, actor: dict[str, Any], **filters: Any) -> set[str]:
    with world.reading(Actor.from_wire(actor)) as work:
        found = views.search(work, resource, {"filters": filters, "page_size": 100})["result"]
    return {one["id"] for one in found}


@pytest.mark.requirement("X-393", "X-65")
def test_agents_see_their_own_customers_and_everybody_else_those_of_their_scope(floor: Floor) -> None:
    world = floor.world
    world.now = on(1)
    called, visited, deputised, bought, other = (floor.customer() for _ in range(5))
    floor.call(called, "zhao")
    floor.visit(visited, "zhao")
    floor.visit(deputised, "zhao", named="lin")
    floor.reserve(bought, "zhao")
    floor.visit(other, "gao")
    own = {called, visited, deputised, bought}
    assert seen(world, "customer", agent("zhao")) == own
    assert seen(world, "customer", agent("lin")) == {deputised}
    assert seen(world, "customer", LEAD) == {*own, other}
    assert seen(world, "customer", person("zhao", "sales_agent", "customer_affairs", scope="company:C01")) >= {other}
    assert seen(world, "customer", person("zhao", "sales_agent", scope="project:P02")) == set()
    made = {"kind": "person", "name": "新客", "phone": "13900139000", "project_id": "P01"}
    assert world.do("register_customer", made, by=agent("zhao"))["id"] in seen(world, "customer", agent("zhao"))
    with world.reading(Actor.from_wire(agent("zhao"))) as work:
        with pytest.raises(NotFound):
            views.fetch(work, "customer", other)
        phones = {uid: views.fetch(work, "customer", uid)["result"]["phone"] for uid in (called, deputised)}
    assert ("*" in phones[called], "*" in phones[deputised]) == (False, True)
    assert seen(world, "protection", agent("zhao")) == {
        one.id for one in world.all(Protection, Protection.agent == "zhao")
    }
    assert len(seen(world, "protection", LEAD)) == 4
    due = {"uid": other, "project_id": "P01", "cause": "silence", "agent": "lin"}
    world.do("plan_sales_follow_up", due, by=LEAD)
    assert seen(world, "customer", agent("lin")) == {deputised, other}
    world.at(on(17, 0))
    assert seen(world, "customer", agent("zhao")) >= own  # their entries are theirs still


@pytest.mark.requirement("X-393")
def test_an_agent_finds_and_touches_nothing_of_a_colleagues_customer(floor: Floor) -> None:
    world = floor.world
    world.now = on(1)
    own, colleagues = floor.customer(), floor.customer()
    for uid, user in ((own, "zhao"), (colleagues, "gao")):
        floor.call(uid, user)
        floor.visit(uid, user, objection="贵", objection_topic="budget")
    of_customer = {
        "call_entry": CallEntry,
        "visit_entry": VisitEntry,
        "sales_follow_up": SalesFollowUp,
        "customer_stage": CustomerStage,
        "interaction": Interaction,
        "objection": Objection,
    }
    for resource, record in of_customer.items():
        theirs = {uid: {one.id for one in world.all(record, record.uid == uid)} for uid in (own, colleagues)}
        assert all(theirs.values()), resource
        assert seen(world, resource, agent("zhao")) == theirs[own], resource
        assert seen(world, resource, LEAD) == theirs[own] | theirs[colleagues], resource
        assert seen(world, resource, person("zhao", "sales_agent", "customer_affairs", scope="company:C01")) == (
            theirs[own] | theirs[colleagues]
        ), resource
    (due,) = world.all(SalesFollowUp, SalesFollowUp.uid == colleagues, SalesFollowUp.state == "open")
    with pytest.raises(NotFound):
        world.do("drop_sales_follow_up", {"id": due.id, "reason": "-"}, by=agent("zhao"))

    called = {"project_id": "P01", "source": "telephone", "is_invited": True}
    stand = {"been_before": True, "has_called": False, "is_recommended": False, "place": "bus_tour"}
    due_again = {"cause": "silence", "agent": "zhao"}
    spoken = {"channel": "telephone", "direction": "outbound", "kind": "call"}
    given = {
        "register_call_entry": called,
        "meet_visit_entry": stand,
        "plan_sales_follow_up": due_again,
        "log_interaction": spoken,
        "record_objection": {"topic": "budget", "content": "贵"},
    }
    for command, said in given.items():
        payload = {**said, "uid": colleagues, "project_id": "P01"}
        with pytest.raises(ValidationFailed) as refusal:
            world.do(command, payload, by=agent("zhao"))
        assert refusal.value.errors["uid"][0]["code"] == "unknown_reference", command
        assert world.do(command, {**payload, "uid": own}, by=agent("zhao"))["uid"] == own
    for command, field in (("log_interaction", "by"), ("record_objection", "agent")):
        of_gao = {**given[command], "uid": own, "project_id": "P01", field: "gao"}
        with pytest.raises(ValidationFailed) as refusal:
            world.do(command, of_gao, by=agent("zhao"))
        assert refusal.value.errors[field][0]["code"] == "late_entry_by_lead", command
        assert world.do(command, of_gao, by=LEAD)[field] == "gao"
    assert seen(world, "customer", agent("zhao")) == {own}
    (customer,) = world.all(Customer, Customer.id == colleagues)
    by_number = {"phone": customer.phone, "name": customer.name, **called}
    entry = world.do("register_call_entry", by_number, by=agent("zhao"))
    assert (entry["uid"], seen(world, "customer", agent("zhao"))) == (colleagues, {own, colleagues})


@pytest.mark.requirement("X-36.10", "L-32", "L-68", "X-44")
def test_a_discount_is_asked_for_by_the_lead_and_decided_by_the_director(floor: Floor) -> None:
    world, uid = floor.world, floor.customer()
    asked = {"function": "discount", "agent": "zhao", "uid": uid, "home_id": floor.home(), "why": "老业主推荐"}

    def refused(**more: Any) -> list[str]:
        with pytest.raises(ValidationFailed) as refusal:
            world.do("submit_restricted_request", {**asked, **more}, by=LEAD)
        return list(refusal.value.errors)

    with pytest.raises(Forbidden):
        world.do("submit_restricted_request", {**asked, "discount": "20000"}, by=agent("zhao"))
    assert refused() == ["discount"]
    assert refused(discount="2000000") == ["discount"]
    assert refused(function="name_transfer") == ["new_uid"]
    assert refused(function="name_transfer", new_uid=uid) == ["new_uid"]
    both = person("qian.jun", "site_sales_lead", "sales_director")
    request = world.do("submit_restricted_request", {**asked, "discount": "20000"}, by=both)
    with pytest.raises(OwnSubmission):
        world.do("approve_restricted_request", {"id": request["id"]}, by=both)
    with pytest.raises(ValidationFailed):
        world.do("refuse_restricted_request", {"id": request["id"], "reason": " "}, by=DIRECTOR)
    no = world.do("refuse_restricted_request", {"id": request["id"], "reason": "超出权限"}, by=DIRECTOR)
    assert (no["state"], no["reason"]) == ("refused", "超出权限")
    home, buyer = asked["home_id"], agent("zhao")
    sale = {"uid": uid, "home_id": home, "signed_on": world.now.date()}

    def sold_for(amount: str) -> list[dict[str, Any]]:
        with pytest.raises(ValidationFailed) as refusal:
            world.do("sign_contract", {**sale, "amount": amount}, by=buyer)
        return refusal.value.errors["amount"]

    below = {"code": "discount_not_approved", "params": {"price": "2000000.00", "below": "0.01"}}
    assert sold_for("1999999.99") == [below], "a refused request grants nothing"
    for other, function in ((floor.customer(), "discount"), (uid, "resale_listing")):
        more = {**asked, "uid": other, "function": function, "discount": "50000"}
        request = world.do("submit_restricted_request", more, by=LEAD)
        world.do("approve_restricted_request", {"id": request["id"]}, by=DIRECTOR)
    request = world.do("submit_restricted_request", {**asked, "discount": "20000"}, by=LEAD)
    assert sold_for("1980000")[0]["code"] == "discount_not_approved", "nobody has decided yet"
    world.do("approve_restricted_request", {"id": request["id"]}, by=DIRECTOR)
    assert sold_for("1979999.99")[0]["params"]["below"] == "20000.01"
    assert world.do("sign_contract", {**sale, "amount": "1980000"}, by=buyer)["amount"] == "1980000.00"
    transfer = {**asked, "function": "name_transfer", "new_uid": floor.customer()}
    request = world.do("submit_restricted_request", transfer, by=LEAD)
    assert world.do("approve_restricted_request", {"id": request["id"]}, by=DIRECTOR)["state"] == "approved"


@pytest.mark.requirement("L-162", "L-173")
def test_the_reports_count_what_their_lists_hold(floor: Floor) -> None:
    world = floor.world
    world.now = on(1)
    one, two, three = (floor.customer() for _ in range(3))
    floor.visit(one, "zhao")
    floor.visit(two, "zhao", is_recommended=True, referrer_uid=one)
    floor.visit(three, "lin")
    world.at(on(10))
    deal = floor.reserve(two, "lin")
    world.do("raise_claim_split_dispute", {"decision_id": floor.split(deal["id"]).id, "claim": "-"}, by=LEAD)
    for uid, home in ((two, deal["home_id"]), (three, floor.home())):
        sale = {"uid": uid, "home_id": home, "amount": "2000000", "signed_on": "2026-05-10"}
        world.do("sign_contract", sale, by=agent("lin"))
    world.at(on(17, 0))

    def run(name: str, actor: dict[str, Any] = LEAD) -> list[dict[str, Any]]:
        with world.reading(Actor.from_wire(actor)) as work:
            rows: list[dict[str, Any]] = reports.run(work, name, {"since": "2026-05-01"})["rows"]
        for row in rows:
            for count, filters in row["behind"].items():
                resource = world.service.reports[name].process.name
                assert row["values"][count] == len(seen(world, resource, actor, **filters)), (name, count)
        return [row["values"] for row in rows]

    assert run("protection_windows") == [
        {"agent": "lin", "windows": 1, "open": 0, "expired": 0, "consumed": 1, "given_up": 0},
        {"agent": "zhao", "windows": 2, "open": 0, "expired": 1, "consumed": 1, "given_up": 0},
    ]
    assert [row["agent"] for row in run("protection_windows", agent("lin"))] == ["lin"]
    assert run("deals_by_rule") == [{"rule_code": "r1", "deals": 2, "held": 1}]
    (brought,) = run("old_brings_new", DIRECTOR)
    assert (brought["contracts"], brought["referred"], brought["referred_share"]) == (2, 1, 50)
    assert (brought["baseline_share"], brought["goal_share"]) == (10, 30)


@pytest.mark.requirement("L-173")
def test_whom_somebody_recommended_before_the_contract_and_no_other_counts(both: Floor) -> None:
    world = both.world
    owner, on_the_day, later, mistaken, ended = (both.customer() for _ in range(5))
    world.now = on(1)

    def bring(uid: str, at: Any = None) -> dict[str, Any]:
        return both.visit(uid, "zhao", at, is_recommended=True, referrer_uid=owner)

    def sell(uid: str) -> dict[str, Any]:
        sale = {"uid": uid, "home_id": both.home(), "amount": "2000000", "signed_on": "2026-05-02"}
        return world.do("sign_contract", sale)

    wrong, _ = bring(mistaken), bring(ended)
    right = {"corrects_id": wrong["id"], "correction_reason": "登记错客户", "uid": both.customer()}
    world.do("correct_visit_entry", right, by=LEAD)
    world.now = on(2, 23, 59)
    contracts = {uid: sell(uid) for uid in (on_the_day, later, mistaken, ended)}
    world.do("request_termination_contract", {"id": contracts[ended]["id"], "reason": "贷款未批"}, by=LEAD)
    world.do("terminate_contract", {"id": contracts[ended]["id"]}, by=DIRECTOR)
    bring(on_the_day, on(2, 23, 59))
    world.now = on(3, 0)
    bring(later)
    with world.reading(Actor.from_wire(DIRECTOR)) as work:
        (row,) = reports.run(work, "old_brings_new", {"since": "2026-05-01"})["rows"]
    assert (row["values"]["contracts"], row["values"]["referred"]) == (3, 1)
    of = seen(world, "contract", DIRECTOR, **row["behind"]["referred"])
    assert of == {contracts[on_the_day]["id"]}
