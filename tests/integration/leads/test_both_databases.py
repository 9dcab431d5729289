"""What the database itself decides, on SQLite and on PostgreSQL: one life from set-up to archive, and races."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.actors import SYSTEM
from services.chassis.work import Work
from services.contracts.errors import AnjuError
from services.contracts.events.leads import HandoverCompleted
from services.leads.contracts import Contract
from services.leads.customers import Customer, CustomerStage, known_or_new, lifecycle
from services.leads.service import SERVICE
from services.leads.title_deeds import TitleDeedCase
from tests.integration.leads.world import World

pytestmark = pytest.mark.integration


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    opened = World(SERVICE, database_url)
    yield opened
    opened.close()


@pytest.mark.requirement("L-114", "L-127", "L-01")
def test_from_the_set_up_to_the_archive(sold: Any, world: World) -> None:
    sold.handover("completed")
    assert len(world.told(HandoverCompleted)) == 1
    (case,) = world.all(TitleDeedCase)
    dates = {"agreement_signed_on": world.now.date(), "due_on": world.now.date() + timedelta(days=10)}
    world.do("entrust_title_deed_case", {"id": case.id, "agency": "安信", "agreement": "AG", **dates})
    world.do("begin_title_deed_case", {"id": case.id, "agency_status": "受理", "reported_on": world.now.date()})
    world.do("chase_title_deed_case", {"id": case.id, "person": "周", "content": "催"})
    world.at(world.now + timedelta(days=11))
    assert world.get(TitleDeedCase, case.id).state == "overdue"
    world.do("issue_title_deed_case", {"id": case.id, "deed_number": "D", "issued_on": world.now.date()})
    assert world.do("file_title_deed_case", {"id": case.id, "archive_ref": "A"})["state"] == "filed"


@pytest.mark.requirement("L-03")
def test_two_desks_that_register_one_telephone_at_once_make_one_customer(estate: Any, world: World) -> None:
    answers = at_once(lambda: estate.customer("13900139000"), lambda: estate.customer("+86 139 0013 9000"))
    assert sorted(type(one).__name__ for one in answers) == ["ValidationFailed", "str"]
    (refusal,) = [one for one in answers if not isinstance(one, str)]
    assert refusal.errors == {"phone": [{"code": "key_taken", "params": {}}]}
    assert len(world.all(Customer, Customer.phone == "13900139000")) == 1


@pytest.mark.requirement("L-03", "L-02")
def test_two_channels_that_hear_of_one_person_at_once_attach_to_one_customer(estate: Any, world: World) -> None:
    def heard(phone: str) -> Any:
        def hear() -> str:
            with world.service.begin(SYSTEM, command="test") as work:
                uid = known_or_new(work, name="赵六", phone=phone, project_id="P01").id
                work.finish()
            return uid

        return hear

    answers = at_once(heard("13900139000"), heard("+86 139 0013 9000"))
    (customer,) = world.all(Customer, Customer.phone == "13900139000")
    assert answers == [customer.id, customer.id]
    assert customer.number == "CU 2026-0-000002"
    assert [one.project_id for one in world.all(CustomerStage, CustomerStage.uid == customer.id)] == ["P01"]
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    with world.service.begin(SYSTEM, command="test") as work:
        assert known_or_new(work, name="赵先生", phone="13900139000", project_id="P02").name == "赵六"
        work.finish()
    assert len(world.all(CustomerStage, CustomerStage.uid == customer.id)) == 2


@pytest.mark.requirement("L-65")
def test_two_agents_that_sell_one_home_at_once_make_one_contract(estate: Any, world: World) -> None:
    other = estate.customer("13900139000")
    answers = at_once(lambda: estate.sign(), lambda: estate.sign(uid=other))
    assert sorted(type(one).__name__ for one in answers) == ["ValidationFailed", "dict"]
    assert len(world.all(Contract)) == 1


@pytest.mark.requirement("X-72")
def test_two_stages_that_change_at_once_leave_the_customer_at_the_furthest(
    estate: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    (here,) = world.all(CustomerStage)
    there = world.do("begin_customer_stage", {"uid": estate.uid, "project_id": "P02"})
    lock = lifecycle.locked
    other = threading.Thread(target=lambda: world.do("note_interest_customer_stage", {"id": there["id"]}))

    def after_the_other(work: Work, uid: str) -> Customer:
        if threading.current_thread() is threading.main_thread():
            other.start()
            other.join(0.5)
        return lock(work, uid)

    monkeypatch.setattr(lifecycle, "locked", after_the_other)
    world.do("visit_customer_stage", {"id": here.id})
    other.join(20)
    assert world.get(Customer, estate.uid).lifecycle_stage == "interested"


def at_once(*calls: Any) -> list[Any]:
    """Make calls at the same time; the answer or the refusal of each."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index: int) -> None:
        gate.wait(10)
        try:
            answers[index] = calls[index]()
        except AnjuError as refusal:
            answers[index] = refusal

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
