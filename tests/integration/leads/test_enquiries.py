"""What leads does with enquiries: the contact log, and interests in buying for the agents (C-04, C-111, C-117)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.duties import Task
from services.chassis.parking import ParkedMessage
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CustomerIssueReferred, EnquiryAnswered, EnquiryEscalated
from services.leads.interactions import Interaction
from services.leads.purchase_interests import PurchaseInterest
from tests.integration.leads.conftest import Estate
from tests.integration.leads.world import START, World, delivery, person


def answered(uid: str | None, **more: Any) -> EnquiryAnswered:
    facts = {"enquiry_id": "e1", "number": "EQ 2026-P01-000001", "project_id": "P01", "topic": "loan", "at": START}
    return EnquiryAnswered(**{**facts, "channel": "online_chat", "answered_by": "bot", "uid": uid, **more})


def escalated(uid: str | None, **more: Any) -> EnquiryEscalated:
    facts = {"enquiry_id": "e1", "number": "EQ 2026-P01-000001", "project_id": "P01", "topic": "purchase", "at": START}
    return EnquiryEscalated(**{**facts, "channel": "online_chat", "cause": "not_known", "uid": uid, **more})


def open_tasks(world: World) -> list[tuple[str, str]]:
    return [(task.subject, task.role) for task in world.all(Task, Task.state == "open")]


@pytest.mark.requirement("C-117")
def test_an_answered_enquiry_is_one_line_of_the_contact_log(world: World, estate: Estate) -> None:
    told = delivery(answered(estate.uid), message_id="m1")
    world.take(told, told)
    (line,) = world.all(Interaction)
    assert (line.uid, line.channel, line.kind, line.direction) == (estate.uid, "online_chat", "enquiry", "inbound")
    assert (line.at, line.by, line.reference) == (START, "bot", "EQ 2026-P01-000001")
    assert (line.project_id, line.company_id) == ("P01", "C01")
    assert open_tasks(world) == []


def test_an_unknown_person_has_no_timeline(world: World, estate: Estate) -> None:
    world.take(delivery(answered(None)), delivery(answered("nobody")))
    assert world.all(Interaction) == []


def test_an_enquiry_about_a_project_that_leads_does_not_know_is_a_contact_all_the_same(
    world: World, estate: Estate
) -> None:
    world.take(delivery(answered(estate.uid, project_id="P99", purchase_interest=True)))
    assert world.all(ParkedMessage) == []
    assert [(one.uid, one.project_id) for one in world.all(Interaction)] == [(estate.uid, None)]
    assert [one.project_id for one in world.all(PurchaseInterest)] == [None]


@pytest.mark.requirement("X-47")
def test_the_contact_log_is_written_once(world: World, estate: Estate) -> None:
    said = {"uid": estate.uid, "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}
    line = world.do("log_interaction", {**said, "content": "回访"})
    fixed = world.do("correct_interaction", {"corrects_id": line["id"], "correction_reason": "写错", "content": "回电"})
    assert (fixed["corrects_id"], fixed["content"], fixed["uid"]) == (line["id"], "回电", estate.uid)
    assert len(world.all(Interaction)) == 2
    with pytest.raises(sa.exc.DatabaseError), world.service.database.write() as session:
        session.execute(sa.update(Interaction).values(content="x"))
    with pytest.raises(ValidationFailed) as future:
        world.do("log_interaction", {**said, "at": START + timedelta(seconds=1)})
    assert future.value.errors["at"][0]["code"] == "in_the_future"


@pytest.mark.requirement("C-111", "C-04")
def test_whoever_wants_to_buy_is_a_task_for_the_agents_once(world: World, estate: Estate) -> None:
    world.take(delivery(escalated(estate.uid)), delivery(escalated(estate.uid)), delivery(answered(estate.uid)))
    assert world.all(ParkedMessage) == []
    (interest,) = world.all(PurchaseInterest)
    assert (interest.id, interest.uid, interest.state, interest.project_id) == ("e1", estate.uid, "told", "P01")
    assert open_tasks(world) == [("purchase_interest", "sales_agent")]
    done = world.do("contact_purchase_interest", {"id": "e1", "result": "周六看房"})
    assert (done["state"], done["agent"]) == ("contacted", "li.na")
    assert open_tasks(world) == []


@pytest.mark.requirement("C-04", "L-40")
def test_a_protected_customers_interest_is_for_the_agent_whose_they_are(world: World, estate: Estate) -> None:
    call = {"uid": estate.uid, "project_id": "P01", "source": "telephone", "is_invited": True, "agent": "zhao.min"}
    world.do("register_call_entry", call, by=person("qian.jun", "site_sales_lead", scope="project:P01"))
    world.take(delivery(escalated(estate.uid)))
    (task,) = world.all(Task, Task.subject == "purchase_interest")
    assert (task.role, task.assignee) == ("sales_agent", "zhao.min")


@pytest.mark.requirement("C-04")
def test_an_answered_question_with_an_interest_is_offered_and_any_other_is_not(world: World, estate: Estate) -> None:
    world.take(delivery(answered(estate.uid)), delivery(escalated(estate.uid, topic="rights_claim")))
    assert world.all(PurchaseInterest) == []
    world.take(delivery(answered(estate.uid, purchase_interest=True)))
    assert [one.topic for one in world.all(PurchaseInterest)] == ["loan"]


@pytest.mark.requirement("C-04")
def test_somebody_unknown_is_registered_before_the_interest_is_done(world: World, estate: Estate) -> None:
    world.take(delivery(escalated(None)))
    assert open_tasks(world) == [("purchase_interest", "site_sales_lead")]
    with pytest.raises(ValidationFailed) as unknown:
        world.do("contact_purchase_interest", {"id": "e1", "result": "已加微信"})
    assert unknown.value.errors["uid"][0]["code"] == "required"
    done = world.do("contact_purchase_interest", {"id": "e1", "result": "已登记", "uid": estate.uid})
    assert (done["state"], done["uid"]) == ("contacted", estate.uid)


def test_an_interest_that_is_none_is_dropped_with_its_reason(world: World, estate: Estate) -> None:
    world.take(delivery(escalated(estate.uid)))
    dropped = world.do("drop_purchase_interest", {"id": "e1", "reason": "已购别处"})
    assert (dropped["state"], dropped["reason"]) == ("dropped", "已购别处")
    assert open_tasks(world) == []


@pytest.mark.requirement("C-03", "C-04")
def test_an_interest_in_buying_that_an_employee_heard_of_is_for_the_agents(world: World, estate: Estate) -> None:
    said = {
        "uid": estate.uid,
        "project_id": "P01",
        "description": "想买三期",
        "urgency": "normal",
        "reported_at": START,
    }
    told = {"number": "IS 2026-P01-000001", **said}
    bought = CustomerIssueReferred(issue_id="i1", classification="purchase", **told)
    defect = CustomerIssueReferred(issue_id="i2", classification="repair", **told)
    world.take(delivery(bought, message_id="m1"), delivery(bought, message_id="m1"), delivery(defect))
    (interest,) = world.all(PurchaseInterest)
    assert (interest.id, interest.uid, interest.reference) == ("i1", estate.uid, "IS 2026-P01-000001")
    assert (interest.topic, interest.asked_at, interest.project_id) == ("purchase", START, "P01")
    assert [subject for subject, _ in open_tasks(world)] == ["purchase_interest"]
