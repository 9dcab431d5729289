"""A completed handover: invitation, customer manager, decoration guide and call, each once, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from services.chassis.duties import Task
from services.chassis.parking import ParkedMessage
from services.contracts.events.leads import ProjectSalesClosed, ProjectUpdated
from services.contracts.events.membership import CustomerManagerAssigned
from services.membership.care import CareTask
from services.membership.customer_managers import Household
from services.membership.follow_ups import FollowUp
from services.membership.members import Member
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import HOME, UID, completed, tell

pytestmark = pytest.mark.integration
EFFECTS = (Member, Household, CareTask, FollowUp)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    opened = World(SERVICE, database_url)
    tell(opened)
    yield opened
    opened.close()


@pytest.mark.requirement("B-04", "B-80", "B-85", "B-62")
def test_one_handover_has_four_effects(world: World) -> None:
    world.do("add_manager_roster", {"user": "he.min", "project_id": "P01"})
    world.take(delivery(completed()))
    (member,), (household,), (care,), (call,) = (world.all(one) for one in EFFECTS)
    assert (member.state, member.uid, member.home_id, member.number) == ("invited", UID, HOME, "MB 2026-P01-000001")
    assert (household.state, household.uid, household.manager) == ("assigned", UID, "he.min")
    assert world.told(CustomerManagerAssigned) == [{"uid": UID, "home_id": HOME, "manager": "he.min"}]
    # Three months after 16 March, the date in Shanghai.
    assert (care.entry, care.state, care.due_on) == ("decoration_guide", "planned", date(2026, 6, 16))
    assert (call.theme, call.form, call.state, call.due_on) == ("handover", "telephone", "scheduled", date(2026, 3, 23))
    assert {one.project_id for one in (member, household, care, call)} == {"P01"}


@pytest.mark.requirement("B-62", "B-80", "B-85", "B-04")
def test_delivered_twice_or_told_twice_it_has_its_effects_once(world: World) -> None:
    first = delivery(completed())
    world.take(first, first)
    world.take(first)
    world.take(delivery(completed()))  # another message about the same home
    assert [len(world.all(one)) for one in EFFECTS] == [1, 1, 1, 1]
    assert world.all(ParkedMessage) == []
    assert [one.subject for one in world.all(Task)] == ["household_without_manager"]


@pytest.mark.requirement("B-04")
def test_a_customer_with_two_homes_is_invited_once_and_has_two_households(world: World) -> None:
    world.take(delivery(completed()), delivery(completed("P01-3-2-1202")))
    assert [len(world.all(one)) for one in EFFECTS] == [1, 2, 2, 2]


def test_a_home_that_is_not_known_yet_makes_the_message_wait(world: World) -> None:
    world.take(delivery(completed("P01-9")))
    (kept,) = world.all(ParkedMessage)
    assert kept.state == "retrying"
    assert [len(world.all(one)) for one in EFFECTS] == [0, 0, 0, 0]


@pytest.mark.requirement("B-80", "X-41")
def test_without_a_roster_the_competent_department_has_a_task_until_it_assigns(world: World) -> None:
    world.take(delivery(completed()))
    (household,), (task,) = world.all(Household), world.all(Task)
    assert (household.state, task.role, task.record_id) == ("unassigned", "project_department", household.id)
    _close_out(world)
    assert world.get(Task, task.id).role == "customer_affairs"
    world.do("assign_household", {"id": household.id, "manager": "he.min"})
    assert world.get(Task, task.id).state == "dropped"
    assert len(world.told(CustomerManagerAssigned)) == 1
    world.take(delivery(completed("P01-3-2-1202", "uid-2")))
    assert [one.role for one in world.all(Task, Task.state == "open")] == ["customer_affairs"]


def _close_out(world: World) -> None:
    project: dict[str, Any] = {"project_id": "P01", "record_version": 2, "name": "枫林苑", "company_id": "C01"}
    closed = {"from_department": "project_department", "to_department": "customer_affairs"}
    world.take(
        delivery(ProjectSalesClosed(project_id="P01", at=START, **closed)),
        delivery(ProjectUpdated(sales_closed_on=START.date(), **project)),
    )
