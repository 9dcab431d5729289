"""What is computed of customers: by what they do, by what membership says, and how fresh it is (L-08 to L-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import views
from services.contracts.events.leads import CustomerUpdated
from services.contracts.events.membership import (
    HighValueCustomerDesignated,
    HighValueCustomerRevoked,
    ReferralWillingnessChanged,
    SegmentChanged,
)
from services.contracts.events.membership_referrals import ReferralRewarded
from services.leads.customers import Customer
from services.leads.portraits.statements import CustomerTag
from tests.integration.leads.portrait_world import AGENT, LEAD, MARKETING, Portraits, opened, uid, world
from tests.integration.leads.world import START, delivery, person

__all__ = ["opened", "uid", "world"]


@pytest.mark.requirement("L-13")
def test_a_portrait_is_stale_ninety_days_after_anything_was_heard(world: Portraits, uid: str) -> None:
    ends = (START + timedelta(days=90)).replace(hour=16)
    world.at(ends - timedelta(seconds=1))
    assert not world.get(Customer, uid).is_stale
    world.at(ends)
    assert world.get(Customer, uid).is_stale
    world.note(uid, region="余杭")
    assert not world.get(Customer, uid).is_stale
    world.at(ends + timedelta(days=90, seconds=-1))
    assert not world.get(Customer, uid).is_stale
    contact = {"uid": uid, "channel": "telephone", "direction": "inbound", "kind": "call", "project_id": "P01"}
    world.do("log_interaction", contact, by=AGENT)
    world.at(ends + timedelta(days=90))
    assert not world.get(Customer, uid).is_stale
    world.at(ends + timedelta(days=180))
    assert world.get(Customer, uid).is_stale


@pytest.mark.requirement("L-13")
def test_others_are_told_the_tags_that_hold(world: Portraits, uid: str) -> None:
    world.note(uid, region="余杭", interests="垂钓")
    told = world.told(CustomerUpdated)[-1]
    assert told["tags"] == {"region": "余杭", "interests": ["垂钓"]}


@pytest.mark.requirement("L-08", "L-10", "L-11", "L-12")
def test_what_customers_do_is_computed_from_what_happens(world: Portraits, uid: str) -> None:
    intake = {"been_before": False, "has_called": False, "is_recommended": False}
    visit = {"uid": uid, "project_id": "P01", "agent": AGENT["user"], **intake}
    world.do("register_visit_entry", visit, by=LEAD)
    assert world.held(uid) == {"site_visits": "1", "purchase_intention": "中"}
    entry = world.do("register_visit_entry", {**visit, "objection": "太贵", "objection_topic": "budget"}, by=LEAD)
    call = {"uid": uid, "project_id": "P01", "source": "website", "is_invited": False, "topic": "location"}
    world.do("register_call_entry", call, by=AGENT)
    for minutes, unit_type in ((20, "三室两厅"), (15, "两室两厅"), (25, "三室两厅"), (30, "两室两厅")):
        looked = {"uid": uid, "project_id": "P01", "channel": "website", "minutes": minutes, "unit_type": unit_type}
        world.do("log_browsing_entry", looked, by=MARKETING)
    world.note(uid, purchase_budget="260", purchase_method="一次性付款")
    assert world.held(uid) == {
        "site_visits": "2",
        "browsing_minutes": "90",
        "preferred_unit_type": "三室两厅",
        "concern_topics": ["地段", "预算（单价、面积、总价）"],
        "purchase_budget": "260",
        "purchase_method": "一次性付款",
        "purchase_intention": "高",
        "purchase_capability": "高",
    }
    other = world.customer()
    wrong = {"corrects_id": entry["id"], "correction_reason": "登记错人", "uid": other}
    world.do("correct_visit_entry", wrong, by=LEAD)
    assert (world.held(uid)["site_visits"], world.held(other)["site_visits"]) == ("1", "1")


@pytest.mark.requirement("L-08", "L-11")
def test_who_buys_a_home_prefers_its_type_and_has_bought_once(world: Portraits, uid: str) -> None:
    built = {"code": "P01-1-1", "project_id": "P01", "building": "1", "unit": "1", "unit_type": "四室两厅"}
    world.do("set_up_home", built)
    world.do("open_sale_home", {"id": "P01-1-1", "opened_on": START.date(), "price": "2000000"})
    sale = {"home_id": "P01-1-1", "uid": uid, "amount": "2000000", "signed_on": START.date()}
    contract = world.do("sign_contract", sale)
    assert world.held(uid) == {"preferred_unit_type": "四室两厅", "purchases": "1"}
    world.do("request_termination_contract", {"id": contract["id"], "reason": "贷款未批"}, by=LEAD)
    world.do("terminate_contract", {"id": contract["id"]}, by=person("sun.li", "sales_director"))
    assert world.held(uid) == {}


def test_what_membership_says_of_a_customers_worth_is_kept(world: Portraits, uid: str) -> None:
    for event, holds in (
        (HighValueCustomerDesignated(uid=uid, reason="大单"), {"high_value": "是"}),
        (HighValueCustomerRevoked(uid=uid, reason="到期"), {}),
        (HighValueCustomerDesignated(uid=uid, reason="再购"), {"high_value": "是"}),
    ):
        world.take(delivery(event, at=world.now))
        assert world.held(uid) == holds


@pytest.mark.requirement("L-09")
def test_segment_and_willingness_are_kept_with_source_and_moment_and_found_by_them(world: Portraits, uid: str) -> None:
    def changed(to: str, index: int, run: str) -> SegmentChanged:
        rfm = {"recency_days": 3, "frequency": 2, "monetary": "1.00"}
        return SegmentChanged(uid=uid, to_segment=to, rfm=rfm, referral_index=index, run=run, at=world.now)

    def found(**filters: Any) -> list[str]:
        asked = {"filters": filters, "page_size": 100}
        with world.reading() as work:
            return [one["id"] for one in views.search(work, "customer", asked)["result"]]

    world.take(delivery(changed("core", 40, "SR 1"), at=world.now))
    assert world.held(uid) == {"segment": "核心", "referral_index": "40"}
    (segment,) = world.all(CustomerTag, CustomerTag.uid == uid, CustomerTag.tag == "segment")
    assert (segment.group, segment.source, segment.cause) == ("value", "derived", "SR 1")
    assert (segment.at, segment.is_effective) == (world.now, True)
    assert found(segment="core", referral_index={"from": 40, "to": 40}) == [uid]
    world.take(
        delivery(changed("potential", 40, "SR 2"), at=world.now),
        delivery(ReferralWillingnessChanged(uid=uid, referral_index=60, run="SR 3", at=world.now), at=world.now),
    )
    assert world.held(uid) == {"segment": "潜力", "referral_index": "60"}
    assert (found(segment="core"), found(segment="potential")) == ([], [uid])
    live = [one for one in world.statements(uid) if one.state == "in_force"]
    tags = {one.tag: (one.value, one.cause, one.band) for one in live}
    assert tags == {"segment": ("潜力", "SR 2", "潜力"), "referral_index": ("60", "SR 3", "60–80")}


@pytest.mark.requirement("L-13")
def test_who_is_silent_is_not_fresher_for_another_segment_or_a_reward(world: Portraits, uid: str) -> None:
    world.at(world.now + timedelta(days=91))
    assert world.get(Customer, uid).is_stale
    rfm = {"recency_days": 91, "frequency": 0, "monetary": "0.00"}
    to = {"to_segment": "dormant", "referral_index": 0, "run": "SR 9"}
    world.take(delivery(SegmentChanged(uid=uid, rfm=rfm, at=world.now, **to), at=world.now))
    assert world.held(uid)["segment"] == "沉睡"
    assert world.get(Customer, uid).is_stale
    reward = {"referral_id": "rf-1", "number": "RF 1", "kind": "points", "value": "500"}
    world.take(delivery(ReferralRewarded(referrer_uid=uid, at=world.now, **reward), at=world.now))
    assert world.held(uid)["referrer"] == "是"
    assert world.get(Customer, uid).is_stale
