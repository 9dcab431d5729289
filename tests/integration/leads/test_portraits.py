"""Portraits as they come about: what is said, computed, contradicted and decided (L-05 to L-18)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import views
from services.chassis.duties import Task
from services.chassis.tables import Clock
from services.contracts.events.leads import CustomerUpdated
from services.contracts.events.membership import (
    HighValueCustomerDesignated,
    HighValueCustomerRevoked,
    ReferralWillingnessChanged,
    SegmentChanged,
)
from services.leads.customers import Customer, CustomerStage
from services.leads.portraits.changes import BATCH
from services.leads.portraits.conflicts import TagConflict
from services.leads.portraits.statements import CustomerTag
from services.leads.portraits.tags import Tag
from services.leads.service import SERVICE
from tests.integration.leads.portrait_world import AGENT, BASE, LEAD, MARKETING, STEWARD, Portraits, opened, uid, world
from tests.integration.leads.world import START, delivery, person

__all__ = ["opened", "uid", "world"]

SCREENED = {"region": "余杭", "purchase_budget": "300", "purchase_purpose": "改善居住", "purchase_time": "半年内"}


@pytest.mark.requirement("L-06")
def test_sources_that_differ_are_a_conflict_until_the_steward_decides(world: Portraits, uid: str) -> None:
    world.note(uid, age="25–34岁")
    world.note(uid, self_declared=True, age="35–44岁")
    assert world.held(uid) == {"age": "35–44岁"}
    (conflict,) = world.conflicts(uid)
    assert (conflict.state, conflict.tag, conflict.holds) == ("open", "age", "35–44岁")
    assert [one["value"] for one in conflict.said] == ["35–44岁", "25–34岁"]
    world.screen(uid, age="55岁及以上")
    assert [len(one.said) for one in world.conflicts(uid)] == [3]
    (task,) = world.all(Task, Task.record_id == conflict.id)
    assert (task.subject, task.role, task.state) == ("tag_conflict", "data_steward", "open")
    wrong = {"id": conflict.id, "value": "25岁以下", "reason": "猜测"}
    assert world.refused("resolve_tag_conflict", wrong, STEWARD) == {"value": "tag_choice"}
    world.now += timedelta(minutes=1)
    world.do("resolve_tag_conflict", {"id": conflict.id, "value": "25–34岁", "reason": "已核对身份证"}, by=STEWARD)
    assert world.held(uid) == {"age": "25–34岁"}
    (effective,) = [one for one in world.statements(uid) if one.is_effective]
    assert (effective.value, effective.source, effective.confirmed_by) == ("25–34岁", "agent", "cao.rui")
    assert sorted(one.state for one in world.statements(uid)) == ["in_force", "set_aside", "set_aside"]
    decided = world.get(TagConflict, conflict.id)
    assert (decided.state, decided.decided, decided.decided_by) == ("resolved", "25–34岁", "cao.rui")
    assert world.get(Task, task.id).state == "done"


@pytest.mark.requirement("L-06")
def test_what_was_confirmed_goes_before_what_the_customer_says_later(world: Portraits, uid: str) -> None:
    observed = world.note(uid, region="余杭")
    world.do("confirm_customer_tag", {"id": observed}, by=LEAD)
    world.now += timedelta(days=1)
    declared = world.note(uid, self_declared=True, region="西湖")
    assert world.held(uid) == {"region": "余杭"}
    assert [one.state for one in world.conflicts(uid)] == ["open"]
    world.do("withdraw_customer_tag", {"id": observed, "reason": "已搬家"}, by=AGENT)
    assert world.held(uid) == {"region": "西湖"}
    assert [one.state for one in world.conflicts(uid)] == ["settled"]
    assert world.get(CustomerTag, declared).is_effective


def test_the_same_source_says_something_else_without_a_conflict(world: Portraits, uid: str) -> None:
    world.note(uid, interests="垂钓")
    world.note(uid, interests="阅读")
    first = world.note(uid, region="余杭")
    world.note(uid, region="西湖")
    assert world.held(uid) == {"interests": ["垂钓", "阅读"], "region": "西湖"}
    assert world.get(CustomerTag, first).state == "superseded"
    assert world.conflicts(uid) == []


@pytest.mark.requirement("L-07", "X-58")
def test_the_catalogue_says_what_can_be_said(world: Portraits, uid: str) -> None:
    def saying(tag: str, value: str) -> dict[str, str]:
        return world.refused("note_customer_tag", {"uid": uid, "tag": tag, "value": value}, AGENT)

    assert saying("age", "三十") == {"value": "tag_choice"}
    assert saying("purchase_budget", "很多") == {"value": "invalid_decimal"}
    assert saying("site_visits", "3") == {"tag": "tag_computed"}
    assert saying("pets", "狗") == {"tag": "unknown_reference"}
    added = {"code": "pets", "name": "宠物", "name_en": "Pets", "group": "portrait", "kind": "choice"}
    world.do("add_tag", {**added, "choices": ["猫", "狗"]}, by=STEWARD)
    world.note(uid, pets="狗")
    assert world.held(uid) == {"pets": "狗"}
    world.do("retire_tag", {"id": "pets"}, by=STEWARD)
    assert saying("pets", "狗") == {"tag": "tag_retired"}
    world.note(uid, region="余杭")
    assert world.held(uid) == {"region": "余杭"}
    before = len(world.all(Tag))
    SERVICE.is_founded = False
    SERVICE.found()
    assert len(world.all(Tag)) == before


@pytest.mark.requirement("L-05", "L-06", "L-18", "X-58")
def test_portraits_follow_the_catalogue_in_batches(world: Portraits, uid: str) -> None:
    others = [world.customer() for _ in range(2)]
    world.note(uid, consumption="注重品质")
    world.note(uid, self_declared=True, consumption="注重品牌")
    (conflict,) = world.conflicts(uid)
    figure = {"parameter": BATCH.name, "value": "2", "valid_from": START, "reason": "测试"}
    world.do("establish_parameter", figure, by=person("yan.kai", "administrator"))
    later = START + timedelta(hours=1)

    def followed(*, until: datetime) -> int:
        """How many batches it took."""
        world.now, batches = until, 0
        while world.get(Tag, "consumption").reached is not None:
            world.at(until)
            batches += 1
        return batches

    world.do("amend_tag", {"id": "consumption", "name": "消费习惯"}, by=STEWARD)
    assert world.get(Tag, "consumption").reached is None, "a name changes no portrait"
    before = len(world.all(Customer)) // 2 + 1
    world.do("amend_tag", {"id": "consumption", "is_required": True}, by=STEWARD)
    assert followed(until=later) == before
    assert "consumption" in world.get(Customer, others[0]).missing_tags
    assert world.get(Customer, others[0]).quality_score == 40
    world.do("retire_tag", {"id": "consumption"}, by=STEWARD)
    followed(until=later)
    found = world.get(Customer, uid)
    assert ("consumption" in (found.tags or {}), "consumption" in found.missing_tags) == (False, False)
    assert "consumption" not in world.get(Customer, others[1]).missing_tags
    assert world.get(TagConflict, conflict.id).state == "settled"
    assert [one.state for one in world.all(Task, Task.record_id == conflict.id)] == ["dropped"]
    world.do("restore_tag", {"id": "consumption"}, by=STEWARD)
    followed(until=later)
    assert world.held(uid) == {"consumption": "注重品牌"}
    assert [one.state for one in world.conflicts(uid)] == ["settled", "open"]
    with world.reading() as work:
        fresh = sa.select(Clock.started_at).where(Clock.name == "portrait", Clock.record_id == others[0])
        assert work.session.scalar(fresh) == START, "nothing was heard of them"
    world.do("amend_tag", {"id": "consumption", "is_required": False}, by=STEWARD)
    followed(until=later)


def test_whose_customer_it_is_not_cannot_say_anything_of_them(world: Portraits, uid: str) -> None:
    elsewhere = person("sun.yi", "sales_agent", scope="project:P02")
    said = {"uid": uid, "tag": "region", "value": "余杭"}
    assert world.refused("note_customer_tag", said, elsewhere) == {"uid": "unknown_reference"}
    given = {"kind": "person", "name": "李雷", "phone": "13700137000", "project_id": "P02"}
    own = world.do("register_customer", given, by=elsewhere)["id"]
    linked = {"uid": own, "relation": "spouse", "other_uid": uid}
    assert world.refused("add_household_link", linked, elsewhere) == {"other_uid": "unknown_reference"}


@pytest.mark.requirement("L-05", "L-18")
def test_a_record_is_complete_when_all_required_tags_are_filled(world: Portraits, uid: str) -> None:
    assert (world.get(Customer, uid).quality_score, world.get(Customer, uid).is_complete) == (40, False)
    for number, (tag, value) in enumerate(BASE.items(), start=1):
        world.note(uid, **{tag: value})
        found = world.get(Customer, uid)
        assert (found.quality_score, len(found.missing_tags)) == (40 + 15 * number, 4 - number)
        assert found.is_complete == (number == 4)
    assert world.get(Customer, uid).quality_gaps == []
    company = world.customer(kind="company")
    assert world.get(Customer, company).missing_tags == ["purchase_budget", "region"]


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
def test_who_is_silent_is_not_fresher_for_another_segment(world: Portraits, uid: str) -> None:
    world.at(world.now + timedelta(days=91))
    assert world.get(Customer, uid).is_stale
    rfm = {"recency_days": 91, "frequency": 0, "monetary": "0.00"}
    to = {"to_segment": "dormant", "referral_index": 0, "run": "SR 9"}
    world.take(delivery(SegmentChanged(uid=uid, rfm=rfm, at=world.now, **to), at=world.now))
    assert world.held(uid)["segment"] == "沉睡"
    assert world.get(Customer, uid).is_stale


@pytest.mark.requirement("L-14")
def test_a_lead_without_its_screening_tags_is_not_handed_over(world: Portraits, uid: str) -> None:
    given = {"uid": uid, "project_id": "P01", "agent": "lin.xue"}
    world.note(uid, **SCREENED)
    for tag, value in SCREENED.items():
        assert world.refused("hand_over_lead", given, MARKETING) == {"uid": "screening_missing"}
        world.screen(uid, **{tag: value})
    handed = world.do("hand_over_lead", given, by=MARKETING)
    assert (handed["state"], handed["screening"]) == ("handed_over", SCREENED)
    (stage,) = world.all(CustomerStage, CustomerStage.uid == uid)
    assert stage.agent == "lin.xue"
    (task,) = world.all(Task, Task.record_id == handed["id"])
    assert (task.subject, task.assignee, task.state) == ("lead_handed_over", "lin.xue", "open")
    world.do("take_lead", {"id": handed["id"]}, by=person("lin.xue", "sales_agent", scope="project:P01"))
    assert world.get(Task, task.id).state == "done"


@pytest.mark.requirement("L-17")
def test_a_household_is_customers_and_names(world: Portraits, uid: str) -> None:
    company, wife = world.customer(kind="company"), world.customer()
    child = {"uid": uid, "relation": "child", "other_name": "小宝"}
    assert world.do("add_household_link", child, by=AGENT)["state"] == "linked"
    work_for = {"uid": uid, "relation": "employer", "other_uid": company}
    world.do("add_household_link", work_for, by=AGENT)
    for wrong, problem in (
        (child, {"other_name": "taken"}),
        (work_for, {"other_uid": "taken"}),
        ({"uid": uid, "relation": "spouse"}, {"other_uid": "customer_or_name"}),
        ({"uid": uid, "relation": "spouse", "other_uid": uid}, {"other_uid": "linked_to_self"}),
        ({"uid": uid, "relation": "spouse", "other_uid": company}, {"relation": "relation_of_kind"}),
        ({"uid": uid, "relation": "employer", "other_uid": wife}, {"relation": "relation_of_kind"}),
        ({**child, "other_name": "二宝", "other_phone": "123456"}, {"other_phone": "invalid_phone"}),
    ):
        assert world.refused("add_household_link", wrong, AGENT) == problem


@pytest.mark.requirement("L-13")
def test_what_two_say_at_once_holds_both(world: Portraits, uid: str) -> None:
    said = {"region": "余杭", "occupation": "教师", "wanted_floor": "中楼层", "use": "自住"}
    with ThreadPoolExecutor(len(said)) as together:
        for done in [together.submit(world.note, uid, **{tag: value}) for tag, value in said.items()]:
            done.result()
    assert world.held(uid) == said
