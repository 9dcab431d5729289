"""Hot-spots, feedback to departments, and the cases that have to become defect cases (C-101 to C-105)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.actors import SYSTEM, Actor
from services.complaints.cases import Compensation, compensations
from services.complaints.hotspots import ranking, repeated
from services.contracts.errors import Forbidden, IllegalMove, NotFound, ValidationFailed
from services.contracts.events.leads import HomeUpdated
from services.contracts.vocabulary.lessons import HotspotDimension
from tests.integration.complaints.world import HANDLER, OPERATOR, START, SUPERVISOR, World, person

ENGINEER = person("zhou", "discipline")
AFFAIRS = person("zheng", "customer_affairs")
GROUP = person("zhu", "group_centre", scope="group")
PERIOD = {"period_from": "2026-02-01", "period_until": "2026-02-28"}
SINCE, UNTIL = date(2026, 2, 1), date(2026, 2, 28)
FEBRUARY = datetime(2026, 2, 10, tzinfo=UTC)


def complained(world: World, topic: str | None, home: str | None = "H1", at: datetime = FEBRUARY, **facts: Any) -> str:
    usual = {"category": "home_quality", "topic": topic, "home_id": home, "received_at": at}
    return world.placed(facts.pop("state", "closed"), **{**usual, "closed_at": at, **facts})


def ranked(world: World, by: HotspotDimension | None = None, actor: Actor = SYSTEM, **within: Any) -> list[Any]:
    with world.service.reading(actor) as work:
        return [tuple(row.values()) for row in ranking(work, SINCE, UNTIL, by, **within)]


@pytest.mark.requirement("C-101")
def test_topics_are_ranked_by_how_often_they_are_complained_of(world: World) -> None:
    for home in ("H1", "H2", "H2"):
        complained(world, "leakage", home)
    complained(world, "hollowing")
    complained(world, None, category="fee")
    complained(world, "hollowing", state="reopened")
    assert ranked(world) == [
        ("home_quality", "leakage", 3, 2),
        ("fee", None, 1, 1),
        ("home_quality", "hollowing", 1, 1),
    ]


@pytest.mark.requirement("C-101")
def test_the_period_is_whole_days_in_shanghai(world: World) -> None:
    first, last = datetime(2026, 1, 31, 16, tzinfo=UTC), datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)
    second = timedelta(seconds=1)
    for at in (first - second, first, last, last + second):
        complained(world, "leakage", at=at)
    assert ranked(world) == [("home_quality", "leakage", 2, 1)]


@pytest.mark.requirement("C-101")
@pytest.mark.parametrize(
    ("by", "facts"),
    [
        ("supplier", {"supplier": "华建门窗"}),
        ("unit_type", {"unit_type": "B2"}),
        ("project", {"project_id": "P02"}),
    ],
)
def test_topics_are_ranked_by_project_supplier_and_unit_type(world: World, by: str, facts: dict[str, str]) -> None:
    complained(world, "leakage", **facts)
    complained(world, "leakage", **facts)
    complained(world, "leakage")
    found = ranked(world, HotspotDimension(by))
    (value,) = facts.values()
    assert found[0] == ("home_quality", "leakage", value, 2, 1)
    assert found[1:] == ([("home_quality", "leakage", "P01", 1, 1)] if by == "project" else [])


@pytest.mark.requirement("C-101")
def test_the_homes_unit_type_and_the_investigators_topic_are_on_the_case(world: World) -> None:
    facts: Any = {"building": "1", "unit": "1", "state": "handed_over", "owner_uid": "U1", "unit_type": "B2"}
    world.hear(HomeUpdated(home_id="H1", record_version=2, project_id="P01", company_id="C1", **facts))
    told = {"cause": "收头不到位", "responsible_party": "contractor", "topic": "leakage", "supplier": "华建门窗"}
    case = world.to("analysed", analyse_case=told)
    assert (case["unit_type"], case["topic"], case["supplier"]) == ("B2", "leakage", "华建门窗")
    case = world.to("plan_drafted", case["id"])
    case = world.do("attach_report_case", OPERATOR, id=case["id"], channel="hotline", description="又渗")
    assert case["topic"] == "leakage"


def test_a_ranking_shows_what_its_reader_may_see(world: World) -> None:
    complained(world, "leakage")
    complained(world, "leakage", project_id="P02")
    theirs = Actor("x", "x", {"complaint_handler": ("project:P02",)})
    assert ranked(world, HotspotDimension.PROJECT, theirs) == [("home_quality", "leakage", "P02", 1, 1)]
    assert ranked(world, project_id="P01") == [("home_quality", "leakage", 1, 1)]
    assert ranked(world, company_id="C9") == []


@pytest.mark.requirement("C-102")
def test_the_same_defect_in_several_projects(world: World) -> None:
    for topic, project in (("leakage", "P01"), ("leakage", "P02"), ("leakage", "P02"), ("damp", "P01"), (None, "P02")):
        complained(world, topic, project_id=project)
    with world.service.reading(SYSTEM) as work:
        (one,) = repeated(work, SINCE, UNTIL)
    assert (one["topic"], one["cases"], sorted(one["projects"])) == ("leakage", 3, ["P01", "P02"])


@pytest.mark.requirement("C-101", "C-105")
def test_a_report_goes_to_design_and_engineering_who_answer(world: World) -> None:
    for project in ("P01", "P02", "P02"):
        complained(world, "leakage", project_id=project)
    complained(world, "hollowing")
    report = world.do("issue_hotspot_report", AFFAIRS, company_id="C1", **PERIOD)
    assert (report["number"], report["case_count"], report["sent_to"]) == (
        "HR 2026-0-000001",
        4,
        ["design", "engineering"],
    )
    assert [(row["topic"], row["cases"]) for row in report["topics"]] == [("leakage", 3), ("hollowing", 1)]
    assert [row["topic"] for row in report["repeated"]] == ["leakage"]
    (told,) = world.told("complaint_hotspot_reported")
    assert (told["report_id"], told["period_from"], told["case_count"]) == (report["id"], "2026-02-01", 4)
    assert told["topics"] == report["topics"]
    sent = world.found("feedback", order="number", hotspot_report_id=report["id"])
    assert [(one["discipline"], one["department"], one["state"]) for one in sent] == [
        ("design", "discipline", "sent"),
        ("engineering", "discipline", "sent"),
    ]
    assert sent[0]["content"] == "渗漏 3\n空鼓 1"
    received = world.do("receive_feedback", ENGINEER, id=sent[0]["id"])
    assert (received["state"], received["received_by"]) == ("received", "zhou")
    assert len(world.tasks(sent[0]["id"], "answer_feedback")) == 1
    answered = world.do("answer_feedback", ENGINEER, id=sent[0]["id"], answer="收头改为内翻", is_adopted=True)
    assert (answered["state"], answered["answer"], answered["is_adopted"]) == ("answered", "收头改为内翻", True)
    assert world.tasks(sent[0]["id"]) == []


@pytest.mark.requirement("C-101")
def test_the_report_has_the_ten_first_topics(world: World) -> None:
    for category in ("decoration", "property_management", "delivery", "contract", "sales_promise", "service_attitude"):
        complained(world, None, category=category)
    for topic in ("leakage", "hollowing", "cracking", "damp", "lift"):
        complained(world, topic)
    report = world.do("issue_hotspot_report", GROUP, **PERIOD)
    assert (len(report["topics"]), report["case_count"]) == (10, 11)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"period_until": "2026-01-31"}, "period_until", "range_order"),
        ({"company_id": "C1", "period_from": "2026-02-20"}, "period_until", "nothing_to_report"),
        ({}, "company_id", "required"),
        ({"project_id": "P09"}, "project_id", "unknown_reference"),
    ],
)
def test_what_is_no_report(world: World, changes: dict[str, Any], field: str, code: str) -> None:
    complained(world, "leakage")
    with pytest.raises(ValidationFailed) as refused:
        world.do("issue_hotspot_report", AFFAIRS, **{**PERIOD, **changes})
    assert refused.value.errors[field][0]["code"] == code
    assert world.told("complaint_hotspot_reported") == []


@pytest.mark.requirement("C-105")
def test_a_need_goes_to_one_department_and_to_no_other(world: World) -> None:
    told = {"kind": "need", "title": "玄关收纳", "content": "希望加深玄关柜", "department": "marketing"}
    case_id = world.placed("closed", project_id="P02", closed_at=world.now)
    sent = world.do("send_feedback", HANDLER, **told, case_id=case_id)
    assert (sent["number"], sent["project_id"], sent["case_id"]) == ("FB 2026-P02-000001", "P02", case_id)
    assert [task.role for task in world.tasks(sent["id"])] == ["marketing"]
    with pytest.raises((Forbidden, NotFound)):
        world.do("receive_feedback", ENGINEER, id=sent["id"])
    marketer = person("qian", "marketing")
    with pytest.raises(IllegalMove):
        world.do("answer_feedback", marketer, id=sent["id"], answer="x", is_adopted=False)
    world.do("receive_feedback", marketer, id=sent["id"])
    with pytest.raises(ValidationFailed) as refused:
        world.do("send_feedback", HANDLER, **{**told, "department": "discipline"}, project_id="P01")
    assert list(refused.value.errors) == ["discipline"]


CLOSING = {"outcome": "settled", "closing_note": "已解决"}


@pytest.mark.requirement("C-104")
@pytest.mark.parametrize(("level", "demanded"), [(2, False), (3, True), (4, True)])
def test_a_serious_case_has_to_become_a_defect_case(world: World, level: int, demanded: bool) -> None:
    case_id = world.placed("cause_transferred", level=level, cause="收头不到位", topic="leakage")
    assert world.alerts(case_id) == []
    world.do("close_case", SUPERVISOR, id=case_id, **CLOSING)
    asked = [("defect_case_missing", "project_department")] if demanded else []
    assert [(one.rule, one.recipient_role) for one in world.alerts(case_id)] == asked
    assert [task.subject for task in world.tasks(case_id)] == [rule for rule, _ in asked]
    defect = world.do("convert_defect_case", HANDLER, case_id=case_id, harm="墙面发霉，影响居住")
    assert (world.alerts(case_id), world.tasks(case_id)) == ([], [])
    assert (defect["state"], defect["number"], defect["case_id"]) == ("drafted", "DC 2026-0-000001", case_id)


@pytest.mark.requirement("C-104")
def test_or_somebody_says_why_not(world: World) -> None:
    case_id = world.placed("cause_transferred", level=3)
    world.do("close_case", SUPERVISOR, id=case_id, **CLOSING)
    case = world.do("explain_no_defect_case", HANDLER, id=case_id, no_defect_reason="属个人行为，无产品缺陷")
    assert (case["state"], case["no_defect_reason"]) == ("closed", "属个人行为，无产品缺陷")
    assert (world.alerts(case_id), world.tasks(case_id)) == ([], [])


@pytest.mark.requirement("C-103", "C-104")
def test_what_the_case_knows_is_taken_over_in_one_step(world: World) -> None:
    facts = {"cause": "收头不到位", "topic": "leakage", "amount_proposed": 8000, "evidence": ["a.jpg"]}
    case_id = world.placed("closed", **facts, description="卧室渗水", closed_at=START, corrective_action="样板验收")
    for amount, state in ((5000, "paid"), (700, "withdrawn")):
        with world.service.begin(SYSTEM, command="test") as work:
            owed: dict[str, Any] = {"case_number": "CP 1", "uid": "U1", "category": "fee", "basis": "x", "payee": "王"}
            one = Compensation(case_id=case_id, evidence=[], amount=Decimal(amount), **owed)
            work.begin_life(compensations, one, state)
    complained(world, "leakage")
    defect = world.do("convert_defect_case", HANDLER, case_id=case_id, harm="墙面发霉")
    taken = {
        "title": "卧室渗水",
        "description": "卧室渗水",
        "problem": "收头不到位",
        "harm": "墙面发霉",
        "prevention": "样板验收",
        "found_in": "P01",
        "topic": "leakage",
        "photos": ["a.jpg"],
        "frequency": 2,
        "cost": "5000.00",
    }
    assert {name: defect[name] for name in taken} == taken
    assert (defect["project_id"], defect["company_id"]) == (None, None)
    with pytest.raises(ValidationFailed) as again:
        world.do("convert_defect_case", HANDLER, case_id=case_id, harm="x")
    assert again.value.errors["case_id"][0]["code"] == "taken"


def test_an_open_case_is_not_converted(world: World) -> None:
    with pytest.raises(ValidationFailed) as refused:
        world.do("convert_defect_case", HANDLER, case_id=world.placed("cause_transferred"), harm="x")
    assert refused.value.errors["case_id"][0]["code"] == "case_not_closed"
