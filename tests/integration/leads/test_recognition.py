"""A customer whom somebody protects: who is shown the match, whose task a silence is, and the pool (L-27, L-28, L-56,
L-58)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import advice, privacy, views
from services.chassis.actors import Actor
from services.chassis.duties import Alert, Task
from services.contracts.events.leads_sales import ChurnRiskDetected
from services.leads.customers import CustomerStage
from services.leads.dormancy import NO_INTERACTION
from tests.integration.leads.floor import LEAD, agent, call, visit
from tests.integration.leads.world import START, World, person

COMMANDS = ("register_call_entry", "meet_visit_entry", "receive_reception")
OF_THE_LEAD = ("register_call_entry", "register_visit_entry", "receive_reception")


def said(world: World, by: dict[str, Any], phone: str = "138 0013 8000") -> list[dict[str, Any]]:
    """What the forms of calls, visits and the rotation say about a telephone; all say the same."""
    with world.reading(Actor.from_wire(by)) as work:
        forms = OF_THE_LEAD if by is LEAD else COMMANDS
        found = [advice.advise(work, one, {"phone": phone, "project_id": "P01"})["cautions"] for one in forms]
    assert found == [found[0]] * len(forms)
    return found[0]


@pytest.mark.requirement("L-28")
def test_a_known_number_is_shown_to_the_lead_and_the_protecting_agent_alone(floor: World) -> None:
    uid = visit(floor, by="zhao.min")["uid"]
    (to_lead,) = said(floor, LEAD)
    assert (to_lead["code"], to_lead["params"], to_lead["id"]) == ("known_customer_of", {"agent": "zhao.min"}, uid)
    (to_owner,) = said(floor, agent("zhao.min"))
    assert (to_owner["code"], to_owner["id"]) == ("known_customer_of_yours", uid)
    assert said(floor, agent("lin.xue")) == []
    floor.do("add_key_customer", {"id": uid, "key_kind": "phone", "key": "13700137000"})
    assert said(floor, LEAD, "13700137000") == [to_lead], "a second telephone is theirs as well"
    for unknown in ("13900139000", "1380013800", "x"):
        assert said(floor, LEAD, unknown) == []
    floor.at(START + timedelta(days=20))
    (free,) = said(floor, LEAD)
    assert free["code"] == "known_customer"
    assert said(floor, agent("zhao.min")) == []


@pytest.mark.requirement("L-28", "X-65")
def test_a_number_that_a_form_is_advised_about_is_looked_up(estate: Any, world: World) -> None:
    figure = {"parameter": privacy.LOOK_UPS.name, "value": "2", "valid_from": START, "reason": "试行"}
    world.do("establish_parameter", figure, by=person("yan.kai", "administrator"))

    def read(phone: str, command: str = COMMANDS[0]) -> Any:
        draft = {"phone": phone, "project_id": "P01"}
        return privacy.advisable(world.service, Actor.from_wire(LEAD), command, draft)["phone"]

    for part in ("1380013800", "x", "0086 138 0013 8000"):
        assert read(part) is None, "nothing is said of what nobody counts"
    assert [read("138 0013 8000"), read("+86 13800138000")] == ["13800138000"] * 2
    (access,) = world.all(privacy.PersonalDataAccess)
    told = access.created_by, access.resource, access.field, access.way, access.reference
    assert told == ("qian.jun", "call_entry", "phone", "looked_up", "138****8000")
    assert read("13900139000", "receive_reception") == "13900139000"
    assert read("13800138000") is None, "the hour's look-ups are spent"
    assert len(world.all(privacy.PersonalDataAccess)) == 2


@pytest.mark.requirement("L-27", "L-28")
def test_who_protects_a_customer_hears_of_a_visit_to_a_colleague_who_keeps_it(floor: World) -> None:
    visit(floor, by="zhao.min")
    entry = visit(floor, by="lin.xue", been_before=True)
    assert (entry["agent"], entry["kind"]) == ("lin.xue", "first")
    told = floor.all(Task, Task.subject == "protected_customer_came")
    assert sorted((one.role, one.assignee or "") for one in told) == [
        ("sales_agent", "zhao.min"),
        ("site_sales_lead", ""),
    ]
    assert {one.record_id for one in told} == {entry["id"]}


@pytest.mark.requirement("L-58")
def test_a_silence_is_the_owners_and_who_is_nobodys_is_in_the_pool(floor: World) -> None:
    visit(floor)
    call(floor, "13900139000", name="陈强")

    def pool() -> list[str]:
        with floor.reading(Actor.from_wire(LEAD)) as work:
            found = views.search(work, "customer_stage", {"filters": {"in_pool": True}})["result"]
        return sorted(one["state"] for one in found)

    assert pool() == []
    floor.at(START + timedelta(days=6))
    assert pool() == ["registered"], "the call's window is over"
    floor.at(START + timedelta(days=16))
    assert pool() == ["registered", "visited"]
    lost = floor.all(CustomerStage, CustomerStage.state == "registered")[0]
    floor.do("lose_customer_stage", {"id": lost.id, "lost_reason": "price"}, by=LEAD)
    assert pool() == ["visited"]
    floor.now = START + timedelta(days=29)
    visited = floor.all(CustomerStage, CustomerStage.state == "visited")[0]
    return_visit = visit(floor, been_before=True)
    assert pool() == []
    floor.at(START + timedelta(days=32))
    assert return_visit["uid"] == visited.uid
    assert floor.told(ChurnRiskDetected) == []


@pytest.mark.requirement("L-56")
def test_a_silence_while_somebody_protects_the_customer_is_that_agents_task(floor: World) -> None:
    reason = {"reason": "试", "valid_from": START}
    floor.do("establish_parameter", {"parameter": NO_INTERACTION.name, "value": 10, **reason})
    visit(floor)
    over = START + timedelta(days=10, hours=14)  # 24:00 of the tenth day in Shanghai
    floor.at(over)
    (told,) = floor.told(ChurnRiskDetected)
    assert (told["agent"], told["days"]) == ("zhao.min", 10)

    def silent() -> tuple[str, str | None, list[str]]:
        (alert,) = floor.all(Alert, Alert.rule == "no_interaction")
        tasks = floor.all(Task, Task.subject == "no_interaction", Task.state == "open")
        return alert.recipient_role, alert.recipient, sorted(one.role for one in tasks)

    assert silent() == ("sales_agent", "zhao.min", ["sales_agent"])
    floor.at(over + timedelta(hours=24) - timedelta(seconds=1))
    assert silent() == ("sales_agent", "zhao.min", ["sales_agent"])
    floor.at(over + timedelta(hours=24))
    assert silent() == ("site_sales_lead", None, ["sales_agent", "site_sales_lead"])
