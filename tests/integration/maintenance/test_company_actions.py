"""Corrective actions of property companies: passed on through the gateway, and back (C-100, X-403)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox
from services.chassis.duties import Task
from services.chassis.inbox import Delivery
from services.chassis.parking import ParkedMessage
from services.chassis.tables import Outgoing
from services.chassis.topology import OUTBOUND, events_exchange
from services.chassis.wire import CONTENT_TYPE, to_json
from services.maintenance.company_actions import CompanyAction
from tests.integration.maintenance.world import LEAD, MOMENT, World, told

pytestmark = pytest.mark.integration
ASKED = {
    "action_id": "A1",
    "number": "CA 2026-P01-000001",
    "case_id": "C1",
    "project_id": "P01",
    "kind": "corrective",
    "cause": "夜间巡查缺失",
    "action": "夜间每两小时巡查一次",
    "department": "property_company",
    "property_company": "acme",
    "due_on": "2026-03-10",
}
VERIFIED = {name: ASKED[name] for name in ASKED if name not in ("cause", "due_on")} | {"result": "已增加巡查"}


def hear(world: World, name: str, data: dict[str, Any], message_id: str | None = None) -> None:
    inbox.take(world.service, [told("complaints", name, message_id or uuid.uuid4().hex, **data)])


def says(world: World, code: str, message_id: str = "m1", **data: Any) -> None:
    event = {"specversion": "1.0", "id": message_id, "source": f"/property/{code}", "time": MOMENT, "data": data}
    body = to_json({**event, "type": "corrective_action_reported"}).encode()
    inbox.take(world.service, [Delivery(body, CONTENT_TYPE, partner=code)])


def rows(world: World, table: Any, *conditions: Any) -> list[Any]:
    with world.service.database.read() as session:
        found = list(session.scalars(sa.select(table).where(*conditions)))
        session.expunge_all()
        return found


def sent(world: World, name: str) -> list[tuple[str, str, dict[str, Any]]]:
    outgoing = sorted(rows(world, Outgoing, Outgoing.name == name), key=lambda row: row.position)
    return [(row.exchange, row.routing_key, json.loads(row.body)["data"]) for row in outgoing]


def state(world: World) -> str:
    (action,) = rows(world, CompanyAction)
    return str(action.state)


@pytest.mark.requirement("C-100", "X-403")
def test_an_action_goes_to_the_company_and_its_report_to_complaints(world: World) -> None:
    for _ in range(2):
        hear(world, "corrective_action_requested", ASKED, "once")
    ((exchange, key, data),) = sent(world, "corrective_action_requested")
    assert (exchange, key) == (OUTBOUND, "acme.corrective_action_requested")
    assert (data["action_id"], data["kind"], data["due_on"]) == ("A1", "corrective", "2026-03-10")
    assert (data["cause"], data["action"]) == ("夜间巡查缺失", "夜间每两小时巡查一次")
    (inspection,) = rows(world, Task, Task.subject == "special_inspection")
    assert (inspection.role, inspection.record_number) == ("maintenance_lead", "CA 2026-P01-000001")

    says(world, "acme", action_id="CA 2026-P01-000001", result="已增加巡查", files=["a.jpg"])
    assert state(world) == "reported"
    ((exchange, key, data),) = sent(world, "corrective_action_reported")
    assert (exchange, key) == (events_exchange("maintenance"), "corrective_action_reported")
    assert data == {"action_id": "A1", "result": "已增加巡查", "files": ["a.jpg"]}
    assert rows(world, ParkedMessage) == []


@pytest.mark.requirement("C-100")
def test_what_is_returned_is_told_the_company_again(world: World) -> None:
    hear(world, "corrective_action_requested", ASKED)
    says(world, "acme", action_id="A1", result="x")
    hear(world, "corrective_action_requested", {**ASKED, "return_reason": "无记录", "due_on": "2026-03-20"})
    assert state(world) == "asked"
    _, (_, key, data) = sent(world, "corrective_action_requested")
    assert (key, data["return_reason"], data["due_on"]) == ("acme.corrective_action_requested", "无记录", "2026-03-20")
    says(world, "acme", "m2", action_id="A1", result="有记录")
    assert len(sent(world, "corrective_action_reported")) == 2
    hear(world, "corrective_action_verified", VERIFIED)
    assert state(world) == "verified"
    (refresh,) = rows(world, Task, Task.subject == "refresh_checklists")
    assert (refresh.role, refresh.resource, refresh.record_id) == (
        "maintenance_lead",
        "complaints/corrective_action",
        "A1",
    )


def test_an_action_of_our_own_departments_is_no_companys(world: World) -> None:
    hear(world, "corrective_action_requested", {**ASKED, "department": "discipline", "property_company": None})
    hear(world, "corrective_action_verified", {**VERIFIED, "department": "discipline", "property_company": None})
    assert rows(world, CompanyAction) == []
    assert sent(world, "corrective_action_requested") == []
    assert [task.subject for task in rows(world, Task)] == ["refresh_checklists"]


def test_an_action_that_another_department_gets_is_the_companys_no_more(world: World) -> None:
    hear(world, "corrective_action_requested", ASKED)
    hear(world, "corrective_action_requested", {**ASKED, "department": "discipline", "property_company": None})
    assert state(world) == "withdrawn"
    says(world, "acme", action_id="A1", result="x")
    assert [one.reason for one in rows(world, ParkedMessage)] == ["illegal_move"]
    hear(world, "corrective_action_requested", ASKED)
    assert state(world) == "asked"


@pytest.mark.requirement("X-403")
def test_a_company_reports_its_own_actions_only(world: World) -> None:
    world.do("register_property_company", LEAD, code="zenith", name="Zenith", contract_from="2026-01-01")
    world.do("appoint_engagement", LEAD, property_company="zenith", project_id="P01", appointed_from="2026-01-01")
    hear(world, "corrective_action_requested", ASKED)
    says(world, "zenith", action_id="A1", result="x")
    says(world, "acme", "m2", action_id="nope", result="x")
    assert sorted(one.reason for one in rows(world, ParkedMessage)) == ["foreign_action", "unknown_action"]
    answers = {key: data for _, key, data in sent(world, "message_rejected")}
    assert answers["zenith.message_rejected"]["fields_at_fault"] == ["action_id"]
    assert state(world) == "asked"


PERIOD = {"period_from": "2026-02-01", "period_until": "2026-02-28"}
LINE = {"edition": 1, "discipline": "engineering", "stage": "construction", "check_stage": "mock_b"}
SAID = dict.fromkeys(("title", "description", "problem", "harm", "standard", "measurable_limit"), "x")


@pytest.mark.requirement("C-101", "X-111", "X-112")
@pytest.mark.parametrize(
    ("name", "data", "subject", "resource"),
    [
        (
            "complaint_hotspot_reported",
            {"report_id": "N1", "topics": [], "case_count": 1, **PERIOD},
            "focus_inspections",
            "complaints/hotspot_report",
        ),
        (
            "defect_case_published",
            {"defect_id": "N1", "topic": "leakage", **SAID},
            "refresh_checklists",
            "complaints/defect_case",
        ),
        (
            "red_line_published",
            {"red_line_id": "N1", "is_mandatory": True, **LINE, **SAID},
            "enter_red_line",
            "complaints/red_line",
        ),
    ],
)
def test_what_complaints_has_learnt_is_a_task_once(
    world: World, name: str, data: dict[str, Any], subject: str, resource: str
) -> None:
    for _ in range(2):
        hear(world, name, {"number": "X 1", **data}, "once")
    (task,) = rows(world, Task)
    assert (task.subject, task.role, task.resource, task.record_id) == (subject, "maintenance_lead", resource, "N1")
    assert rows(world, ParkedMessage) == []
