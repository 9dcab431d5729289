"""Calls and visits: whose they are, and what follows an entry or its correction (L-20 to L-27, L-35)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.duties import Task
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import CallRegistered, ObjectionRecorded, VisitRegistered
from services.leads.customers import Customer, CustomerStage
from services.leads.interactions import Interaction
from services.leads.reception.entries import VisitEntry
from services.leads.reception.follow_ups import SalesFollowUp
from tests.integration.leads.floor import LEAD, call, refused, visit
from tests.integration.leads.world import START, World


@pytest.mark.requirement("L-20", "X-55", "L-55")
def test_a_call_is_an_entry_a_contact_a_stage_and_a_follow_up(floor: World) -> None:
    entry = call(floor, topic="budget", needs="三房", is_invited=True, appointment_at=START + timedelta(days=2))
    assert (entry["number"], entry["agent"], entry["source"]) == ("CE 2026-P01-000001", "zhao.min", "website")
    (told,) = floor.told(CallRegistered)
    assert (told["call_id"], told["window_end"], told["topic"]) == (entry["id"], "2026-03-07", "budget")
    (contact,) = floor.all(Interaction)
    assert (contact.uid, contact.kind, contact.direction, contact.reference) == (
        *(entry["uid"], "call", "inbound"),
        entry["number"],
    )
    (stage,) = floor.all(CustomerStage)
    assert (stage.state, stage.agent, stage.source) == ("registered", "zhao.min", "website")
    (due,) = floor.all(SalesFollowUp)
    assert (due.cause, due.agent, due.state) == ("call", "zhao.min", "open")


@pytest.mark.requirement("L-20", "L-41")
def test_the_day_of_a_late_call_is_day_zero_in_shanghai(floor: World) -> None:
    floor.now = START + timedelta(days=3)
    call(floor, at=START + timedelta(hours=13, minutes=59))
    call(floor, at=START + timedelta(hours=14))
    assert [one["window_end"] for one in floor.told(CallRegistered)] == ["2026-03-07", "2026-03-08"]


@pytest.mark.requirement("L-02", "L-03", "L-27")
def test_a_known_number_is_the_customer_and_whoever_names_nobody_is_new(floor: World) -> None:
    first = call(floor, by="zhao.min")
    second = visit(floor, "138-0013-8000", by="lin.xue", name="王小姐")
    assert first["uid"] == second["uid"]
    assert [one.name for one in floor.all(Customer)] == ["王芳"]
    assert (second["agent"], second["kind"], second["number"]) == ("lin.xue", "first", "FV 2026-P01-000001")


@pytest.mark.requirement("L-20", "L-21")
def test_an_entry_names_a_customer_or_a_contact_and_not_both(floor: World) -> None:
    uid = call(floor)["uid"]
    assert refused(call, floor, None, name=None) == {"phone": "required", "name": "required"}
    assert refused(call, floor, name=None) == {"name": "required"}
    assert refused(call, floor, uid=uid) == {"name": "customer_or_contact"}
    assert refused(visit, floor, uid=uid, name=None) == {"phone": "customer_or_contact"}
    assert refused(visit, floor, None, name=None, uid="nobody") == {"uid": "unknown_reference"}
    assert visit(floor, None, name=None, uid=uid)["uid"] == uid


@pytest.mark.requirement("L-24")
@pytest.mark.parametrize("question", ["been_before", "has_called", "is_recommended"])
def test_no_visit_without_the_three_answers(floor: World, question: str) -> None:
    assert refused(visit, floor, **{question: None}) == {question: "required"}


@pytest.mark.requirement("L-24")
def test_the_answers_agree_with_each_other(floor: World) -> None:
    friend = visit(floor, "13900139000", by="lin.xue", name="陈强")["uid"]
    floor.do("set_up_home", {"code": "P01-1-1", "project_id": "P01", "building": "1", "unit": "1"})
    floor.do("open_sale_home", {"id": "P01-1-1", "opened_on": START.date(), "price": "2000000"})
    bought = {"uid": friend, "home_id": "P01-1-1", "deposit": "50000", "agent": "lin.xue"}
    floor.do("sign_reservation", bought, by=LEAD)
    own = call(floor)["uid"]
    assert refused(visit, floor, named_agent="lin.xue") == {"how_named": "required"}
    assert refused(visit, floor, how_named="by_looks") == {"named_agent": "required"}
    referral = {"named_agent": "lin.xue", "how_named": "owner_referral"}
    assert refused(visit, floor, **referral, is_recommended=True) == {"referrer_uid": "required"}
    assert refused(visit, floor, referrer_uid=friend) == {"is_recommended": "referrer_without_recommendation"}
    assert refused(visit, floor, is_recommended=True, referrer_uid=own) == {"referrer_uid": "own_referrer"}
    assert refused(visit, floor, party_size=0) == {"party_size": "at_least"}
    assert refused(visit, floor, at=START + timedelta(seconds=1)) == {"at": "in_the_future"}
    assert refused(call, floor, appointment_at=START) == {"is_invited": "appointment_without_invitation"}
    owner = {"is_recommended": True, "referrer_uid": friend}
    assert refused(visit, floor, **{**referral, **owner, "named_agent": "gao.peng"}) == {
        "named_agent": "owner_was_served_by"
    }
    nobodys = {**referral, **owner, "referrer_uid": call(floor, "13700137000", name="周凯")["uid"]}
    assert refused(visit, floor, **nobodys) == {"how_named": "owner_was_served_by_nobody"}
    made = visit(floor, how_named="owner_referral", **owner)
    assert (made["agent"], made["named_agent"], made["how_named"]) == ("lin.xue", "lin.xue", "owner_referral")
    assert visit(floor, is_recommended=True)["referrer_uid"] is None, "a friend whom we do not know"


@pytest.mark.requirement("L-21", "L-22", "L-35")
def test_a_return_visit_to_the_same_agent_has_a_register_of_its_own(floor: World) -> None:
    visit(floor, place="bus_tour")
    second = visit(floor, been_before=True, deputy="fang.hui")
    assert (second["kind"], second["number"], second["place"]) == ("return", "RV 2026-P01-000001", "sales_site")
    first, returned = floor.told(VisitRegistered)
    assert (first["kind"], returned["kind"], returned["deputy"], returned["at"]) == (
        *("first", "return", "fang.hui"),
        "2026-03-02T02:00:00Z",
    )
    assert [one.place for one in floor.all(VisitEntry)] == ["bus_tour", "sales_site"]
    (stage,) = floor.all(CustomerStage)
    assert stage.state == "visited"
    assert [(one.cause, one.state) for one in floor.all(SalesFollowUp)] == [("visit", "dropped"), ("visit", "open")]


@pytest.mark.requirement("L-33")
def test_an_objection_at_a_visit_is_marketings_at_once(floor: World) -> None:
    assert refused(visit, floor, objection="楼间距太小") == {"objection_topic": "required"}
    entry = visit(floor, objection="楼间距太小", objection_topic="estate_planning", objection_strength="strong")
    (told,) = floor.told(ObjectionRecorded)
    assert (told["topic"], told["content"], told["strength"]) == ("estate_planning", "楼间距太小", "strong")
    (task,) = floor.all(Task, Task.role == "marketing")
    assert (task.subject, task.state) == ("objection_for_scripts", "open")
    with pytest.raises(ValidationFailed):
        other = call(floor, "13900139000")["uid"]
        said = {"project_id": "P01", "topic": "budget", "content": "贵"}
        floor.do("record_objection", {"uid": other, "visit_id": entry["id"], **said})
    floor.do("revise_script_objection", {"id": told["objection_id"], "script": "强调南北通透与中央景观。"})
    assert floor.get(Task, task.id).state == "dropped"


@pytest.mark.requirement("X-47", "L-23")
def test_what_follows_an_entry_follows_its_correction_too(floor: World) -> None:
    wrong = visit(floor)
    before = floor.get(VisitEntry, wrong["id"])
    right = call(floor, "13900139000", name="陈强")["uid"]
    floor.now = START + timedelta(hours=1)
    fixed = {"corrects_id": wrong["id"], "correction_reason": "登记错人", "uid": right, "agent": "lin.xue"}
    entry = floor.do("correct_visit_entry", fixed, by=LEAD)
    assert (entry["uid"], entry["agent"], entry["corrects_id"]) == (right, "lin.xue", wrong["id"])
    (first, again) = floor.told(VisitRegistered)
    assert (first["corrects_id"], again["corrects_id"], again["uid"], again["agent"], again["at"]) == (
        *(None, wrong["id"], right, "lin.xue"),
        "2026-03-02T02:00:00Z",
    )
    assert (entry["created_by"], entry["created_at"]) == (LEAD["user"], "2026-03-02T03:00:00Z")
    stays = floor.get(VisitEntry, wrong["id"])
    assert all(getattr(stays, name) == getattr(before, name) for name in (*VisitEntry.__fields__, "created_at"))
    stages = {one.uid: (one.state, one.agent) for one in floor.all(CustomerStage)}
    assert stages == {wrong["uid"]: ("visited", None), right: ("visited", "lin.xue")}
    contact = floor.all(Interaction, Interaction.reference == entry["number"])[0]
    assert (contact.uid, contact.correction_reason) == (right, "登记错人")
    due = {(one.uid, one.agent): one.state for one in floor.all(SalesFollowUp, SalesFollowUp.cause == "visit")}
    assert due == {(wrong["uid"], "zhao.min"): "dropped", (right, "lin.xue"): "open"}
    later = {"corrects_id": entry["id"], "correction_reason": "时间", "at": START + timedelta(days=1)}
    assert refused(floor.do, "correct_visit_entry", later, by=LEAD) == {"at": "in_the_future"}
