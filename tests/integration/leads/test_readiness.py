"""Who is ready to receive: the checklist, and changes that have to be known (L-29, L-30)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.duties import Alert, Task
from services.contracts.errors import Conflict, Forbidden, ValidationFailed
from services.contracts.roles import Role
from services.leads.reception.entries import VisitEntry
from services.leads.rotation.readiness import ReadinessCheck
from tests.integration.leads.rotation_world import LEAD, READY, Site, site
from tests.integration.leads.world import World, person

__all__ = ["site"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-29")
def test_nobody_receives_unready_and_agent_and_lead_are_told(shared: World) -> None:
    site = Site(shared, ["a", "b", "c"], ready=False)
    check = site.declare("a", props=False)
    site.declare("b")
    assert not site.mine(Alert), "nobody has come yet"
    assert site.receive()["agent"] == "b"
    (alert,) = site.mine(Alert)
    assert (alert.rule, alert.recipient, alert.recipient_role) == ("readiness_unchecked", "a", "sales_agent")
    assert {(one.role, one.assignee) for one in site.mine(Task)} == {("sales_agent", "a"), ("site_sales_lead", None)}
    site.declare("c")
    site.receive()
    assert len(site.mine(Alert)) == 1, "one open alert"
    shared.do("complete_readiness_check", {"id": check["id"]}, by=person("a", Role.SALES_AGENT))
    assert [one.state for one in site.mine(Alert)] == ["cleared"]
    assert {one.state for one in site.mine(Task)} == {"dropped"}
    assert site.receive()["agent"] == "a"


@pytest.mark.requirement("L-29")
def test_where_nobody_can_receive_those_who_are_not_ready_are_told_all_the_same(shared: World) -> None:
    site = Site(shared, ["a", "b", "c"], ready=False)
    site.lead("mark_away", "c")
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            site.receive()
        assert (refused.value.code, refused.value.params) == ("nobody_can_receive", {"count": 3})
    assert not site.mine(VisitEntry)
    told = {(one.rule, one.recipient, one.state) for one in site.mine(Alert)}
    assert told == {("readiness_unchecked", agent, "raised") for agent in "ab"}, "who is off is not asked"
    assert len(site.mine(Alert)) == 2, "one open alert for each, however often somebody stands at the door"
    assert sorted(str(one.assignee) for one in site.mine(Task)) == ["None", "None", "a", "b"]
    site.declare("a")
    assert {one.recipient: one.state for one in site.mine(Alert)} == {"a": "cleared", "b": "raised"}


def test_what_was_verified_stays_said_when_it_proves_wrong(site: Site) -> None:
    (check,) = site.mine(ReadinessCheck, ReadinessCheck.agent == "a")
    assert (check.state, check.sales_facts) == ("passed", True), "the agent said that all of it was verified"
    reception = site.receive()
    wrong = {
        "project_id": site.project,
        "agent": "a",
        "kind": "unverified_information",
        "reception_id": reception["id"],
    }
    told = {"occurred_on": site.morning.date(), "evidence": "向客户报了已下架的价格"}
    with pytest.raises(ValidationFailed) as refused:
        site.world.do("record_violation", {**wrong, **told, "agent": "b"}, by=LEAD)
    assert refused.value.errors["reception_id"][0]["code"] == "reception_of_another"
    found = site.world.do("record_violation", {**wrong, **told}, by=LEAD)
    assert (found["state"], found["proposal"]) == ("proposed", "recorded")
    decided = site.world.do("confirm_violation", {"id": found["id"]}, by=person("director", Role.SALES_DIRECTOR))
    assert (decided["state"], decided["decided"]) == ("confirmed", "recorded")
    assert site.world.get(ReadinessCheck, check.id).state == "passed", "what was said before stays said"


@pytest.mark.requirement("L-29")
def test_every_point_of_the_checklist_blocks_the_turn(shared: World) -> None:
    site = Site(shared, [*READY, "ready"], ready=False)
    for missing in READY:
        assert site.declare(missing, **{missing: False})["state"] == "incomplete"
    site.declare("ready")
    assert [row["block"] for row in site.report("rotation_today")] == ["unready"] * 5 + [None]
    assert [row["agent"] for row in site.report("rotation_today") if row["is_next"]] == ["ready"]


@pytest.mark.requirement("L-29", "L-25")
def test_a_failed_check_costs_the_round_until_the_lead_has_looked_again(site: Site) -> None:
    (check,) = site.mine(ReadinessCheck, ReadinessCheck.agent == "a")
    fail = {"id": check.id, "reason": "着装不合格"}
    with pytest.raises(Forbidden):
        site.world.do("fail_readiness_check", fail, by=person("a", Role.SALES_AGENT))
    site.world.do("fail_readiness_check", fail, by=LEAD)
    assert site.states() == {"b": "up", "c": "queued", "a": "cancelled_for_round"}
    with pytest.raises(ValidationFailed) as refused:
        site.declare("a")
    assert refused.value.errors["agent"][0]["code"] == "checked_already"
    site.finish(site.receive())
    site.finish(site.receive())
    assert site.states()["a"] == "up"
    assert site.receive()["agent"] == "b", "up, and blocked"
    site.world.do("recheck_readiness_check", {"id": check.id}, by=LEAD)
    assert site.receive()["agent"] == "a"


@pytest.mark.requirement("L-30")
def test_a_change_is_acknowledged_before_the_next_reception(site: Site) -> None:
    change = {"kind": "price", "content": "3 号楼每平米上调 200 元", "effective_at": site.morning + timedelta(days=1)}
    published = site.world.do("publish_sales_fact_change", {"project_id": site.project, **change}, by=LEAD)
    assert {row["block"] for row in site.report("rotation_today")} == {"unacknowledged"}
    with pytest.raises(Conflict):
        site.receive()
    sign = {"change_id": published["id"]}
    site.world.do("sign_fact_receipt", sign, by=person("b", Role.SALES_AGENT))
    found = site.receive()
    assert found["agent"] == "b"
    assert found["why"][1] == {"code": "turn_passed_unacknowledged", "params": {"agents": ["a"]}}
    assert not site.mine(Alert), "that alert is about readiness"
    with pytest.raises(ValidationFailed):
        site.world.do("sign_fact_receipt", sign, by=person("b", Role.SALES_AGENT))
    corrected = {"corrects_id": published["id"], "correction_reason": "数字有误", "content": "上调 300 元"}
    site.world.do("correct_sales_fact_change", corrected, by=LEAD)
    site.finish(found)
    assert {row["block"] for row in site.report("rotation_today")} == {"unacknowledged"}, "the correction is a change"


@pytest.mark.requirement("L-30")
@pytest.mark.parametrize(("holds", "known"), [(timedelta(0), 30), (timedelta(days=31), 61)])
def test_a_change_has_to_be_known_for_thirty_days_after_it_holds(site: Site, holds: timedelta, known: int) -> None:
    change = {"kind": "availability", "content": "5 号楼暂停销售", "effective_at": site.morning + holds}
    site.world.do("publish_sales_fact_change", {"project_id": site.project, **change}, by=LEAD)
    over = site.morning + timedelta(days=known)
    site.world.now = over - timedelta(seconds=1)
    site.world.do("open_roster", {"project_id": site.project}, by=LEAD)
    for agent in site.agents:
        site.declare(agent)
    assert {row["block"] for row in site.report("rotation_today")} == {"unacknowledged"}
    site.world.now = over
    assert {row["block"] for row in site.report("rotation_today")} == {None}


@pytest.mark.requirement("L-30")
def test_each_agent_is_shown_what_they_have_not_acknowledged(site: Site) -> None:
    change = {"project_id": site.project, "kind": "facts", "effective_at": site.morning}
    first, second = (
        site.world.do("publish_sales_fact_change", {**change, "content": content}, by=LEAD)
        for content in ("学区划片未定，不得承诺", "车位配比 1:1.1")
    )
    agent = person("b", Role.SALES_AGENT)
    assert [row["content"] for row in site.report("unread_changes", by=agent)] == [first["content"], second["content"]]
    site.world.do("sign_fact_receipt", {"change_id": first["id"]}, by=agent)
    (left,) = site.report("unread_changes", by=agent)
    assert (left["change_id"], left["kind"]) == (second["id"], "facts")
    others = site.report("unread_changes", by=person("c", Role.SALES_AGENT))
    assert [row["acknowledged"] for row in others] == [1, 0], "what b knows is not known to c"
    corrected = {"corrects_id": second["id"], "correction_reason": "数字有误", "content": "车位配比 1:1"}
    site.world.do("correct_sales_fact_change", corrected, by=LEAD)
    assert [row["content"] for row in site.report("unread_changes", by=agent)] == [corrected["content"]]
