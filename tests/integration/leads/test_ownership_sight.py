"""Who sees whose customers, what the director is asked, and what the reports count (X-393, X-36.10, L-162, L-173)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.leads.ownership.records import Protection
from tests.integration.leads.deals import DIRECTOR, LEAD, Floor, agent, on
from tests.integration.leads.world import World, person


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)


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


@pytest.mark.requirement("X-36.10", "L-32", "X-44")
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
        sale = {"uid": uid, "home_id": home, "amount": "1900000", "signed_on": "2026-05-10"}
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
