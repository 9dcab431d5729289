"""The catalogues say what the processes say, and publishers, reactions and bindings fit together."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.documents import messages
from services.chassis import catalogue, settings, topology
from services.chassis.service import Service
from services.contracts.events import PUBLISHERS, published_by

pytestmark = pytest.mark.unit
SOURCES = settings.ROOT / "services"


def test_the_committed_catalogue_is_what_the_processes_generate(services: list[Service]) -> None:
    for service in services:
        path = catalogue.FOLDER / f"{service.name}.json"
        assert path.exists(), f"{service.name} has no catalogue: run ./anju contracts"
        committed, generated = json.loads(path.read_text(encoding="utf-8")), catalogue.described(service)
        for part in generated:
            assert committed.get(part) == json.loads(json.dumps(generated[part])), (
                f"{part} of {service.name} differ from their declaration: run ./anju contracts"
            )
        assert path.read_text(encoding="utf-8") == catalogue.text(service), "run ./anju contracts"


def test_no_process_has_a_fault_in_its_declaration(services: list[Service]) -> None:
    assert [fault for service in services for one in service.processes if (fault := one.fault())] == []


@pytest.mark.requirement("X-410")
def test_an_event_name_is_published_once() -> None:
    names = Counter(name for publisher in PUBLISHERS for name in published_by(publisher))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.requirement("X-410")
def test_a_service_tells_its_own_events_and_only_the_gateway_passes_others_on(services: list[Service]) -> None:
    relayed = {event.wire_name for event in messages.told(services) if event.publisher != "maintenance"}
    relayed |= set(published_by("property"))
    for service in services:
        foreign = set(catalogue.described(service)["publishes"]) - set(published_by(service.name))
        assert foreign <= (relayed if service.name == "maintenance" else set()), service.name


def test_every_reaction_has_a_publisher_that_tells_it(services: list[Service]) -> None:
    told = {(one.name, event) for one in services for event in catalogue.described(one)["publishes"]}
    here = {service.name for service in services}
    for service in services:
        for cause in catalogue.described(service)["reacts_to"]:
            publisher, event = cause["publisher"], cause["event"]
            assert event in published_by(publisher), f"{service.name} reacts to {event}, unknown to {publisher}"
            teller = topology.teller(publisher)
            assert teller not in here or (teller, event) in told, f"{service.name} waits for {event} in vain"


def test_every_binding_of_the_broker_is_for_an_event(services: list[Service]) -> None:
    bindings = topology.topology(reactions={one.name: catalogue.described(one) for one in services})["bindings"]
    for binding in bindings:
        service = binding["exchange"].removesuffix(".events")
        told = [
            name
            for publisher in PUBLISHERS
            if topology.teller(publisher) == service
            for name in published_by(publisher)
        ]
        assert binding["routing_key"] in told, binding


def test_every_message_of_a_company_has_a_command(services: list[Service]) -> None:
    moves = {name for service in services for name in service.moves_on}
    assert moves == set(published_by("property"))


def calls(folder: Path) -> Iterator[ast.Call]:
    """Every call in the sources below a folder."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def test_what_code_tells_companies_is_listed() -> None:
    found = set()
    for node in calls(SOURCES / "maintenance"):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        addressed = name == "emit" and any(keyword.arg == "to" for keyword in node.keywords)
        if name == "emit_to" or addressed:
            event = node.args[1 if name == "emit_to" else 0]
            found.add(event.id if isinstance(event, ast.Name) else ast.dump(event))
    assert found == {event.__name__ for event in messages.TOLD_BY_CODE}


def test_only_the_gateway_tells_companies() -> None:
    for service in ("leads", "complaints", "membership"):
        folder = SOURCES / service
        names = {node.func.attr for node in calls(folder) if isinstance(node.func, ast.Attribute)}
        assert "emit_to" not in names, f"{service} tells a company by itself; let maintenance pass it on (4.6)"
