"""Who decides a plan: never who submitted it, the one whom the matrix names, a deputy, and only the first of two."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from services.contracts.errors import AnjuError, DecidedAlready, Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.world import HANDLER, MANAGER, World, person

ADMIN = person("admin", "administrator", scope="group")
BOTH = person("han", "complaint_handler", "company_manager")


def rule(world: World, **columns: Any) -> None:
    world.do("add_authority_rule", ADMIN, kind="complaint_plan", valid_from="2026-01-01", **columns)


def approver(world: World, case_id: str) -> str:
    (waiting,) = [one for one in world.found("approval", record_id=case_id) if one["state"] == "submitted"]
    return str(waiting["approver_role"])


@pytest.mark.requirement("X-44")
def test_nobody_decides_what_they_submitted(world: World) -> None:
    case = world.soon_to("plan_submitted")
    for command, payload in (("approve_plan_case", {}), ("reject_plan_case", {"reason": "x"})):
        with pytest.raises(OwnSubmission):
            world.do(command, BOTH, id=case["id"], **payload)
    assert world.actions(case["id"], BOTH)["approve_plan_case"]["obstacle"]["code"] == "own_submission"
    assert world.do("approve_plan_case", MANAGER, id=case["id"])["approver"] == "ma"


@pytest.mark.requirement("C-46", "X-36.1")
def test_a_rejection_needs_its_reason_and_an_approver(world: World) -> None:
    case = world.soon_to("plan_submitted")
    for payload in ({}, {"reason": " "}):
        with pytest.raises(ValidationFailed) as silent:
            world.do("reject_plan_case", MANAGER, id=case["id"], **payload)
        assert silent.value.errors["reason"][0]["code"] == "required"
    with pytest.raises(Forbidden) as stranger:
        world.do("approve_plan_case", person("li", "complaint_handler"), id=case["id"])
    assert stranger.value.code == "not_the_approver"
    with pytest.raises(AnjuError):
        world.do("approve_plan_case", person("far", "company_manager", scope="company:C2"), id=case["id"])
    assert world.case(case["id"])["state"] == "plan_submitted"


@pytest.mark.requirement("X-44")
def test_a_deputy_decides_while_the_approver_is_away(world: World) -> None:
    case = world.soon_to("plan_submitted")
    deputy = person("sun", "complaint_supervisor")
    with pytest.raises(Forbidden):
        world.do("approve_plan_case", deputy, id=case["id"])
    away = {"away_from": "2026-03-02T00:00:00Z", "away_until": "2026-03-03T00:00:00Z"}
    world.do("announce_absence", MANAGER, role="company_manager", deputy="sun", **away)
    world.do("announce_absence", person("ma", "company_manager"), role="company_manager", deputy="han", **away)
    with pytest.raises(OwnSubmission):
        world.do("approve_plan_case", HANDLER, id=case["id"])
    world.do("approve_plan_case", deputy, id=case["id"])
    (approval,) = world.found("approval", record_id=case["id"])
    assert (approval["decided_by"], approval["decided_for"]) == ("sun", "ma")


@pytest.mark.requirement("X-45", "X-36.1")
@pytest.mark.parametrize(
    ("level", "amount", "expected"),
    [
        (1, "4999.99", "customer_centre"),
        (1, "5000", "company_manager"),
        (2, None, "company_manager"),
        (3, "4999.99", "responsible_leader"),
        (3, "200000", "executive"),
    ],
)
def test_the_matrix_names_the_approver_by_level_and_amount(
    world: World, level: int, amount: str | None, expected: str
) -> None:
    rule(world, approver_role="customer_centre", level=1, amount_below="5000")
    rule(world, approver_role="responsible_leader", level=3)
    rule(world, approver_role="executive", level=3, amount_from="100000")
    plan = {"amount_proposed": amount} if amount else {"amount_proposed": None}
    case = world.soon_to("plan_submitted", placed={"level": level}, draft_plan_case=plan)
    assert approver(world, case["id"]) == expected
    if expected != "company_manager":
        with pytest.raises(Forbidden):
            world.do("approve_plan_case", MANAGER, id=case["id"])
    assert world.do("approve_plan_case", person("chief", expected), id=case["id"])["state"] == "plan_approved"


@pytest.mark.requirement("X-45")
def test_without_a_row_the_company_manager_decides(world: World) -> None:
    assert approver(world, world.soon_to("plan_submitted")["id"]) == "company_manager"


@pytest.mark.requirement("X-43")
def test_what_is_approved_is_what_was_submitted(world: World) -> None:
    case = world.soon_to("plan_submitted")
    (approval,) = world.found("approval", record_id=case["id"])
    assert approval["snapshot"] | {"plan": "返修并补偿", "amount_proposed": "8000.00"} == approval["snapshot"]
    assert (approval["level"], approval["amount"], approval["submitted_by"]) == (1, "8000.00", "han")
    with pytest.raises(IllegalMove):
        world.do("revise_plan_case", HANDLER, id=case["id"], plan="悄悄改动")
    world.do("reject_plan_case", MANAGER, id=case["id"], reason="x")
    world.do("revise_plan_case", HANDLER, id=case["id"], plan="新方案", consultation="已沟通")
    kept = world.found("approval", record_id=case["id"])[0]
    assert (kept["snapshot"], kept["snapshot_hash"]) == (approval["snapshot"], approval["snapshot_hash"])


@pytest.mark.requirement("C-58", "X-44")
def test_the_consent_to_a_way_out_is_the_managers(world: World) -> None:
    case_id = world.soon_to("negotiating")["id"]
    name = next(one for one in world.service.commands if one.startswith("establish_parameter"))
    figure = {"parameter": "complaint.failed_rounds", "value": "0", "reason": "x", "valid_from": "2026-01-01T00:00:00Z"}
    world.do(name, ADMIN, **figure)
    world.do("request_external_case", BOTH, id=case_id, external_forum="court", external_grounds="x")
    with pytest.raises(OwnSubmission):
        world.do("approve_external_case", BOTH, id=case_id)
    with pytest.raises(Forbidden):
        world.do("approve_external_case", person("sun", "complaint_supervisor"), id=case_id)


@pytest.mark.requirement("C-47")
def test_of_two_who_decide_at_once_one_wins(world: World) -> None:
    case = world.soon_to("plan_submitted")
    together = threading.Barrier(2)
    results: list[str] = []

    def decide(command: str, user: str, **payload: Any) -> None:
        together.wait()
        try:
            results.append(world.do(command, person(user, "company_manager"), id=case["id"], **payload)["state"])
        except DecidedAlready as late:
            results.append(f"late: {late.params['verdict']}")

    threads = [
        threading.Thread(target=decide, args=("approve_plan_case", "ma")),
        threading.Thread(target=decide, args=("reject_plan_case", "mb"), kwargs={"reason": "x"}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) in (["late: approved", "plan_approved"], ["late: rejected", "plan_drafted"])
    assert len([row for row in world.events() if row.name.startswith("complaint_plan_")]) == 1


@pytest.mark.requirement("X-331", "C-50")
def test_an_approved_plan_changes_only_by_a_new_version_and_a_new_approval(world: World) -> None:
    case = world.soon_to("plan_approved")
    with pytest.raises(IllegalMove):
        world.do("revise_plan_case", HANDLER, id=case["id"], plan="悄悄改动", amount_proposed="9000")
    world.to("negotiating", case["id"])
    with pytest.raises(IllegalMove):
        world.do("revise_plan_case", HANDLER, id=case["id"], plan="悄悄改动", amount_proposed="9000")
    world.do("fail_negotiation_case", HANDLER, id=case["id"], differences="金额")
    world.do("revise_plan_case", HANDLER, id=case["id"], plan="改为 9,000 元", amount_proposed="9000")
    with pytest.raises(IllegalMove):
        world.do("negotiate_case", HANDLER, id=case["id"], minutes="x", offers="x", attendance="x")
    world.do("submit_plan_case", HANDLER, id=case["id"])
    first, second = world.found("approval", order="round", record_id=case["id"])
    assert (first["state"], second["state"], second["amount"]) == ("approved", "submitted", "9000.00")
    assert first["snapshot_hash"] != second["snapshot_hash"]
    assert world.case(case["id"])["approver"] is None
