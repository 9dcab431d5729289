"""What is due after a visit, a call and a silence, and how often a customer may be contacted (L-34, L-55 to L-60)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.duties import Alert, Task
from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.leads_sales import ChurnRiskDetected, ObjectionRecorded, VisitFollowUpOverdue
from services.leads.customers import CustomerStage
from services.leads.interactions import Interaction
from services.leads.reception.follow_ups import SalesFollowUp
from tests.integration.leads.floor import LEAD, agent, call, refused, visit
from tests.integration.leads.world import START, World

SECOND = timedelta(seconds=1)


def open_follow_ups(world: World) -> list[SalesFollowUp]:
    return world.all(SalesFollowUp, SalesFollowUp.state == "open")


def record(world: World, result: str = "reached", **more: Any) -> dict[str, Any]:
    """The one that is due is done."""
    (due,) = open_follow_ups(world)
    said = {"id": due.id, "channel": "telephone", "result": result, **more}
    return world.do("record_sales_follow_up", said, by=agent("zhao.min"))


def open_tasks(world: World) -> list[tuple[str, str, str | None]]:
    return sorted((task.subject, task.role, task.assignee) for task in world.all(Task, Task.state == "open"))


@pytest.mark.requirement("L-34")
def test_a_visit_that_nobody_followed_up_in_24_hours_is_told_once(floor: World) -> None:
    entry = visit(floor)
    floor.at(START + timedelta(hours=24) - SECOND)
    assert floor.told(VisitFollowUpOverdue) == []
    for hours in (24, 24, 60):
        floor.at(START + timedelta(hours=hours))
    (told,) = floor.told(VisitFollowUpOverdue)
    assert told == {"visit_id": entry["id"], "uid": entry["uid"], "agent": "zhao.min", "hours": 24}
    assert open_tasks(floor) == [
        ("no_follow_up_after_visit", "sales_agent", "zhao.min"),
        ("visit_follow_up_missed", "site_sales_lead", None),
    ]
    record(floor)
    assert open_tasks(floor) == []
    assert [one.cleared_at for one in floor.all(Alert)] == [floor.now]


@pytest.mark.requirement("L-34", "L-55")
def test_a_follow_up_in_time_is_a_contact_and_nothing_is_told(floor: World) -> None:
    visit(floor)
    floor.now = START + timedelta(hours=24) - SECOND
    done = record(floor, "invited", appointment_at=START + timedelta(days=3))
    assert (done["state"], done["done_by"], done["result"]) == ("done", "zhao.min", "invited")
    floor.at(START + timedelta(hours=48))
    assert floor.told(VisitFollowUpOverdue) == []
    assert floor.all(Alert) == []
    (contact,) = floor.all(Interaction, Interaction.direction == "outbound")
    assert (contact.reference, contact.result, contact.kind) == (done["number"], "invited", "call")


@pytest.mark.requirement("L-34")
def test_a_contact_that_its_agent_logs_by_hand_is_the_follow_up(floor: World) -> None:
    entry = visit(floor)
    (due,) = open_follow_ups(floor)
    said = {"uid": entry["uid"], "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}

    def log(actor: dict[str, Any], **more: Any) -> None:
        floor.do("log_interaction", {**said, **more}, by=actor)

    assert refused(log, agent("lin.xue")) == {"uid": "unknown_reference"}
    assert refused(log, agent("zhao.min"), by="lin.xue") == {"by": "late_entry_by_lead"}
    log(LEAD, by="lin.xue", project_id=None, channel="sms", kind="message", direction="inbound")
    log(agent("zhao.min"), direction="inbound")
    log(agent("zhao.min"), at=START - SECOND, channel="sms", kind="message")
    assert open_follow_ups(floor)[0].id == due.id, "the customer's own message and call, before the visit"
    floor.now = START + timedelta(hours=24)
    log(agent("zhao.min"), result="invited", content="约了周六")
    done = floor.get(SalesFollowUp, due.id)
    assert (done.state, done.result, done.note, done.channel) == ("done", "invited", "约了周六", "telephone")
    assert (done.done_by, done.done_at) == ("zhao.min", floor.now)
    floor.at(START + timedelta(hours=48))
    assert (floor.told(VisitFollowUpOverdue), open_follow_ups(floor)) == ([], [])
    visit(floor, "13800138001")
    log(LEAD, uid=open_follow_ups(floor)[0].uid, result="no_answer", project_id=None)
    (again,) = open_follow_ups(floor)
    assert (again.cause, again.agent, again.counted_from) == ("no_answer", "zhao.min", floor.now)


@pytest.mark.requirement("L-55", "L-60")
def test_who_does_not_answer_is_tried_again_when_the_channel_is_free(floor: World) -> None:
    """The fourth attempt within the seven days would be refused, so it is not due before they are over."""
    visit(floor)
    for attempt in range(3):
        floor.now = START + timedelta(hours=attempt)
        record(floor, "no_answer")
    (again,) = open_follow_ups(floor)
    free = START + timedelta(days=7)
    assert again.counted_from == free
    floor.at(free + timedelta(hours=24) - SECOND)
    assert open_tasks(floor) == []
    floor.at(free + timedelta(hours=24))
    assert open_tasks(floor) == [("sales_follow_up_overdue", "sales_agent", "zhao.min")]
    record(floor)
    assert open_follow_ups(floor) == []


@pytest.mark.requirement("L-55")
def test_one_call_that_nobody_answers_is_tried_again_once(floor: World) -> None:
    """Somebody who came and called is waited for twice; one attempt stands for both."""
    visit(floor)
    call(floor)
    due = next(one for one in open_follow_ups(floor) if one.cause == "call")
    said = {"id": due.id, "channel": "telephone", "result": "no_answer"}
    floor.do("record_sales_follow_up", said, by=agent("zhao.min"))
    assert [one.cause for one in open_follow_ups(floor)] == ["no_answer"]


@pytest.mark.requirement("L-55")
def test_each_result_of_a_follow_up(floor: World) -> None:
    for number, result in enumerate(("reached", "declined")):
        visit(floor, f"1380013800{number}")
        record(floor, result)
        assert open_follow_ups(floor) == []
    visit(floor, "13800138002")
    assert refused(record, floor, "other") == {"note": "required"}
    assert refused(record, floor, "objection", note="太贵") == {"topic": "required"}
    record(floor, "objection", note="太贵", topic="budget")
    (objection,) = floor.told(ObjectionRecorded)
    assert (objection["topic"], objection["content"], objection["strength"]) == ("budget", "太贵", "medium")
    visit(floor, "13800138003")
    record(floor, "other", note="换了号码")
    call(floor, "13800138004")
    record(floor, "no_answer")
    (again,) = open_follow_ups(floor)
    assert (again.cause, again.agent, again.counted_from) == ("no_answer", "zhao.min", floor.now)
    floor.at(START + timedelta(hours=24))
    assert open_tasks(floor)[-1] == ("sales_follow_up_overdue", "sales_agent", "zhao.min")
    assert floor.told(VisitFollowUpOverdue) == []


def test_a_call_does_not_overtake_what_is_due_after_a_visit(floor: World) -> None:
    visit(floor)
    call(floor, by="lin.xue")
    assert sorted((one.cause, one.agent) for one in open_follow_ups(floor)) == [
        ("call", "lin.xue"),
        ("visit", "zhao.min"),
    ]
    visit(floor, been_before=True)
    (due,) = open_follow_ups(floor)
    assert due.cause == "visit"


@pytest.mark.requirement("L-56", "L-57")
def test_thirty_days_without_a_contact_are_told_once_and_ended_by_the_next(floor: World) -> None:
    entry = visit(floor)
    record(floor)
    (stage,) = floor.all(CustomerStage)
    over = START + timedelta(days=30, hours=14)  # 24:00 of the thirtieth day in Shanghai
    floor.at(over - SECOND)
    assert floor.told(ChurnRiskDetected) == []
    for at in (over, over + timedelta(days=9)):
        floor.at(at)
    (told,) = floor.told(ChurnRiskDetected)
    assert (told["uid"], told["days"], told["last_contact_at"]) == (entry["uid"], 30, "2026-03-02T02:00:00Z")
    (alert,) = floor.all(Alert, Alert.rule == "no_interaction")
    assert (alert.recipient_role, alert.record_id) == ("site_sales_lead", stage.id)
    assert [one for one in open_tasks(floor) if one[0] == "no_interaction"] == [
        ("no_interaction", "site_sales_lead", None)
    ], "theirs already: no second one"
    said = {"uid": entry["uid"], "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}
    floor.do("log_interaction", {**said, "result": "no_answer"}, by=LEAD)
    assert floor.get(Alert, alert.id).state == "raised", "nobody took part"
    floor.do("log_interaction", {**said, "result": "reached"}, by=LEAD)
    assert floor.get(Alert, alert.id).state == "cleared"
    spoken = floor.now
    floor.at(spoken + timedelta(days=30))
    assert len(floor.told(ChurnRiskDetected)) == 1
    floor.at(spoken + timedelta(days=31))
    assert len(floor.told(ChurnRiskDetected)) == 2


@pytest.mark.requirement("L-57", "X-72")
def test_a_dormant_customer_is_followed_up_and_back_after_a_call(floor: World) -> None:
    visit(floor)
    record(floor)
    (stage,) = floor.all(CustomerStage)
    floor.do("note_interest_customer_stage", {"id": stage.id})
    floor.at(START + timedelta(days=31))
    floor.do("note_silence_customer_stage", {"id": stage.id}, by=LEAD)
    (due,) = open_follow_ups(floor)
    assert (due.cause, due.agent) == ("silence", None)
    assert floor.all(Alert, Alert.state == "raised", Alert.rule == "no_interaction") == []
    call(floor)
    assert floor.get(CustomerStage, stage.id).state == "interested"
    assert [one.cause for one in open_follow_ups(floor)] == ["call"]


@pytest.mark.requirement("L-59", "X-72")
def test_who_is_lost_is_lost_for_a_reason_and_back_after_a_contact(floor: World) -> None:
    call(floor)
    (stage,) = floor.all(CustomerStage)
    assert refused(floor.do, "lose_customer_stage", {"id": stage.id}, by=LEAD) == {"lost_reason": "required"}
    lost = floor.do("lose_customer_stage", {"id": stage.id, "lost_reason": "loan"}, by=LEAD)
    assert (lost["state"], lost["lost_reason"], lost["topic"]) == ("lost", "loan", "budget")
    assert open_follow_ups(floor) == [], "nobody calls who is lost"
    call(floor)
    assert floor.get(CustomerStage, stage.id).state == "registered"
    lost = floor.do("lose_customer_stage", {"id": stage.id, "lost_reason": "no_need", "topic": "location"}, by=LEAD)
    assert lost["topic"] == "location"
    visit(floor)
    assert floor.get(CustomerStage, stage.id).state == "visited"
    with pytest.raises(IllegalMove):
        floor.do("reopen_customer_stage", {"id": stage.id}, by=LEAD)


@pytest.mark.requirement("L-60")
def test_a_customer_is_contacted_so_often_and_no_more(floor: World) -> None:
    uid = call(floor)["uid"]
    said = {"uid": uid, "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}
    for _ in range(3):
        floor.do("log_interaction", said, by=LEAD)
    for later in (timedelta(), timedelta(days=7) - SECOND):
        floor.now = START + later
        with pytest.raises(ValidationFailed) as refusal:
            floor.do("log_interaction", said, by=LEAD)
        reached = {"cap": 3, "days": 7, "free": "2026-03-09 10:00"}
        assert refusal.value.errors == {"channel": [{"code": "contact_cap_reached", "params": reached}]}
        assert refused(record, floor) == {"channel": "contact_cap_reached"}
        floor.do("log_interaction", {**said, "direction": "inbound"}, by=LEAD)
        floor.do("log_interaction", {**said, "uid": call(floor, "13900139000")["uid"]}, by=LEAD)
        floor.do("log_interaction", {**said, "channel": "sms", "kind": "message"}, by=LEAD)
        for due in open_follow_ups(floor)[1:]:
            floor.do("drop_sales_follow_up", {"id": due.id, "reason": "x"}, by=LEAD)
    floor.now = START + timedelta(days=7)
    floor.do("log_interaction", said, by=LEAD)
