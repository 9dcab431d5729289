"""Suggestions: acknowledged, passed to the responsible department with its receipt, answered (C-04, C-105)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove, ValidationFailed
from tests.integration.complaints.enquiry_world import escalated
from tests.integration.complaints.world import HANDLER, HOUR, OPERATOR, SECOND, World, person

pytestmark = pytest.mark.integration
DESIGN = person("qi", "discipline")
SAID = {"channel": "hotline", "content": "建议地库增加充电桩", "uid": "U1", "home_id": "H1"}
TOLD = "感谢建议，设计部将在一周内答复。"


def receive(world: World, **more: Any) -> dict[str, Any]:
    return world.do("receive_suggestion", OPERATOR, **{**SAID, **more})


def passed(world: World) -> dict[str, Any]:
    suggestion = receive(world)
    world.do("acknowledge_suggestion", OPERATOR, id=suggestion["id"], acknowledgement=TOLD)
    to = {"title": "地库充电桩", "department": "discipline", "discipline": "design"}
    return world.do("pass_on_suggestion", HANDLER, id=suggestion["id"], **to)


@pytest.mark.requirement("C-04", "C-105")
def test_a_suggestion_stays_here_until_the_department_and_then_we_have_answered(world: World) -> None:
    suggestion = receive(world)
    assert (suggestion["state"], suggestion["project_id"], suggestion["company_id"]) == ("received", "P01", "C1")
    with pytest.raises(IllegalMove):
        to = {"title": "x", "department": "marketing"}
        world.do("pass_on_suggestion", OPERATOR, id=suggestion["id"], **to)
    told = world.do("acknowledge_suggestion", OPERATOR, id=suggestion["id"], acknowledgement=TOLD)
    assert (told["acknowledgement"], told["acknowledged_by"]) == (TOLD, "op")
    to = {"title": "地库充电桩", "department": "discipline", "discipline": "design"}
    there = world.do("pass_on_suggestion", HANDLER, id=suggestion["id"], **to)
    feedback = world.show("feedback", there["feedback_id"])
    assert (feedback["state"], feedback["kind"], feedback["content"]) == ("sent", "suggestion", SAID["content"])
    assert (feedback["department"], feedback["discipline"], feedback["suggestion_id"]) == (
        "discipline",
        "design",
        suggestion["id"],
    )
    world.do("receive_feedback", DESIGN, id=feedback["id"])
    with pytest.raises(IllegalMove) as early:
        world.do("answer_suggestion", OPERATOR, id=suggestion["id"], answer="x")
    assert early.value.code == "department_not_answered"
    world.do("answer_feedback", DESIGN, id=feedback["id"], answer="二期已列入图纸", is_adopted=True)
    heard = world.show("suggestion", suggestion["id"])
    assert (heard["state"], heard["department_answer"], heard["is_adopted"]) == ("passed", "二期已列入图纸", True)
    (task,) = world.tasks(suggestion["id"], "answer_suggestion")
    assert (task.role, task.assignee) == ("hotline_operator", "op")
    done = world.do("answer_suggestion", OPERATOR, id=suggestion["id"], answer="已列入二期图纸，谢谢您。")
    assert (done["state"], done["answered_by"]) == ("answered", "op")
    assert world.tasks(suggestion["id"]) == []


@pytest.mark.requirement("C-04")
def test_an_enquiry_that_is_a_suggestion_goes_on_as_one_and_is_acknowledged(world: World) -> None:
    enquiry = escalated(world, uid="U1")
    done = world.do("register_suggestion_enquiry", OPERATOR, id=enquiry["id"], answer=TOLD)
    assert (done["state"], done["destination"]) == ("answered_by_human", "suggestion")
    (suggestion,) = world.found("suggestion")
    assert (suggestion["state"], suggestion["content"]) == ("acknowledged", enquiry["question"])
    assert (suggestion["uid"], suggestion["reference"], suggestion["acknowledgement"]) == (
        "U1",
        enquiry["number"],
        TOLD,
    )


@pytest.mark.requirement("C-04")
def test_a_suggestion_is_acknowledged_within_24_hours(world: World) -> None:
    suggestion = receive(world)
    world.later(24 * HOUR - SECOND)
    world.tick()
    assert world.alerts(suggestion["id"]) == []
    world.later(SECOND)
    world.tick()
    (alert,) = world.alerts(suggestion["id"])
    assert (alert.rule, alert.recipient_role) == ("suggestion_not_acknowledged", "hotline_operator")
    world.do("acknowledge_suggestion", OPERATOR, id=suggestion["id"], acknowledgement=TOLD)
    assert world.alerts(suggestion["id"]) == []


def test_who_suggests_may_be_unknown_but_not_from_the_future_and_not_just_anybody_enters_it(world: World) -> None:
    stranger = receive(world, uid=None, home_id=None, name="陈女士", phone="13900010001")
    assert (stranger["uid"], stranger["project_id"]) == (None, None)
    with pytest.raises(ValidationFailed) as unknown:
        receive(world, uid="U9")
    assert unknown.value.errors["uid"][0]["code"] == "unknown_reference"
    with pytest.raises(ValidationFailed) as early:
        receive(world, received_at="2026-03-02T03:00:00Z")
    assert early.value.errors["received_at"][0]["code"] == "in_the_future"
    with pytest.raises(Forbidden):
        world.do("receive_suggestion", DESIGN, **SAID)
    with pytest.raises(ValidationFailed) as which:
        world.do("acknowledge_suggestion", OPERATOR, id=stranger["id"], acknowledgement=TOLD)
        world.do("pass_on_suggestion", OPERATOR, id=stranger["id"], title="x", department="discipline")
    assert which.value.errors["discipline"][0]["code"] == "required"
