"""Whom owners recommend: found or registered, handed to the owner's agent, and told to the club (B-52, L-47)."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.contracts.events.leads import ContractSigned, ContractTerminated, CustomerRegistered, CustomerUpdated
from services.contracts.events.leads_referrals import ReferralMatched, ReferralRefused
from services.contracts.events.leads_sales import HomeReserved, ReservationCancelled, VisitRegistered
from services.contracts.events.membership_referrals import ReferralRewarded, ReferralVoided
from services.leads.customers import CustomerStage, known_or_new
from services.leads.customers.customer import Customer
from services.leads.reception.follow_ups import SalesFollowUp
from services.leads.referrals import matching
from tests.integration.leads.deals import DIRECTOR, LEAD, agent, on
from tests.integration.leads.referral_world import Site, noon, site
from tests.integration.leads.test_both_databases import at_once
from tests.integration.leads.world import delivery, person

__all__ = ["noon", "site"]

pytestmark = pytest.mark.integration
SECOND = timedelta(seconds=1)


@pytest.mark.requirement("B-51", "B-52", "L-47")
def test_a_stranger_is_registered_and_given_to_the_owners_agent(site: Site) -> None:
    phone = site.phone()
    told = site.match(f"+86 {phone}")
    assert (told["agent"], told["visit_id"], told["reservation_id"], told["contract_id"]) == ("lin", None, None, None)
    customer = site.world.get(Customer, told["uid"])
    assert (customer.name, customer.phone, customer.source) == ("周晓彤", phone, "referral")
    assert [one["uid"] for one in site.world.told(CustomerRegistered)].count(told["uid"]) == 1
    referred = site.of(told["referral_id"])
    assert (referred.referrer_uid, referred.agent, referred.state) == (site.owner, "lin", "open")
    (stage,) = site.world.all(CustomerStage, CustomerStage.uid == told["uid"])
    assert (stage.agent, stage.state) == ("lin", "registered")


@pytest.mark.requirement("L-47")
def test_the_agent_turns_to_the_customer_within_a_day_and_sees_them(site: Site) -> None:
    told = site.match(site.phone())
    (due,) = site.due(told["uid"])
    assert (due.cause, due.agent, due.state) == ("referral", "lin", "open")
    (clock,) = _clocks(site, due.id)
    assert clock["due_at"] == "2026-05-11T04:00:00Z"
    seen = _customers(site, agent("lin")), _customers(site, agent("gao"))
    assert [told["uid"] in one for one in seen] == [True, False]


def _clocks(site: Site, follow_up_id: str) -> list[dict[str, Any]]:
    with site.world.reading() as work:
        found = views.fetch(work, "sales_follow_up", follow_up_id)["result"]["clocks"]
    return list(found)


def _customers(site: Site, actor: dict[str, Any]) -> list[str]:
    with site.world.reading(Actor.from_wire(actor)) as work:
        asked = {"page_size": 100}
        return [one["id"] for one in views.search(work, "customer", asked)["result"]]


@pytest.mark.requirement("B-52")
def test_who_is_known_and_free_is_linked_and_who_is_active_is_refused(site: Site) -> None:
    pooled, caller, visitor, buyer = (site.customer() for _ in range(4))
    site.visit(pooled, "gao", on(1, 9))
    site.call(caller, "gao", on(8, 9))
    site.visit(visitor, "gao", on(9, 9))
    site.visit(buyer, "gao", on(1, 9))
    site.reserve(buyer, "gao", on(2, 9))
    phones = {uid: site.world.get(Customer, uid).phone for uid in (pooled, caller, visitor, buyer)}
    site.world.now = on(17, 0, 0)  # the fifteen days after the 1st are over
    assert site.match(phones[pooled])["uid"] == pooled
    site.world.now = on(10, 12)
    assert site.refused(phones[caller]) == ("active_customer", caller)
    assert site.refused(phones[visitor]) == ("active_customer", visitor)
    assert site.refused(phones[buyer], on(30)) == ("active_customer", buyer)


@pytest.mark.requirement("B-52")
def test_nobody_recommends_themselves_or_somebody_whom_another_has_recommended(site: Site) -> None:
    own = site.world.get(Customer, site.owner).phone
    assert site.refused(own) == ("self_referral", site.owner)
    phone = site.phone()
    first = site.match(phone)
    assert site.refused(phone, referrer_uid=site.customer()) == ("referred_already", first["uid"])
    site.world.take(delivery(ReferralVoided(referral_id=first["referral_id"], cause="cancelled")))
    assert site.of(first["referral_id"]).state == "ended"
    assert site.match(phone)["uid"] == first["uid"]
    assert site.refused("12345678") == ("invalid_phone", None)


@pytest.mark.requirement("B-52")
def test_of_two_who_recommend_a_stranger_at_once_one_is_the_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, phone, other = threading.Barrier(2), site.phone(), site.customer()

    def when_both_have_looked(*given: Any, **more: Any) -> Customer:
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(0.5)
        return known_or_new(*given, **more)

    monkeypatch.setattr(matching, "known_or_new", when_both_have_looked)
    news = [site.news(phone), site.news(phone, referrer_uid=other)]
    at_once(*(partial(site.world.take, delivery(one)) for one in news))
    refused = [one["cause"] for told in news for one in site.about(ReferralRefused, told.referral_id)]
    matched = [one for told in news for one in site.about(ReferralMatched, told.referral_id)]
    assert (refused, len(matched)) == (["referred_already"], 1)


@pytest.mark.requirement("B-52", "L-47")
@pytest.mark.parametrize("is_tried", [False, True])
def test_who_wants_no_referral_any_more_is_not_called(site: Site, is_tried: bool) -> None:
    told, kept = site.match(site.phone()), site.match(site.phone())
    (due,) = site.due(told["uid"])
    if is_tried:
        tried = {"id": due.id, "channel": "telephone", "result": "no_answer"}
        site.world.do("record_sales_follow_up", tried, by=agent("lin"))
    site.world.take(delivery(ReferralVoided(referral_id=told["referral_id"], cause="cancelled")))
    waiting = site.world.all(SalesFollowUp, SalesFollowUp.uid == told["uid"])
    assert [one.state for one in waiting] == (["done"] if is_tried else []) + ["dropped"]
    tasks = site.world.all(Task, Task.record_id.in_([one.id for one in waiting]))
    assert {one.state for one in tasks} == {"dropped"}
    assert [one.state for one in site.due(kept["uid"])] == ["open"]


@pytest.mark.requirement("B-52", "L-47")
def test_the_first_visit_belongs_to_the_referral_and_no_other(site: Site) -> None:
    phone = site.phone()
    told = site.match(phone)
    first, second = site.come(phone), site.come(phone)
    visits = {one["visit_id"]: one["referral_id"] for one in site.world.told(VisitRegistered)}
    assert (visits[first["id"]], visits[second["id"]]) == (told["referral_id"], None)
    assert site.of(told["referral_id"]).visit_id == first["id"]
    (due,) = site.due(told["uid"])
    assert due.state == "dropped", "who has come is not called because of the referral any more"


@pytest.mark.requirement("L-66", "L-72", "B-52")
@pytest.mark.parametrize(("clause", "deadline"), [(True, "2026-05-13T16:00:00Z"), (False, None)])
def test_a_reservation_tells_its_referral_and_until_when_it_can_be_withdrawn_from(
    site: Site, clause: bool, deadline: str | None
) -> None:
    told = site.match(site.phone())
    deal = {"uid": told["uid"], "deposit": "50000", "has_withdrawal_clause": clause}
    kept = site.world.do("sign_reservation", {**deal, "home_id": site.home()}, by=agent("lin"))
    (reserved,) = [one for one in site.world.told(HomeReserved) if one["reservation_id"] == kept["id"]]
    assert (reserved["referral_id"], reserved["withdrawal_deadline"]) == (told["referral_id"], deadline)
    another = site.world.do("sign_reservation", {**deal, "home_id": site.home()}, by=agent("lin"))
    (second,) = [one for one in site.world.told(HomeReserved) if one["reservation_id"] == another["id"]]
    assert second["referral_id"] is None, "one deal is the outcome of a referral"
    contract = site.sign(told["uid"], kept["home_id"])
    (signed,) = [one for one in site.world.told(ContractSigned) if one["contract_id"] == contract["id"]]
    assert (signed["referral_id"], signed["withdrawal_deadline"]) == (told["referral_id"], deadline)
    assert site.of(told["referral_id"]).contract_id == contract["id"]


@pytest.mark.requirement("L-74", "L-72", "B-52")
@pytest.mark.parametrize(("late", "within"), [(-SECOND, True), (timedelta(0), False)])
def test_a_cancelled_reservation_is_told_and_ends_its_referral(site: Site, late: timedelta, within: bool) -> None:
    told = site.match(site.phone())
    deal = {"uid": told["uid"], "deposit": "50000", "has_withdrawal_clause": True, "home_id": site.home()}
    kept = site.world.do("sign_reservation", deal, by=agent("lin"))
    site.world.now = on(14, 0) + late  # signed on the 10th: until 24:00 of the 13th
    site.world.do("cancel_reservation", {"id": kept["id"], "reason": "客户退订"}, by=LEAD)
    (cancelled,) = [one for one in site.world.told(ReservationCancelled) if one["reservation_id"] == kept["id"]]
    assert cancelled == {
        "reservation_id": kept["id"],
        "home_id": kept["home_id"],
        "uid": told["uid"],
        "within_window": within,
        "referral_id": told["referral_id"],
    }
    referred = site.of(told["referral_id"])
    assert (referred.state, referred.cause) == ("ended", "reservation_cancelled")


@pytest.mark.requirement("B-52", "L-77")
def test_a_contract_that_ends_ends_its_referral(site: Site) -> None:
    told = site.match(site.phone())
    contract = site.sign(told["uid"], site.home())
    site.world.do("request_termination_contract", {"id": contract["id"], "reason": "贷款未批"}, by=LEAD)
    site.world.do("terminate_contract", {"id": contract["id"]}, by=DIRECTOR)
    assert [one["contract_id"] for one in site.about(ContractTerminated, told["referral_id"])] == [contract["id"]]
    assert (site.of(told["referral_id"]).state, site.of(told["referral_id"]).cause) == ("ended", "contract_terminated")


@pytest.mark.requirement("B-53", "L-09")
def test_who_was_rewarded_is_known_as_a_referrer(site: Site) -> None:
    site.world.service.found()
    about = {"referral_id": "rf-paid", "number": "RF 1", "referrer_uid": site.owner, "at": site.world.now}
    rewarded = ReferralRewarded(**about, kind="property_fee", value="2")
    site.world.take(delivery(rewarded), delivery(rewarded))
    told = [one for one in site.world.told(CustomerUpdated) if one["uid"] == site.owner]
    assert told[-1]["tags"]["referrer"] == "是"


@pytest.mark.requirement("L-173")
def test_a_buyer_with_a_referral_counts_as_brought_by_an_owner(site: Site) -> None:
    told = site.match(site.phone())
    contract = site.sign(told["uid"], site.home())
    with site.world.reading(Actor.from_wire(person("sun.li", "sales_director"))) as work:
        found = views.search(work, "contract", {"filters": {"referred": True}, "page_size": 100})["result"]
    assert contract["id"] in [one["id"] for one in found]
