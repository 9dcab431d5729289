"""The quick form of every employee, and what the centre makes of it (C-03, C-04)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.duties import Alert, Task
from services.contracts.errors import Forbidden, IllegalMove, NotFound, OwnSubmission, ValidationFailed
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from tests.integration.complaints.world import EVIDENCE, HOUR, SECOND, World, person

pytestmark = pytest.mark.integration
GUARD = person("guard", "employee", scope="project:P01")
CLEANER = person("cleaner", "employee", scope="project:P01")
CENTRE = person("yang", "customer_centre")
PROJECT = person("wu", "project_department")
AFFAIRS = person("zheng", "customer_affairs")
SAID = {"description": "3 号楼门禁坏了，业主进不去", "place": "3 号楼大堂", "customer_phone": "13900010001"}


def report(world: World, by: dict[str, Any] = GUARD, **more: Any) -> dict[str, Any]:
    return world.do("report_customer_issue", by, **{**SAID, **more})


def dispatched(world: World, by: dict[str, Any] = CENTRE, **more: Any) -> dict[str, Any]:
    issue = report(world)
    said = {"classification": "enquiry", "department": "project_department", "due_at": due(world, 48 * HOUR)}
    return world.do("dispatch_customer_issue", by, id=issue["id"], **{**said, **more})


def due(world: World, length: timedelta) -> str:
    return str(to_wire(world.now + length))


def seen_by(world: World, actor: dict[str, Any]) -> set[str]:
    with world.service.reading(Actor.from_wire(actor)) as work:
        return {one["id"] for one in views.search(work, "customer_issue", {})["result"]}


@pytest.mark.requirement("C-03")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_everybody_files_an_issue_and_sees_their_own(world: World, role: Role) -> None:
    who = person("who", role.value, scope="project:P01")
    issue = report(world, who)
    assert (issue["state"], issue["reporter"], issue["project_id"]) == ("reported", "who", "P01")
    assert issue["id"] in seen_by(world, who)
    assert [task.role for task in world.tasks(issue["id"], "dispatch_issue")] == ["customer_centre"]


@pytest.mark.requirement("C-03")
def test_one_sentence_is_enough_and_the_place_is_the_reporters(world: World) -> None:
    issue = world.do("report_customer_issue", GUARD, description="业主找不到物业")
    assert (issue["project_id"], issue["company_id"]) == ("P01", "C1")
    of_company = world.do("report_customer_issue", person("kong", "employee"), description="x")
    assert (of_company["project_id"], of_company["company_id"]) == (None, "C1")
    with pytest.raises(ValidationFailed) as missing:
        world.do("report_customer_issue", GUARD, place="大堂")
    assert missing.value.errors["description"][0]["code"] == "required"
    with pytest.raises(Forbidden):
        report(world, GUARD, project_id="P02")


def test_who_reported_and_the_department_see_it_and_other_employees_do_not(world: World) -> None:
    issue = dispatched(world)
    assert issue["id"] in seen_by(world, GUARD)
    assert issue["id"] in seen_by(world, CENTRE)
    assert issue["id"] in seen_by(world, PROJECT)
    assert issue["id"] not in seen_by(world, CLEANER)
    assert issue["id"] not in seen_by(world, AFFAIRS)
    with world.service.reading(Actor.from_wire(CLEANER)) as work, pytest.raises(NotFound):
        views.fetch(work, "customer_issue", issue["id"])


@pytest.mark.requirement("C-03")
def test_the_centre_dispatches_it_as_a_task_and_supervises_it_to_its_end(world: World) -> None:
    issue = dispatched(world, instruction="当天修复")
    assert (issue["classification"], issue["department"], issue["dispatched_by"]) == (
        "enquiry",
        "project_department",
        "yang",
    )
    (task,) = world.tasks(issue["id"], "handle_issue")
    assert (task.role, task.due_at) == ("project_department", world.now + 48 * HOUR)
    assert world.tasks(issue["id"], "dispatch_issue") == []
    done = world.do("finish_customer_issue", PROJECT, id=issue["id"], result="已修复并告知业主")
    assert (done["state"], done["done_by"]) == ("done", "wu")
    (looking,) = world.tasks(issue["id"], "confirm_issue")
    assert (looking.role, looking.assignee) == ("customer_centre", "yang")
    later = due(world, 24 * HOUR)
    back = world.do("send_back_customer_issue", CENTRE, id=issue["id"], reason="业主说仍打不开", due_at=later)
    assert (back["state"], back["done_by"], back["due_at"]) == ("dispatched", None, later)
    assert len(world.tasks(issue["id"], "handle_issue")) == 1
    world.do("finish_customer_issue", PROJECT, id=issue["id"], result="已更换")
    settled = world.do("confirm_customer_issue", CENTRE, id=issue["id"])
    assert (settled["state"], settled["confirmed_by"]) == ("confirmed", "yang")
    assert world.tasks(issue["id"]) == []
    handled = world.all(Task, Task.record_id == issue["id"], Task.subject == "handle_issue")
    assert {one.state for one in handled} == {"confirmed"}


def test_only_the_centre_dispatches_only_the_department_finishes_and_another_confirms(world: World) -> None:
    issue = report(world)
    said = {"classification": "enquiry", "department": "project_department", "due_at": due(world, HOUR)}
    with pytest.raises(Forbidden):
        world.do("dispatch_customer_issue", GUARD, id=issue["id"], **said)
    with pytest.raises(ValidationFailed) as past:
        world.do("dispatch_customer_issue", CENTRE, id=issue["id"], **{**said, "due_at": due(world, -SECOND)})
    assert past.value.errors["due_at"][0]["code"] == "in_the_past"
    world.do("dispatch_customer_issue", CENTRE, id=issue["id"], **said)
    with pytest.raises(NotFound):
        world.do("finish_customer_issue", AFFAIRS, id=issue["id"], result="x")
    both = {**person("wu", "project_department", "customer_centre")}
    world.do("finish_customer_issue", both, id=issue["id"], result="x")
    with pytest.raises(OwnSubmission):
        world.do("confirm_customer_issue", both, id=issue["id"])
    with pytest.raises(IllegalMove):
        world.do("drop_customer_issue", CENTRE, id=issue["id"], reason="x")


def test_another_department_gets_it_instead(world: World) -> None:
    issue = dispatched(world)
    said = {"classification": "repair", "department": "maintenance_lead", "due_at": due(world, HOUR)}
    world.do("dispatch_customer_issue", CENTRE, id=issue["id"], **said)
    assert [task.role for task in world.tasks(issue["id"], "handle_issue")] == ["maintenance_lead"]
    assert issue["id"] not in seen_by(world, PROJECT)


@pytest.mark.requirement("C-03")
def test_two_hours_without_a_dispatch_are_told_to_the_centre(world: World) -> None:
    issue = report(world)
    world.later(2 * HOUR - SECOND)
    world.tick()
    assert world.alerts(issue["id"]) == []
    world.later(SECOND)
    world.tick()
    (alert,) = world.alerts(issue["id"])
    assert (alert.rule, alert.recipient_role) == ("issue_not_dispatched", "customer_centre")
    said = {"classification": "enquiry", "department": "project_department", "due_at": due(world, HOUR)}
    world.do("dispatch_customer_issue", CENTRE, id=issue["id"], **said)
    assert world.alerts(issue["id"]) == []


@pytest.mark.requirement("C-03")
def test_an_overdue_issue_goes_from_the_department_to_the_centre_and_to_the_head(world: World) -> None:
    issue = dispatched(world, due_at=due(world, HOUR))
    world.later(HOUR - SECOND)
    world.tick()
    assert world.alerts(issue["id"]) == []
    world.later(SECOND)
    world.tick()
    assert [(one.rule, one.recipient_role) for one in world.alerts(issue["id"])] == [
        ("issue_overdue", "project_department")
    ]
    told = []
    for _ in range(2):
        world.later(24 * HOUR)
        world.tick()
        told.append(world.all(Alert, Alert.record_id == issue["id"])[0].recipient_role)
    assert told == ["customer_centre", "company_manager"]


@pytest.mark.requirement("C-03", "C-04")
def test_a_complaint_becomes_a_case_of_the_employees_channel(world: World) -> None:
    issue = report(world, photos=EVIDENCE)
    opened = world.do(
        "open_case_customer_issue",
        CENTRE,
        id=issue["id"],
        kind="complaint",
        uid="U1",
        category="facilities",
        home_id="H1",
    )
    case = world.case(opened["case_id"])
    assert (opened["state"], opened["classification"]) == ("handed_over", "complaint")
    assert (case["kind"], case["channel"], case["uid"], case["home_id"]) == ("complaint", "employee", "U1", "H1")
    assert (case["description"], case["evidence"]) == (SAID["description"], EVIDENCE)
    assert case["received_at"] == issue["reported_at"]
    assert world.tasks(issue["id"]) == []


@pytest.mark.requirement("C-04")
def test_a_dispute_becomes_a_dispute(world: World) -> None:
    said = {"kind": "dispute", "uid": "U1", "category": "contract", "counterpart": "王先生"}
    opened = world.do("open_case_customer_issue", CENTRE, id=report(world)["id"], **said)
    assert (opened["classification"], world.case(opened["case_id"])["kind"]) == ("dispute", "dispute")


@pytest.mark.requirement("C-04")
def test_a_defect_is_told_to_maintenance_and_an_interest_in_buying_to_leads(world: World) -> None:
    defect = report(world)
    world.later(HOUR)
    done = world.do("refer_repair_customer_issue", CENTRE, id=defect["id"], home_id="H1", uid="U1", urgency="high")
    assert (done["state"], done["classification"]) == ("handed_over", "repair")
    buyer = report(world, description="朋友想买三期")
    world.do("refer_purchase_customer_issue", CENTRE, id=buyer["id"], uid="U2")
    told = {one["issue_id"]: one for one in world.told("customer_issue_referred")}
    assert told[defect["id"]] == {
        "issue_id": defect["id"],
        "number": defect["number"],
        "classification": "repair",
        "uid": "U1",
        "home_id": "H1",
        "project_id": "P01",
        "description": SAID["description"],
        "urgency": "high",
        "reported_at": defect["reported_at"],
    }
    assert (told[buyer["id"]]["classification"], told[buyer["id"]]["uid"]) == ("purchase", "U2")
    with pytest.raises(ValidationFailed) as foreign:
        elsewhere = report(world, person("x", "employee", scope="project:P02"))
        world.do("refer_repair_customer_issue", CENTRE, id=elsewhere["id"], home_id="H1")
    assert foreign.value.errors["home_id"][0]["code"] == "foreign_home"


@pytest.mark.requirement("C-04")
def test_a_suggestion_is_entered_as_one(world: World) -> None:
    issue = report(world, description="建议在大堂放雨伞架", customer_name="陈女士")
    done = world.do("enter_suggestion_customer_issue", CENTRE, id=issue["id"])
    suggestion = world.show("suggestion", done["suggestion_id"])
    assert (done["state"], done["classification"]) == ("handed_over", "suggestion")
    assert (suggestion["state"], suggestion["content"], suggestion["name"]) == (
        "received",
        "建议在大堂放雨伞架",
        "陈女士",
    )
    assert (suggestion["channel"], suggestion["reference"], suggestion["project_id"]) == (
        "employee",
        issue["number"],
        "P01",
    )


@pytest.mark.requirement("C-03")
def test_what_is_known_already_is_dropped_and_the_reporter_reads_why(world: World) -> None:
    issue = report(world)
    dropped = world.do("drop_customer_issue", CENTRE, id=issue["id"], reason="与昨日上报重复")
    assert (dropped["state"], dropped["reason"]) == ("dropped", "与昨日上报重复")
    assert issue["id"] in seen_by(world, GUARD)
    assert [task.state for task in world.all(Task) if task.record_id == issue["id"]] == ["dropped"]
