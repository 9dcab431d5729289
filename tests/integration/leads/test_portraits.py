"""Portraits as they come about: what is said, contradicted and decided (L-05 to L-07, L-14, L-17)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from services.chassis.duties import Task
from services.chassis.tables import Clock
from services.leads.customers import Customer, CustomerStage
from services.leads.portraits.changes import BATCH
from services.leads.portraits.conflicts import TagConflict
from services.leads.portraits.statements import CustomerTag
from services.leads.portraits.tags import Tag
from services.leads.service import SERVICE
from tests.integration.leads.portrait_world import AGENT, BASE, LEAD, MARKETING, STEWARD, Portraits, opened, uid, world
from tests.integration.leads.world import START, person

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
