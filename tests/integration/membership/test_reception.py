"""What the club makes of calls, visits and silence at the sales site (L-20, L-21, L-56)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.duties import Task
from services.contracts.events.leads_sales import CallRegistered, ChurnRiskDetected, VisitRegistered
from services.membership.profiles import Profile
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import UID

WHO = {"uid": UID, "project_id": "P01", "agent": "zhao.min"}


@pytest.mark.requirement("L-20", "L-21")
def test_calls_and_visits_are_contacts_and_late_news_do_not_turn_them_back(world: World) -> None:
    later = START + timedelta(hours=2)
    world.take(
        delivery(VisitRegistered(visit_id="v1", kind="first", at=later, **WHO)),
        delivery(CallRegistered(call_id="c1", window_end=START.date(), at=START, **WHO)),
    )
    assert world.get(Profile, UID).last_contact_at == later


@pytest.mark.requirement("L-56")
def test_a_silent_customer_is_the_clubs_to_wake_up_once(world: World) -> None:
    silent = ChurnRiskDetected(uid=UID, project_id="P01", days=30, last_contact_at=START)
    world.take(delivery(silent, message_id="m1"), delivery(silent, message_id="m1"))
    (task,) = world.all(Task, Task.subject == "wake_up_customer")
    assert (task.role, task.resource, task.record_id, task.state) == ("club_officer", "leads/customer", UID, "open")
