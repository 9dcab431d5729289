"""What property companies forward and answer: a case like any other, timed from when the company received it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.events.property import ComplaintForwarded, ComplaintInformationSupplied
from tests.integration.complaints.world import EVIDENCE, HANDLER, HOUR, SECOND, START, SUPERVISOR, World


def forwarded(**facts: Any) -> ComplaintForwarded:
    usual: dict[str, Any] = {
        "source_ref": "TS-7",
        "home_id": "H1",
        "uid": "U1",
        "category": "property_management",
        "channel": "counter",
        "description": "电梯停运两天无人处理",
        "photos": EVIDENCE,
        "received_at": START - HOUR,
        "company_code": "acme",
    }
    return ComplaintForwarded(**{**usual, **facts})


@pytest.mark.requirement("C-01")
def test_a_forwarded_complaint_is_a_case_once(world: World) -> None:
    world.hear(forwarded(), message_id="m-1", times=2)
    (case,) = world.found("case")
    said = ("state", "kind", "uid", "home_id", "project_id", "category", "channel", "forwarded_by", "evidence", "level")
    assert [case[name] for name in said] == [
        *("registered", "complaint", "U1", "H1", "P01", "property_management", "property_company", "acme"),
        *(EVIDENCE, 1),
    ]
    assert case["received_at"] == "2026-03-02T01:00:00Z"
    assert case["number"].startswith("CP 2026-P01-")
    assert len(world.told("complaint_registered")) == 1
    assert world.parked() == []


@pytest.mark.requirement("C-01", "C-22")
@pytest.mark.parametrize(("waited", "missed"), [(2 * HOUR - SECOND, False), (2 * HOUR, True)])
def test_its_clock_runs_from_when_the_company_received_it(world: World, waited: timedelta, missed: bool) -> None:
    world.hear(forwarded(received_at=START - waited))
    (case,) = world.found("case")
    clock = world.clock(case["id"], "first_response")
    assert clock is not None
    world.tick()
    assert bool(world.alerts(case["id"])) is missed
    assert len(world.told("complaint_response_overdue")) == missed
    assert world.told("complaint_registered")[0]["first_response_due"] == clock["due_at"]


def test_one_entered_by_the_desk_is_counted_from_its_registration(world: World) -> None:
    case = world.register(received_at="2026-03-02T01:00:00Z")
    clock = world.clock(case["id"], "first_response")
    assert clock is not None
    assert clock["due_at"] == "2026-03-02T04:00:00Z"


@pytest.mark.requirement("C-09")
def test_the_same_matter_is_added_to_the_open_case(world: World) -> None:
    case = world.register(category="property_management")
    world.hear(forwarded())
    (kept,) = world.found("case")
    assert kept["id"] == case["id"]
    (report,) = kept["further_reports"]
    assert (report["channel"], report["evidence"]) == ("property_company", EVIDENCE)


def test_without_a_category_it_is_other(world: World) -> None:
    world.hear(forwarded(category=None))
    assert [one["category"] for one in world.found("case")] == ["other"]


def test_a_customer_not_heard_of_yet_is_waited_for(world: World) -> None:
    world.hear(forwarded(uid="U9"))
    assert world.found("case") == []
    (kept,) = world.parked()
    assert kept.state == "retrying"


def asked(world: World) -> dict[str, Any]:
    case = world.to("investigating")
    said = {"question_to": "acme", "question": "近三个月报修记录？", "question_due_at": "2026-03-03T02:00:00Z"}
    return world.do("ask_company_case", HANDLER, id=case["id"], **said)


def supplied(case: dict[str, Any]) -> ComplaintInformationSupplied:
    return ComplaintInformationSupplied(case_id=case["id"], answer="报修两次，均已处理", files=EVIDENCE)


@pytest.mark.requirement("C-42")
def test_the_answer_adds_to_the_investigation(world: World) -> None:
    case = asked(world)
    (question,) = world.told("complaint_information_requested")
    assert question["project_id"] == "P01"
    world.hear(supplied(case), times=2)
    now = world.case(case["id"])
    assert (now["company_answer"], now["evidence"], now["state"]) == ("报修两次，均已处理", EVIDENCE, "investigating")
    (task,) = world.tasks(case["id"], "company_answered")
    assert task.assignee == "han"


def test_an_answer_after_the_end_changes_nothing(world: World) -> None:
    case = asked(world)
    world.do("withdraw_case", SUPERVISOR, id=case["id"], statement="不再追究")
    world.hear(supplied(case))
    assert world.case(case["id"])["company_answer"] is None
    assert world.parked() == []
