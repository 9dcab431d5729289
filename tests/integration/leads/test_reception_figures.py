"""What the reception counts, each number with the list behind it; and the three paper registers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.contracts import glossary
from services.leads.customers import CustomerStage
from services.leads.customers.lifecycle import contract
from services.leads.reception.follow_ups import SalesFollowUp
from services.leads.reception.objections import Objection
from tests.integration.leads.floor import LEAD, agent, call, visit
from tests.integration.leads.world import START, World, person

READER = Actor.from_wire(LEAD)


def counted(world: World, name: str, reader: Actor = READER) -> list[dict[str, Any]]:
    """The rows of a report; each count is the length of the list behind it."""
    chosen = world.service.reports[name]
    with world.reading(reader) as work:
        rows = reports.run(work, name, {})["rows"]
        for row in rows:
            for count in chosen.counts:
                found = views.search(work, chosen.process.name, {"filters": row["behind"][count]})
                assert found["count"] == row["values"][count], (name, count, row)
    return [row["values"] for row in rows]


@pytest.fixture
def busy(floor: World) -> World:
    """A week: two who called, one of whom came, wants to buy and is reserved; one who came and is lost."""
    call(floor, "13800138001")
    call(floor, "13800138002", name="陈强")
    visit(floor, "13800138002", objection="太贵", objection_topic="budget")
    visit(floor, "13800138003", by="lin.xue", name="赵丽", objection="远", objection_topic="location")
    stages = {one.uid: one for one in floor.all(CustomerStage)}
    by_phone = {one.agent: one for one in stages.values() if one.state == "visited"}
    floor.do("note_interest_customer_stage", {"id": by_phone["zhao.min"].id})
    floor.at(START + timedelta(hours=23))
    for due in floor.all(SalesFollowUp, SalesFollowUp.state == "open", SalesFollowUp.agent == "zhao.min"):
        result = "reached" if due.cause == "visit" else "no_answer"
        said = {"id": due.id, "channel": "telephone", "result": result}
        floor.do("record_sales_follow_up", said, by=agent("zhao.min"))
    floor.at(START + timedelta(hours=24))
    floor.do("lose_customer_stage", {"id": by_phone["lin.xue"].id, "lost_reason": "location"})
    return floor


@pytest.mark.requirement("L-160", "L-161", "L-163", "L-174", "L-59")
def test_each_figure_of_the_reception(busy: World) -> None:
    zhao, lin = sorted(counted(busy, "sales_funnel"), key=lambda row: -row["customers"])
    steps = ("agent", "source", "customers", "visited", "interested", "reserved", "visited_rate", "interested_rate")
    assert [zhao[one] for one in steps] == ["zhao.min", "website", 2, 1, 1, 0, 50, 100]
    assert [lin[one] for one in steps] == ["lin.xue", None, 1, 1, 0, 0, 100, 0], "who is lost has visited"

    ours = {row["agent"]: row for row in counted(busy, "follow_up_discipline")}
    kept = ("follow_ups", "of_visits", "not_in_time", "overdue", "done", "reached", "contact_rate")
    assert [ours["zhao.min"][one] for one in kept] == [4, 1, 0, 0, 2, 1, 50]
    assert [ours["lin.xue"][one] for one in kept] == [1, 1, 1, 0, 0, 0, None], "who is lost is not overdue"

    (dear,) = busy.all(Objection, Objection.topic == "budget")
    busy.do("revise_script_objection", {"id": dear.id, "script": "首付可分期。"})
    heat = counted(busy, "objection_heat_map")
    assert [(row["topic"], row["month"], row["objections"], row["scripts_revised"]) for row in heat] == [
        ("budget", "2026-03-01", 1, 1),
        ("location", "2026-03-01", 1, 0),
    ]
    (lost,) = counted(busy, "lost_customers")
    assert (lost["lost_reason"], lost["topic"], lost["customers"]) == ("location", "location", 1)

    new, existing = counted(busy, "close_rates")
    assert [new[one] for one in ("group", "customers", "closed", "close_rate", "reference_rate")] == [
        "new",
        3,
        0,
        0,
        15,
    ]
    assert [existing[one] for one in ("customers", "close_rate", "reference_rate", "cost_ratio")] == [0, None, 50, 7]


@pytest.mark.requirement("L-163")
def test_an_objection_is_counted_in_the_month_of_shanghai(floor: World) -> None:
    uid = visit(floor)["uid"]
    for moment in ("2026-03-31T15:59:59.999999+00:00", "2026-03-31T16:00:00+00:00"):
        floor.now = datetime.fromisoformat(moment)
        said = {"uid": uid, "project_id": "P01", "topic": "budget", "content": "太贵"}
        floor.do("record_objection", said, by=agent("zhao.min"))
    heat = counted(floor, "objection_heat_map")
    assert [(row["month"], row["objections"]) for row in heat] == [("2026-03-01", 1), ("2026-04-01", 1)]


@pytest.mark.requirement("L-174")
def test_who_has_bought_before_counts_as_existing(busy: World) -> None:
    (stage, *_) = busy.all(CustomerStage, CustomerStage.state == "interested")
    busy.perform(contract, stage.id)
    busy.do("set_up_project", {"code": "P02", "name": "云栖里", "company_id": "C01"})
    busy.do("begin_customer_stage", {"uid": stage.uid, "project_id": "P02"})
    new, existing = counted(busy, "close_rates")
    assert (new["customers"], new["closed"], new["close_rate"]) == (3, 1, 33)
    assert (existing["customers"], existing["closed"]) == (0, 0), "the lead of P01 does not see P02"
    _, everywhere = counted(busy, "close_rates", reader=Actor.from_wire(person("sun.li", "sales_director")))
    assert (everywhere["customers"], everywhere["closed"]) == (1, 0)


@pytest.mark.requirement("X-311", "X-395", "L-20", "L-21", "L-22")
@pytest.mark.parametrize("name", ["incoming_call_register", "visit_register", "return_visit_register"])
def test_a_paper_register_holds_its_entries_in_the_papers_order(busy: World, name: str) -> None:
    visit(busy, "13800138002", been_before=True)
    process = next(one for one in busy.service.processes for paper in one.extracts if paper.name == name)
    paper = next(one for one in process.extracts if one.name == name)
    assert paper.columns[:2] == ("number", "at")
    assert paper.columns[-4:] == ("corrects_id", "correction_reason", "created_by", "created_at")
    with busy.reading(READER) as work:
        found = views.search(work, process.name, {"filters": dict(paper.holding)})["result"]
    prefix = {"incoming_call_register": "CE", "visit_register": "FV", "return_visit_register": "RV"}[name]
    assert {row["number"][:2] for row in found} == {prefix}
    assert all(glossary.field_term("leads", process.name, column, "zh") for column in paper.columns)
