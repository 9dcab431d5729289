"""Whatever door somebody takes to change an entry of a register, it is refused, and the attempt is on record (X-47)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import commands, views
from services.chassis.actors import Actor
from services.chassis.duties import Task
from services.chassis.tampering import RefusedChange
from services.contracts.errors import UnknownCommand
from services.leads.reception.entries import CallEntry
from services.leads.violations import Violation
from tests.integration.leads.floor import LEAD, agent, call
from tests.integration.leads.world import START, World

GIVEN = {"is_invited": True, "needs": "改"}


def attempt(world: World, command: str, payload: Any, actor: Any, **more: Any) -> None:
    with pytest.raises(UnknownCommand):
        commands.execute(world.service, command, payload, {"command_id": uuid.uuid4().hex, "actor": actor, **more})


@pytest.mark.requirement("X-47", "L-23")
def test_a_command_that_would_change_an_entry_does_not_exist_and_is_noted(floor: World) -> None:
    entry = call(floor)
    for command in ("update_call_entry", "delete_call_entry", "edit_visit_entry"):
        attempt(floor, command, {"id": entry["id"], **GIVEN}, agent("gao.peng"))
    attempt(floor, "put_call_entry", {"id": entry["id"]}, agent("lin.xue"), door="rest")
    attempt(floor, "edit_call_entry", {}, None, door="nowhere")
    attempt(floor, "fly_to_the_moon", {}, agent("gao.peng"))
    noted = sorted((one.door, one.user, one.resource, one.attempted) for one in floor.all(RefusedChange))
    assert noted == [
        ("rest", "lin.xue", "call_entry", "put_call_entry"),
        ("rpc", "?", "call_entry", "edit_call_entry"),
        ("rpc", "gao.peng", "call_entry", "delete_call_entry"),
        ("rpc", "gao.peng", "call_entry", "update_call_entry"),
        ("rpc", "gao.peng", "visit_entry", "edit_visit_entry"),
    ]
    with floor.reading(Actor.from_wire(LEAD)) as work:
        (shown,) = views.search(work, "refused_change", {"filters": {"door": "rest"}})["result"]
    assert (shown["record_number"], shown["project_id"], shown["at"]) == (
        entry["number"],
        "P01",
        "2026-03-02T02:00:00Z",
    )
    assert floor.get(CallEntry, entry["id"]).is_invited is False
    leads = [
        task.record_id for task in floor.all(Task, Task.subject == "register_tampering", Task.role == "site_sales_lead")
    ]
    assert leads.count(entry["id"]) == 1, "one open alert of an entry"


@pytest.mark.requirement("X-47", "L-23")
def test_what_sql_tries_is_refused_by_the_database_and_noted(floor: World) -> None:
    entry = call(floor)
    floor.at(START)
    assert floor.all(RefusedChange) == []
    statements = ["UPDATE call_entry SET is_invited = true", "DELETE FROM call_entry"]
    statements += [] if floor.service.database.is_sqlite else ["TRUNCATE call_entry"]
    for statement in statements:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), floor.service.database.write() as session:
            session.execute(sa.text(statement))
    floor.at(START + timedelta(seconds=59))
    assert floor.all(RefusedChange) == [], "looked at once a minute"
    for minutes in (1, 2):
        floor.at(START + timedelta(minutes=minutes))
    (noted,) = floor.all(RefusedChange)
    assert (noted.door, noted.resource, noted.attempts) == ("database", "call_entry", len(statements))
    (task,) = floor.all(Task, Task.subject == "register_tampering")
    assert (task.role, task.record_id) == ("site_sales_lead", noted.id)
    assert floor.get(CallEntry, entry["id"]).is_invited is False


@pytest.mark.requirement("X-47", "X-50")
def test_attempts_that_name_no_entry_are_all_kept_and_ask_somebody_once(floor: World) -> None:
    for _ in range(3):
        attempt(floor, "delete_call_entry", {}, agent("gao.peng"))
        attempt(floor, "delete_visit_entry", {"id": "made-up"}, agent("gao.peng"))
    assert len(floor.all(RefusedChange)) == 6
    assert len(floor.all(Task, Task.subject == "register_tampering")) == 2, "one of each register"


@pytest.mark.requirement("X-47")
def test_what_sql_tries_is_noted_after_a_restart_too(floor: World, database_url: str) -> None:
    call(floor)
    for minutes in (0, 2, 4):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), floor.service.database.write() as session:
            session.execute(sa.text("DELETE FROM call_entry"))
        floor.at(START + timedelta(minutes=minutes))
        floor.service.close()
        floor.service.open(database_url)
    floor.at(START + timedelta(minutes=6))
    assert sorted((one.position, one.attempts) for one in floor.all(RefusedChange)) == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.requirement("X-47")
def test_what_is_noted_cannot_be_changed_either(floor: World) -> None:
    attempt(floor, "delete_call_entry", {}, agent("gao.peng"))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), floor.service.database.write() as session:
        session.execute(sa.text("UPDATE refused_change SET \"user\" = 'x'"))
    attempt(floor, "delete_refused_change", {}, agent("gao.peng"))
    assert sorted(one.resource for one in floor.all(RefusedChange)) == ["call_entry", "refused_change"]


@pytest.mark.requirement("X-47", "L-37")
def test_an_agent_who_tried_to_change_an_entry_is_proposed_for_a_violation_once_a_day(floor: World) -> None:
    entry = call(floor)
    for command in ("update_call_entry", "delete_call_entry"):
        attempt(floor, command, {"id": entry["id"]}, agent("gao.peng"))
    attempt(floor, "delete_call_entry", {"id": entry["id"]}, LEAD)
    attempt(floor, "delete_call_entry", {}, agent("lin.xue"))
    (found,) = floor.all(Violation)
    assert (found.agent, found.kind, found.proposal, found.state) == (
        *("gao.peng", "register_alteration", "decided_by_case"),
        "proposed",
    )
    assert found.evidence == f"{entry['number']}: update_call_entry (rpc)"
    floor.now = START + timedelta(days=1)
    attempt(floor, "update_call_entry", {"id": entry["id"]}, agent("gao.peng"))
    assert len(floor.all(Violation)) == 2
