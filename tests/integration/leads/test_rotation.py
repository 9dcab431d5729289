"""The rotation through its commands, on both databases: turns in order, deputies, readiness, the day's end."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.actors import SYSTEM
from services.chassis.duties import Alert, Task
from services.contracts import glossary
from services.contracts.errors import AnjuError, Conflict, Forbidden, ValidationFailed
from services.contracts.events.membership_referrals import ReferralRegistered
from services.contracts.roles import Role
from services.leads.customers import known_or_new
from services.leads.reception.entries import VisitEntry
from services.leads.rotation.notices import DeputyNotice
from services.leads.rotation.presentation import PresentationCheck
from services.leads.rotation.readiness import ReadinessCheck, readiness_checks
from services.leads.rotation.records import Reception
from services.leads.rotation.roster import MakeUpTurn, Roster
from services.leads.violations import Violation
from tests.integration.leads.rotation_world import ANSWERS, LEAD, NUMBERS, READY, Site, site
from tests.integration.leads.world import World, delivery, person

__all__ = ["site"]

pytestmark = pytest.mark.integration


@pytest.mark.requirement("L-25", "L-27")
def test_turns_go_round_and_each_says_why(site: Site) -> None:
    assert site.states() == {"a": "up", "b": "queued", "c": "queued"}
    first = site.receive(been_before=True, has_called=True)
    assert (first["agent"], first["assignment"], first["turn_counted"]) == ("a", "in_turn", True)
    assert site.states() == {"a": "receiving", "b": "up", "c": "queued"}
    site.lead("mark_away", "b")
    second = site.receive()
    assert second["agent"] == "c"
    assert second["why"] == [
        {"code": "turn_in_ring", "params": {"place": 3}},
        {"code": "turn_passed_off", "params": {"agents": ["b"]}},
        {"code": "turn_passed_receiving", "params": {"agents": ["a"]}},
    ]
    assert glossary.sentence("turn_passed_off", "en", agents="b") == "b absent"
    site.finish(first)
    site.lead("mark_back", "b")
    assert site.states() == {"b": "up", "c": "receiving", "a": "queued"}, "back in the old place; the turn is used"
    assert [site.slot(agent).turn_counted for agent in "abc"] == [1, 0, 1]
    (visit,) = site.mine(VisitEntry, VisitEntry.id == first["visit_id"])
    assert (visit.agent, visit.deputy, visit.named_agent) == ("a", None, None)


@pytest.mark.requirement("L-25")
def test_a_customer_is_given_back_without_a_turn(site: Site) -> None:
    given = site.receive("b")
    assert (given["agent"], given["assignment"], given["turn_counted"]) == ("b", "identified", False)
    assert site.states() == {"a": "up", "b": "receiving", "c": "queued"}
    site.finish(given)
    assert site.states() == {"a": "up", "b": "queued", "c": "queued"}, "no turn was used, so the place stays"
    assert site.slot("b").turn_counted == 0


@pytest.mark.requirement("L-25", "X-33", "L-26")
def test_a_deputy_has_no_turn_but_a_make_up_turn_that_day(site: Site) -> None:
    site.lead("mark_away", "c")
    stood_in = site.receive("c")
    assert (stood_in["agent"], stood_in["for_agent"], stood_in["turn_counted"]) == ("a", "c", False)
    assert site.states() == {"a": "deputising", "b": "up", "c": "off"}
    (visit,) = site.mine(VisitEntry)
    assert (visit.agent, visit.deputy, visit.named_agent) == ("c", "a", "c")
    assert (site.slot("a").turn_counted, site.slot("a").makeup_owed) == (0, 1)
    site.finish(stood_in)
    assert list(site.states()) == ["b", "c", "a"], "at the tail, with a turn to make up"
    made_up = site.receive()
    assert (made_up["agent"], made_up["assignment"], made_up["turn_counted"]) == ("a", "make_up", True)
    (owed,) = site.mine(MakeUpTurn)
    assert (owed.state, owed.earned_by, owed.used_by) == ("used", stood_in["id"], made_up["id"])
    assert (site.slot("a").turn_counted, site.slot("a").makeup_owed) == (1, 0)
    assert site.receive()["agent"] == "b", "the ring was not touched by it"


@pytest.mark.requirement("L-25")
def test_make_up_turns_lapse_at_midnight_and_not_before(site: Site) -> None:
    site.lead("mark_away", "c")
    site.finish(site.receive("c"))
    going_on = site.receive("c")
    midnight = datetime.combine(site.morning.date(), datetime.min.time(), site.morning.tzinfo) + timedelta(hours=16)
    site.world.at(midnight - timedelta(seconds=1))
    assert [one.state for one in site.mine(MakeUpTurn)] == ["owed", "owed"]
    site.world.at(midnight)
    assert [one.state for one in site.mine(MakeUpTurn)] == ["lapsed", "lapsed"]
    assert site.world.get(Roster, site.roster).state == "closed"
    assert site.slot("a").makeup_owed == 0
    site.finish(going_on)
    assert set(site.states().values()) == {"off"}
    with pytest.raises(ValidationFailed) as refused:
        site.receive()
    assert refused.value.errors["project_id"][0]["code"] == "no_roster_today"
    opened = site.world.do("open_roster", {"project_id": site.project}, by=LEAD)
    site.roster = opened["id"]
    assert list(site.states()) == ["c", "a", "b"], "the new day goes on where the old one ended"


@pytest.mark.requirement("L-25", "X-04")
def test_the_site_sales_lead_may_refuse_a_make_up_turn(site: Site) -> None:
    site.lead("mark_away", "c")
    site.finish(site.receive("c"))
    site.lead("refuse_make_up", "a", reason="未当日告知")
    (owed,) = site.mine(MakeUpTurn)
    assert (owed.state, owed.reason) == ("lapsed", "未当日告知")
    assert site.receive()["assignment"] == "in_turn"


@pytest.mark.requirement("L-25")
def test_an_old_customer_with_a_new_one_is_one_reception(site: Site) -> None:
    """D-03: a gives back and loses nothing; b, who receives both, has one reception counted."""
    old = site.customer()
    found = site.receive("b", brought_by_uid=old)
    assert (found["agent"], found["turn_counted"], found["brought_by_uid"]) == ("b", True, old)
    assert found["uid"] != old
    assert len(site.mine(Reception)) == 1
    assert (site.slot("a").state, site.slot("a").turn_counted) == ("up", 0)
    (visit,) = site.mine(VisitEntry)
    assert visit.referrer_uid == old


@pytest.mark.requirement("L-24", "L-25", "L-47")
def test_the_referral_of_an_owner_goes_to_whom_the_owner_knows(site: Site) -> None:
    owner, looker = site.customer(), site.customer()
    site.finish(site.receive("b", uid=owner))
    site.finish(site.receive("b", uid=looker))
    site.sell(owner, "b")
    with pytest.raises(ValidationFailed) as refused:
        site.receive(how_named="owner_referral", referrer_uid=looker, is_recommended=True)
    assert refused.value.errors["how_named"][0]["code"] == "owner_was_served_by_nobody", "who only looked is no owner"
    referred = site.receive(how_named="owner_referral", referrer_uid=owner, is_recommended=True)
    assert (referred["agent"], referred["turn_counted"]) == ("b", False)
    (visit,) = site.mine(VisitEntry, VisitEntry.uid == referred["uid"])
    assert (visit.agent, visit.referrer_uid) == ("b", owner)
    with pytest.raises(ValidationFailed) as refused:
        site.receive(how_named="by_looks")
    assert refused.value.errors["named_agent"][0]["code"] == "required"
    with pytest.raises(ValidationFailed) as refused:
        site.receive(how_named=None, named_agent="b")
    assert refused.value.errors["how_named"][0]["code"] == "required"


@pytest.mark.requirement("B-52", "L-47")
def test_who_comes_recommended_is_given_to_the_referrers_agent_whom_nobody_has_to_name(site: Site) -> None:
    owner, name = site.customer(), "周晓彤"
    site.finish(site.receive("c", uid=owner))
    site.sell(owner, "c")

    def recommend() -> str:
        phone = f"139{next(NUMBERS):08d}"
        told = {"referral_id": f"rf-{phone}", "number": "RF 1", "referrer_uid": owner, "project_id": site.project}
        friend = {"name": name, "phone": phone, "channel": "telephone"}
        site.world.take(delivery(ReferralRegistered(**told, **friend, at=site.world.now)))
        return phone

    phone = recommend()
    as_new = site.receive(name=name, phone=phone)
    assert (as_new["agent"], as_new["turn_counted"]) == ("a", True), "who names nobody and nothing is new (L-27)"
    site.finish(as_new)
    given = site.receive(name=name, phone=phone, is_recommended=True)
    assert (given["agent"], given["turn_counted"], given["uid"]) == ("c", False, as_new["uid"])
    visit = site.world.get(VisitEntry, given["visit_id"])
    assert (visit.named_agent, visit.how_named, visit.referrer_uid) == ("c", "owner_referral", owner)
    site.finish(given)
    by_themselves = site.receive(name=name, phone=recommend(), is_recommended=True, by=person("c", Role.SALES_AGENT))
    assert by_themselves["agent"] == "c", "the club says so, not the agent"
    met = {"name": name, "phone": recommend(), **ANSWERS, "is_recommended": True, "place": "bus_tour"}
    away = site.world.do("meet_visit_entry", {"project_id": site.project, **met}, by=person("b", Role.SALES_AGENT))
    assert (away["agent"], away["deputy"], away["how_named"]) == ("c", "b", "owner_referral")


@pytest.mark.requirement("L-25", "X-04")
def test_a_cancelled_round_is_taken_by_the_next_one(site: Site) -> None:
    site.lead("cancel_round", "a", reason="工牌未佩戴")
    assert site.states() == {"b": "up", "c": "queued", "a": "cancelled_for_round"}
    assert (site.slot("a").reason, site.slot("a").rounds_cancelled) == ("工牌未佩戴", 1)
    with pytest.raises(ValidationFailed):
        site.lead("cancel_round", "c", reason="没有轮到")
    site.finish(site.receive())
    assert site.states() == {"c": "up", "a": "queued", "b": "queued"}, "b took it; a waits for the next round"
    with pytest.raises(Forbidden):
        payload = {"id": site.roster, "agent": "b", "reason": "x"}
        site.world.do("cancel_round_roster", payload, by=person("b", Role.SALES_AGENT))


@pytest.mark.requirement("L-26")
def test_the_original_agent_is_told_the_same_day(site: Site) -> None:
    site.lead("mark_away", "c")
    for _ in range(2):
        site.finish(site.receive("c"))
    told, untold = site.mine(DeputyNotice)
    assert (told.agent, told.deputy) == ("c", "a")
    task = next(one for one in site.mine(Task) if one.record_id == told.id)
    assert (task.subject, task.assignee, task.state) == ("deputised_reception", "c", "open")
    with pytest.raises(Forbidden):
        site.world.do("confirm_deputy_notice", {"id": told.id}, by=person("a", Role.SALES_AGENT))
    site.world.do("confirm_deputy_notice", {"id": told.id}, by=person("c", Role.SALES_AGENT))
    assert next(one for one in site.mine(Task) if one.record_id == told.id).state == "done"
    evening = site.morning.replace(hour=12)  # 20:00 in Shanghai
    assert told.due_at == evening
    site.world.at(evening - timedelta(seconds=1))
    assert not site.mine(Alert)
    site.world.at(evening)
    (alert,) = site.mine(Alert)
    assert (alert.rule, alert.record_id, alert.recipient) == ("deputised_not_notified", untold.id, untold.deputy)
    site.world.at(evening + timedelta(hours=1))
    (alert,) = site.mine(Alert)
    assert (alert.recipient_role, alert.step) == ("site_sales_lead", 1)
    late = site.receive("c")
    (notice,) = site.mine(DeputyNotice, DeputyNotice.reception_id == late["id"])
    assert notice.due_at == evening + timedelta(hours=4), "after the hour the day's end"


@pytest.mark.requirement("L-31")
def test_leaving_a_reception_midway_is_a_violation(site: Site) -> None:
    reception = site.receive()
    with pytest.raises(Forbidden):
        site.world.do("finish_reception", {"id": reception["id"]}, by=person("b", Role.SALES_AGENT))
    payload = {"id": reception["id"], "reason": "离开去取楼书，客户独自等候 12 分钟"}
    assert site.world.do("abandon_reception", payload, by=LEAD)["state"] == "abandoned"
    (violation,) = site.mine(Violation)
    assert (violation.kind, violation.agent, violation.proposal) == ("left_reception", "a", "recorded")
    assert violation.reception_id == reception["id"]
    assert list(site.states()) == ["b", "c", "a"]


@pytest.mark.requirement("L-36")
def test_what_was_received_is_counted(site: Site) -> None:
    site.lead("cancel_round", "a", reason="着装")
    site.lead("mark_away", "c")
    site.finish(site.receive("c"))
    site.finish(site.receive())
    rows = {row["agent"]: row for row in site.report("receptions_by_agent")}
    counted = ("receptions", "turns", "deputised", "make_ups", "cancelled_rounds")
    assert [rows["b"][name] for name in counted] == [2, 1, 1, 1, 0]
    assert [rows["a"][name] for name in counted] == [0, 0, 0, 0, 1]
    assert not site.report("receptions_by_agent", until=site.morning.date() - timedelta(days=1))


@pytest.mark.requirement("L-39")
def test_each_finding_on_the_site_is_a_task(site: Site) -> None:
    points = {"cleanliness": False, "decoration": True, "atmosphere": False}
    findings = ["样板间地毯有污渍", "餐桌鲜花已枯"]
    payload = {"project_id": site.project, "area": "show_home", **points, "findings": findings, "assignee": "tang.mei"}
    made = site.world.do("check_presentation_check", payload, by=LEAD)
    assert len(site.mine(PresentationCheck)) == 1
    tasks = site.mine(Task)
    assert [one.subject for one in tasks] == findings
    assert {(one.record_id, one.assignee) for one in tasks} == {(made["id"], "tang.mei")}
    assert {one.due_at for one in tasks} == {site.morning + timedelta(hours=24)}


@pytest.mark.requirement("L-25")
def test_an_agent_marks_nobody_else_away(site: Site) -> None:
    payload = {"id": site.roster, "agent": "b"}
    with pytest.raises(ValidationFailed) as refused:
        site.world.do("mark_away_roster", payload, by=person("a", Role.SALES_AGENT))
    assert refused.value.errors["agent"][0]["code"] == "only_yourself"
    lead_elsewhere = person("a", Role.SALES_AGENT, scope=f"project:{site.project}")
    lead_elsewhere["roles"][Role.SITE_SALES_LEAD] = ["project:P999"]
    with pytest.raises(ValidationFailed) as refused:
        site.world.do("mark_away_roster", payload, by=lead_elsewhere)
    assert refused.value.errors["agent"][0]["code"] == "only_yourself"
    site.world.do("mark_away_roster", payload, by=person("b", Role.SALES_AGENT))
    going_on = site.receive()
    with pytest.raises(ValidationFailed) as refused:
        site.lead("mark_away", going_on["agent"])
    assert refused.value.errors["agent"][0]["code"] == "is_receiving"
    with pytest.raises(ValidationFailed) as refused:
        site.lead("join", "b")
    assert refused.value.errors["agent"][0]["code"] == "in_ring_already"
    with pytest.raises(ValidationFailed) as refused:
        site.world.do("open_roster", {"project_id": site.project, "agents": ["a"]}, by=LEAD)
    assert refused.value.errors["day"][0]["code"] == "roster_exists"


def everybody_ready(site: Site) -> list[str]:
    """All agents of the ring have verified everything, and as many customers stand at the door; in one transaction."""
    with site.world.service.begin(SYSTEM, command="test") as work:
        for agent in site.agents:
            check = ReadinessCheck(day=work.today, agent=agent, project_id=site.project, company_id="C01", **READY)
            work.begin_life(readiness_checks, check, "passed")
        phones = [f"138{next(NUMBERS):08d}" for _ in site.agents]
        uids = [known_or_new(work, name="李雷", phone=phone, project_id=site.project).id for phone in phones]
        work.finish()
    return uids


@pytest.mark.requirement("L-25")
def test_fifty_receptionists_at_once_have_fifty_turns_in_order(shared: World) -> None:
    agents = [f"agent{number:02d}" for number in range(50)]
    site = Site(shared, agents, ready=False)
    uids = everybody_ready(site)
    gate, answers = threading.Barrier(len(uids)), list[Any]()

    def press(uid: str) -> None:
        gate.wait(30)
        for _ in range(20):
            try:
                answers.append(site.receive(uid=uid))
            except (sa.exc.OperationalError, sa.exc.TimeoutError):
                continue  # a slow machine kept them waiting: they press again
            except AnjuError as refusal:
                answers.append(refusal)
            return

    threads = [threading.Thread(target=press, args=(uid,)) for uid in uids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    receptions = sorted((one for one in answers if isinstance(one, dict)), key=lambda one: one["number"])
    assert [one["agent"] for one in receptions] == agents, "each has one turn, in the order of the ring"
    assert [one["why"][0]["params"]["place"] for one in receptions] == list(range(1, 51))
    assert len(site.mine(VisitEntry)) == 50
    with pytest.raises(Conflict):
        site.receive()
