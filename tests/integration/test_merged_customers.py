"""A merge reaches every service that stores a UID: what it holds follows, what comes late does too (X-407, L-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import catalogue
from services.chassis.duties import Task
from services.chassis.tables import Alias
from services.complaints.cases import Case
from services.complaints.high_value import HighValueCustomer
from services.contracts import SERVICES
from services.contracts.events import Event
from services.contracts.events.leads import (
    CustomersMerged,
    CustomersUnmerged,
    CustomerUpdated,
    HandoverCompleted,
    HandoverRefused,
    HomeUpdated,
    ProjectUpdated,
)
from services.contracts.events.membership import HighValueCustomerDesignated
from services.maintenance.warranty import WarrantyItem
from services.maintenance.work_orders import WorkOrder
from services.membership.customer_managers import Household
from services.membership.members import Member
from services.membership.profiles import Profile
from tests.integration.leads.world import START, World, delivery

pytestmark = pytest.mark.integration
KEPT, LOST = "uid-kept", "uid-lost"
HOME, LATER_HOME = "P01-3-2-1201", "P01-3-2-1202"


def handed_over(home_id: str) -> HandoverCompleted:
    return HandoverCompleted(home_id=home_id, uid=LOST, project_id="P01", handover_id=f"h-{home_id}", at=START)


def refused(home_id: str) -> HandoverRefused:
    facts: dict[str, Any] = {"handover_id": "h", "reason": "渗水", "at": START}
    return HandoverRefused(home_id=home_id, uid=LOST, project_id="P01", **facts)


def complain(world: World) -> None:
    facts = {"kind": "complaint", "home_id": HOME, "category": "home_quality", "channel": "hotline"}
    world.do("register_case", {**facts, "uid": LOST, "description": "渗水", "separate_reason": "另案"})


@dataclass(frozen=True)
class Holder:
    """A service, how it comes to hold something of a customer, what that is, and an event that comes late."""

    record: type[Any]
    begin: Callable[[World], None]
    late_event: Event
    late_record: type[Any]


HOLDERS = {
    "complaints": Holder(Case, complain, HighValueCustomerDesignated(uid=LOST, reason="千万级"), HighValueCustomer),
    "maintenance": Holder(WarrantyItem, lambda world: tell(world, handed_over(HOME)), refused(LATER_HOME), WorkOrder),
    "membership": Holder(Household, lambda world: tell(world, handed_over(HOME)), handed_over(LATER_HOME), Household),
}


def tell(world: World, *events: Event) -> None:
    world.take(*(delivery(event) for event in events))


def uids(world: World, record: type[Any]) -> list[str]:
    return [one.uid for one in world.all(record)]


def merged() -> CustomersMerged:
    return CustomersMerged(surviving_uid=KEPT, merged_uids=[LOST], decided_by="zheng.jie", at=START)


def home_owner(world: World) -> str:
    with world.reading() as work:
        return str(work.replica("leads/home", HOME)["owner_uid"])


@pytest.fixture(params=sorted(HOLDERS))
def held(request: pytest.FixtureRequest, database_url: str) -> Iterator[tuple[World, Holder]]:
    world, holder = World(catalogue.service_named(request.param), database_url), HOLDERS[request.param]
    place: dict[str, Any] = {"record_version": 1, "project_id": "P01", "company_id": "C01"}
    home: dict[str, Any] = {**place, "building": "3", "unit": "2", "state": "handed_over", "owner_uid": LOST}
    tell(
        world,
        ProjectUpdated(**place, name="枫林苑"),
        *(HomeUpdated(home_id=code, **home) for code in (HOME, LATER_HOME)),
        *(CustomerUpdated(uid=uid, record_version=1, name="王芳", lifecycle_stage="owner") for uid in (KEPT, LOST)),
    )
    holder.begin(world)
    yield world, holder
    world.close()


@pytest.mark.requirement("X-407", "L-04")
def test_what_a_service_holds_follows_and_so_does_what_comes_late(held: tuple[World, Holder]) -> None:
    world, holder = held
    assert set(uids(world, holder.record)) == {LOST}
    before = len(uids(world, holder.record))
    once = delivery(merged())
    world.take(once, once)
    assert uids(world, holder.record) == [KEPT] * before
    with world.reading() as work:
        assert [(one.key, one.current) for one in work.session.scalars(sa.select(Alias))] == [(LOST, KEPT)]
        assert work.replica("leads/customer", LOST) is not None

    world.now += timedelta(hours=1)
    tell(world, holder.late_event)
    assert uids(world, holder.late_record)[-1] == KEPT
    assert LOST not in uids(world, holder.late_record)
    # A home that leads told of before the merge, and that is heard of after it.
    old: dict[str, Any] = {"record_version": 2, "project_id": "P01", "company_id": "C01", "owner_uid": LOST}
    tell(world, HomeUpdated(home_id=HOME, building="3", unit="2", state="handed_over", **old))
    assert home_owner(world) == KEPT

    back = CustomersUnmerged(
        surviving_uid=KEPT, merged_uids=[LOST], decided_by="zheng.jie", reason="误判", at=START + timedelta(days=1)
    )
    tell(world, back)
    assert uids(world, holder.record)[:before] == [LOST] * before
    assert uids(world, holder.late_record)[-1] == KEPT
    tell(world, HomeUpdated(home_id=HOME, building="3", unit="2", state="handed_over", **{**old, "record_version": 3}))
    assert home_owner(world) == LOST


@pytest.mark.requirement("X-407")
@pytest.mark.parametrize("held", ["complaints"], indirect=True)
def test_a_command_that_names_a_merged_customer_is_about_the_survivor(held: tuple[World, Holder]) -> None:
    world, holder = held
    tell(world, merged())
    complain(world)
    assert uids(world, holder.record) == [KEPT, KEPT]


@pytest.mark.requirement("X-407")
@pytest.mark.parametrize("held", ["maintenance"], indirect=True)
def test_of_two_merges_the_later_may_be_heard_first(held: tuple[World, Holder]) -> None:
    world, holder = held
    onward = CustomersMerged(surviving_uid="uid-last", merged_uids=[KEPT], decided_by="zheng.jie", at=START)
    tell(world, onward)
    tell(world, merged())
    assert set(uids(world, holder.record)) == {"uid-last"}
    tell(world, refused(LATER_HOME))
    assert uids(world, WorkOrder) == ["uid-last"]


@pytest.mark.requirement("X-407", "B-82")
@pytest.mark.parametrize("held", ["membership"], indirect=True)
def test_two_memberships_are_for_a_person_and_high_value_is_the_survivors(held: tuple[World, Holder]) -> None:
    world, _ = held
    world.do("invite_member", {"uid": KEPT, "project_id": "P01"})
    world.do("designate_profile", {"id": LOST, "reason": "千万级", "adviser": "he.min"})
    tell(world, merged())
    assert sorted(uids(world, Member)) == [KEPT, LOST]
    (mine,) = world.all(Member, Member.uid == LOST)
    asked = world.all(Task, Task.subject == "merged_record_left")
    assert [(task.record_id, task.role) for task in asked] == [(mine.id, "data_steward")]
    assert (world.get(Profile, KEPT).state, world.get(Profile, KEPT).adviser) == ("high_value", "he.min")
    assert world.get(Profile, LOST).uid == LOST


@pytest.mark.requirement("X-407")
def test_every_service_that_stores_a_uid_hears_of_merges() -> None:
    for name in SERVICES:
        service = catalogue.service_named(name)
        stores = any(
            field.to == "leads/customer"
            for process in service.processes
            for field in process.record.__fields__.values()
        )
        hears = {"customers_merged", "customers_unmerged"} <= set(service.reactions)
        assert hears is (stores and name != "leads"), name
