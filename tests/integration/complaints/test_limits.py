"""Limits: first response, solution, next answer, and the ladder after a missed one (C-20 to C-22, C-27, C-28, C-34)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.membership import HighValueCustomerDesignated, HighValueCustomerRevoked
from tests.integration.complaints.world import HANDLER, HOUR, OPERATOR, SECOND, SUPERVISOR, World, person


def high_value(world: World, uid: str = "U1") -> None:
    world.hear(HighValueCustomerDesignated(uid=uid, reason="千万级意向", adviser="gu"))


def breached(world: World, case_id: str, name: str) -> bool:
    world.tick()
    return world.clocks(case_id)[name].breached_at is not None


@pytest.mark.requirement("C-20", "C-22")
@pytest.mark.parametrize(("tier", "hours", "recipient"), [("ordinary", 2, "han"), ("high_value", 1, "gu")])
def test_the_first_response_is_due_in_two_hours_and_in_one_for_high_value(
    world: World, tier: str, hours: int, recipient: str
) -> None:
    if tier == "high_value":
        high_value(world)
    case = world.register(handler="han")
    assert case["tier"] == tier
    world.later(hours * HOUR - SECOND)
    assert not breached(world, case["id"], "first_response")
    world.later(SECOND)
    assert breached(world, case["id"], "first_response")
    assert world.tick() == 0
    (overdue,) = world.told("complaint_response_overdue")
    assert (overdue["case_id"], overdue["minutes"], overdue["handler"]) == (case["id"], 0, "han")
    (alert,) = world.alerts(case["id"])
    assert (alert.rule, alert.recipient) == ("complaint_not_responded", recipient)
    assert {task.role for task in world.tasks(case["id"])} == {"complaint_handler", "complaint_supervisor"}

    world.do("respond_case", HANDLER, id=case["id"], first_contact="已致电")
    assert world.alerts(case["id"]) == []
    assert world.tasks(case["id"]) == []


@pytest.mark.requirement("C-22")
def test_a_contact_in_time_stops_the_clock(world: World) -> None:
    case = world.register()
    world.later(2 * HOUR - SECOND)
    world.do("respond_case", HANDLER, id=case["id"], first_contact="已致电")
    world.later(HOUR)
    assert not breached(world, case["id"], "first_response")
    assert world.told("complaint_response_overdue") == []


@pytest.mark.requirement("C-28")
def test_an_automatic_answer_is_no_contact(world: World) -> None:
    case = world.register()
    after = world.do("acknowledge_case", OPERATOR, id=case["id"])
    assert (after["state"], after["acknowledged_at"]) == ("registered", "2026-03-02T02:00:00Z")
    world.later(2 * HOUR)
    assert breached(world, case["id"], "first_response")


@pytest.mark.requirement("C-21")
def test_a_solution_is_due_in_twenty_four_hours(world: World) -> None:
    case = world.to("analysed")
    world.later(24 * HOUR - SECOND)
    assert not breached(world, case["id"], "solution")
    world.later(SECOND)
    assert breached(world, case["id"], "solution")
    (alert,) = world.alerts(case["id"])
    assert (alert.rule, alert.recipient) == ("solution_not_fed_back", "han")
    assert "complaint_supervisor" in {task.role for task in world.tasks(case["id"], "solution_not_fed_back")}


@pytest.mark.requirement("C-21", "C-48")
def test_an_approved_plan_put_to_the_customer_is_the_solution(world: World) -> None:
    case = world.to("plan_approved")
    assert world.clocks(case["id"])["solution"].stopped_at is None
    world.later(24 * HOUR - SECOND)
    world.to("negotiating", case["id"])
    world.later(HOUR)
    assert not breached(world, case["id"], "solution")


@pytest.mark.requirement("C-27", "C-31")
def test_an_interim_answer_with_the_next_date_counts_and_the_date_is_kept(world: World) -> None:
    case = world.to("investigating")
    with pytest.raises(ValidationFailed) as past:
        world.do("answer_interim_case", HANDLER, id=case["id"], interim_answer="在查", next_answer_on="2026-03-01")
    assert past.value.errors["next_answer_on"][0]["code"] == "in_the_past"
    world.do("answer_interim_case", HANDLER, id=case["id"], interim_answer="在查", next_answer_on="2026-03-05")
    assert world.clocks(case["id"])["solution"].stopped_at == world.now
    world.now = datetime.datetime(2026, 3, 5, 15, 59, 59, tzinfo=datetime.UTC)  # 23:59:59 in Shanghai
    assert not breached(world, case["id"], "next_answer")
    assert world.alerts(case["id"]) == []
    world.later(SECOND)
    assert breached(world, case["id"], "next_answer")
    assert [alert.rule for alert in world.alerts(case["id"])] == ["next_answer_missed"]
    assert world.case(case["id"])["breaches"] == 1

    world.do("answer_interim_case", HANDLER, id=case["id"], interim_answer="仍在查", next_answer_on="2026-03-09")
    assert world.alerts(case["id"]) == [], "the customer has been answered, and told another date"
    world.now = datetime.datetime(2026, 3, 9, 15, 59, 59, tzinfo=datetime.UTC)
    assert not breached(world, case["id"], "next_answer")
    world.later(SECOND)
    assert breached(world, case["id"], "next_answer"), "the second date is kept as the first one was"
    assert "next_answer_missed" in [alert.rule for alert in world.alerts(case["id"])]
    after = world.case(case["id"])
    assert (after["breaches"], after["level"], after["level_trigger"]) == (2, 2, "repeated_breach")

    world.do("answer_interim_case", HANDLER, id=case["id"], interim_answer="仍在查", next_answer_on="2026-03-12")
    world.to("negotiating", case["id"], agree_case={})
    assert world.clocks(case["id"])["next_answer"].stopped_at is not None
    assert [alert.rule for alert in world.alerts(case["id"])] == ["complaint_level_raised"]


@pytest.mark.requirement("C-27")
def test_nobody_is_told_of_a_next_date_before_the_first_contact(world: World) -> None:
    case = world.register()
    with pytest.raises(IllegalMove):
        world.do("answer_interim_case", HANDLER, id=case["id"], interim_answer="在查", next_answer_on="2026-03-05")


@pytest.mark.requirement("C-29", "X-51")
def test_the_tier_follows_membership_from_the_same_start(world: World) -> None:
    case, other = world.register(), world.register(uid="U2", home_id="H2")
    world.later(HOUR / 2)
    high_value(world)
    assert world.case(case["id"])["tier"] == "high_value"
    assert world.case(other["id"])["tier"] == "ordinary"
    assert world.clocks(case["id"])["first_response"].due_at == world.now + HOUR / 2
    world.hear(HighValueCustomerRevoked(uid="U1", reason="不再符合"))
    after = world.case(case["id"])
    assert (after["tier"], after["adviser"]) == ("ordinary", None)
    assert world.clocks(case["id"])["first_response"].due_at == world.now + 1.5 * HOUR


@pytest.mark.requirement("C-29")
def test_a_designation_heard_twice_and_another_one_have_one_effect(world: World) -> None:
    event = HighValueCustomerDesignated(uid="U1", reason="老带新", adviser="gu")
    world.hear(event, message_id="m-1", times=2)
    assert [(one["uid"], one["version"]) for one in world.found("high_value_customer")] == [("U1", 1)]
    world.hear(HighValueCustomerDesignated(uid="U1", reason="老带新", adviser="he"), message_id="m-2")
    world.hear(HighValueCustomerRevoked(uid="U2", reason="从未认定"))
    (known,) = world.found("high_value_customer")
    assert (known["adviser"], known["state"]) == ("he", "designated")
    assert world.parked() == []


@pytest.mark.requirement("C-34")
@pytest.mark.parametrize(("tier", "hours"), [("ordinary", 24), ("high_value", 2)])
def test_the_ladder_climbs_one_supervisor_per_period(world: World, tier: str, hours: int) -> None:
    if tier == "high_value":
        high_value(world)
    case = world.register(handler="han")
    world.later((1 if tier == "high_value" else 2) * HOUR)
    world.tick()

    def answerable() -> tuple[str, Any, int]:
        alert = next(one for one in world.alerts(case["id"]) if one.rule == "complaint_not_responded")
        return alert.recipient_role, alert.recipient, alert.step

    first = "gu" if tier == "high_value" else "han"
    assert answerable() == ("complaint_handler", first, 0)
    world.later(hours * HOUR - SECOND)
    world.tick()
    assert answerable() == ("complaint_handler", first, 0)
    world.later(SECOND)
    world.tick()
    steps = [answerable()]
    for _ in range(4):
        world.later(hours * HOUR)
        world.tick()
        steps.append(answerable())
    if tier == "high_value":
        # One limit is missed so far: the case is of level 1, and the ladder goes through all four.
        expected = ["complaint_supervisor", "project_department", "company_manager", "group_centre", "group_centre"]
        assert [role for role, _, _ in steps] == expected
        assert [step for _, _, step in steps] == [1, 2, 3, 4, 4]
    else:
        # After 24 hours the solution is missed as well; the second breach raises the case to level 2.
        assert [role for role, _, _ in steps] == ["project_department", "company_manager", *["group_centre"] * 3]
    assert "group_centre" in {task.role for task in world.tasks(case["id"], "complaint_not_responded")}


@pytest.mark.requirement("C-20", "C-22", "X-58")
def test_the_figures_are_parameters(world: World) -> None:
    name = next(one for one in world.service.commands if one.startswith("establish_parameter"))
    for figure, value in (("complaint.alert_no_response", "3"), ("sla.high_value_response", "0.5")):
        admin = person("admin", "administrator", scope="group")
        world.do(name, admin, parameter=figure, value=value, reason="x", valid_from="2026-01-01T00:00:00Z")
    high_value(world, "U2")
    ordinary, favoured = world.register(), world.register(uid="U2", home_id="H2")
    assert world.clocks(ordinary["id"])["first_response"].due_at == world.now + 3 * HOUR
    assert world.clocks(favoured["id"])["first_response"].due_at == world.now + HOUR / 2


@pytest.mark.requirement("C-40")
def test_the_registration_tells_when_answers_are_due(world: World) -> None:
    world.register()
    (told,) = world.told("complaint_registered")
    assert (told["first_response_due"], told["solution_due"]) == ("2026-03-02T04:00:00Z", "2026-03-03T02:00:00Z")


def test_a_closed_case_waits_for_nothing(world: World) -> None:
    case_id = world.placed("cause_transferred", level=3)
    world.do("close_case", SUPERVISOR, id=case_id, outcome="settled", closing_note="x")
    world.later(1000 * HOUR)
    assert world.tick() == 0
