"""Violations: the table of sanctions, two in a row, the sales director's decision, and who sees them (L-37, L-38)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.chassis.approvals import Approval
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.contracts.events.leads_sales import SalesViolationRecorded
from services.contracts.roles import Role
from services.contracts.vocabulary.sales import Sanction, ViolationKind
from services.leads.penalties import Violation
from services.leads.projects import Project
from tests.integration.leads.world import START, World, person

pytestmark = pytest.mark.integration
LEAD = person("lead", Role.SITE_SALES_LEAD)
DIRECTOR = person("director", Role.SALES_DIRECTOR)
AGENTS = (f"agent{number}" for number in itertools.count())
ROW_ONE, ROW_TWO = "fine_and_commission", "commission_and_dismissal"


@pytest.fixture
def world(shared: World) -> World:
    """One service for all of them: each test has agents of its own."""
    if not shared.all(Project):
        shared.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})
    return shared


def record(world: World, agent: str, kind: str = "snatching", **more: Any) -> dict[str, Any]:
    payload = {"project_id": "P01", "agent": agent, "kind": kind, "occurred_on": START.date(), "evidence": "监控与登记"}
    return world.do("record_violation", {**payload, **more}, by=LEAD)


def confirm(world: World, violation: dict[str, Any], **more: Any) -> dict[str, Any]:
    return world.do("confirm_violation", {"id": violation["id"], **more}, by=DIRECTOR)


def now(world: World, violation: dict[str, Any]) -> Violation:
    found: Violation = world.get(Violation, violation["id"])
    return found


@pytest.mark.requirement("L-37", "L-32")
def test_the_table_proposes_the_sanction(world: World) -> None:
    expected = {
        "snatching": "fine_and_commission",
        "register_alteration": "decided_by_case",
        "dress": "turn_cancelled",
        **dict.fromkeys(("left_reception", "unverified_information"), "recorded"),
        **dict.fromkeys(("name_transfer", "resale_listing", "speculation", "discount_bypass"), "recorded"),
    }
    agent = next(AGENTS)
    assert {kind: record(world, agent, kind)["proposal"] for kind in expected} == expected
    assert {str(kind) for kind in ViolationKind} == set(expected)
    assert record(world, next(AGENTS), is_serious=True)["proposal"] == ROW_TWO
    assert record(world, agent, "speculation", is_serious=True)["proposal"] == Sanction.RECORDED


@pytest.mark.requirement("L-37")
def test_taking_a_customer_costs_five_hundred_and_the_whole_commission(world: World) -> None:
    found = record(world, next(AGENTS))
    assert (found["fine"], found["commission_share"]) == ("500.00", 100)
    told = world.told(SalesViolationRecorded)[-1]
    assert (told["violation_id"], told["kind"], told["proposal"]) == (found["id"], "snatching", ROW_ONE)
    assert told["agent"] == found["agent"]
    serious = record(world, next(AGENTS), is_serious=True)
    assert (serious["fine"], serious["commission_share"]) == (None, 100)
    assert record(world, next(AGENTS), "dress")["fine"] is None


@pytest.mark.requirement("X-36.11", "L-37")
def test_the_sales_director_decides_and_nobody_else(world: World) -> None:
    found = record(world, next(AGENTS))
    (approval,) = world.all(Approval, Approval.record_id == found["id"])
    assert (approval.approver_role, approval.state, approval.kind) == ("sales_director", "submitted", "violation")
    both = person("lead", Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR)
    with pytest.raises(OwnSubmission):
        world.do("confirm_violation", {"id": found["id"]}, by=both)
    with pytest.raises(Forbidden):
        world.do("confirm_violation", {"id": found["id"]}, by=person("x", Role.SITE_SALES_LEAD))
    milder = confirm(world, found, decided="recorded", comment="首次且客户未流失")
    assert (milder["state"], milder["proposal"], milder["decided"]) == ("confirmed", ROW_ONE, "recorded")
    assert (milder["fine"], milder["commission_share"]) == (None, None)
    other = record(world, next(AGENTS))
    refused = world.do("reject_violation", {"id": other["id"], "reason": "客户本人更正"}, by=DIRECTOR)
    assert (refused["state"], refused["fine"], refused["commission_share"]) == ("unfounded", None, None)


@pytest.mark.requirement("L-38")
def test_two_confirmed_findings_in_a_row_propose_the_second_row(world: World) -> None:
    agent = next(AGENTS)
    confirm(world, record(world, agent))
    assert record(world, next(AGENTS))["proposal"] == ROW_ONE, "another agent's first"
    second = record(world, agent)
    assert second["proposal"] == ROW_TWO
    confirm(world, second)
    assert now(world, second).decided == ROW_TWO


@pytest.mark.requirement("L-38")
def test_the_second_row_is_proposed_whichever_is_decided_first(world: World) -> None:
    agent = next(AGENTS)
    first, second = record(world, agent), record(world, agent)
    assert second["proposal"] == ROW_ONE, "the first one is not confirmed yet"
    confirm(world, first)
    rounds = sorted(world.all(Approval, Approval.record_id == second["id"]), key=lambda one: one.round)
    assert [one.state for one in rounds] == ["withdrawn", "submitted"]
    assert rounds[1].snapshot["proposal"] == now(world, second).proposal == ROW_TWO
    agent = next(AGENTS)
    first, second = record(world, agent), record(world, agent)
    confirm(world, second)
    assert (now(world, second).state, now(world, second).decided) == ("confirmed", ROW_ONE)
    confirm(world, first)
    again = now(world, second)
    assert (again.state, again.decided, again.proposal) == ("confirmed", ROW_ONE, ROW_TWO)
    raised = world.do("raise_sanction_violation", {"id": second["id"]}, by=DIRECTOR)
    assert (raised["decided"], raised["fine"], raised["commission_share"]) == (ROW_TWO, None, 100)


@pytest.mark.requirement("L-38", "X-36.11")
def test_refused_the_second_row_leaves_what_was_decided(world: World) -> None:
    agent = next(AGENTS)
    first, second = record(world, agent), record(world, agent)
    confirm(world, second)
    confirm(world, first)
    kept = world.do("keep_sanction_violation", {"id": second["id"], "reason": "情节轻微"}, by=DIRECTOR)
    assert (kept["state"], kept["decided"], kept["fine"]) == ("confirmed", ROW_ONE, "500.00")
    assert record(world, agent)["proposal"] == ROW_TWO, "it counts as a finding"
    third = [one for one in world.all(Violation, Violation.agent == agent) if one.state == "proposed"]
    world.do("reject_violation", {"id": third[0].id, "reason": "不成立"}, by=DIRECTOR)
    assert not world.all(Approval, Approval.record_id == second["id"], Approval.state == "submitted"), "asked once"


@pytest.mark.requirement("L-38")
def test_an_unfounded_finding_between_two_does_not_count(world: World) -> None:
    agent = next(AGENTS)
    confirm(world, record(world, agent))
    between, third = record(world, agent), record(world, agent)
    assert third["proposal"] == ROW_ONE
    world.do("reject_violation", {"id": between["id"], "reason": "不成立"}, by=DIRECTOR)
    assert now(world, third).proposal == ROW_TWO
    lonely = next(AGENTS)
    first = record(world, lonely)
    world.do("reject_violation", {"id": first["id"], "reason": "不成立"}, by=DIRECTOR)
    assert record(world, lonely)["proposal"] == ROW_ONE


@pytest.mark.requirement("X-393")
def test_agents_see_their_own_violations_only(world: World) -> None:
    mine, theirs = record(world, "zhao.min", "dress"), record(world, "lin.xue", "dress")
    with world.reading(Actor.from_wire(person("zhao.min", Role.SALES_AGENT))) as work:
        seen = views.search(work, "violation", {"page_size": 100})["result"]
        assert [one["id"] for one in seen] == [mine["id"]]
        with pytest.raises(NotFound):
            views.fetch(work, "violation", theirs["id"])
    elsewhere = {"user": "zhao.min", "name": "zhao.min", "roles": {Role.SALES_AGENT: ["project:P01"]}}
    elsewhere["roles"][Role.SITE_SALES_LEAD] = ["project:P02"]
    with world.reading(Actor.from_wire(elsewhere)) as work:
        seen = views.search(work, "violation", {"page_size": 100})["result"]
        assert [one["id"] for one in seen] == [mine["id"]], "a lead of another site"
    with pytest.raises(ValidationFailed) as refused:
        record(world, "lead")
    assert refused.value.errors["agent"][0]["code"] == "about_yourself"


@pytest.mark.requirement("L-172")
def test_violations_are_counted_by_kind_agent_and_sanction(world: World) -> None:
    agent = next(AGENTS)
    confirm(world, record(world, agent), decided="recorded")
    world.do("reject_violation", {"id": record(world, agent, "dress")["id"], "reason": "不成立"}, by=DIRECTOR)
    record(world, agent, "dress")
    with world.reading(Actor.from_wire(LEAD)) as work:
        rows = reports.run(work, "violations_by_kind", {"since": START.date().isoformat()})["rows"]
    mine = {row["values"]["kind"]: row for row in rows if row["values"]["agent"] == agent}
    counted = ("proposal", "decided", "violations", "confirmed", "unfounded")
    assert [mine["snatching"]["values"][name] for name in counted] == [ROW_ONE, "recorded", 1, 1, 0]
    assert [mine["dress"]["values"][name] for name in counted] == ["turn_cancelled", None, 2, 0, 1]
    with world.reading(Actor.from_wire(LEAD)) as work:
        for name, filters in mine["dress"]["behind"].items():
            found = views.search(work, "violation", {"filters": filters})["count"]
            assert found == mine["dress"]["values"][name], name
