"""Registers and reception: numbers, duplicates, disputes, what a registration must say (C-05 to C-09, C-60)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from services.complaints.cases import cases
from services.contracts.errors import IllegalMove, ValidationFailed
from tests.integration.complaints.world import HANDLER, HOUR, OPERATOR, SUPERVISOR, World, person

DAY = 24 * HOUR


def refused(world: World, **facts: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as caught:
        world.register(**facts)
    return {field: [one["code"] for one in errors] for field, errors in caught.value.errors.items()}


@pytest.mark.requirement("X-67", "C-06")
def test_each_register_has_its_own_gapless_numbers(world: World) -> None:
    dispute: dict[str, Any] = {"kind": "dispute", "counterpart": "王先生"}
    first = world.register()
    assert refused(world) == {"separate_reason": ["likely_duplicate"]}
    numbers = [
        first["number"],
        world.register(**dispute, category="fee")["number"],
        world.register(category="other", home_id=None, project_id="P02")["number"],
        world.register(**dispute, category="delivery")["number"],
    ]
    world.now = datetime.datetime(2026, 12, 31, 16, 0, tzinfo=datetime.UTC)  # 2027 in Shanghai
    numbers.append(world.register()["number"])
    assert numbers == [
        "CP 2026-P01-000001",
        "DP 2026-P01-000001",
        "CP 2026-P02-000002",
        "DP 2026-P01-000002",
        "CP 2027-P01-000001",
    ]


@pytest.mark.requirement("C-09")
def test_a_likely_duplicate_is_answered_with_the_open_case(world: World) -> None:
    first = world.register()
    with pytest.raises(ValidationFailed) as caught:
        world.register(description="又渗水了")
    (error,) = caught.value.errors["separate_reason"]
    assert error == {"code": "likely_duplicate", "params": {"id": first["id"], "number": first["number"]}}
    attached = world.do("attach_report_case", OPERATOR, id=first["id"], channel="counter", description="又渗水了")
    (report,) = attached["further_reports"]
    assert (report["description"], report["channel"], report["by"]) == ("又渗水了", "counter", "op")

    assert world.register(separate_reason="另一处渗水")["separate_reason"] == "另一处渗水"
    for other in ({"uid": "U2"}, {"home_id": "H2"}, {"category": "fee"}):
        assert world.register(**other)["state"] == "registered"


@pytest.mark.requirement("C-09")
def test_it_is_a_duplicate_for_seven_days_and_while_the_case_is_open(world: World) -> None:
    case = world.register()
    world.now = datetime.datetime(2026, 3, 9, 15, 59, 59, tzinfo=datetime.UTC)  # the end of day 7 in Shanghai
    assert refused(world) == {"separate_reason": ["likely_duplicate"]}
    world.later(HOUR)
    assert world.register()["number"] == "CP 2026-P01-000002"

    closed = world.register(category="fee")
    world.do("withdraw_case", OPERATOR, id=closed["id"], statement="x")
    assert world.register(category="fee")["state"] == "registered"
    assert world.case(case["id"])["state"] == "registered"


@pytest.mark.requirement("C-05")
def test_what_a_registration_must_say(world: World) -> None:
    assert refused(world, home_id="H9") == {"home_id": ["unknown_reference"]}
    assert refused(world, uid="U9") == {"uid": ["unknown_reference"]}
    assert refused(world, home_id=None) == {"project_id": ["required"]}
    assert refused(world, project_id="P02") == {"project_id": ["foreign_home"]}
    assert refused(world, home_id=None, project_id="P09") == {"project_id": ["unknown_reference"]}
    assert refused(world, category="weather") == {"category": ["choice"]}
    assert refused(world, suggested_level=5) == {"suggested_level": ["number_range"]}
    assert refused(world, received_at="2026-03-02T02:00:01Z") == {"received_at": ["in_the_future"]}
    assert refused(world, description=" ") == {"description": ["required"]}
    assert refused(world, kind="dispute") == {"counterpart": ["required"]}
    case = world.register(
        received_at="2026-03-02T01:30:00Z",
        forwarded_by="acme",
        expectation="返修",
        suggested_level=2,
        evidence=["a.jpg"],
    )
    assert (case["project_id"], case["company_id"], case["receiver"]) == ("P01", "C1", "op")
    assert (case["received_at"], case["forwarded_by"], case["level"]) == ("2026-03-02T01:30:00Z", "acme", 2)
    assert case["evidence"] == ["a.jpg"]
    assert case["number"] == "CP 2026-P01-000001"
    (told,) = world.told("complaint_registered")
    assert {name: told[name] for name in ("level", "tier", "kind", "uid", "home_id", "project_id", "channel")} == {
        "level": 2,
        "tier": "ordinary",
        "kind": "complaint",
        "uid": "U1",
        "home_id": "H1",
        "project_id": "P01",
        "channel": "hotline",
    }


@pytest.mark.requirement("C-07", "C-60")
def test_a_complaint_becomes_a_dispute_and_stands_in_both_registers(world: World) -> None:
    world.register(kind="dispute", counterpart="李女士", category="fee")
    case = world.register()
    with pytest.raises(IllegalMove) as early:
        world.do(
            "record_mediation_case", HANDLER, id=case["id"], held_on="2026-03-02", mediator="街道", mediation_result="x"
        )
    assert early.value.code == "disputes_only"
    after = world.do(
        "make_dispute_case",
        HANDLER,
        id=case["id"],
        counterpart="王先生",
        reason="起诉",
        legal_basis="合同第9条",
        amount_claimed="50000",
        lawyer="赵律师",
    )
    assert (after["number"], after["dispute_number"]) == ("CP 2026-P01-000001", "DP 2026-P01-000002")
    assert (after["kind"], after["registered_as"], after["state"]) == ("dispute", "complaint", "registered")
    assert (after["counterpart"], after["legal_basis"], after["lawyer"]) == ("王先生", "合同第9条", "赵律师")
    assert after["amount_claimed"] == "50000.00"
    assert case["id"] in [one["id"] for one in world.found("case", registered_as="complaint")]
    assert case["id"] in [one["id"] for one in world.found("case", kind="dispute")]
    with pytest.raises(IllegalMove) as again:
        world.do("make_dispute_case", HANDLER, id=case["id"], counterpart="x", reason="y")
    assert again.value.code == "already_dispute"
    mediated = {"held_on": "2026-03-02", "mediator": "街道办", "mediation_result": "未果"}
    after = world.do("record_mediation_case", HANDLER, id=case["id"], **mediated)
    assert [(one["mediator"], one["result"]) for one in after["mediation_attempts"]] == [("街道办", "未果")]


@pytest.mark.requirement("C-07")
def test_no_command_makes_a_complaint_of_a_dispute(world: World) -> None:
    case = world.register(kind="dispute", counterpart="王先生")
    for command in cases.moves.values():
        assert "kind" not in [field.name for field in command.params] or command.kind == "create"
    assert world.to("closed", case["id"])["kind"] == "dispute"


@pytest.mark.requirement("C-60")
def test_a_dispute_goes_the_same_way(world: World) -> None:
    case = world.to("closed", register_case={"kind": "dispute", "counterpart": "王先生", "lawyer": "赵律师"})
    assert (case["number"], case["counterpart"], case["state"]) == ("DP 2026-P01-000001", "王先生", "closed")


@pytest.mark.requirement("C-42", "C-43")
def test_only_the_named_investigator_says_what_the_cause_is(world: World) -> None:
    from services.contracts.errors import Forbidden

    case = world.to("responded")
    world.do("investigate_case", HANDLER, id=case["id"], investigator="zhou")
    finding = {"cause": "防水层破损", "responsible_party": "contractor", "developer_share": 30}
    with pytest.raises(Forbidden):
        world.do("analyse_case", HANDLER, id=case["id"], **finding)
    assert "analyse_case" not in world.actions(case["id"], HANDLER)
    investigator = person("zhou", "complaint_handler")
    after = world.do("analyse_case", investigator, id=case["id"], **finding)
    assert (after["investigator"], after["responsible_party"], after["developer_share"]) == ("zhou", "contractor", 30)
    assert world.told("complaint_analysed")[0]["cause"] == "防水层破损"


@pytest.mark.requirement("C-42")
def test_the_property_company_is_asked_until_a_time(world: World) -> None:
    case = world.to("investigating")
    asked = {"question_to": "acme", "question": "何时维修过?"}
    with pytest.raises(ValidationFailed):
        world.do("ask_company_case", HANDLER, id=case["id"], **asked, question_due_at="2026-03-02T02:00:00Z")
    with pytest.raises(ValidationFailed):
        world.do("record_answer_case", HANDLER, id=case["id"], company_answer="x")
    world.do("ask_company_case", HANDLER, id=case["id"], **asked, question_due_at="2026-03-03T02:00:00Z")
    (told,) = world.told("complaint_information_requested")
    assert (told["property_company"], told["question"], told["home_id"]) == ("acme", "何时维修过?", "H1")
    assert told["due_at"] == "2026-03-03T02:00:00Z"
    after = world.do("record_answer_case", HANDLER, id=case["id"], company_answer="2025年")
    assert after["company_answer"] == "2025年"


def test_the_handler_can_be_named(world: World) -> None:
    case = world.register()
    assert world.do("assign_case", SUPERVISOR, id=case["id"], handler="zhou")["handler"] == "zhou"
    assert world.do("respond_case", HANDLER, id=case["id"], first_contact="x")["handler"] == "zhou"
