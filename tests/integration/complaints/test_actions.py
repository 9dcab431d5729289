"""Corrective and preventive actions: from the transferred cause to the verified result (C-55, C-100)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import SYSTEM, Actor
from services.chassis.records import new_id
from services.complaints.cases import CorrectiveAction, actions
from services.contracts.errors import Forbidden, NotFound, OwnSubmission, ValidationFailed
from services.contracts.events.leads import ProjectSalesClosed
from services.contracts.events.property import CorrectiveActionReported
from tests.integration.complaints.world import HANDLER, HOUR, SECOND, STEP, SUPERVISOR, World, person

ENGINEER = person("zhou", "discipline")
MARKETER = person("qian", "marketing")
LETTER = {"transfer_form": "work_contact_letter", "transfer_document": "工联函 031"}
ASKED = {
    "kind": "preventive",
    "department": "discipline",
    "discipline": "engineering",
    "action": "窗口收头列入样板验收",
    "cause": "收头不到位",
    "due_on": "2026-03-10",
    **LETTER,
}
#: The end of the due date in Shanghai.
DUE = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def ask(world: World, **changes: Any) -> dict[str, Any]:
    return world.do("request_corrective_action", HANDLER, **{**ASKED, "project_id": "P01", **changes})


def placed(world: World, state: str, **facts: Any) -> str:
    """An action that stands in a state, whatever brought it there."""
    with world.service.begin(SYSTEM, command="test") as work:
        usual = {**ASKED, "due_on": date(2026, 3, 10), "times_returned": 0, "project_id": "P01", "company_id": "C1"}
        action = CorrectiveAction(id=new_id(), **{**usual, **facts})
        work.begin_life(actions, action, state)
        work.finish()
    return action.id


@pytest.mark.requirement("C-55", "C-100")
def test_a_transferred_cause_becomes_an_action_of_each_department(world: World) -> None:
    case = world.soon_to("fed_back")
    command, actor, payload = STEP["cause_transferred"]
    whom = {"departments": ["project_department", "discipline"], "disciplines": ["design", "cost"]}
    case = world.do(command, actor, id=case["id"], **{**payload, **whom})
    assert case["state"] == "cause_transferred"
    assert (case["corrective_action"], case["departments"]) == ("加强防水验收", whom["departments"])
    asked = world.found("corrective_action", order="number", case_id=case["id"])
    assert [(one["number"], one["department"], one["discipline"]) for one in asked] == [
        ("CA 2026-P01-000001", "project_department", None),
        ("CA 2026-P01-000002", "discipline", "design"),
        ("CA 2026-P01-000003", "discipline", "cost"),
    ]
    assert {(one["kind"], one["cause"], one["action"], one["due_on"], one["state"]) for one in asked} == {
        ("corrective", "防水层破损", "加强防水验收", "2026-03-31", "requested")
    }
    assert {one["transfer_document"] for one in asked} == {"工作联系函"}
    told = world.told("corrective_action_requested")
    assert [one["action_id"] for one in told] == [one["id"] for one in asked]
    assert (told[0]["case_id"], told[0]["department"], told[0]["due_on"]) == (
        case["id"],
        "project_department",
        "2026-03-31",
    )
    assert [task.role for one in asked for task in world.tasks(one["id"], "corrective_action")] == [
        "project_department",
        "discipline",
        "discipline",
    ]


@pytest.mark.requirement("C-56")
def test_a_case_is_closed_while_its_actions_go_on(world: World) -> None:
    case = world.soon_to("closed")
    (action,) = world.found("corrective_action", case_id=case["id"])
    assert (case["state"], action["state"]) == ("closed", "requested")
    builder = person("wu", "project_department")
    world.do("accept_corrective_action", builder, id=action["id"])
    assert world.do("begin_corrective_action", builder, id=action["id"])["state"] == "in_progress"


@pytest.mark.requirement("C-55")
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"due_on": None}, "due_on", "required"),
        ({"due_on": "2026-03-01"}, "due_on", "in_the_past"),
        ({"departments": ["discipline"]}, "disciplines", "required"),
        ({"departments": ["property_company"]}, "property_company", "required"),
        ({"departments": ["executive"]}, "departments", "choice"),
    ],
)
def test_what_is_no_action(world: World, changes: dict[str, Any], field: str, code: str) -> None:
    case_id = world.placed("fed_back")
    command, actor, payload = STEP["cause_transferred"]
    with pytest.raises(ValidationFailed) as refused:
        world.do(command, actor, id=case_id, **{**payload, **changes})
    assert refused.value.errors[field][0]["code"] == code
    assert world.case(case_id)["state"] == "fed_back"
    assert world.found("corrective_action") == []


@pytest.mark.requirement("C-100")
def test_the_way_of_an_action_back_and_to_its_end(world: World) -> None:
    action = ask(world)
    assert (action["state"], action["number"], action["cause"]) == ("requested", "CA 2026-P01-000001", "收头不到位")
    action = world.do("accept_corrective_action", ENGINEER, id=action["id"])
    assert (action["state"], action["owner"], action["accepted_at"]) == ("accepted", "zhou", "2026-03-02T02:00:00Z")
    action = world.do("begin_corrective_action", ENGINEER, id=action["id"], measures="编制样板")
    assert (action["state"], action["measures"]) == ("in_progress", "编制样板")
    action = world.do("finish_corrective_action", ENGINEER, id=action["id"], result="样板已建")
    assert (action["state"], action["result"], action["done_by"]) == ("done", "样板已建", "zhou")
    assert world.tasks(action["id"], "corrective_action") == []
    (verifying,) = world.tasks(action["id"], "verify_corrective_action")
    assert verifying.assignee == "han"

    again = {"return_reason": "缺照片", "due_on": "2026-03-20"}
    action = world.do("send_back_corrective_action", HANDLER, id=action["id"], **again)
    assert (action["state"], action["times_returned"], action["due_on"]) == ("returned", 1, "2026-03-20")
    assert world.tasks(action["id"], "verify_corrective_action") == []
    assert [task.assignee for task in world.tasks(action["id"], "corrective_action")] == ["zhou"]
    first, second = world.told("corrective_action_requested")
    assert (first["return_reason"], second["return_reason"], second["due_on"]) == (None, "缺照片", "2026-03-20")

    action = world.do("resume_corrective_action", ENGINEER, id=action["id"])
    assert (action["state"], action["measures"]) == ("in_progress", "编制样板")
    world.do("finish_corrective_action", ENGINEER, id=action["id"], result="照片已补")
    action = world.do("verify_corrective_action", SUPERVISOR, id=action["id"], verification="现场核对")
    assert (action["state"], action["verified_by"], action["verification"]) == ("verified", "sun", "现场核对")
    (verified,) = world.told("corrective_action_verified")
    assert (verified["action_id"], verified["result"], verified["kind"]) == (action["id"], "照片已补", "preventive")
    assert world.tasks(action["id"]) == []


@pytest.mark.requirement("C-100")
def test_the_states_are_the_catalogues(world: World) -> None:
    assert set(actions.states) == {"requested", "accepted", "in_progress", "done", "verified", "returned"}
    assert actions.final == ["verified"]


@pytest.mark.requirement("C-100")
def test_an_overdue_action_alerts_its_department_and_then_its_head(world: World) -> None:
    action_id = ask(world, department="marketing", discipline=None, owner="qian")["id"]
    world.now = DUE - SECOND
    world.tick()
    assert world.alerts(action_id) == []
    world.now = DUE
    world.tick()
    (alert,) = world.alerts(action_id)
    assert (alert.rule, alert.recipient_role, alert.recipient) == ("corrective_action_overdue", "marketing", "qian")
    world.now = DUE + 24 * HOUR - SECOND
    world.tick()
    assert [(one.recipient_role, one.step) for one in world.alerts(action_id)] == [("marketing", 0)]
    world.now = DUE + 24 * HOUR
    world.tick()
    assert [(one.recipient_role, one.step) for one in world.alerts(action_id)] == [("sales_director", 1)]
    world.later(48 * HOUR)
    world.tick()
    assert [(one.recipient_role, one.step) for one in world.alerts(action_id)] == [("sales_director", 1)]
    for verb, facts in (("accept", {}), ("begin", {}), ("finish", {"result": "完成"})):
        world.do(f"{verb}_corrective_action", MARKETER, id=action_id, **facts)
    assert world.alerts(action_id) == []


@pytest.mark.requirement("C-100")
@pytest.mark.parametrize(
    ("department", "head"),
    [
        ("discipline", "company_manager"),
        ("property_company", "maintenance_lead"),
        ("site_sales_lead", "sales_director"),
    ],
)
def test_the_head_of_each_department(world: World, department: str, head: str) -> None:
    action_id = ask(world, department=department, property_company="acme")["id"]
    for moment in (DUE, DUE + 24 * HOUR):
        world.now = moment
        world.tick()
    assert [one.recipient_role for one in world.alerts(action_id)] == [head]


@pytest.mark.requirement("C-100")
def test_a_returned_action_is_measured_by_its_new_date(world: World) -> None:
    action_id = placed(world, "in_progress")
    world.do("finish_corrective_action", ENGINEER, id=action_id, result="完成")
    world.now = DUE + HOUR
    assert world.tick() == 0
    with pytest.raises(ValidationFailed) as refused:
        world.do("send_back_corrective_action", HANDLER, id=action_id, return_reason="未到位", due_on="2026-03-10")
    assert refused.value.errors["due_on"][0]["code"] == "in_the_past"
    world.do("send_back_corrective_action", HANDLER, id=action_id, return_reason="未到位", due_on="2026-03-12")
    world.now = DUE + 48 * HOUR - SECOND
    world.tick()
    assert world.alerts(action_id) == []
    world.later(SECOND)
    world.tick()
    assert [one.rule for one in world.alerts(action_id)] == ["corrective_action_overdue"]


@pytest.mark.requirement("C-100")
def test_another_department_gets_it_with_a_date_of_its_own(world: World) -> None:
    action_id = ask(world)["id"]
    world.now = DUE
    world.tick()
    to = {"department": "marketing", "due_on": "2026-03-15", "reason": "属销售说辞"}
    action = world.do("redirect_corrective_action", HANDLER, id=action_id, **to)
    assert (action["state"], action["department"], action["discipline"]) == ("requested", "marketing", None)
    assert world.alerts(action_id) == []
    assert [task.role for task in world.tasks(action_id)] == ["marketing"]
    assert [one["department"] for one in world.told("corrective_action_requested")] == ["discipline", "marketing"]
    with pytest.raises((Forbidden, NotFound)):
        world.do("accept_corrective_action", ENGINEER, id=action_id)
    world.now = datetime(2026, 3, 15, 16, tzinfo=UTC)
    world.tick()
    assert [one.recipient_role for one in world.alerts(action_id)] == ["marketing"]


@pytest.mark.requirement("C-100")
def test_only_the_department_executes_and_never_verifies_itself(world: World) -> None:
    action_id = ask(world)["id"]
    with pytest.raises((Forbidden, NotFound)):
        world.do("accept_corrective_action", MARKETER, id=action_id)
    both = person("zhou", "discipline", "complaint_handler")
    for verb, facts in (("accept", {}), ("begin", {}), ("finish", {"result": "完成"})):
        world.do(f"{verb}_corrective_action", both, id=action_id, **facts)
    for verb, facts in (
        ("verify", {"verification": "x"}),
        ("send_back", {"return_reason": "x", "due_on": "2026-03-20"}),
    ):
        with pytest.raises(OwnSubmission):
            world.do(f"{verb}_corrective_action", both, id=action_id, **facts)


def test_a_department_sees_its_own_actions_only(world: World) -> None:
    mine, other = ask(world, department="marketing", discipline=None)["id"], ask(world)["id"]

    def seen(actor: dict[str, Any]) -> set[str]:
        with world.service.reading(Actor.from_wire(actor)) as work:
            return {row["id"] for row in views.search(work, "corrective_action", {})["result"]}

    assert seen(MARKETER) == {mine}
    assert seen(SUPERVISOR) == {mine, other}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"cause": None}, "cause", "required"),
        ({"project_id": None}, "project_id", "required"),
        ({"project_id": "P09"}, "project_id", "unknown_reference"),
        ({"case_id": "nobody"}, "case_id", "unknown_reference"),
        ({"discipline": None}, "discipline", "required"),
        ({"department": "system"}, "department", "choice"),
    ],
)
def test_what_is_refused_by_hand(world: World, changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        ask(world, **changes)
    assert refused.value.errors[field][0]["code"] == code


def test_an_action_of_a_case_has_its_place_and_cause(world: World) -> None:
    case_id = world.placed("closed", cause="排水坡度不足", project_id="P02", closed_at=world.now)
    with pytest.raises(ValidationFailed) as refused:
        ask(world, case_id=case_id, project_id="P01")
    assert refused.value.errors["project_id"][0]["code"] == "foreign_case"
    action = ask(world, case_id=case_id, project_id=None, cause=None)
    assert (action["project_id"], action["cause"]) == ("P02", "排水坡度不足")


@pytest.mark.requirement("C-100")
@pytest.mark.parametrize("state", ["requested", "accepted", "in_progress", "returned"])
def test_a_property_company_reports_and_complaints_verifies(world: World, state: str) -> None:
    action_id = placed(world, state, department="property_company", property_company="acme", created_by="han")
    reported = CorrectiveActionReported(action_id=action_id, result="已增加巡查", files=["a.jpg"])
    world.hear(reported, times=2)
    world.hear(CorrectiveActionReported(action_id=action_id, result="另一次"))
    action = world.show("corrective_action", action_id)
    assert (action["state"], action["result"], action["files"]) == ("done", "已增加巡查", ["a.jpg"])
    assert len(world.tasks(action_id, "verify_corrective_action")) == 1
    assert world.parked() == []
    assert world.do("verify_corrective_action", HANDLER, id=action_id, verification="抽查")["state"] == "verified"


def test_nobody_reports_for_a_department_of_our_own(world: World) -> None:
    action_id = placed(world, "in_progress")
    world.hear(CorrectiveActionReported(action_id=action_id, result="x"))
    assert world.show("corrective_action", action_id)["state"] == "in_progress"
    with pytest.raises(Forbidden):
        world.do("hear_result_corrective_action", HANDLER, id=action_id, result="x")


def test_what_a_company_says_on_the_telephone_is_entered_and_verified_by_the_handler(world: World) -> None:
    action_id = placed(world, "requested", department="property_company", property_company="acme")
    action = world.do("hear_result_corrective_action", HANDLER, id=action_id, result="已增加巡查")
    assert (action["state"], action["done_by"]) == ("done", "company:acme")
    assert world.do("verify_corrective_action", HANDLER, id=action_id, verification="抽查")["state"] == "verified"


@pytest.mark.requirement("X-41")
def test_the_project_departments_actions_move_with_the_project(world: World) -> None:
    moved = placed(world, "in_progress", department="project_department", discipline=None)
    ended = placed(world, "verified", department="project_department", discipline=None)
    stays = placed(world, "requested")
    elsewhere = placed(world, "requested", department="project_department", project_id="P02")
    departments = {"from_department": "project_department", "to_department": "customer_affairs"}
    world.hear(ProjectSalesClosed(project_id="P01", at=world.now, **departments))
    held = {one["id"]: one["department"] for one in world.found("corrective_action")}
    assert held == {
        moved: "customer_affairs",
        ended: "project_department",
        stays: "discipline",
        elsewhere: "project_department",
    }
