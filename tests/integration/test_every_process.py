"""Every process of every service, from its declaration: illegal moves, roles, scopes and what the screen offers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.chassis import commands, views
from services.chassis.actors import Actor, role_names
from services.chassis.catalogue import service_named
from services.chassis.process import Process
from services.chassis.records import Base, Record
from services.chassis.service import CHASSIS_PROCESSES, Service
from services.contracts import SERVICES
from services.contracts.errors import DecidedAlready, Forbidden, IllegalMove, NotFound
from services.contracts.fields import Field
from services.contracts.roles import Role

pytestmark = pytest.mark.integration
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EVERY_ROLE = {str(role): ["group"] for role in Role if role != Role.SYSTEM}


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("every")
    declared = service_named(request.param)
    declared.open(f"sqlite:///{folder}/{declared.name}.db")
    Base.metadata.create_all(declared.database.engine, tables=declared.tables)
    before, declared.now = declared.now, lambda: NOW
    yield declared
    declared.now = before
    declared.close()


def own_processes(service: Service) -> list[Process[Any]]:
    return [process for process in service.processes if process not in CHASSIS_PROCESSES]


def some(field: Field, unique: str) -> Any:
    if field.many or field.kind in ("files",):
        return []
    values: dict[str, Any] = {
        "integer": 1,
        "boolean": True,
        "decimal": Decimal(1),
        "money": Decimal(1),
        "date": date(2026, 3, 2),
        "moment": NOW,
        "json": {},
        "choice": (field.values or ("",))[0],
    }
    return values.get(field.kind, unique[: field.max_length or 40])


def stored(service: Service, process: Process[Any], state: str) -> Record:
    """A record in a state, put there past all rules."""
    unique = uuid.uuid4().hex[:12]
    fields = process.record.__fields__.values()
    values = {field.name: some(field, unique) for field in fields if field.required or field.kind == "number"}
    record = process.record(**values)
    record.id, record.state, record.company_id, record.project_id = unique, state, "C1", "P01"
    record.created_at, record.created_by, record.version = NOW, "test", 1
    with service.database.write() as session:
        session.add(record)
    return record


def give(service: Service, command: str, record: Record, roles: dict[str, list[str]], user: str = "x") -> None:
    actor = {"user": user, "name": user, "roles": roles}
    commands.execute(service, command, {"id": record.id}, {"command_id": uuid.uuid4().hex, "actor": actor})


def test_declarations_have_no_fault(service: Service) -> None:
    for process in service.processes:
        assert process.fault() is None
        for move in process.moves.values():
            assert move.summary, f"{move.command} has no docstring"
            assert move.by or move.decides, f"{move.command}: nobody may give it"
            move.schema  # noqa: B018 - built from the annotations, which may be wrong


def test_every_illegal_move_from_every_state_is_refused(service: Service) -> None:
    tried = 0
    for process in own_processes(service):
        for state in process.states:
            record = stored(service, process, state)
            for move in process.moves.values():
                if move.kind == "create" or move.allows(state):
                    continue
                with pytest.raises((IllegalMove, DecidedAlready)):
                    give(service, move.command, record, EVERY_ROLE)
                tried += 1
    assert tried > 0


def test_whoever_has_no_role_for_a_move_may_not_make_it(service: Service) -> None:
    for process in own_processes(service):
        for move in process.moves.values():
            allowed = set(role_names(move.by))
            if move.decides or "*" in allowed:
                continue
            without = {role: scopes for role, scopes in EVERY_ROLE.items() if role not in allowed}
            if move.kind == "create":
                envelope = {"command_id": uuid.uuid4().hex, "actor": {"user": "x", "roles": without}}
                with pytest.raises(Forbidden):
                    commands.execute(service, move.command, _payload(move), envelope)
                continue
            record = stored(service, process, (move.origin or tuple(process.states))[0])
            with pytest.raises((Forbidden, NotFound)):
                give(service, move.command, record, without)


def _payload(move: Any) -> dict[str, Any]:
    from services.contracts.fields import to_wire

    wide = {field.name: to_wire(some(field, "x1")) for field in move.params if field.required}
    return {name: value for name, value in wide.items() if value is not None}


def test_another_projects_records_do_not_exist_for_anyone(service: Service) -> None:
    elsewhere = {role: ["project:P99"] for role in EVERY_ROLE}
    for process in own_processes(service):
        record = stored(service, process, process.states[0])
        with service.reading(Actor.from_wire({"user": "x", "roles": elsewhere})) as work:
            with pytest.raises(NotFound):
                views.fetch(work, process.name, record.id)
            found = views.search(work, process.name, {"page_size": 100})["result"]
            assert record.id not in [row["id"] for row in found]
        for move in process.moves.values():
            if move.kind != "create":
                with pytest.raises(NotFound):
                    give(service, move.command, record, elsewhere)


def test_the_screen_offers_what_the_state_allows_and_nothing_else(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for process in own_processes(service):
        if process.own is not None:
            continue
        for move in process.moves.values():
            monkeypatch.setattr(move, "guard", None)  # gates look at other records, which these have not
        for state in process.states:
            record = stored(service, process, state)
            with service.reading(Actor.from_wire({"user": "x", "roles": EVERY_ROLE})) as work:
                offered = {one["command"] for one in views.fetch(work, process.name, record.id)["actions"]}
            legal = {move.command for move in process.moves.values() if move.kind != "create" and move.allows(state)}
            assert offered <= legal
            system = {move.command for move in process.moves.values() if role_names(move.by) == [Role.SYSTEM]}
            decided = {move.command for move in process.moves.values() if move.decides}
            assert legal - offered <= system | decided
