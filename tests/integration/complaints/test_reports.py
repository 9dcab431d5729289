"""What comes after a complaint, in figures: quality, hot-spots, closure of actions, satisfaction, registers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.catalogue import described
from services.contracts.errors import ValidationFailed
from services.contracts.events.membership import FollowUpCompleted
from tests.integration.complaints.test_actions import placed as action
from tests.integration.complaints.test_appeals import filed
from tests.integration.complaints.test_compensation import proposed
from tests.integration.complaints.test_figures import counted, run
from tests.integration.complaints.world import HANDLER, HOUR, MANAGER, START, SUPERVISOR, World, person

GROUP = person("zhu", "group_centre", scope="group")
#: Midnight in Shanghai, where the second of March begins and where it ends.
BEGIN, END = datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEAK = {"category": "home_quality", "topic": "leakage"}


def values(world: World, name: str, along: str, **params: Any) -> dict[Any, dict[str, Any]]:
    return {row["values"][along]: row["values"] for row in run(world, name, GROUP, **params)}


def follow_up(world: World, case_id: str | None, score: int, at: datetime = START, **facts: Any) -> FollowUpCompleted:
    said = {"uid": "U1", "theme": "complaint", "form": "telephone", "score": score, "at": at, "cause": case_id}
    event = FollowUpCompleted(**{**said, **facts})
    world.hear(event, times=2)
    return event


@pytest.fixture
def aftermath(world: World) -> World:
    """Cases of two companies, closed and open, rated and not; actions in several states; compensations."""
    leak = world.placed("closed", **LEAK, home_id="H1", supplier="华建门窗", closed_at=START, satisfaction=4)
    world.placed("closed", **LEAK, home_id="H2", supplier="欧居厨柜", unit_type="B1", closed_at=START)
    world.placed("closed", category="fee", closed_at=START, satisfaction=2)
    world.placed("reopened", **LEAK, closed_at=START)
    world.placed("closed", company_id="C2", project_id="P09", closed_at=START, satisfaction=5)
    filed(world, world.register(category="delivery")["id"])
    follow_up(world, leak, 2)
    action(world, "verified", case_id=leak, verified_at=START)
    action(world, "done", case_id=leak, times_returned=2)
    action(world, "requested", due_on=date(2026, 3, 4))
    proposed(world)
    known = {"amount_agreed": Decimal(500), "agreement": "同意", "responsible_party": "contractor"}
    proposed(world, "500", world.placed("agreed", category="home_quality", **known))
    world.later(40 * HOUR)
    world.tick()
    world.placed("responded", **LEAK, home_id="H3")
    return world


@pytest.mark.requirement("C-91", "C-122", "C-125", "C-126", "C-129")
@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("service_quality", {}),
        ("hotspots", {}),
        ("hotspots", {"dimension": "project"}),
        ("hotspots", {"dimension": "supplier", "project_id": "P01"}),
        ("hotspots", {"dimension": "unit_type"}),
        ("action_closure", {}),
        ("action_closure", {"project_id": "P01"}),
        ("satisfaction_after_complaint", {}),
        ("satisfaction_after_complaint", {"project_id": "P01"}),
        ("compensation_by_cause", {}),
        ("supervision_by_level", {}),
    ],
)
@pytest.mark.parametrize("actor", [GROUP, SUPERVISOR], ids=["group", "company"])
def test_every_count_leads_to_just_as_many_records(
    aftermath: World, name: str, params: dict[str, Any], actor: dict[str, Any]
) -> None:
    rows = run(aftermath, name, actor, **params)
    assert rows
    for row in rows:
        for count, filters in row["behind"].items():
            assert row["values"][count] == counted(aftermath, name, filters, actor), (row, count)


@pytest.mark.requirement("C-91")
def test_the_group_centre_compares_companies(aftermath: World) -> None:
    by_company = values(aftermath, "service_quality", "company_id")
    assert set(by_company) == {"C1", "C2"}
    assert by_company["C2"] == {
        "company_id": "C2",
        "cases": 1,
        "response_missed": 0,
        "solution_missed": 0,
        "resolved": 1,
        "appealed": 0,
        "response_in_time": None,
        "median_response": None,
        "median_resolution": 0,
        "mean_satisfaction": "5.00",
        "mean_follow_up": None,
    }
    ours = by_company["C1"]
    assert (ours["cases"], ours["resolved"], ours["appealed"]) == (8, 3, 1)
    assert (ours["mean_satisfaction"], ours["mean_follow_up"]) == ("3.00", "2.00")
    assert [row["values"]["company_id"] for row in run(aftermath, "service_quality", SUPERVISOR)] == ["C1"]


@pytest.mark.requirement("C-91", "C-120")
def test_who_may_still_be_answered_in_time_is_not_judged(world: World) -> None:
    world.register()
    (row,) = run(world, "response_timeliness")
    assert (row["values"]["cases"], row["values"]["response_in_time"]) == (1, None)
    world.later(30 * HOUR)
    world.tick()
    answered = world.register(category="fee")
    world.do("respond_case", HANDLER, id=answered["id"], first_contact="已致电")
    (row,) = run(world, "service_quality")
    assert (row["values"]["response_missed"], row["values"]["response_in_time"]) == (1, 50)


@pytest.mark.requirement("C-91")
def test_the_time_to_closing_is_that_of_the_closed_ones(world: World) -> None:
    for hours in (10, 20, 90):
        world.placed("closed", closed_at=START + hours * HOUR)
    world.placed("reopened", closed_at=START + 500 * HOUR)
    assert values(world, "service_quality", "company_id")["C1"]["median_resolution"] == 20


@pytest.mark.requirement("C-122")
def test_hot_spots_are_the_figures_of_the_ranking(aftermath: World) -> None:
    found = [
        (row["values"]["topic"], row["values"]["cases"], row["values"]["homes"]) for row in run(aftermath, "hotspots")
    ]
    assert found[0] == ("leakage", 3, 3)
    assert found[1:] == sorted(found[1:], key=lambda one: -one[1])
    by_supplier = values(aftermath, "hotspots", "supplier", dimension="supplier")
    assert {name: one["cases"] for name, one in by_supplier.items()} == {"华建门窗": 1, "欧居厨柜": 1}


@pytest.mark.requirement("C-122", "C-126")
@pytest.mark.parametrize(("at", "within"), [(BEGIN - SECOND, 0), (BEGIN, 1), (END - SECOND, 1), (END, 0)])
def test_a_period_is_whole_days_in_shanghai(world: World, at: datetime, within: int) -> None:
    world.placed("closed", **LEAK, received_at=at, closed_at=at)
    day = {"since": "2026-03-02", "until": "2026-03-02"}
    for name, count in (("hotspots", "cases"), ("satisfaction_after_complaint", "closed")):
        rows = run(world, name, **day)
        assert len(rows) == within, name
        for row in rows:
            assert row["values"][count] == counted(world, name, row["behind"][count]) == 1


@pytest.mark.requirement("C-125")
@pytest.mark.parametrize(
    ("due_on", "within"), [("2026-03-01", 0), ("2026-03-02", 1), ("2026-03-04", 1), ("2026-03-05", 0)]
)
def test_an_action_counts_on_the_day_it_is_due(world: World, due_on: str, within: int) -> None:
    action(world, "accepted", due_on=date.fromisoformat(due_on))
    rows = run(world, "action_closure", since="2026-03-02", until="2026-03-04")
    assert [row["values"]["due"] for row in rows] == [1] * within
    assert [counted(world, "action_closure", row["behind"]["due"]) for row in rows] == [1] * within


@pytest.mark.requirement("C-125")
def test_actions_are_due_verified_and_late(aftermath: World) -> None:
    (row,) = run(aftermath, "action_closure")
    assert {name: row["values"][name] for name in ("due", "unfinished", "overdue", "to_verify", "verified")} == {
        "due": 3,
        "unfinished": 1,
        "overdue": 0,
        "to_verify": 1,
        "verified": 1,
    }
    assert (row["values"]["verified_share"], row["values"]["returns"]) == (33, 2)
    aftermath.later(24 * HOUR)
    aftermath.tick()
    (row,) = run(aftermath, "action_closure")
    assert row["values"]["overdue"] == counted(aftermath, "action_closure", row["behind"]["overdue"]) == 1


@pytest.mark.requirement("C-125")
@pytest.mark.parametrize(
    ("again", "repeats"),
    [
        (LEAK, 1),
        ({**LEAK, "topic": "hollowing"}, 0),
        ({**LEAK, "topic": None}, 0),
        ({**LEAK, "category": "facilities"}, 0),
        ({**LEAK, "project_id": "P02"}, 0),
    ],
)
def test_the_same_complaint_after_the_verification_is_a_repeat(world: World, again: Any, repeats: int) -> None:
    first = world.placed("closed", **LEAK)
    world.placed("closed", **LEAK)
    world.later(HOUR)
    action(world, "verified", case_id=first, verified_at=world.now)
    action(world, "done", case_id=first)
    assert run(world, "action_closure")[0]["values"]["recurred"] == 0
    world.later(SECOND)
    world.placed("registered", **again)
    world.placed("reopened", **again)
    (row,) = run(world, "action_closure")
    assert (row["values"]["recurred"], row["values"]["repeat_complaints"]) == (repeats, repeats)
    assert counted(world, "action_closure", row["behind"]["recurred"]) == repeats


@pytest.mark.requirement("C-125")
def test_without_a_topic_the_category_tells_a_repeat(world: World) -> None:
    first = world.placed("closed", category="fee")
    action(world, "verified", case_id=first, verified_at=world.now - SECOND)
    world.placed("registered", category="fee")
    assert run(world, "action_closure")[0]["values"]["repeat_complaints"] == 2


@pytest.mark.requirement("C-126")
def test_a_follow_up_writes_its_rating_into_the_case(world: World) -> None:
    case = world.placed("closed", closed_at=START)
    follow_up(world, case, 4, START + HOUR)
    follow_up(world, case, 1, START)
    follow_up(world, case, 5, START + 2 * HOUR, theme="repair")
    follow_up(world, None, 5, START + 2 * HOUR)
    follow_up(world, "客户来电", 5, START + 2 * HOUR)
    noted = world.case(case)
    assert (noted["follow_up_score"], noted["followed_up_at"]) == (4, "2026-03-02T03:00:00Z")
    assert world.parked() == []


@pytest.mark.requirement("C-126")
def test_below_three_points_somebody_is_dissatisfied(world: World) -> None:
    for score in (1, 2, 3, 5):
        follow_up(world, world.placed("closed", closed_at=START, satisfaction=score), score)
    world.placed("closed", closed_at=START)
    (row,) = run(world, "satisfaction_after_complaint")
    assert {name: row["values"][name] for name in ("closed", "rated", "followed_up", "dissatisfied")} == {
        "closed": 5,
        "rated": 4,
        "followed_up": 4,
        "dissatisfied": 2,
    }
    assert row["values"]["mean_follow_up"] == row["values"]["mean_satisfaction"] == "2.75"


@pytest.mark.requirement("C-129")
def test_compensation_without_a_responsible_party_has_its_own_list(aftermath: World) -> None:
    by_party = values(aftermath, "compensation_by_cause", "responsible_party")
    assert {party: one["compensations"] for party, one in by_party.items()} == {None: 1, "contractor": 1}


@pytest.mark.requirement("C-121", "C-07")
def test_a_complaint_that_became_a_dispute_stands_in_both_registers(world: World) -> None:
    complaint = world.register()
    turned = world.register(category="fee")
    turned = world.do("make_dispute_case", SUPERVISOR, id=turned["id"], counterpart="王建国", reason="要求仲裁")
    dispute = world.register(kind="dispute", category="contract", counterpart="李先生")
    extracts = described(world.service)["extracts"]
    held = {}
    for name, one in extracts.items():
        with world.service.reading(Actor.from_wire(MANAGER)) as work:
            found = views.search(work, "case", {"filters": one["holding"], "order": "created_at"})["result"]
        held[name] = {row["number"] for row in found}
    assert held == {
        "complaint_register": {complaint["number"], turned["number"]},
        "dispute_register": {turned["number"], dispute["number"]},
    }


@pytest.mark.requirement("C-121", "C-05")
def test_the_registers_are_in_paper_order(world: World) -> None:
    extracts = described(world.service)["extracts"]
    reception = ["number", "received_at", "channel", "uid", "home_id", "project_id", "category", "level"]
    reception += ["description", "evidence", "expectation", "receiver"]
    assert extracts["complaint_register"]["columns"][:12] == reception
    assert extracts["dispute_register"]["columns"][1] == "dispute_number"
    steps = ["first_contact", "investigator", "cause", "plan", "approver", "minutes", "agreement", "result", "opinion"]
    for name, one in extracts.items():
        order = [one["columns"].index(step) for step in [*steps, "transfer_document", "closing_note"]]
        assert order == sorted(order), name
        assert len(set(one["columns"])) == len(one["columns"])
    disputed = {"counterpart", "legal_basis", "amount_claimed", "lawyer", "mediation_attempts"}
    assert disputed <= set(extracts["dispute_register"]["columns"])


def test_a_mark_is_yes_or_no(aftermath: World) -> None:
    with aftermath.service.reading(Actor.from_wire(GROUP)) as work:
        both = [views.search(work, "case", {"filters": {"appealed": one}})["count"] for one in (True, False)]
        assert both[0] == 1
        assert sum(both) == views.search(work, "case", {})["count"]
        with pytest.raises(ValidationFailed) as wrong:
            views.search(work, "case", {"filters": {"appealed": "perhaps"}})
    assert list(wrong.value.errors) == ["appealed"]
