"""One record per customer, told masked; and the stages of X-72, row by row."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.chassis import commands, views
from services.chassis.actors import SYSTEM, Actor
from services.chassis.privacy import PersonalDataAccess
from services.contracts.errors import Forbidden, IllegalMove, NotFound, ValidationFailed
from services.contracts.events.leads import CustomerRegistered, CustomerStageChanged, CustomerUpdated
from services.contracts.vocabulary.common import LifecycleStage
from services.leads.customers import Customer, CustomerStage, customers, stages
from services.leads.dormancy import WAITED_FOR
from services.leads.readers import CUSTOMER_READERS
from services.leads.service import SERVICE
from tests.integration.leads.world import START, World, person, refused_everywhere

#: X-72 as declared: how each stage is entered, and from where.
OPEN = ["registered", "visited", "interested", "dormant"]
TABLE = {
    "visit": (["registered", "dormant", "lost"], "visited"),
    "note_interest": (["registered", "visited", "dormant"], "interested"),
    "note_silence": (["interested"], "dormant"),
    "nurture": (OPEN, "nurturing"),
    "reserve": ([*OPEN, "nurturing", "lost"], "reserved"),
    "contract": ([*OPEN, "nurturing", "lost", "reserved"], "contracted"),
    "become_owner": ([*OPEN, "nurturing", "lost", "reserved", "contracted"], "owner"),
    "settle": (["owner"], "old_owner"),
    "fall_back": (["reserved", "contracted"], "interested"),
    "lose": ([*OPEN, "nurturing"], "lost"),
    "reopen": (["lost"], "registered"),
    "end": (["registered"], "withdrawn"),
    "merge": (list(LifecycleStage), "merged"),
}


@pytest.mark.requirement("L-01")
def test_a_customer_gets_a_uid_and_a_number_and_is_told(estate: Any, world: World) -> None:
    customer = world.get(Customer, estate.uid)
    assert customer.number == "CU 2026-0-000001"
    told = world.told(CustomerRegistered, CustomerUpdated)
    assert [one["uid"] for one in told] == [estate.uid, estate.uid]
    assert told[1]["masked_phone"] == "138****8000"
    assert "13800138000" not in str(told)
    assert [(one.uid, one.project_id, one.state) for one in world.all(CustomerStage)] == [
        (estate.uid, "P01", "registered")
    ]


@pytest.mark.requirement("L-03", "L-01")
@pytest.mark.parametrize("phone", ["13800138000", "+86 138 0013 8000", "138-0013-8000"])
def test_the_same_telephone_in_any_form_is_taken(estate: Any, phone: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        estate.customer(phone, "别人")
    assert refusal.value.params == {"errors": {"phone": [{"code": "key_taken", "params": {}}]}}
    assert "王芳" not in str(refusal.value)


@pytest.mark.parametrize("phone", ["13800138000", "+86 138 0013 8000", "138-0013-8000"])
def test_a_whole_number_finds_its_customer_in_any_form(estate: Any, world: World, phone: str) -> None:
    def found(words: str) -> int:
        with SERVICE.reading(SYSTEM) as work:
            number: int = views.search(work, "customer", {"q": words})["count"]
            return number

    assert found(phone) == 1
    assert found(phone[:-1]) == 0, "a part of it finds nobody"


@pytest.mark.requirement("L-03", "L-05")
def test_an_identity_number_is_checked_and_taken_once(estate: Any, world: World) -> None:
    made = {"kind": "person", "name": "赵六", "project_id": "P01"}
    with pytest.raises(ValidationFailed) as wrong:
        world.do("register_customer", {**made, "phone": "13700137000", "id_no": "11010519491231002Y"[:17] + "1"})
    assert wrong.value.errors["id_no"][0]["code"] == "invalid_id_no"
    world.do("register_customer", {**made, "phone": "13700137000", "id_no": "11010519491231002x"})
    with pytest.raises(ValidationFailed) as taken:
        world.do("register_customer", {**made, "phone": "13700137001", "id_no": "11010519491231002X"})
    assert taken.value.errors == {"id_no": [{"code": "key_taken", "params": {}}]}


def test_a_correction_to_somebody_elses_telephone_is_taken_and_another_is_told(estate: Any, world: World) -> None:
    other = estate.customer("13900139000")
    with pytest.raises(ValidationFailed) as taken:
        world.do("update_customer", {"id": other, "phone": "13800138000"})
    assert taken.value.errors == {"phone": [{"code": "key_taken", "params": {}}]}
    world.do("update_customer", {"id": other, "phone": "13900139001", "name": "李磊"})
    last = world.told(CustomerUpdated)[-1]
    version = world.get(Customer, other).version
    assert (last["name"], last["masked_phone"], last["record_version"]) == ("李磊", "139****9001", version)


def test_no_telephone_at_all_is_refused(estate: Any) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        estate.customer("99999999")
    assert refusal.value.errors["phone"][0]["code"] == "invalid_phone"


@pytest.mark.requirement("X-65")
def test_nobody_sees_the_telephone_in_passing_and_strangers_not_the_customer(estate: Any, world: World) -> None:
    def seen(*roles: str, scope: str) -> str:
        with world.reading(Actor.from_wire(person("x", *roles, scope=scope))) as work:
            return str(views.fetch(work, "customer", estate.uid)["result"]["phone"])

    for role in CUSTOMER_READERS:
        if role != "sales_agent":
            assert seen(role, scope="project:P01") == "138****8000", role
    assert seen("data_steward", scope="group") == "138****8000"
    with pytest.raises(NotFound):
        seen("sales_agent", scope="project:P02")
    with pytest.raises(NotFound):
        seen("property_company", scope="group")


@pytest.mark.requirement("X-65")
def test_a_number_is_revealed_to_those_who_call_customers_and_the_access_is_kept(estate: Any, world: World) -> None:
    made = {"kind": "person", "name": "赵六", "project_id": "P01", "phone": "13700137000"}
    uid = world.do("register_customer", {**made, "id_no": "11010519491231002X"})["id"]
    asked = {"id": uid, "field": "id_no", "purpose": "contract", "explanation": "核对购房合同"}

    def reveal(role: str, scope: str = "project:P01") -> Any:
        envelope = {"command_id": str(uuid.uuid4()), "actor": person(role, role, scope=scope)}
        return commands.execute(SERVICE, "reveal_customer", asked, envelope)["revealed"]["value"]

    assert reveal("customer_affairs") == "11010519491231002X"
    for role in ("auditor", "administrator", "marketing"):
        with pytest.raises(Forbidden):
            reveal(role)
    with pytest.raises(NotFound):
        reveal("customer_affairs", scope="project:P02")
    (access,) = world.all(PersonalDataAccess)
    assert (access.created_by, access.record_id, access.field) == ("customer_affairs", uid, "id_no")
    for masked in ("1****************X", "137****7000"):
        field = "phone" if masked.startswith("137") else "id_no"
        with pytest.raises(ValidationFailed) as refused:
            world.do("update_customer", {"id": uid, field: masked})
        assert "masked_value" in [one["code"] for one in refused.value.errors[field]]
    world.do("update_customer", {"id": uid, "name": "赵陆"})
    customer = world.get(Customer, uid)
    assert (customer.phone, customer.id_no, customer.name) == ("13700137000", "11010519491231002X", "赵陆")


def test_nobody_registers_a_customer_in_a_project_of_others(estate: Any, world: World) -> None:
    payload = {"kind": "person", "name": "钱七", "phone": "13700137000", "project_id": "P01"}
    with pytest.raises(ValidationFailed) as refusal:
        world.do("register_customer", payload, by=person("sun", "sales_agent", scope="project:P02"))
    assert refusal.value.errors["project_id"][0]["code"] == "outside_scope"
    assert len(world.all(Customer)) == 1


@pytest.mark.requirement("X-72")
def test_the_stages_have_these_rows_and_no_other() -> None:
    declared = {verb: (sorted(move.origin), move.to) for verb, move in stages.moves.items() if move.kind == "move"}
    assert declared == {verb: (sorted(froms), to) for verb, (froms, to) in TABLE.items()}


@pytest.mark.requirement("X-72")
def test_every_row_is_legal_and_told(estate: Any, world: World) -> None:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    number = 0
    for verb, (froms, to) in TABLE.items():
        if verb in ("end", "merge"):
            continue  # the customer is gone with it, and that is told
        for origin in froms:
            number += 1
            uid = estate.customer(f"137001370{number:02}")
            since = START - timedelta(days=31)
            stage = world.add(stages, origin, uid=uid, since=since, project_id="P02", company_id="C01")
            world.perform(
                stages.moves[verb].function, stage.id, **({"lost_reason": "no_need"} if verb == "lose" else {})
            )
            assert world.get(CustomerStage, stage.id).state == to, (verb, origin)
            last = world.told(CustomerStageChanged)[-1]
            assert (last["uid"], last["from_stage"], last["to_stage"]) == (uid, origin, to)
            # The stage in P01 is `registered`; overall counts the furthest, and `lost` less than any contact.
            assert world.get(Customer, uid).lifecycle_stage == ("registered" if to == "lost" else to)


@pytest.mark.requirement("X-72")
def test_every_other_pair_is_refused(estate: Any, world: World) -> None:
    place = {"project_id": "P01", "company_id": "C01"}
    tried = refused_everywhere(
        world, stages, uid=lambda n: estate.customer(f"137001370{n:02}"), since=START, **_other(world, place)
    )
    noticed = 12 - len(WAITED_FOR)
    assert tried == 12 * 13 - sum(len(froms) for froms, _ in TABLE.values()) + noticed


def _other(world: World, place: dict[str, str]) -> dict[str, str]:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    return {**place, "project_id": "P02"}


@pytest.mark.requirement("X-72")
def test_a_customer_is_dormant_after_thirty_days_without_a_contact(estate: Any, world: World) -> None:
    (stage,) = world.all(CustomerStage)
    world.do("note_interest_customer_stage", {"id": stage.id})
    world.at(START + timedelta(days=20))
    said = {"uid": estate.uid, "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}
    world.do("log_interaction", {**said, "content": "回访"})
    over = START + timedelta(days=50, hours=14)  # 24:00 of the thirtieth day
    for at in (START + timedelta(days=30), over - timedelta(seconds=1)):
        world.at(at)
        with pytest.raises(IllegalMove) as refusal:
            world.do("note_silence_customer_stage", {"id": stage.id})
        assert (refusal.value.code, refusal.value.params) == ("not_silent_yet", {"days": 30, "on": "2026-04-22"})
    world.at(over)
    assert world.do("note_silence_customer_stage", {"id": stage.id})["state"] == "dormant"


@pytest.mark.requirement("X-72")
def test_a_second_contract_leaves_an_owner_an_owner(sold: Any, world: World) -> None:
    sold.handover("completed")
    second = sold.home("P01-3-2-1202")
    sold.sign(home_id=second)
    assert world.get(Customer, sold.uid).lifecycle_stage == "owner"
    assert len(world.told(CustomerStageChanged)) == 2


def test_nobody_is_registered_with_a_project_twice(estate: Any, world: World) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        world.do("begin_customer_stage", {"uid": estate.uid, "project_id": "P01"})
    assert refusal.value.errors["uid"][0]["code"] == "taken"


def test_a_customer_is_on_record_merged_or_withdrawn_with_an_import() -> None:
    assert customers.states == ["registered", "merged", "withdrawn"]
