"""What is done with portraits: figures, matching homes, content, mass changes (L-15, L-16, L-18, L-164, X-36.15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import reports, views
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden, OwnSubmission
from services.leads.customers import CustomerStage
from services.leads.portraits.changes import BATCH, TagChange
from tests.integration.leads.portrait_world import (
    AFFAIRS,
    AGENT,
    BASE,
    MARKETING,
    STEWARD,
    Portraits,
    opened,
    uid,
    world,
)
from tests.integration.leads.world import START, person

__all__ = ["opened", "uid", "world"]


def run(world: Portraits, name: str, by: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    """The rows of a report; each count is as long as the list behind it."""
    with world.service.reading(Actor.from_wire(by)) as work:
        rows: list[dict[str, Any]] = reports.run(work, name, params)["rows"]
        register = world.service.reports[name].process.name
        for row in rows:
            for count, filters in row["behind"].items():
                assert views.search(work, register, {"filters": filters})["count"] == row["values"][count], (row, count)
    return [row["values"] for row in rows]


@pytest.mark.requirement("L-18", "L-05", "L-166", "X-143")
def test_coverage_is_the_share_of_customers_whose_required_tags_are_filled(world: Portraits) -> None:
    agents = {user: person(user, "sales_agent", scope="project:P02") for user in ("lin.xue", "gao.peng")}
    for user, customers, complete in (("lin.xue", 3, 2), ("gao.peng", 2, 0)):
        for number in range(customers):
            uid = world.customer("P02")
            call = {"uid": uid, "project_id": "P02", "source": "website", "is_invited": False, "agent": user}
            world.do("register_call_entry", call, by=person("qian.jun", "site_sales_lead", scope="project:P02"))
            tags = BASE if number < complete else {"region": "余杭"}
            world.note(uid, by=agents[user], **tags)
    world.customer("P02")
    rows = run(world, "tag_coverage", STEWARD, project_id="P02")
    told = {row["agent"]: (row["customers"], row["incomplete"], row["coverage"]) for row in rows}
    assert told == {"lin.xue": (3, 1, 67), "gao.peng": (2, 2, 0), None: (1, 1, 0)}
    assert {row["department"] for row in rows} == {"project_department"}
    assert next(row["quality"] for row in rows if row["agent"] == "gao.peng") == 55
    # The same, counted from the statements alone.
    of_project = [one.uid for one in world.all(CustomerStage, CustomerStage.project_id == "P02")]
    filled = {
        one: {said.tag for said in world.statements(one) if said.state == "in_force"} >= set(BASE) for one in of_project
    }
    assert sum(filled.values()) == sum(row["customers"] - row["incomplete"] for row in rows) == 2


@pytest.mark.requirement("L-06", "L-166")
def test_conflicts_are_counted_by_tag(world: Portraits) -> None:
    agent, lead = (person(AGENT["user"], role, scope="project:P03") for role in ("sales_agent", "site_sales_lead"))
    for decided in (True, False):
        uid = world.customer("P03")
        world.note(uid, by=agent, region="余杭")
        world.note(uid, by=agent, self_declared=True, region="西湖")
        (conflict,) = world.conflicts(uid)
        if decided:
            given = {"id": conflict.id, "value": "西湖", "reason": "已电话核实"}
            world.do("resolve_tag_conflict", given, by=STEWARD)
    rows = run(world, "conflicts_by_tag", lead)
    assert rows == [{"tag": "region", "conflicts": 2, "open": 1, "resolved": 1}]
    values = run(world, "portrait", lead, tag="region")
    assert [(row["band"], row["customers"]) for row in values] == [("西湖", 2)]


@pytest.mark.requirement("L-164", "L-165")
def test_customers_are_counted_by_what_they_are_and_want(world: Portraits) -> None:
    lead = person("zhou.wu", "site_sales_lead", scope="project:P03")
    before = {row["band"]: row["customers"] for row in run(world, "portrait", lead, tag="purchase_budget")}
    for budget in ("180", "200", "260"):
        world.note(world.customer("P03"), by=lead, purchase_budget=budget, wanted_area="100", interests="阅读")
    after = {row["band"]: row["customers"] for row in run(world, "portrait", lead, tag="purchase_budget")}
    assert {band: count - before.get(band, 0) for band, count in after.items()} == {"100–200": 1, "200–300": 2}
    told = {(row["tag"], row["band"]) for row in run(world, "needs_and_behaviour", lead)}
    assert told >= {("wanted_area", "90–120"), ("purchase_capability", "中"), ("purchase_capability", "低")}


@pytest.mark.requirement("L-16")
def test_homes_on_sale_are_ranked_by_fit(world: Portraits, uid: str) -> None:
    for code, unit_type, area, floor, price, on_sale in (
        ("P01-1-1", "三室两厅", "118", 9, "3100000", True),
        ("P01-1-2", "三室两厅", "120", 9, "2950000", True),
        ("P01-1-3", "两室两厅", "89", 9, "2300000", True),
        ("P01-1-4", "三室两厅", "120", 9, "2950000", False),
    ):
        plot = {"code": code, "project_id": "P01", "building": "1", "unit": "1", "unit_type": unit_type}
        world.do("set_up_home", {**plot, "area": area, "floor": floor, "orientation": "南"})
        if on_sale:
            world.do("open_sale_home", {"id": code, "opened_on": START.date(), "price": price})
    assert run(world, "matching_homes", AGENT, uid=uid) == []
    world.note(uid, purchase_budget="300", wanted_area="120", preferred_unit_type="三室两厅", wanted_floor="中楼层")
    rows = run(world, "matching_homes", AGENT, uid=uid, project_id="P01")
    ranked = [(row["home_id"], row["fit"], row["fit_budget"], row["fit_orientation"]) for row in rows]
    assert ranked == [("P01-1-2", 100, 100, None), ("P01-1-1", 83, 67, None), ("P01-1-3", 50, 100, None)]
    assert run(world, "matching_homes", AGENT) == []


@pytest.mark.requirement("L-15")
def test_what_suits_a_customer_is_told_and_what_must_not_be_sent(world: Portraits, uid: str) -> None:
    def rule(title: str, verdict: str, theme: str, *conditions: str, **more: str) -> dict[str, Any]:
        return {"title": title, "verdict": verdict, "theme": theme, "conditions": list(conditions), **more}

    schools = rule("重视教育", "suits", "school_catchment", "purchase_purpose=子女教育", content="学区讲解")
    luxury = rule("收藏爱好者", "suits", "luxury_homes", "interests=收藏", content="豪宅品鉴会")
    limited = rule("预算有限", "excluded", "luxury_homes", "purchase_budget<=300.0")
    for one in (schools, luxury, limited):
        kept = world.do("add_content_rule", one, by=MARKETING)
    assert kept["conditions"] == ["purchase_budget<=300"]
    for wrong, problem in (
        (rule("x", "suits", "luxury_homes", "interests=收藏"), {"content": "required"}),
        (rule("x", "excluded", "luxury_homes"), {"conditions": "required"}),
        (rule("x", "excluded", "luxury_homes", "interests<=3"), {"conditions": "tag_not_a_number"}),
        (rule("x", "excluded", "luxury_homes", "age=老"), {"conditions": "tag_choice"}),
        (rule("x", "excluded", "luxury_homes", "pets=狗"), {"conditions": "unknown_reference"}),
    ):
        assert world.refused("add_content_rule", wrong, MARKETING) == problem
    world.note(uid, purchase_purpose="子女教育", interests="收藏", purchase_budget="300")
    rows = run(world, "content_for_customer", AGENT, uid=uid)
    assert [(row["theme"], row["verdict"], row["content"], row["because"]) for row in rows] == [
        ("school_catchment", "suits", "学区讲解", "重视教育"),
        ("luxury_homes", "excluded", None, "预算有限"),
    ]


@pytest.mark.requirement("X-36.15")
def test_a_mass_change_is_proposed_by_one_consented_to_by_another_and_done_in_batches(world: Portraits) -> None:
    several = [world.customer(source="community_group") for _ in range(5)]
    world.note(several[0], consumption="注重品质")
    company, bystander = world.customer(kind="company", source="community_group"), world.customer()
    asked = {"tag": "consumption", "value": "注重圈层", "source": "community_group", "reason": "社群调研结果"}
    change = world.do("propose_tag_change", asked, by=STEWARD)
    assert (change["state"], change["expected"]) == ("submitted", 6)
    both = {"user": "cao.rui", "name": "曹睿", "roles": {"data_steward": ["group"], "customer_affairs": ["group"]}}
    with pytest.raises(OwnSubmission):
        world.do("approve_tag_change", {"id": change["id"]}, by=both)
    with pytest.raises(Forbidden):
        world.do("approve_tag_change", {"id": change["id"]}, by=STEWARD | {"user": "another"})
    world.now += timedelta(minutes=1)
    later = world.customer(source="community_group")
    figure = {"parameter": BATCH.name, "value": "2", "valid_from": START, "reason": "测试"}
    world.do("establish_parameter", figure, by=person("yan.kai", "administrator"))
    world.do("approve_tag_change", {"id": change["id"]}, by=AFFAIRS)
    counts = []
    while world.get(TagChange, change["id"]).state == "applying":
        world.at(world.now)
        counts.append(world.get(TagChange, change["id"]).changed)
    assert counts == [2, 4, 6, 6]
    done = world.get(TagChange, change["id"])
    assert (done.state, done.approved_by, done.changed) == ("applied", "zheng.jie", 6)
    for one in (*several, company):
        assert world.held(one)["consumption"] == "注重圈层"
        (effective,) = [said for said in world.statements(one) if said.is_effective]
        assert (effective.source, effective.cause, effective.confirmed_by) == ("steward", change["number"], "zheng.jie")
    assert world.conflicts(several[0]) == []
    assert world.held(bystander) == world.held(later) == {}


@pytest.mark.requirement("X-36.15")
def test_a_mass_change_that_is_refused_changes_nobody(world: Portraits, uid: str) -> None:
    world.note(uid, region="拱墅")
    asked = {"tag": "consumption", "value": "注重品牌", "condition": "region=拱墅", "reason": "区域调研"}
    change = world.do("propose_tag_change", asked, by=STEWARD)
    assert change["expected"] == 1
    assert world.do("refuse_tag_change", {"id": change["id"], "reason": "样本太少"}, by=AFFAIRS)["state"] == "refused"
    world.at(world.now)
    assert world.held(uid) == {"region": "拱墅"}
    for wrong, problem in (
        ({"condition": "region=桐庐"}, {"tag": "nobody_fits"}),
        ({"condition": "purchase_budget>=100"}, {"condition": "tag_condition_equal"}),
        ({"tag": "site_visits", "value": "3"}, {"tag": "tag_computed"}),
        ({"value": "随便"}, {"value": "tag_choice"}),
    ):
        assert world.refused("propose_tag_change", {**asked, **wrong}, STEWARD) == problem
    of_company = person("cao.rui", "data_steward", scope="company:C01")
    assert world.refused("propose_tag_change", asked, of_company) == {"company_id": "required"}
