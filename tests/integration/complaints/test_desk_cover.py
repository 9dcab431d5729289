"""A human at any hour, and nobody lost at the peak: duty roster and missed contacts (C-112, C-114)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.tables import Audit
from services.complaints.enquiries import missed as missed_module
from services.complaints.enquiries.missed import ContactHour, MissedContact
from services.contracts.errors import IllegalMove, ValidationFailed
from tests.integration.complaints.enquiry_world import BOT, DESK, LEAD, ask, escalated
from tests.integration.complaints.world import HOUR, SECOND, World

NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai


def shift(world: World, user: str = "wan", begins: datetime = NIGHT, hours: int = 8, **more: Any) -> dict[str, Any]:
    ends = (begins + hours * HOUR).isoformat()
    return world.do("plan_duty_shift", LEAD, user=user, starts_at=begins.isoformat(), ends_at=ends, **more)


def missed(world: World, **more: Any) -> dict[str, Any]:
    facts = {"channel": "telephone", "phone": "13900010001", "arrived_at": "2026-03-02T01:57:30Z", "project_id": "P01"}
    return world.do("register_missed_contact", BOT, **{**facts, **more})


def hours(world: World) -> list[tuple[Any, ...]]:
    rows = sorted(world.all(ContactHour), key=lambda row: (row.begins_at, row.place))
    return [(row.place, row.came, row.unanswered, row.queued_seconds, row.longest_queue) for row in rows]


@pytest.mark.requirement("C-112")
def test_who_is_on_duty_gets_what_the_bot_cannot_answer_from_the_first_second_to_the_last(world: World) -> None:
    shift(world, company_id="C1")
    for at, handler in (
        (NIGHT - SECOND, None),
        (NIGHT, "wan"),
        (NIGHT + 8 * HOUR - SECOND, "wan"),
        (NIGHT + 8 * HOUR, None),
    ):
        world.now = at
        enquiry = escalated(world)
        assert enquiry["handler"] == handler
        (task,) = world.tasks(enquiry["id"], "enquiry_escalated")
        assert (task.assignee, task.role) == (handler, "hotline_operator")


@pytest.mark.requirement("C-112")
def test_nobody_on_duty_is_alerted_when_the_desk_is_closed(world: World) -> None:
    assert world.alerts(escalated(world)["id"]) == []  # Monday, 10:00: the desk is there
    world.now = NIGHT
    enquiry = escalated(world)
    assert [(alert.rule, alert.recipient_role) for alert in world.alerts(enquiry["id"])] == [
        ("nobody_on_duty", "complaint_supervisor")
    ]
    world.do("answer_enquiry", DESK, id=enquiry["id"], answer="明早回电")
    assert world.alerts(enquiry["id"]) == []


def test_the_nearer_roster_counts(world: World) -> None:
    everywhere = shift(world, "group")
    shift(world, "company", company_id="C1")
    its = shift(world, "project", project_id="P01")
    assert its["company_id"] == "C1"
    world.now = NIGHT
    assert escalated(world)["handler"] == "project"
    assert escalated(world, project_id="P02")["handler"] == "company"
    assert escalated(world, project_id=None)["handler"] == "group"
    world.do("cancel_duty_shift", LEAD, id=its["id"], reason="请假")
    assert escalated(world)["handler"] == "company"
    world.do("swap_duty_shift", LEAD, id=everywhere["id"], user="other", reason="换班")
    assert escalated(world, project_id=None)["handler"] == "other"


@pytest.mark.parametrize(
    ("field", "facts", "code"),
    [
        ("ends_at", {"hours": 0}, "range_order"),
        ("ends_at", {"hours": 25}, "shift_too_long"),
        ("starts_at", {"begins": NIGHT + 7 * HOUR}, "already_on_duty"),
        ("project_id", {"user": "new", "project_id": "P99"}, "unknown_reference"),
    ],
)
def test_a_shift_that_cannot_be(world: World, field: str, facts: dict[str, Any], code: str) -> None:
    shift(world)
    with pytest.raises(ValidationFailed) as wrong:
        shift(world, **facts)
    assert wrong.value.errors[field][0]["code"] == code


def test_one_shift_may_follow_the_other_and_last_a_day(world: World) -> None:
    shift(world)
    assert shift(world, begins=NIGHT + 8 * HOUR, hours=24)["state"] == "planned"


@pytest.mark.requirement("C-114")
def test_a_missed_contact_is_a_task_and_the_head_of_the_desk_is_told_at_once(world: World) -> None:
    contact = missed(world)
    assert (contact["state"], contact["queue_seconds"]) == ("missed", 150)
    assert {(task.subject, task.role) for task in world.tasks(contact["id"])} == {
        ("call_back", "hotline_operator"),
        ("unanswered_contact", "complaint_supervisor"),
    }
    assert [(alert.rule, alert.recipient_role) for alert in world.alerts(contact["id"])] == [
        ("unanswered_contact", "complaint_supervisor")
    ]
    world.do("fail_call_back_missed_contact", DESK, id=contact["id"], note="无人接听")
    done = world.do("call_back_missed_contact", DESK, id=contact["id"], note="已解答")
    assert (done["state"], done["attempts"], done["called_back_by"]) == ("called_back", 2, "op")
    assert (world.alerts(contact["id"]), world.tasks(contact["id"])) == ([], [])


@pytest.mark.requirement("C-114")
def test_calling_back_is_due_two_hours_after_the_contact(world: World) -> None:
    contact = missed(world, arrived_at="2026-03-02T02:00:00Z")
    world.later(2 * HOUR - SECOND)
    world.tick()
    assert [alert.rule for alert in world.alerts(contact["id"])] == ["unanswered_contact"]
    world.later(SECOND)
    world.tick()
    assert {alert.rule for alert in world.alerts(contact["id"])} == {"unanswered_contact", "call_back_late"}
    world.do("give_up_missed_contact", LEAD, id=contact["id"], reason="空号")
    assert (world.alerts(contact["id"]), world.tasks(contact["id"])) == ([], [])
    with pytest.raises(IllegalMove):
        world.do("call_back_missed_contact", DESK, id=contact["id"], note="x")


@pytest.mark.requirement("C-114")
def test_the_hours_count_who_came_who_was_missed_and_how_long_they_queued(world: World) -> None:
    missed(world)
    missed(world, arrived_at="2026-03-02T01:59:00Z")
    ask(world, channel="telephone", queue_seconds=30, received_at="2026-03-02T01:30:00Z")
    ask(world, channel="telephone", queue_seconds=5)
    missed(world, project_id=None, gave_up_at="2026-03-02T01:58:00Z")
    assert hours(world) == [("*", 1, 1, 30, 30), ("P01", 3, 2, 240, 150), ("P01", 1, 0, 5, 5)]


@pytest.mark.parametrize(
    ("field", "facts", "code"),
    [
        ("phone", {"phone": None}, "required"),
        ("gave_up_at", {"gave_up_at": "2026-03-02T02:00:01Z"}, "in_the_future"),
        ("gave_up_at", {"gave_up_at": "2026-03-02T01:57:29Z"}, "range_order"),
        ("uid", {"uid": "U9"}, "unknown_reference"),
        ("project_id", {"project_id": "P99"}, "unknown_reference"),
    ],
)
def test_a_missed_contact_that_cannot_be(world: World, field: str, facts: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationFailed) as wrong:
        missed(world, **facts)
    assert wrong.value.errors[field][0]["code"] == code
    assert world.all(MissedContact) == []


def test_contacts_of_one_hour_that_come_at_once_are_all_counted(world: World) -> None:
    together = threading.Barrier(4)

    def come(nth: int) -> None:
        together.wait(10)
        missed(world) if nth % 2 else ask(world, channel="telephone", received_at="2026-03-02T01:58:00Z")

    with ThreadPoolExecutor(4) as people:
        list(people.map(come, range(4)))
    assert [row[:3] for row in hours(world)] == [("P01", 4, 2)]


def test_a_day_of_queueing_is_the_most_that_is_counted(world: World) -> None:
    world.later(timedelta(days=2))
    assert missed(world)["queue_seconds"] == 86_400


@pytest.mark.requirement("C-114", "X-59")
def test_an_hour_that_another_one_has_just_begun_leaves_no_entry_of_what_was_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed(world)
    monkeypatch.setattr(missed_module, "_begun", _blind_once(missed_module._begun))
    missed(world)
    (hour,) = world.all(ContactHour)
    assert hour.came == 2
    entries = world.all(Audit, Audit.resource == "contact_hour")
    assert {entry.record_id for entry in entries} == {hour.id}


def _blind_once(look_up: Any) -> Any:
    blind = [True]
    return lambda *asked: None if blind and blind.pop() else look_up(*asked)


@pytest.mark.requirement("C-112")
def test_nobody_takes_over_a_shift_while_on_another(world: World) -> None:
    shift(world)
    other = shift(world, user="lu", begins=NIGHT + HOUR)
    with pytest.raises(ValidationFailed) as busy:
        world.do("swap_duty_shift", LEAD, id=other["id"], user="wan", reason="调班")
    assert busy.value.errors["user"][0]["code"] == "already_on_duty"
    assert world.do("swap_duty_shift", LEAD, id=other["id"], user="lu", reason="不变")["user"] == "lu"
    assert world.do("swap_duty_shift", LEAD, id=other["id"], user="bai", reason="调班")["user"] == "bai"


@pytest.mark.requirement("C-112")
def test_two_plans_at_once_put_nobody_on_duty_twice(world: World) -> None:
    together = threading.Barrier(2, timeout=20)

    def plan(_: int) -> bool:
        together.wait()
        try:
            shift(world)
        except ValidationFailed:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(plan, range(2))) == [False, True]
