"""What the club makes of calls, visits and silence at the sales site (L-20, L-21, L-56)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.duties import Task
from services.contracts.events.leads import ContractSigned
from services.contracts.events.leads_sales import (
    CallRegistered,
    ChurnRiskDetected,
    OwnershipAssigned,
    OwnershipExpired,
    VisitRegistered,
)
from services.membership.care import CareTask
from services.membership.explanation import explain
from services.membership.profiles import Profile
from services.membership.wake_ups import WakeUp
from tests.integration.leads.world import START, World, delivery, person
from tests.integration.membership.conftest import HOME, UID
from tests.integration.membership.news import buys, reserves

CLUB = person("zhang.yi", "club_officer")
#: The last day of a window that began with a call on 2 March.
END = date(2026, 3, 7)
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
    world.take(delivery(silent, message_id="m1"), delivery(silent, message_id="m1"), delivery(silent))
    (wake_up,) = world.all(WakeUp)
    assert (wake_up.cause, wake_up.agent, wake_up.state) == ("silence", None, "open")
    (task,) = world.all(Task, Task.subject == "wake_up_customer")
    assert (task.role, task.record_number, task.record_id) == ("club_officer", wake_up.number, wake_up.id)
    world.do("finish_wake_up", {"id": wake_up.id, "result": "已邀请参加沙龙"}, by=CLUB)
    assert world.get(Task, task.id).state == "done"


@pytest.mark.requirement("L-56")
def test_whoever_reserves_or_buys_is_nobody_to_wake_up(world: World) -> None:
    def silent(uid: str) -> Any:
        return delivery(ChurnRiskDetected(uid=uid, project_id="P01", days=30, last_contact_at=START))

    world.take(silent(UID), silent("uid-2"), silent("uid-3"))
    world.take(delivery(reserves(UID, HOME)), delivery(buys("uid-2", "P01-3-2-1202", "1.00")))
    found = {one.uid: one for one in world.all(WakeUp)}
    assert {uid: one.state for uid, one in found.items()} == {UID: "resumed", "uid-2": "resumed", "uid-3": "open"}
    assert [one.record_id for one in world.all(Task, Task.state == "open")] == [found["uid-3"].id]
    world.take(silent(UID), silent("uid-2"))
    assert len(world.all(WakeUp)) == 3


def test_whose_protection_expired_is_a_candidate_unless_they_bought_or_are_anothers(world: World) -> None:
    def expired(uid: str, agent: str = "zhao.min") -> OwnershipExpired:
        return OwnershipExpired(uid=uid, project_id="P01", former_agent=agent, basis="call")

    bought: dict[str, Any] = {"contract_id": "c1", "number": "CT 1", "home_id": HOME, "uid": "uid-2"}
    world.take(
        delivery(assigned(UID, "zhao.min")),
        delivery(assigned("uid-3", "zhao.min")),
        delivery(assigned("uid-3", "lin.xue", ends_on=END + timedelta(days=1))),
        delivery(ContractSigned(amount=Decimal(1), **bought)),
        *(delivery(expired(uid)) for uid in (UID, "uid-2", "uid-3")),
    )
    (candidate,) = world.all(WakeUp)
    assert (candidate.uid, candidate.cause) == (UID, "ownership_expired")
    assert (candidate.former_agent, candidate.agent) == ("zhao.min", None)
    world.take(delivery(expired("uid-3", "lin.xue")))
    assert [one.uid for one in world.all(WakeUp)] == [UID, "uid-3"]
    world.take(delivery(assigned(UID, "gao.peng")))
    assert world.get(WakeUp, candidate.id).state == "resumed"
    assert [one.state for one in world.all(Task, Task.record_id == candidate.id)] == ["dropped"]


def test_the_agent_whose_window_runs_is_named_to_whoever_turns_to_the_customer(world: World) -> None:
    world.take(
        delivery(assigned(UID, "zhao.min")),
        delivery(assigned(UID, "lin.xue", starts_on=START.date() - timedelta(days=2))),
        delivery(assigned(UID, "zhao.min", ends_on=END + timedelta(days=4))),
    )
    rights = world.get(Profile, UID).contact_rights
    assert [(one["agent"], one["until"]) for one in rights] == [("lin.xue", "2026-03-07"), ("zhao.min", "2026-03-11")]
    greeting = {"entry": "other", "uid": UID, "home_id": HOME, "due_on": END}
    assert world.do("plan_care_task", greeting)["agent"] == "lin.xue"
    silent = ChurnRiskDetected(uid=UID, project_id="P01", days=30, last_contact_at=START)
    world.take(delivery(silent))
    (wake_up,) = world.all(WakeUp)
    assert (wake_up.agent, wake_up.agent_until) == ("lin.xue", END)
    # The day of the end is inside the window; at its end the care is due, and is the other agent's to know of.
    with world.reading() as work:
        said = [one for one in explain(work.get(Profile, UID), work) if one.code == "may_contact"]
    assert [(one.params["agent"], one.params["until"]) for one in said] == [
        ("lin.xue", "2026-03-07"),
        ("zhao.min", "2026-03-11"),
    ]
    world.at(datetime(2026, 3, 7, 16, 0, tzinfo=UTC))
    (task,) = world.all(CareTask)
    assert (task.state, task.agent) == ("due", "zhao.min")


def assigned(uid: str, agent: str, **more: Any) -> OwnershipAssigned:
    window = {"starts_on": START.date(), "ends_on": END, **more}
    return OwnershipAssigned(uid=uid, project_id="P01", agent=agent, basis="call", **window)
