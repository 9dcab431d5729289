"""Referrals of which leads hears late, or whose visits are corrected: they end as if told in time (B-52, X-47)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.contracts.events.leads_referrals import ReferralMatched
from services.leads.contracts import Contract
from tests.integration.leads.deals import LEAD
from tests.integration.leads.referral_world import Site, noon, site

__all__ = ["noon", "site"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("B-52")
def test_a_visit_that_came_before_the_news_of_the_referral_counts(site: Site) -> None:
    phone, recommended_at = site.phone(), site.world.now
    site.world.now += timedelta(hours=1)
    visit = site.come(phone)
    site.world.now += timedelta(hours=1)
    told = site.match(phone, recommended_at)
    assert (told["uid"], told["visit_id"]) == (visit["uid"], visit["id"])
    assert site.due(told["uid"]) == []
    other = site.phone()
    site.come(other)
    site.world.now += timedelta(hours=1)
    assert site.refused(other)[0] == "active_customer", "who had come before is not new"


@pytest.mark.requirement("B-52", "L-66", "L-76")
def test_a_deal_before_the_news_of_the_referral_counts(site: Site) -> None:
    phone, recommended_at = site.phone(), site.world.now
    site.world.now += timedelta(hours=1)
    uid = site.come(phone)["uid"]
    kept = site.reserve(uid, "zhao", site.world.now)
    site.world.now += timedelta(hours=1)
    told = site.match(phone, recommended_at)
    assert (told["reservation_id"], told["home_id"], told["contract_id"]) == (kept["id"], kept["home_id"], None)
    contract = site.sign(uid, kept["home_id"])
    assert contract["referral_id"] == told["referral_id"]
    bought = site.phone()
    uid, home = site.come(bought)["uid"], site.home()
    direct = site.sign(uid, home)
    told = site.match(bought, recommended_at)
    assert (told["contract_id"], told["home_id"]) == (direct["id"], home)
    assert site.world.get(Contract, direct["id"]).referral_id == told["referral_id"]
    gone = site.phone()
    cancelled = site.reserve(site.come(gone)["uid"], "zhao", site.world.now)
    site.world.do("cancel_reservation", {"id": cancelled["id"], "reason": "退订"}, by=LEAD)
    assert site.refused(gone, recommended_at)[0] == "reservation_cancelled"


@pytest.mark.requirement("B-52", "L-76")
def test_of_two_deals_before_the_news_of_the_referral_the_first_is_its_outcome(site: Site) -> None:
    phone, recommended_at = site.phone(), site.world.now
    site.world.now += timedelta(hours=1)
    uid = site.come(phone)["uid"]
    direct = site.sign(uid, site.home())
    site.world.now += timedelta(hours=1)
    site.reserve(uid, "zhao", site.world.now)
    told = site.match(phone, recommended_at)
    assert (told["contract_id"], told["reservation_id"]) == (direct["id"], None)


@pytest.mark.requirement("B-52", "L-47")
def test_who_has_called_another_agent_since_is_not_handed_over(site: Site) -> None:
    phone, recommended_at = site.phone(), site.world.now
    site.world.now += timedelta(hours=1)
    said = {"phone": phone, "name": "周晓彤", "project_id": "P01", "source": "telephone", "is_invited": True}
    uid = site.world.do("register_call_entry", {**said, "agent": "gao"}, by=LEAD)["uid"]
    site.world.now += timedelta(hours=1)
    assert site.match(phone, recommended_at)["uid"] == uid
    assert (site.serving(uid), site.due(uid)) == ("gao", [])


@pytest.mark.requirement("X-47", "B-52")
def test_what_corrects_the_first_visit_takes_its_place(site: Site) -> None:
    phone = site.phone()
    told = site.match(phone)
    first = site.come(phone)
    right = site.correct(first, party_size=2)
    last = site.correct(right, party_size=3)
    assert {site.referral_of(one) for one in (first, right, last)} == {told["referral_id"]}
    assert site.of(told["referral_id"]).visit_id == last["id"]
    assert site.referral_of(site.come(phone)) is None


@pytest.mark.requirement("X-47", "B-52", "L-47")
def test_a_visit_that_was_somebody_elses_is_not_the_first(site: Site) -> None:
    phone = site.phone()
    told = site.match(phone)
    wrong = site.come(phone)
    moved = site.correct(wrong, uid=site.customer())
    assert (site.referral_of(moved), site.of(told["referral_id"]).visit_id) == (None, None)
    assert site.serving(told["uid"]) == "lin"
    assert [one.state for one in site.due(told["uid"])] == ["dropped", "open"], "the agent turns to them again"
    assert site.referral_of(site.come(phone)) == told["referral_id"]


@pytest.mark.requirement("X-47", "B-52")
def test_the_next_visit_is_the_first_where_the_first_was_somebody_elses(site: Site) -> None:
    phone = site.phone()
    told = site.match(phone)
    site.world.now += timedelta(hours=1)
    wrong, second = site.come(phone), site.come(phone)
    site.correct(wrong, uid=site.customer())
    assert site.of(told["referral_id"]).visit_id == second["id"]
    assert site.about(ReferralMatched, told["referral_id"])[-1]["visit_id"] == second["id"]
    assert [one.state for one in site.due(told["uid"])] == ["dropped"]


@pytest.mark.requirement("X-47", "B-52")
def test_a_visit_before_the_referral_is_not_its_first(site: Site) -> None:
    phone = site.phone()
    told = site.match(phone)
    wrong = site.come(phone, is_recommended=False)
    early = site.correct(wrong, at=site.world.now - timedelta(hours=1))
    assert (site.referral_of(early), site.of(told["referral_id"]).visit_id) == (None, None)
    assert (site.serving(told["uid"]), [one.state for one in site.due(told["uid"])]) == ("zhao", ["dropped"])
