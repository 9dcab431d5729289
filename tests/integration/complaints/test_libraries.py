"""The libraries: defect cases, red lines with their checks, sensitive points (X-110 to X-112, X-116)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.world import HANDLER, World, person

ENGINEER = person("zhou", "discipline")
AFFAIRS = person("zheng", "customer_affairs")
CENTRE = person("zhu", "group_centre", scope="group")
LEADER = person("chen", "responsible_leader")
DEFECT = {
    "title": "外窗上口渗水",
    "category": "home_quality",
    "topic": "leakage",
    "description": "外窗上口渗水",
    "problem": "防水收头不到位",
    "harm": "墙面发霉，家具受损",
}
LINE = {
    "title": "人居红线：外窗防水",
    "discipline": "engineering",
    "stage": "construction",
    "standard": "外窗上口防水收头内翻",
    "measurable_limit": "内翻 ≥ 50 mm",
    "check_method": "抽查 10%，淋水 24 h",
    "check_stage": "mock_b",
}
POINT = {
    "title": "玄关收纳",
    "kind": "value",
    "impact": "direct_contact",
    "node": "scheme_design",
    "discipline": "design",
    "description": "进门无处放鞋",
    "stage": "early_involvement",
    "source": "study",
}


def worded(world: World, defect_id: str) -> None:
    for discipline in ("design", "cost", "engineering"):
        world.do("word_defect_case", ENGINEER, id=defect_id, discipline=discipline, wording=f"{discipline} 表述")


def in_force(world: World, **changes: Any) -> dict[str, Any]:
    line = world.do("draft_red_line", HANDLER, **{**LINE, **changes})
    return world.do("publish_red_line", CENTRE, id=line["id"])


@pytest.mark.requirement("C-103", "X-112")
def test_a_defect_is_translated_by_three_disciplines_and_then_published(world: World) -> None:
    defect = world.do("draft_defect_case", HANDLER, **DEFECT, found_in="P01")
    assert [task.role for task in world.tasks(defect["id"], "word_defect_case")] == ["discipline"]
    for discipline in ("design", "cost"):
        world.do("word_defect_case", ENGINEER, id=defect["id"], discipline=discipline, wording="表述")
    with pytest.raises(IllegalMove) as refused:
        world.do("translate_defect_case", HANDLER, id=defect["id"], prevention="样板验收")
    assert (refused.value.code, refused.value.params) == ("wording_missing", {"disciplines": "engineering"})
    worded(world, defect["id"])
    told = {"prevention": "样板验收", "red_line_proposal": "内翻 ≥ 50 mm"}
    defect = world.do("translate_defect_case", HANDLER, id=defect["id"], **told)
    assert (defect["state"], defect["cost_wording"], defect["cost_by"]) == ("translated", "cost 表述", "zhou")
    assert world.tasks(defect["id"]) == []
    assert world.told("defect_case_published") == []
    defect = world.do("publish_defect_case", CENTRE, id=defect["id"])
    (published,) = world.told("defect_case_published")
    assert (published["defect_id"], published["topic"], published["harm"]) == (defect["id"], "leakage", DEFECT["harm"])
    assert (published["problem"], published["red_line_proposal"]) == (DEFECT["problem"], "内翻 ≥ 50 mm")
    for project in ("P01", "P02", "P02"):
        defect = world.do("note_use_defect_case", ENGINEER, id=defect["id"], used_in=project)
    assert (defect["state"], defect["used_in"]) == ("published", ["P01", "P02"])
    defect = world.do("absorb_defect_case", ENGINEER, id=defect["id"], absorbed_into="外窗构造标准 2026")
    assert (defect["state"], defect["absorbed_into"]) == ("absorbed", "外窗构造标准 2026")


def test_only_disciplines_word_and_only_theirs(world: World) -> None:
    defect = world.do("draft_defect_case", HANDLER, **DEFECT)
    with pytest.raises(Forbidden):
        world.do("word_defect_case", HANDLER, id=defect["id"], discipline="cost", wording="x")
    with pytest.raises(ValidationFailed) as refused:
        world.do("word_defect_case", ENGINEER, id=defect["id"], discipline="marketing", wording="x")
    assert refused.value.errors["discipline"][0]["code"] == "choice"
    with pytest.raises(ValidationFailed) as nowhere:
        world.do("draft_defect_case", HANDLER, **DEFECT, found_in="P09")
    assert list(nowhere.value.errors) == ["found_in"]


@pytest.mark.requirement("X-111", "X-116")
def test_a_red_line_is_published_and_replaced_by_its_next_edition(world: World) -> None:
    defect = world.do("draft_defect_case", HANDLER, **DEFECT)
    line = in_force(world, defect_ids=[defect["id"]])
    assert (line["state"], line["edition"], line["is_mandatory"]) == ("published", 1, True)
    (told,) = world.told("red_line_published")
    assert (told["red_line_id"], told["measurable_limit"], told["check_stage"]) == (
        line["id"],
        "内翻 ≥ 50 mm",
        "mock_b",
    )
    checked = {"check_stage": "mock_b", "home_id": "H1", "measured": "55 mm"}
    check = world.do("confirm_red_line_check", ENGINEER, red_line_id=line["id"], **checked)

    stricter = {"standard": "内翻并附加层", "measurable_limit": "内翻 ≥ 80 mm", "reason": "仍有渗漏"}
    revised = world.do("revise_red_line", HANDLER, replaces=line["id"], **stricter)
    assert (revised["state"], revised["edition"], revised["title"]) == ("draft", 2, LINE["title"])
    assert revised["defect_ids"] == [defect["id"]]
    assert world.show("red_line", line["id"])["state"] == "published"
    with pytest.raises(ValidationFailed) as twice:
        world.do("revise_red_line", HANDLER, replaces=line["id"], **stricter)
    assert twice.value.errors["replaces"][0]["code"] == "taken"
    world.do("publish_red_line", CENTRE, id=revised["id"])
    assert world.show("red_line", line["id"])["state"] == "replaced"
    assert [(one["edition"], one["replaces"]) for one in world.told("red_line_published")] == [
        (1, None),
        (2, line["id"]),
    ]
    kept = world.show("red_line_check", check["id"])
    assert (kept["state"], kept["edition"], kept["measurable_limit"]) == ("met", 1, "内翻 ≥ 50 mm")
    for wrong in (line["id"], "nobody"):
        with pytest.raises(ValidationFailed) as refused:
            world.do("confirm_red_line_check", ENGINEER, red_line_id=wrong, **checked)
        assert list(refused.value.errors) == ["red_line_id"]


@pytest.mark.requirement("X-111", "X-116")
def test_a_draft_that_was_retired_leaves_room_for_the_next_edition(world: World) -> None:
    line = in_force(world)
    revision = {"replaces": line["id"], "standard": "x", "measurable_limit": "≤ 2 mm", "reason": "更严"}
    dropped = world.do("revise_red_line", HANDLER, **revision)
    with pytest.raises(ValidationFailed):
        world.do("revise_red_line", HANDLER, **revision)
    world.do("retire_red_line", CENTRE, id=dropped["id"], reason="不妥")
    again = world.do("revise_red_line", HANDLER, **revision)
    assert (again["state"], again["edition"], again["replaces"]) == ("draft", 2, line["id"])


@pytest.mark.requirement("X-111")
def test_an_unmet_line_is_rectified_or_an_exception_is_approved(world: World) -> None:
    found = {"check_stage": "mock_b", "home_id": "H1", "measured": "30 mm"}
    line = in_force(world)
    with pytest.raises(ValidationFailed) as unproven:
        world.do("object_to_red_line_check", ENGINEER, red_line_id=line["id"], **found)
    assert list(unproven.value.errors) == ["evidence"]
    check = world.do("object_to_red_line_check", ENGINEER, red_line_id=line["id"], **found, evidence=["a.jpg"])
    assert (check["state"], check["project_id"], check["checked_by"]) == ("unmet", "P01", "zhou")
    asked = {"id": check["id"], "exception_grounds": "构造无法内翻，改用附加层"}
    world.do("request_exception_red_line_check", ENGINEER, **asked)
    with pytest.raises(OwnSubmission):
        world.do("approve_exception_red_line_check", person("zhou", "responsible_leader"), id=check["id"])
    with pytest.raises(Forbidden):
        world.do("approve_exception_red_line_check", AFFAIRS, id=check["id"])
    refused = world.do("refuse_exception_red_line_check", LEADER, id=check["id"], reason="须整改")
    assert refused["state"] == "unmet"
    world.do("request_exception_red_line_check", ENGINEER, **asked)
    assert world.do("approve_exception_red_line_check", LEADER, id=check["id"])["state"] == "excepted"

    other = world.do("object_to_red_line_check", ENGINEER, red_line_id=line["id"], **found, evidence=["b.jpg"])
    again = {"rectification": "重做收头", "measured": "60 mm"}
    other = world.do("rectify_red_line_check", ENGINEER, id=other["id"], **again)
    assert (other["state"], other["measured"]) == ("met", "60 mm")


@pytest.mark.parametrize(
    ("place", "field", "code"),
    [
        ({}, "project_id", "required"),
        ({"home_id": "H1", "project_id": "P02"}, "project_id", "foreign_home"),
        ({"home_id": "H9"}, "home_id", "unknown_reference"),
    ],
)
def test_where_a_line_is_checked(world: World, place: dict[str, str], field: str, code: str) -> None:
    line = in_force(world)
    with pytest.raises(ValidationFailed) as refused:
        told = {"red_line_id": line["id"], "check_stage": "mock_b", "measured": "55 mm"}
        world.do("confirm_red_line_check", ENGINEER, **told, **place)
    assert refused.value.errors[field][0]["code"] == code


@pytest.mark.requirement("X-110")
def test_a_sensitive_point_is_worked_through_before_it_is_published(world: World) -> None:
    line = in_force(world)
    point = world.do("draft_sensitive_point", HANDLER, **POINT, red_line_id=line["id"])
    with pytest.raises(IllegalMove):
        world.do("publish_sensitive_point", CENTRE, id=point["id"])
    with pytest.raises(ValidationFailed) as bare:
        world.do("review_sensitive_point", ENGINEER, id=point["id"], customer_feeling="杂乱")
    assert list(bare.value.errors) == ["operation_standard"]
    reviewed = {"customer_feeling": "杂乱", "operation_standard": "玄关柜深 ≥ 350 mm"}
    point = world.do("review_sensitive_point", CENTRE, id=point["id"], **reviewed)
    assert (point["state"], point["reviewed_by"]) == ("reviewed", "zhu")
    with pytest.raises(OwnSubmission):
        world.do("publish_sensitive_point", CENTRE, id=point["id"])
    assert world.told("sensitive_point_published") == []
    point = world.do("publish_sensitive_point", AFFAIRS, id=point["id"])
    (told,) = world.told("sensitive_point_published")
    assert (told["point_id"], told["kind"], told["stage"]) == (point["id"], "value", "early_involvement")
    assert told["operation_standard"] == "玄关柜深 ≥ 350 mm"
    assert world.do("retire_sensitive_point", CENTRE, id=point["id"], reason="已纳入标准")["state"] == "retired"


@pytest.mark.requirement("C-74")
def test_the_risk_of_a_group_complaint_is_found_among_the_points(world: World) -> None:
    risky = world.do("draft_sensitive_point", HANDLER, **POINT, is_group_risk=True)
    world.do("draft_sensitive_point", HANDLER, **POINT)
    assert [one["id"] for one in world.found("sensitive_point", is_group_risk=True)] == [risky["id"]]


@pytest.mark.parametrize("name", ["defect_id", "red_line_id"])
def test_a_point_is_linked_with_what_exists(world: World, name: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        world.do("draft_sensitive_point", HANDLER, **POINT, **{name: "nobody"})
    assert list(refused.value.errors) == [name]


@pytest.mark.requirement("X-111")
def test_a_red_line_that_holds_no_more_is_retired_with_its_reason(world: World) -> None:
    line = in_force(world)
    retired = world.do("retire_red_line", CENTRE, id=line["id"], reason="标准已并入国标")
    assert (retired["state"], retired["reason"]) == ("retired", "标准已并入国标")
    with pytest.raises(IllegalMove):
        world.do("retire_red_line", CENTRE, id=line["id"], reason="x")
