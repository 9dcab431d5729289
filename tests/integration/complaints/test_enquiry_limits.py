"""The limits of enquiries, what stops them and what a missed one does (C-20 to C-28)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove
from services.contracts.events.membership import HighValueCustomerDesignated, HighValueCustomerRevoked
from tests.integration.complaints.enquiry_world import (
    BOT,
    DESK,
    HANDOVER,
    ask,
    entry,
    escalated,
)
from tests.integration.complaints.world import HOUR, SECOND, World, person


def breached(world: World, enquiry: dict[str, Any], name: str) -> bool:
    world.tick()
    return world.clocks(enquiry["id"])[name].breached_at is not None


def state(world: World, enquiry: dict[str, Any]) -> str:
    return str(world.show("enquiry", enquiry["id"])["state"])


@pytest.mark.requirement("C-20", "C-26", "C-28")
@pytest.mark.parametrize(("tier", "hours", "recipient"), [("ordinary", 2, None), ("high_value", 1, "gu")])
def test_a_human_contacts_the_customer_in_two_hours_and_in_one_for_high_value(
    world: World, tier: str, hours: int, recipient: str | None
) -> None:
    if tier == "high_value":
        world.hear(HighValueCustomerDesignated(uid="U1", reason="千万级意向", adviser="gu"))
    enquiry = escalated(world, uid="U1")
    assert (enquiry["tier"], enquiry["handler"]) == (tier, recipient)
    world.do("acknowledge_enquiry", BOT, id=enquiry["id"])
    world.later(hours * HOUR - SECOND)
    assert not breached(world, enquiry, "first_response")
    world.later(SECOND)
    assert breached(world, enquiry, "first_response")
    assert world.tick() == 0
    (alert,) = world.alerts(enquiry["id"])
    assert (alert.rule, alert.recipient) == ("enquiry_not_responded", recipient)
    assert {task.role for task in world.tasks(enquiry["id"], "enquiry_not_responded")} == {
        "hotline_operator",
        "complaint_supervisor",
    }
    world.do("respond_enquiry", DESK, id=enquiry["id"], first_contact="已致电")
    assert world.alerts(enquiry["id"]) == []


@pytest.mark.requirement("C-28")
def test_neither_the_bots_answer_nor_its_promise_stops_the_clock(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world)
    world.later(HOUR)
    world.do("reject_enquiry", BOT, id=enquiry["id"])
    world.do("acknowledge_enquiry", BOT, id=enquiry["id"])
    with pytest.raises(Forbidden):
        world.do("respond_enquiry", BOT, id=enquiry["id"], first_contact="您好")
    both = person("bot", "ai_agent", "hotline_operator")
    with pytest.raises(IllegalMove) as refused:
        world.do("answer_enquiry", both, id=enquiry["id"], answer="您好")
    assert refused.value.code == "human_contact_only"
    world.later(HOUR - SECOND)
    assert not breached(world, enquiry, "first_response")
    world.later(SECOND)  # two hours after the question, one after the bot gave it up
    assert breached(world, enquiry, "first_response")


@pytest.mark.requirement("C-21", "C-26")
def test_the_answer_is_due_in_twenty_four_hours_and_a_first_contact_is_none(world: World) -> None:
    enquiry = escalated(world)
    world.do("respond_enquiry", DESK, id=enquiry["id"], first_contact="正在核实")
    world.later(24 * HOUR - SECOND)
    assert not breached(world, enquiry, "first_response")
    assert not breached(world, enquiry, "solution")
    world.later(SECOND)
    assert breached(world, enquiry, "solution")
    assert [alert.rule for alert in world.alerts(enquiry["id"])] == ["enquiry_not_answered"]
    world.do("answer_enquiry", DESK, id=enquiry["id"], answer="不可以")
    assert world.alerts(enquiry["id"]) == []


def test_a_missed_limit_climbs_the_ladder(world: World) -> None:
    enquiry = escalated(world)
    for hours, step in ((2, 0), (24, 1), (24, 2), (24, 2)):
        world.later(hours * HOUR)
        world.tick()
        (alert,) = [one for one in world.alerts(enquiry["id"]) if one.rule == "enquiry_not_responded"]
        assert alert.step == step
    assert "customer_centre" in {task.role for task in world.tasks(enquiry["id"], "enquiry_not_responded")}


@pytest.mark.requirement("C-20")
def test_the_value_level_is_asked_again(world: World) -> None:
    enquiry = escalated(world, uid="U1")
    world.hear(HighValueCustomerDesignated(uid="U1", reason="千万级意向", adviser="gu"))
    assert world.clocks(enquiry["id"])["first_response"].due_at == world.now + HOUR
    world.hear(HighValueCustomerRevoked(uid="U1", reason="撤销"))
    assert world.clocks(enquiry["id"])["first_response"].due_at == world.now + 2 * HOUR
    assert world.parked() == []


@pytest.mark.requirement("C-117")
def test_silence_counts_as_yes_and_a_settled_enquiry_closes_by_itself(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world)
    world.later(24 * HOUR - SECOND)
    world.tick()
    assert state(world, enquiry) == "answered_by_bot"
    world.later(SECOND)
    world.tick()
    silent = world.show("enquiry", enquiry["id"])
    assert (silent["state"], silent["is_silent"]) == ("confirmed", True)
    world.later(72 * HOUR - SECOND)
    world.tick()
    assert state(world, enquiry) == "confirmed"
    world.later(SECOND)
    world.tick()
    assert state(world, enquiry) == "closed"
    assert world.alerts(enquiry["id"]) == []
