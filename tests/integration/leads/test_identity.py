"""What a customer is known by, who may ask after one, and pairs that look like one customer (L-03)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.chassis.privacy import LOOK_UPS, PersonalDataAccess
from services.contracts.errors import Forbidden, NotFound, ValidationFailed
from services.leads.customers import Customer, known_or_new
from services.leads.customers.duplicates import DuplicateCandidate
from services.leads.customers.identity import CustomerKey
from services.leads.customers.lookups import CustomerLookup
from tests.integration.leads.world import START, World, person

LIN = person("lin.xue", "sales_agent", scope="project:P01")
STEWARD = person("cao.rui", "data_steward")


def ask(world: World, key: str, kind: str = "phone", by: dict[str, Any] = LIN) -> str:
    return str(world.do("ask_customer_lookup", {"project_id": "P01", "key": key, "key_kind": kind}, by=by)["answer"])


def establish(world: World, parameter: str, value: int) -> None:
    given = {"parameter": parameter, "value": str(value), "valid_from": world.now, "reason": "试行"}
    world.do("establish_parameter", given, by=person("admin", "administrator"))


@pytest.mark.requirement("L-03")
def test_a_customer_is_known_by_several_keys_and_each_is_one_customers(estate: Any, world: World) -> None:
    for kind, key in (("phone", "139 0013 9000"), ("wechat", "Wang_Fang88"), ("id_no", "11010519491231002x")):
        world.do("add_key_customer", {"id": estate.uid, "key_kind": kind, "key": key})
        world.do("add_key_customer", {"id": estate.uid, "key_kind": kind, "key": key})
    assert len(world.all(CustomerKey, CustomerKey.uid == estate.uid)) == 4
    other = estate.customer("13700137000")
    for kind, key in (("phone", "13900139000"), ("wechat", "wang_fang88"), ("id_no", "11010519491231002X")):
        with pytest.raises(ValidationFailed) as refusal:
            world.do("add_key_customer", {"id": other, "key_kind": kind, "key": key})
        assert refusal.value.errors == {"key": [{"code": "key_taken", "params": {}}]}
    with pytest.raises(ValidationFailed) as refusal:
        estate.customer("13900139000")
    assert refusal.value.errors["phone"][0]["code"] == "key_taken"


@pytest.mark.requirement("L-02", "L-03")
@pytest.mark.parametrize(
    "key",
    [
        {"phone": "+86 139 0013 9000"},
        {"phone": "13700137001", "id_no": "11010519491231002x"},
        {"phone": "13700137001", "wechat": "Wang_Fang88"},
        {"phone": "13700137001", "open_id": "oAbC-123456"},
    ],
)
def test_every_key_leads_to_the_record_that_is_there(estate: Any, world: World, key: dict[str, str]) -> None:
    keys = {"phone": "13900139000", "id_no": "11010519491231002X", "wechat": "wang_fang88", "open_id": "oAbC-123456"}
    for kind, given in keys.items():
        world.do("add_key_customer", {"id": estate.uid, "key_kind": kind, "key": given})
    with world.service.begin(Actor.from_wire(LIN), command="test") as work:
        assert known_or_new(work, name="王女士", project_id="P01", **key).id == estate.uid  # type: ignore[arg-type]
    assert len(world.all(Customer)) == 1


@pytest.mark.requirement("L-02", "L-03", "L-20")
def test_who_calls_from_another_telephone_is_known_by_their_wechat(estate: Any, world: World) -> None:
    world.do("add_key_customer", {"id": estate.uid, "key_kind": "wechat", "key": "wang_fang88"})
    called = {"name": "王女士", "phone": "13700137001", "project_id": "P01", "source": "telephone", "is_invited": False}
    assert world.do("register_call_entry", {**called, "wechat": "Wang_Fang88"}, by=LIN)["uid"] == estate.uid
    assert world.do("register_call_entry", {**called, "wechat": "li_lei88"}, by=LIN)["uid"] != estate.uid
    assert [one.kind for one in world.all(CustomerKey, CustomerKey.value == "li_lei88")] == ["wechat"]


def test_a_corrected_telephone_is_free_for_others_and_a_key_can_be_dropped(estate: Any, world: World) -> None:
    world.do("update_customer", {"id": estate.uid, "phone": "13700137000"})
    estate.customer("13800138000", "赵六")
    world.do("add_key_customer", {"id": estate.uid, "key_kind": "wechat", "key": "wangfang"})
    with pytest.raises(ValidationFailed) as kept:
        world.do("drop_key_customer", {"id": estate.uid, "key_kind": "phone", "key": "13700137000"})
    assert kept.value.errors["key"][0]["code"] == "key_of_the_record"
    world.do("drop_key_customer", {"id": estate.uid, "key_kind": "wechat", "key": "wangfang"})
    with pytest.raises(ValidationFailed) as gone:
        world.do("drop_key_customer", {"id": estate.uid, "key_kind": "wechat", "key": "wangfang"})
    assert gone.value.errors["key"][0]["code"] == "key_not_held"


@pytest.mark.requirement("L-03", "X-65")
def test_nobody_reads_a_key_in_full(estate: Any, world: World) -> None:
    for role in world.everybody["roles"]:
        with world.reading(Actor.from_wire(person("x", role))) as work:
            found = views.search(work, "customer_key", {})["result"]
            assert bool(found) is (role in ("data_steward", "customer_affairs")), role
            assert "13800138000" not in str(found)
            assert "00083100831" not in str(found)
    with world.reading(Actor.from_wire(STEWARD)) as work, pytest.raises(ValidationFailed):
        views.search(work, "customer_key", {"filters": {"value": "13800138000"}})


@pytest.mark.requirement("L-03")
def test_a_look_up_says_one_word_and_is_kept(estate: Any, world: World) -> None:
    assert ask(world, "13700137000") == "free"
    assert ask(world, "+86 138 0013 8000") == "in_pool"
    estate.sign()
    assert ask(world, "13800138000") == "taken"
    kept = world.all(CustomerLookup)
    assert [(one.created_by, one.project_id, one.masked_key, one.answer) for one in kept] == [
        ("lin.xue", "P01", "137****7000", "free"),
        ("lin.xue", "P01", "138****8000", "in_pool"),
        ("lin.xue", "P01", "138****8000", "taken"),
    ]
    told = str(world.do("ask_customer_lookup", {"project_id": "P01", "key": "13800138000"}, by=LIN))
    assert "13800138000" not in told
    assert "王芳" not in told
    assert estate.uid not in told


@pytest.mark.requirement("L-03", "L-40")
def test_a_protected_customer_is_yours_or_taken_until_the_window_ends(estate: Any, world: World) -> None:
    called = {"project_id": "P01", "source": "telephone", "is_invited": True, "name": "王芳", "phone": "13800138000"}
    world.do("register_call_entry", called, by=LIN)
    other = person("gao.peng", "sales_agent", scope="project:P01")
    assert (ask(world, "13800138000"), ask(world, "13800138000", by=other)) == ("yours", "taken")
    world.at(START + timedelta(days=6))
    assert (ask(world, "13800138000"), ask(world, "13800138000", by=other)) == ("in_pool", "in_pool")


@pytest.mark.requirement("L-03")
def test_a_customer_is_registered_with_everything_they_are_known_by(estate: Any, world: World) -> None:
    given = {"kind": "person", "name": "李雷", "phone": "13700137000", "project_id": "P01"}
    uid = world.do("register_customer", {**given, "wechat": "Li Lei88", "open_id": "oAbC-123456"})["id"]
    held = {(one.kind, one.value) for one in world.all(CustomerKey, CustomerKey.uid == uid)}
    assert held == {("phone", "13700137000"), ("wechat", "lilei88"), ("open_id", "oAbC-123456")}
    with pytest.raises(ValidationFailed) as refusal:
        world.do("register_customer", {**given, "phone": "13700137001", "wechat": "LiLei88"})
    assert refusal.value.errors == {"wechat": [{"code": "key_taken", "params": {}}]}


@pytest.mark.requirement("L-03", "X-65")
def test_whoever_only_asks_cannot_try_numbers_out_by_writing_them_down(estate: Any, world: World) -> None:
    establish(world, LOOK_UPS.name, 4)
    own = {"kind": "person", "name": "李雷", "phone": "13700137000", "project_id": "P01"}
    uid = world.do("register_customer", own, by=LIN)["id"]
    for command, given in (
        ("register_customer", {**own, "phone": "13800138000"}),
        ("add_key_customer", {"id": uid, "key_kind": "phone", "key": "13800138000"}),
        ("update_customer", {"id": uid, "phone": "13800138000"}),
    ):
        with pytest.raises(ValidationFailed):
            world.do(command, given, by=LIN)
    made = [(one.created_by, one.way, one.record_id, one.reference) for one in world.all(PersonalDataAccess)]
    known = ("lin.xue", "looked_up", estate.uid, "138****8000")
    assert made == [("lin.xue", "looked_up", None, "137****7000"), known, known, known], "refused, and kept"
    for number in ("13800138000", "13900139000"):
        with pytest.raises(Forbidden) as spent:
            world.do("add_key_customer", {"id": uid, "key_kind": "phone", "key": number}, by=LIN)
        assert (spent.value.code, spent.value.params) == ("look_ups_spent", {"most": 4})
    with pytest.raises(Forbidden):
        ask(world, "13900139000")
    world.do("update_customer", {"id": uid, "name": "李磊", "phone": "13700137000"}, by=LIN)
    world.do("add_key_customer", {"id": uid, "key_kind": "phone", "key": "13900139000"}, by=STEWARD)
    assert len(world.all(PersonalDataAccess)) == 4


@pytest.mark.requirement("L-03")
def test_look_ups_are_counted_so_that_numbers_cannot_be_tried_out(estate: Any, world: World) -> None:
    establish(world, LOOK_UPS.name, 3)
    for _ in range(3):
        ask(world, "13700137000")
    with pytest.raises(Forbidden) as refusal:
        ask(world, "13700137000")
    assert (refusal.value.code, refusal.value.params) == ("look_ups_spent", {"most": 3})
    assert ask(world, "13700137000", by=person("gao.peng", "sales_agent", scope="project:P01")) == "free"
    world.at(START + timedelta(hours=1) - timedelta(seconds=1))
    with pytest.raises(Forbidden):
        ask(world, "13700137000")
    world.at(START + timedelta(hours=1))
    assert ask(world, "13700137000") == "free"


def test_whoever_asks_sees_their_own_questions_and_the_site_lead_all(estate: Any, world: World) -> None:
    ask(world, "13700137000")
    number = world.all(CustomerLookup)[0].id

    def sees(user: str, role: str, scope: str = "project:P01") -> bool:
        with world.reading(Actor.from_wire(person(user, role, scope=scope))) as work:
            return int(views.search(work, "customer_lookup", {})["count"]) == 1

    assert sees("lin.xue", "sales_agent")
    assert sees("qian.jun", "site_sales_lead")
    assert not sees("gao.peng", "sales_agent")
    assert not sees("x", "site_sales_lead", "project:P02")
    colleague = Actor.from_wire(person("gao.peng", "sales_agent", scope="project:P01"))
    with world.reading(colleague) as work, pytest.raises(NotFound):
        views.fetch(work, "customer_lookup", number)


@pytest.mark.requirement("L-03")
def test_a_name_a_project_and_the_last_digits_raise_one_item_a_pair(estate: Any, world: World) -> None:
    given = {"kind": "person", "name": "王女士", "phone": "13900018000", "project_id": "P01"}
    other = world.do("register_customer", given, by=LIN)["id"]  # who sees nobody else's customers
    estate.customer("13900018001", "王女士")
    estate.customer("13700018000", "李雷")
    (found,) = world.all(DuplicateCandidate)
    assert [found.uid, found.other_uid] == sorted([estate.uid, other])
    assert (found.state, found.project_id, found.created_by) == ("suspected", "P01", "system")
    (task,) = world.all(Task, Task.subject == "duplicate_suspected")
    assert (task.role, task.record_id) == ("data_steward", found.id)
    world.do("update_customer", {"id": other, "name": "王芳"})
    assert len(world.all(DuplicateCandidate)) == 1
    with pytest.raises(ValidationFailed) as refusal:
        pair = {"uid": estate.uid, "other_uid": other, "project_id": "P01"}
        world.do("suspect_duplicate_candidate", pair, by=STEWARD)
    assert refusal.value.errors["other_uid"][0]["code"] == "suspected_already"
    world.do("dismiss_duplicate_candidate", {"id": found.id, "reason": "两个人，已电话核实"}, by=STEWARD)
    assert world.all(Task, Task.subject == "duplicate_suspected", Task.state == "open") == []
    world.do("update_customer", {"id": other, "name": "王小姐"})
    assert len(world.all(DuplicateCandidate)) == 1, "who was told apart is not brought up again"


@pytest.mark.requirement("L-03")
def test_how_many_digits_count_is_a_parameter_and_another_project_is_another_matter(estate: Any, world: World) -> None:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    away = {"kind": "person", "name": "王芳", "phone": "13900018000", "project_id": "P02"}
    world.do("register_customer", away)
    assert world.all(DuplicateCandidate) == []
    with world.service.begin(Actor.from_wire(LIN), command="test") as work:
        known_or_new(work, name="王芳", phone="13900018000", project_id="P01")
    assert len(world.all(DuplicateCandidate)) == 1, "the customer has come to the first project, too"
    establish(world, "duplicate.last_digits", 5)
    estate.customer("13700028000", "王芳")
    assert len(world.all(DuplicateCandidate)) == 1
    estate.customer("13700138001", "王芳")
    estate.customer("13600138000", "王芳")
    assert len(world.all(DuplicateCandidate)) == 2


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("way", ["by hand", "by a lead", "by a contract"])
def test_by_whatever_way_a_customer_comes_to_a_project_the_steward_hears_of_similar_ones(
    estate: Any, world: World, way: str
) -> None:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    away = {"kind": "person", "name": "王芳", "phone": "13900018000", "project_id": "P02"}
    other = world.do("register_customer", away)["id"]
    if way == "by hand":
        world.do("begin_customer_stage", {"uid": other, "project_id": "P01"})
    elif way == "by a lead":
        world.do("hand_over_lead", {"uid": other, "project_id": "P01", "agent": "lin.xue"})
    else:
        estate.sign(uid=other)
    (found,) = world.all(DuplicateCandidate)
    assert ([found.uid, found.other_uid], found.project_id) == (sorted([estate.uid, other]), "P01")


@pytest.mark.requirement("L-03")
def test_a_telephone_of_one_and_an_identity_number_of_another_is_for_the_steward(estate: Any, world: World) -> None:
    other = estate.customer("13700137000", "李雷")
    world.do("add_key_customer", {"id": other, "key_kind": "id_no", "key": "11010519491231002X"})
    with world.service.begin(Actor.from_wire(LIN), command="test") as work:
        found = known_or_new(work, name="王芳", phone="13800138000", project_id="P01", id_no="11010519491231002x")
        assert found.id == estate.uid
    assert [one.state for one in world.all(DuplicateCandidate)] == ["suspected"]
