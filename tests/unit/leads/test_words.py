"""Every word that leads and membership show has a Chinese and an English name."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.catalogue import described, service_named
from services.chassis.service import CHASSIS_PROCESSES
from services.contracts import glossary

pytestmark = pytest.mark.unit
CHASSIS = {process.name for process in CHASSIS_PROCESSES}


@pytest.mark.parametrize("service", ["leads", "membership"])
def test_every_word_has_both_names(service: str) -> None:
    missing = [path for path in _words(service) if not all(_found(service, path))]
    assert missing == []


def _found(service: str, path: tuple[str, ...]) -> list[Any]:
    return [glossary.term(service, *path, language=language) for language in glossary.LANGUAGES]


def _words(service: str) -> list[tuple[str, ...]]:
    declared, catalogue = service_named(service), described(service_named(service))
    words: list[tuple[str, ...]] = []
    for name, resource in catalogue["resources"].items():
        if name in CHASSIS:
            continue
        words.append((name,))
        words += [(name, "states", state) for state in resource["states"]]
        words += [(name, "clocks", clock) for clock in resource["clocks"]]
        words += [_field(service, name, field) for field in resource["fields"]]
    for name, command in catalogue["commands"].items():
        if command["resource"] in CHASSIS:
            continue
        words.append(("commands", name))
        words += [_field(service, command["resource"], field) for field in command["params"]]
        for field in command["params"]:
            words += [
                ("choices", field["choices"], value) for value in field["values"] or () if field["choices"] != "role"
            ]
    words += [("events", name) for name in catalogue["publishes"]]
    words += [
        ("rules", rule.alarm.rule) for rule in declared.clocks() if rule.alarm and rule.process.name not in CHASSIS
    ]
    words += [
        ("parameters", name) for name in (one["name"] for one in catalogue["parameters"]) if "approval" not in name
    ]
    return words


def _field(service: str, resource: str, field: dict[str, Any]) -> tuple[str, ...]:
    own = (resource, field["name"])
    return own if all(_found(service, own)) else ("fields", field["name"])
