"""Repairs through the commands: every row of M-25, survey and plan approval; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox, scan, views
from services.chassis.actors import Actor
from services.chassis.tables import Outgoing
from services.contracts.errors import Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from services.contracts.vocabulary.maintenance import RepairClass
from services.maintenance.service import SERVICE
from services.maintenance.warranty import WarrantyItem
from services.maintenance.work_orders import SURVEY_CLASSES, WorkOrder
from tests.integration.maintenance.world import (
    COMPANY,
    DESK,
    HOME,
    LEAD,
    MOMENT,
    OTHER_HOME,
    SECOND,
    TRIAGE,
    World,
    told,
)

pytestmark = pytest.mark.integration

SURVEY = {"findings": "裂缝 2 mm", "cause": "沉降", "liability": "developer"}
PLAN = {"plan": "注浆", "materials": "环氧", "duration_days": 3}

#: (requirement, state before, command, actor, payload, state after): the table of the domain, written out.
ROWS: list[tuple[str, str, str, dict[str, Any], dict[str, Any], str]] = [
    ("M-25.2", "reported", "triage", DESK, TRIAGE, "triaged"),
    ("M-25.3", "triaged", "dispatch", DESK, {"property_company": "acme"}, "dispatched"),
    ("M-25.4", "dispatched", "accept", COMPANY, {"technician": "李", "appointment": MOMENT}, "accepted"),
    ("M-25.5", "dispatched", "decline", COMPANY, {"reason": "人手不足"}, "triaged"),
    ("M-25.6", "accepted", "arrive", COMPANY, {"arrived_at": MOMENT, "technician": "李"}, "on_site"),
    ("M-25.7", "on_site", "survey", COMPANY, SURVEY, "surveyed"),
    ("M-25.9", "surveyed", "consult_experts", DESK, {"experts": "王教授"}, "expert_review"),
    ("M-25.10", "on_site", "start", COMPANY, {}, "repairing"),
    ("M-25.10", "plan_confirmed", "start", COMPANY, {}, "repairing"),
    ("M-25.11", "repairing", "suspend", COMPANY, {"reason": "等配件"}, "suspended"),
    ("M-25.11", "suspended", "resume", COMPANY, {}, "repairing"),
    ("M-25.12", "repairing", "complete", COMPANY, {"work_done": "换泵", "completed_at": MOMENT}, "done"),
    ("M-25.13", "done", "verify", DESK, {"result": "合格"}, "verified"),
    ("M-25.14", "verified", "confirm", DESK, {"rating": 5}, "owner_confirmed"),
    ("M-25.15", "done", "order_rework", DESK, {"reason": "仍渗水"}, "repairing"),
    ("M-25.15", "owner_confirmed", "order_rework", DESK, {"reason": "仍渗水"}, "repairing"),
    ("M-25.16", "owner_confirmed", "close", DESK, {"cost": "120.00", "payer": "developer"}, "closed"),
    ("M-25.17", "triaged", "decline_warranty", DESK, {"offer": "自费 300 元"}, "out_of_warranty"),
    *[
        ("M-25.18", state, "cancel", DESK, {"reason": "业主撤回"}, "cancelled")
        for state in (
            "reported",
            "triaged",
            "dispatched",
            "accepted",
            "on_site",
            "surveyed",
            "expert_review",
            "plan_confirmed",
        )
    ],
]
#: What a row writes into the register where that is not its payload, word for word.
RECORDED: dict[str, dict[str, Any]] = {
    "decline": {"property_company": None, "technician": None, "appointment": None},
    "suspend": {"suspended_for": "等配件"},
    "resume": {"suspended_for": None, "suspended_until": None},
    "verify": {"verification": "合格"},
    "order_rework": {"rework_count": 1},
    "decline_warranty": {"in_warranty": False, "offer": "自费 300 元"},
    "cancel": {"closing_reason": "业主撤回"},
}
TOLD = {
    "dispatch": {"work_order_dispatched"},
    "cancel": {"work_order_cancelled"},
    "verify": {"work_order_verified"},
    "order_rework": {"repair_rework_ordered"},
    "close": {"work_order_closed"},
}


@pytest.mark.requirement(
    "M-25.2", "M-25.3", "M-25.4", "M-25.5", "M-25.6", "M-25.7", "M-25.9", "M-25.10", "M-25.11", "M-25.12", "M-25.13",
    "M-25.14", "M-25.15", "M-25.16", "M-25.17", "M-25.18",
)  # fmt: skip
def test_every_row_of_the_state_table(world: World) -> None:
    for requirement, before, verb, actor, payload, after in ROWS:
        order_id = world.put(before)
        moved = world.do(f"{verb}_work_order", actor, id=order_id, **payload)
        assert moved["state"] == after, (requirement, verb, before)
        recorded = RECORDED.get(verb, payload)
        assert {name: moved[name] for name in recorded} == recorded, (requirement, verb)
        assert {"work_order_progressed", *TOLD.get(verb, set())} <= world.told(order_id), (requirement, verb)


def test_the_table_declares_these_rows_and_no_other() -> None:
    process = SERVICE.resources["work_order"]
    declared = {
        (state, move.verb, move.to) for move in process.moves.values() if move.kind == "move" for state in move.origin
    }
    written = {(before, verb, after) for _, before, verb, _, _, after in ROWS}
    assert declared - written == {
        ("surveyed", "approve_plan", "plan_confirmed"),
        ("expert_review", "approve_plan", "plan_confirmed"),
    }
    assert written <= declared


@pytest.mark.requirement("M-25.1")
def test_a_report_opens_a_numbered_order_whose_limit_runs_from_the_report(world: World) -> None:
    order = world.report(reported_at="2026-03-01T02:00:00Z")
    assert order["state"] == "reported"
    assert order["number"] == "WO 2026-P01-000001"
    assert order["uid"] == "u1"
    assert [(one["name"], one["due_at"]) for one in order["clocks"]] == [("on_site", "2026-03-03T02:00:00Z")]
    assert world.told(order["id"]) == {"work_order_created", "work_order_progressed"}
    for wrong, code in (
        ({"home_id": "P01-9"}, "unknown_reference"),
        ({"reported_at": "2026-03-03T02:00:00Z"}, "in_the_future"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            world.report(**wrong)
        assert refused.value.errors[next(iter(wrong))][0]["code"] == code


@pytest.mark.requirement("M-33", "M-25.8", "X-36.8")
@pytest.mark.parametrize("repair_class", SURVEY_CLASSES)
def test_survey_and_confirmed_plan_are_compulsory_for_these_classes(world: World, repair_class: RepairClass) -> None:
    order_id = world.put("on_site", repair_class=repair_class)
    with pytest.raises(IllegalMove) as refused:
        world.do("start_work_order", COMPANY, id=order_id)
    assert refused.value.code == "survey_required"
    world.do("survey_work_order", COMPANY, id=order_id, **SURVEY)
    with pytest.raises(IllegalMove):
        world.do("start_work_order", COMPANY, id=order_id)
    world.do("submit_plan_work_order", id=order_id, **PLAN)
    with pytest.raises(Forbidden):
        world.do("approve_plan_work_order", COMPANY, id=order_id)
    confirmed = world.do("approve_plan_work_order", LEAD, id=order_id)
    assert confirmed["state"] == "plan_confirmed"
    assert "repair_plan_confirmed" in world.told(order_id)
    assert world.do("start_work_order", COMPANY, id=order_id)["state"] == "repairing"


def test_other_classes_need_neither(world: World) -> None:
    for repair_class in set(RepairClass) - set(SURVEY_CLASSES):
        order_id = world.put("on_site", repair_class=repair_class)
        assert world.do("start_work_order", COMPANY, id=order_id)["state"] == "repairing"


@pytest.mark.requirement("X-36.8", "X-44")
def test_a_rejected_plan_is_planned_again_and_nobody_confirms_their_own(world: World) -> None:
    order_id = world.put("surveyed", repair_class=RepairClass.STRUCTURAL_CRACK)
    both = {
        "user": "both",
        "name": "both",
        "roles": {"maintenance_desk": ["company:C1"], "maintenance_lead": ["company:C1"]},
    }
    world.do("submit_plan_work_order", both, id=order_id, **PLAN)
    with pytest.raises(OwnSubmission):
        world.do("approve_plan_work_order", both, id=order_id)
    rejected = world.do("reject_plan_work_order", LEAD, id=order_id, reason="工期太长")
    assert rejected["state"] == "surveyed"
    world.do("submit_plan_work_order", id=order_id, **{**PLAN, "duration_days": 2})
    world.do("approve_plan_work_order", LEAD, id=order_id)
    with world.service.reading(Actor.from_wire(LEAD)) as work:
        rounds = [
            (one["detail"]["round"], one["name"], one["detail"].get("reason"))
            for one in views.history(work, "work_order", order_id)["result"]
            if one["kind"] == "approval" and one["name"] != "submitted"
        ]
    assert sorted(rounds) == [(1, "rejected", "工期太长"), (2, "approved", None)]


@pytest.mark.requirement("M-33")
def test_a_refused_handover_keeps_every_defect_however_many_there_are(world: World) -> None:
    defects = [f"{number:03d} " + "墙面空鼓" * 49 for number in range(100)]
    refused = {"home_id": HOME, "uid": "u1", "project_id": "P01", "handover_id": "h1", "at": MOMENT}
    many = told("leads", "handover_refused", "m1", **refused, reason="裂缝" * 500, defects=defects)
    inbox.take(world.service, [many])
    with world.service.database.read() as session:
        (order,) = session.scalars(sa.select(WorkOrder))
    assert (order.repair_class, order.description, order.defects) == ("handover_refused", "裂缝" * 500, defects)


@pytest.mark.requirement("M-25.17")
def test_the_whole_offer_is_kept(world: World) -> None:
    offer = "更换水泵，" * 800
    order = world.do("decline_warranty_work_order", id=world.put("triaged"), offer=offer)
    assert (order["offer"], order["in_warranty"], order["closing_reason"]) == (offer, False, None)


@pytest.mark.requirement("M-34")
def test_a_difficult_case_gets_its_experts_at_once(world: World) -> None:
    order = world.report()
    with pytest.raises(ValidationFailed) as refused:
        world.do("triage_work_order", id=order["id"], difficulty="difficult", **TRIAGE)
    assert "experts" in refused.value.errors
    world.do("triage_work_order", id=order["id"], difficulty="difficult", experts="王教授", **TRIAGE)
    assert "expert_consultation_opened" in world.told(order["id"])


def test_an_order_goes_only_to_a_company_that_is_engaged_and_under_contract(world: World) -> None:
    order_id = world.put("triaged", property_company=None)
    world.do("register_property_company", LEAD, code="zenith", name="Zenith", contract_from="2026-01-01")
    for company, code in (("zenith", "foreign_project"), ("nobody", "unknown_reference")):
        with pytest.raises(ValidationFailed) as refused:
            world.do("dispatch_work_order", id=order_id, property_company=company)
        assert refused.value.errors["property_company"][0]["code"] == code
    world.do("end_contract_property_company", LEAD, id="acme", contract_until="2026-03-01")
    with pytest.raises(ValidationFailed) as refused:
        world.do("dispatch_work_order", id=order_id, property_company="acme")
    assert refused.value.errors["property_company"][0]["code"] == "contract_ended"


@pytest.mark.requirement("M-21")
def test_a_completed_handover_starts_every_warranty_once_and_tells_the_company(world: World) -> None:
    facts = {"home_id": HOME, "uid": "u1", "project_id": "P01", "handover_id": "h1", "at": "2026-03-01T17:00:00Z"}
    for _ in range(2):
        inbox.take(world.service, [told("leads", "handover_completed", "m1", **facts)])
    with world.service.database.read() as session:
        items = {row.category: row for row in session.scalars(sa.select(WarrantyItem))}
        copies = session.scalars(sa.select(Outgoing).where(Outgoing.routing_key == "acme.handover_completed")).all()
    terms = {"structure": 600, "waterproofing": 60, "equipment": 24, "decoration": 24, "heating_cooling": 24}
    assert {str(category): item.months for category, item in items.items()} == terms
    assert {item.starts_on for item in items.values()} == {date(2026, 3, 2)}, "01:00 of the next day in Shanghai"
    assert items["waterproofing"].ends_on == date(2031, 3, 2)
    assert len(copies) == 1
    world.now = datetime(2027, 12, 2, 15, 59, 59, tzinfo=UTC)
    scan.tick(world.service)
    assert "warranty_ending" not in world.told(HOME)
    world.later(SECOND)
    assert "warranty_ending" in world.told(HOME), "three months before 24:00 of the last day"
    world.now = datetime(2028, 3, 2, 15, 59, 59, tzinfo=UTC)
    scan.tick(world.service)
    assert "warranty_ended" not in world.told(HOME)
    world.later(SECOND)
    assert "warranty_ended" in world.told(HOME)
    with world.service.database.read() as session:
        states = {row.category: row.state for row in session.scalars(sa.select(WarrantyItem))}
    assert states["equipment"] == "ended"
    assert states["waterproofing"] == "running"


def test_a_refused_handover_and_a_complaints_repair_part_open_orders_once(world: World) -> None:
    refused = {
        "home_id": HOME, "uid": "u1", "project_id": "P01", "handover_id": "h1", "reason": "裂缝", "at": MOMENT,
    }  # fmt: skip
    asked = {
        "case_id": "case-1", "number": "CP 1", "uid": "u2", "home_id": OTHER_HOME, "description": "返修",
        "urgency": "high", "request": "CP 1/1",
    }  # fmt: skip
    for _ in range(2):
        inbox.take(
            world.service,
            [
                told("leads", "handover_refused", "m1", **refused),
                told("complaints", "complaint_repair_requested", "m2", **asked),
            ],
        )
    with world.service.database.read() as session:
        found = {row.home_id: row for row in session.scalars(sa.select(WorkOrder))}
    assert (found[HOME].repair_class, found[HOME].source) == ("handover_refused", "handover")
    asked_for = found[OTHER_HOME]
    assert (asked_for.case_id, asked_for.source, asked_for.urgency) == ("case-1", "complaint", "high")
    assert asked_for.source_ref == "CP 1/1", "the case knows by it that its request became an order"
