"""Protections as records: opened, prolonged, warned of, expired, ceded, transferred, worked out anew (L-40 to L-48)."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.advice import explained
from services.chassis.duties import Alert, Task
from services.contracts.errors import Forbidden, ValidationFailed
from services.contracts.events.leads_sales import OwnershipAssigned, OwnershipExpired, OwnershipExpiring
from services.contracts.fields import to_wire
from services.leads.ownership.protections import protections
from services.leads.ownership.records import OwnershipException, Protection
from services.leads.reception.entries import VisitEntry
from tests.integration.leads.deals import DIRECTOR, LEAD, Floor, agent, both, floor, on
from tests.integration.leads.test_both_databases import at_once

__all__ = ["both", "floor"]

SECOND = timedelta(seconds=1)


@pytest.mark.requirement("L-40", "L-41", "L-42")
def test_the_windows_of_a_customer_in_their_order(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1, 23, 59)
    floor.call(uid, "zhao")
    (one,) = world.all(Protection)
    assert (one.agent, one.basis, one.starts_on, one.ends_on) == ("zhao", "call", date(2026, 5, 1), date(2026, 5, 6))
    assert one.number == "OP 2026-P01-000001"
    world.now = on(4)
    visited = floor.visit(uid, "zhao")
    (one,) = world.all(Protection)
    assert (one.basis, one.ends_on, one.opened_by_visit) == ("first_visit", date(2026, 5, 19), visited["id"])
    world.now = on(14)
    floor.visit(uid, "zhao")
    world.now = on(18)
    floor.visit(uid, "zhao")
    (one,) = world.all(Protection)
    assert (one.basis, one.state, one.ends_on) == ("return_visit", "open", date(2026, 5, 25))
    assert (one.held_since, one.last_contact_at, one.stage) == (on(1, 23, 59), on(18), "visited")
    assert [(told["basis"], told["starts_on"], told["ends_on"]) for told in world.told(OwnershipAssigned)] == [
        ("call", "2026-05-01", "2026-05-06"),
        ("first_visit", "2026-05-04", "2026-05-19"),
        ("return_visit", "2026-05-14", "2026-05-21"),
        ("return_visit", "2026-05-18", "2026-05-25"),
    ]
    floor.reserve(uid, "zhao")
    assert floor.states(uid) == {"zhao": "consumed"}


@pytest.mark.requirement("L-46", "L-41")
@pytest.mark.parametrize(
    ("contact", "last_day", "rule"), [("call", 6, "call_window_ended"), ("visit", 16, "visit_window_ended")]
)
def test_the_agent_is_warned_twice_and_the_lead_hears_of_the_end(
    floor: Floor, contact: str, last_day: int, rule: str
) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    getattr(floor, contact)(uid, "zhao")
    end = on(last_day + 1, 0)

    def warned() -> list[int]:
        return [told["days_left"] for told in world.told(OwnershipExpiring)]

    for before, expected in ((timedelta(days=3), [3]), (timedelta(days=1), [3, 1])):
        world.at(end - before - SECOND)
        assert warned() == expected[:-1]
        world.at(end - before)
        world.at(end - before + SECOND)
        assert warned() == expected
    (warning,) = world.all(Alert, Alert.rule == f"{rule}_soon")
    assert (warning.recipient, warning.recipient_role) == ("zhao", "sales_agent")
    world.at(end - SECOND)
    assert (floor.states(uid), world.told(OwnershipExpired)) == ({"zhao": "open"}, [])
    world.at(end)
    world.at(end + SECOND)
    assert floor.states(uid) == {"zhao": "expired"}
    (told,) = world.told(OwnershipExpired)
    assert (told["former_agent"], told["uid"]) == ("zhao", uid)
    (ended,) = world.all(Alert, Alert.rule == rule)
    assert (ended.recipient, ended.step) == ("zhao", 0)
    world.at(end + timedelta(hours=24) - SECOND)
    assert world.get(Alert, ended.id).step == 0
    world.at(end + timedelta(hours=24))
    ended = world.get(Alert, ended.id)
    assert (ended.step, ended.recipient_role) == (1, "site_sales_lead")
    (task,) = world.all(Task, Task.subject == rule, Task.assignee == "zhao")
    world.do("complete_task", {"id": task.id}, by=agent("zhao"))
    assert world.get(Alert, ended.id).state == "cleared"


@pytest.mark.requirement("L-42", "L-46")
def test_another_visit_prolongs_and_its_warnings_begin_anew(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    world.at(on(14, 0))
    world.now = on(15)
    floor.visit(uid, "zhao")
    assert [one.state for one in world.all(Alert, Alert.rule == "visit_window_ended_soon")] == ["cleared"]
    world.at(on(17, 0))
    assert floor.states(uid) == {"zhao": "open"}
    world.at(on(20, 0))
    world.at(on(22, 0))
    assert [told["days_left"] for told in world.told(OwnershipExpiring)] == [3, 3, 1]


@pytest.mark.requirement("L-42")
def test_a_customer_who_names_the_first_agent_goes_back(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    floor.call(uid, "zhao", on(1, 7))
    world.now = on(3)
    floor.visit(uid, "lin")
    assert floor.states(uid) == {"zhao": "open", "lin": "open"}
    world.now = on(4)
    floor.visit(uid, "gao", named="zhao")
    assert floor.states(uid) == {"zhao": "open", "lin": "ceded"}
    assert floor.protections(uid)["lin"].successor == "zhao"


@pytest.mark.requirement("L-42", "X-36.11", "X-44")
def test_the_director_transfers_what_an_agent_held(floor: Floor) -> None:
    one, other, world = floor.customer(), floor.customer(), floor.world
    world.now = on(2)
    floor.visit(one, "zhao")
    floor.visit(other, "zhao")
    asked = {"project_id": "P01", "giver": "zhao", "taker": "lin", "why": "离职"}
    with pytest.raises(ValidationFailed):
        world.do("request_ownership_exception", {**asked, "giver": "gao"}, by=LEAD)
    with pytest.raises(Forbidden):
        world.do("request_ownership_exception", asked, by=agent("zhao"))
    single = world.do("request_ownership_exception", {**asked, "uid": one}, by=LEAD)
    assert floor.states(one) == {"zhao": "open"}
    world.do("grant_ownership_exception", {"id": single["id"]}, by=DIRECTOR)
    assert floor.states(one) == {"zhao": "transferred", "lin": "open"}
    assert floor.states(other) == {"zhao": "open"}
    taken = floor.protections(one)["lin"]
    assert (taken.ends_on, taken.basis) == (date(2026, 5, 17), "first_visit")
    refused = world.do("request_ownership_exception", asked, by=LEAD)
    world.do("refuse_ownership_exception", {"id": refused["id"], "reason": "仍在岗"}, by=DIRECTOR)
    assert floor.states(other) == {"zhao": "open"}
    every = world.do("request_ownership_exception", asked, by=LEAD)
    world.now = on(3)
    world.do("grant_ownership_exception", {"id": every["id"]}, by=DIRECTOR)
    assert floor.states(other) == {"zhao": "transferred", "lin": "open"}
    assert world.get(OwnershipException, every["id"]).moved == 1


@pytest.mark.requirement("L-23", "X-47")
def test_a_late_entry_and_a_correction_are_taken_into_account(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    floor.visit(uid, "zhao", on(1, 7))
    world.at(on(17, 0))
    assert floor.states(uid) == {"zhao": "expired"}
    world.now = on(18)
    late = floor.visit(uid, "zhao", on(14))
    (one,) = world.all(Protection)
    assert (one.state, one.basis, one.ends_on) == ("open", "return_visit", date(2026, 5, 21))
    correct = {"corrects_id": late["id"], "correction_reason": "登记有误", "agent": "lin"}
    fixed = world.do("correct_visit_entry", correct, by=LEAD)
    assert floor.states(uid) == {"zhao": "expired", "lin": "open"}
    assert (floor.protections(uid)["lin"].opened_by_visit, world.get(VisitEntry, late["id"]).agent) == (
        fixed["id"],
        "zhao",
    )


@pytest.mark.requirement("L-23", "L-42")
def test_the_order_in_which_entries_come_makes_no_difference(floor: Floor) -> None:
    history = [("call", "zhao", on(1)), ("visit", "lin", on(3)), ("visit", "lin", on(12)), ("visit", "zhao", on(13))]
    floor.world.now = on(16)
    ends = set()
    for order in itertools.islice(itertools.permutations(history), 1, None, 4):
        uid = floor.customer()
        for kind, by, at in order:
            getattr(floor, kind)(uid, by, at)
        held = sorted(floor.world.all(Protection, Protection.uid == uid), key=lambda one: one.agent)
        live = [one for one in held if one.state == "open"]
        ends.add(tuple((one.agent, one.basis, one.ends_on, one.held_since) for one in live))
        assert len({one.agent for one in live}) == len(live)
    assert len(ends) == 1


@pytest.mark.requirement("L-42")
def test_a_claim_an_expiry_and_a_visit_of_one_moment_end_in_one_truth(both: Floor) -> None:
    world = both.world
    uids = [both.customer() for _ in range(3)]
    for uid in uids:
        both.visit(uid, "zhao", on(1, 7))
    end = on(17, 0)
    world.now = end + SECOND
    for uid in uids:
        answers = at_once(
            lambda uid=uid: both.visit(uid, "zhao", end - SECOND),
            lambda: world.at(end + SECOND),
            lambda uid=uid: both.visit(uid, "lin", end),
            lambda uid=uid: both.call(uid, "gao", end),
        )
        assert not [one for one in answers if isinstance(one, Exception)]
        held = world.all(Protection, Protection.uid == uid, Protection.state == "open")
        assert sorted((one.agent, one.basis, one.ends_on) for one in held) == [
            ("lin", "first_visit", date(2026, 6, 1)),
            ("zhao", "return_visit", date(2026, 5, 23)),
        ]


@pytest.mark.requirement("L-48")
def test_the_list_shows_what_is_due_and_when_the_customer_was_spoken_with(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    world.now = on(2)
    told = {"uid": uid, "channel": "telephone", "direction": "inbound", "kind": "enquiry", "project_id": "P01"}
    world.do("log_interaction", told, by=agent("zhao"))
    with world.reading(Actor.from_wire(agent("zhao"))) as work:
        (one,) = views.search(work, "protection", {"filters": {"state": "open"}})["result"]
    assert (one["due_on"], one["stage"]) == ("2026-05-16", "visited")
    assert one["last_contact_at"] == to_wire(on(2))
    (left,) = one["clocks"]
    assert (left["name"], left["due_at"]) == ("visit_window", to_wire(on(17, 0))), "14 days and 14 hours"
    assert {"due_on", "ends_on", "last_contact_at"} <= set(protections.listed)


@pytest.mark.requirement("L-40", "L-43")
def test_a_protection_explains_itself(floor: Floor) -> None:
    uid, world = floor.customer(), floor.world
    world.now = on(1)
    floor.visit(uid, "zhao")
    world.now = on(12, 6)
    floor.visit(uid, "lin")

    def said(user: str) -> dict[str, dict[str, Any]]:
        with world.reading() as work:
            found = explained(work, protections.name, floor.protections(uid)[user].id)
        return {one["code"]: one["params"] for one in found}

    first, second = said("zhao"), said("lin")
    assert first["protection_opened_by_first_visit"]["agent"] == "zhao"
    assert first["protection_left"] == {"days": 4, "hours": 18, "ends_on": "2026-05-16"}
    assert first["protection_ends_with_another"] == {"agent": "lin"}
    assert first["protection_grows_by_return_visit"] == {"agent": "zhao", "days": 7, "due_on": "2026-05-16"}
    assert second["protection_behind"] == {"agent": "zhao", "ends_on": "2026-05-16"}
    assert "protection_ends_free" in second
    with world.reading() as work:
        codes = [one["code"] for one in explained(work, "customer", uid)]
    assert codes == ["customer_held_by_first_visit"] * 2
    world.at(on(17, 0))
    assert said("zhao")["protection_was_expired"]["ends_on"] == "2026-05-16"
