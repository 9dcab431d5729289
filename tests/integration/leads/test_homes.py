"""The life of a home, row by row of X-77, and of its project."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.actors import SYSTEM
from services.chassis.duties import Task
from services.contracts.errors import Forbidden, NotFound, ValidationFailed
from services.contracts.events.leads import HomeUpdated, ProjectSalesClosed, ProjectUpdated
from services.contracts.events.maintenance import WarrantyEnded, WarrantyStarted
from services.contracts.roles import COMPETENT_DEPARTMENT
from services.leads import homes as moves
from services.leads.customers import Customer
from services.leads.homes import Home, homes
from services.leads.projects import Project
from tests.integration.leads.world import START, World, delivery, person, refused_everywhere

TODAY = START.date()
#: X-77, each with what makes it: a command with its payload, or a move that another process gives.
ROWS: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("planned", "on_sale", "open_sale_home", {"opened_on": TODAY, "price": "2000000"}),
    ("on_sale", "reserved", moves.reserve, {"uid": "buyer"}),
    ("reserved", "on_sale", moves.release, {"reason": "三天退订"}),
    ("on_sale", "contracted", moves.contract, {"uid": "buyer"}),
    ("reserved", "contracted", moves.contract, {"uid": "buyer"}),
    ("contracted", "pre_inspected", "pass_acceptance_home", {"acceptance_findings": "无"}),
    ("pre_inspected", "ready", "make_ready_home", {"checklist": "QC-1"}),
    ("ready", "handover_booked", moves.book, {}),
    ("handover_booked", "handover_refused", moves.refuse, {"reason": "漏水"}),
    ("handover_refused", "ready", "readmit_home", {"verified_items": "3/3"}),
    ("handover_booked", "handed_over", moves.hand_over, {"uid": "buyer", "handed_over_on": TODAY}),
    ("handed_over", "decorating", "permit_decoration_home", {"decoration_permit": "D-1", "decoration_until": TODAY}),
    ("handed_over", "occupied", "move_in_home", {"moved_in_on": TODAY}),
    ("decorating", "occupied", "move_in_home", {"moved_in_on": TODAY}),
    ("occupied", "out_of_warranty", moves.end_warranty, {}),
    *((state, "resold", "resell_home", {"uid": "other"}) for state in moves.OWNED),
    *((state, "on_sale", moves.take_back, {"reason": "解约"}) for state in moves.SOLD),
]


@pytest.mark.requirement("X-77")
def test_the_declaration_has_these_rows_and_no_other() -> None:
    declared = {(origin, to) for _, froms, to in homes.transitions for origin in froms}
    assert declared == {(origin, to) for origin, to, _, _ in ROWS}
    assert homes.initial == "planned"


@pytest.mark.requirement("X-77")
def test_every_row_is_legal(estate: Any, world: World) -> None:
    for number, (origin, to, command, payload) in enumerate(ROWS):
        uids = {"buyer": estate.customer(f"138001381{number:02}"), "other": estate.customer(f"139001391{number:02}")}
        code = f"P01-{number}"
        buyer = {"owner_uid": uids["buyer"], "reserved_for": uids["buyer"]}
        place = {"building": "1", "unit": "1", "project_id": "P01", "company_id": "C01"}
        world.add(homes, origin, id=code, code=code, **buyer, **place)
        given = {key: uids.get(value, value) if isinstance(value, str) else value for key, value in payload.items()}
        if isinstance(command, str):
            world.do(command, {"id": code, **given})
        else:
            world.perform(command, code, **given)
        home = world.get(Home, code)
        assert home.state == to, (origin, command)
        for name, value in given.items():
            if name != "uid":
                assert str(getattr(home, name)).startswith(str(value)), name
        assert world.told(HomeUpdated)[-1]["state"] == to


@pytest.mark.requirement("X-77")
def test_every_other_pair_is_refused(world: World) -> None:
    world.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})
    place = {"project_id": "P01", "company_id": "C01"}
    assert refused_everywhere(world, homes, code=lambda n: f"H{n}", building="1", unit="1", **place) > 150


@pytest.mark.requirement("X-77", "L-65")
def test_a_home_is_reserved_for_one_customer_and_released_again(estate: Any, world: World) -> None:
    other = estate.customer("13900139000")
    deposit = {"home_id": estate.home_id, "uid": estate.uid, "deposit": "50000"}
    reserved = world.do("sign_reservation", deposit)
    with pytest.raises(ValidationFailed):
        world.do("sign_reservation", {**deposit, "uid": other})
    assert world.get(Customer, estate.uid).lifecycle_stage == "reserved"
    with pytest.raises(ValidationFailed) as refusal:
        estate.sign(uid=other)
    assert refusal.value.errors["home_id"][0]["code"] == "reserved_for_another"
    world.do("cancel_reservation", {"id": reserved["id"], "reason": "退订"})
    assert world.get(Customer, estate.uid).lifecycle_stage == "interested"
    assert estate.sign(uid=other)["state"] == "signed"


@pytest.mark.requirement("X-77")
def test_the_last_warranty_item_takes_the_home_out_of_warranty(sold: Any, world: World) -> None:
    sold.handover("completed")
    world.do("move_in_home", {"id": sold.home_id, "moved_in_on": TODAY})
    assert world.get(Customer, sold.uid).lifecycle_stage == "old_owner"
    ends = {"equipment": TODAY + timedelta(days=730), "structure": TODAY + timedelta(days=3650)}
    items = [{"category": category, "ends_on": end.isoformat()} for category, end in ends.items()]
    world.take(delivery(WarrantyStarted(home_id=sold.home_id, items=items)))
    world.now = START + timedelta(days=731)
    world.take(delivery(WarrantyEnded(home_id=sold.home_id, category="equipment")))
    assert world.get(Home, sold.home_id).state == "occupied"
    world.now = START + timedelta(days=3651)
    world.take(delivery(WarrantyEnded(home_id=sold.home_id, category="structure")))
    assert world.get(Home, sold.home_id).state == "out_of_warranty"


@pytest.mark.requirement("X-77")
def test_a_resale_gives_the_home_another_owner(sold: Any, world: World) -> None:
    sold.handover("completed")
    buyer = sold.customer("13900139000")
    with pytest.raises(ValidationFailed):
        world.do("resell_home", {"id": sold.home_id, "uid": sold.uid})
    world.do("resell_home", {"id": sold.home_id, "uid": buyer})
    assert world.told(HomeUpdated)[-1]["owner_uid"] == buyer
    assert [world.get(Customer, uid).lifecycle_stage for uid in (sold.uid, buyer)] == ["old_owner", "owner"]


def test_a_code_is_given_once_and_a_home_needs_its_project(estate: Any, world: World) -> None:
    with pytest.raises(ValidationFailed) as taken:
        estate.home(estate.home_id)
    assert taken.value.errors["code"][0]["code"] == "taken"
    with pytest.raises(ValidationFailed) as unknown:
        world.do("set_up_home", {"code": "X-1", "project_id": "P99", "building": "1", "unit": "1"})
    assert unknown.value.errors["project_id"][0]["code"] == "unknown_reference"
    with pytest.raises(ValidationFailed) as again:
        world.do("set_up_project", {"code": "P01", "name": "又一个", "company_id": "C01"})
    assert again.value.errors["code"][0]["code"] == "taken"


def test_an_administrator_of_one_company_sets_up_nothing_in_another(estate: Any, world: World) -> None:
    stranger = person("wu", "administrator", scope="company:C02")
    with pytest.raises(Forbidden):
        payload = {"code": "P01-9", "project_id": "P01", "building": "1", "unit": "1"}
        world.do("set_up_home", payload, by=stranger)
    with pytest.raises(NotFound):
        world.do("open_sale_home", {"id": estate.home_id, "opened_on": TODAY, "price": "1"}, by=stranger)


@pytest.mark.requirement("L-106", "X-41")
def test_both_departments_sign_the_close_out_and_open_tasks_change_hands(estate: Any, world: World) -> None:
    before, after = person("zhao", "project_department"), person("qian", "customer_affairs")
    with world.service.begin(SYSTEM, command="test") as work:
        task_id = work.task("chase", work.get(Home, estate.home_id), role=COMPETENT_DEPARTMENT).id
        work.finish()
    assert world.get(Task, task_id).role == "project_department"
    with pytest.raises(Forbidden):
        world.do("begin_close_out_project", {"id": "P01", "handed_list": "清单"}, by=after)
    world.do("begin_close_out_project", {"id": "P01", "handed_list": "清单"}, by=before)
    with pytest.raises(Forbidden):
        world.do("close_sales_project", {"id": "P01", "sales_closed_on": TODAY}, by=before)
    with pytest.raises(ValidationFailed):
        world.do("close_sales_project", {"id": "P01", "sales_closed_on": TODAY + timedelta(days=1)}, by=after)
    world.do("close_sales_project", {"id": "P01", "sales_closed_on": TODAY}, by=after)
    (told,) = world.told(ProjectSalesClosed)
    assert (told["from_department"], told["to_department"]) == ("project_department", "customer_affairs")
    assert world.told(ProjectUpdated)[-1]["sales_closed_on"] == "2026-03-02"
    assert world.get(Project, "P01").state == "handed_over"
    assert world.get(Task, task_id).role == "customer_affairs"
