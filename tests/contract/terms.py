"""Every word that a service puts before people, with the places of the glossary where it may stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from services.chassis import settings
from services.chassis.catalogue import described
from services.chassis.service import CHASSIS_PROCESSES, Service
from services.contracts import glossary

SOURCES = settings.ROOT / "services"
Paths = tuple[tuple[str, ...], ...]
#: What a call tells people by a code: the name of the function, and which argument is the code.
CODES = {"of": 1, "Obstacle": 0, "Caution": 0, "Suggestion": 2}
ALERTS = {"alert": 0, "task": 0}


def missing(service: Service) -> list[str]:
    """The terms without both languages, each as the place where it should be written."""
    found = []
    for paths in dict.fromkeys(words(service)):
        known = [glossary.term(service.name, *path, language=one) for path in paths for one in glossary.LANGUAGES]
        if not any(known[at] and known[at + 1] for at in range(0, len(known), 2)):
            found.append(".".join(paths[0]))
    return found


def words(service: Service) -> Iterator[Paths]:
    """Every term of a service, as the console looks it up."""
    catalogue = described(service)
    for name, resource in catalogue["resources"].items():
        yield ((name,),)
        for field in resource["fields"]:
            yield _field(name, field["name"])
            yield from _choices(field)
        for state in resource["states"]:
            yield (name, "states", state), ("states", state)
        for narrowed in resource["narrowed"]:
            yield _field(name, narrowed["name"])
        for clock in resource["clocks"]:
            yield (name, "clocks", clock), ("clocks", clock)
    for name, command in catalogue["commands"].items():
        yield (("commands", name),)
        for param in command["params"]:
            yield _field(command["resource"], param["name"])
            yield from _choices(param)
        if command["submits"]:
            yield (("choices", "approval_kind", command["submits"]),)
    for name, one in catalogue["reports"].items():
        yield (("reports", name),)
        for column in [*one["columns"], *one["params"]]:
            yield _field(one["resource"], column["name"])
            yield from _choices(column)
    for name, one in catalogue["extracts"].items():
        yield (("reports", name),)
        for param in one["params"]:
            yield _field(one["resource"], param["name"])
    for event in [*catalogue["publishes"], *(cause["event"] for cause in catalogue["reacts_to"])]:
        yield (("events", event),)
    for rule in alert_rules(service):
        yield ("rules", rule), ("clocks", rule), ("events", rule)


def _field(resource: str, name: str) -> Paths:
    return (resource, name), ("fields", name)


def _choices(field: dict[str, list[str] | str | None]) -> Iterator[Paths]:
    for value in field["values"] or ():
        choices = str(field["choices"])
        yield ("choices", choices, value), ("roles", value), (*choices.split("."), value)


def alert_rules(service: Service) -> Iterator[str]:
    """What alerts and tasks are about: declared with time limits, or raised by code."""
    own = [process for process in service.processes if process not in CHASSIS_PROCESSES]
    for process in [*own, *CHASSIS_PROCESSES]:
        yield from (rule.alarm.rule for rule in process.clocks if rule.alarm)
    yield from _constants(SOURCES / service.name, ALERTS)


def error_codes(folder: str) -> set[str]:
    """The codes of errors that the sources below services/<folder> raise."""
    found = set(_constants(SOURCES / folder, CODES))
    for node in _nodes(SOURCES / folder):
        if isinstance(node, ast.Call):
            found |= {one.value.value for one in node.keywords if one.arg == "code" and _is_text(one.value)}
        elif isinstance(node, ast.Assign) and _is_text(node.value):
            found |= {node.value.value for one in node.targets if isinstance(one, ast.Name) and one.id == "code"}
    return found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _constants(folder: Path, functions: dict[str, int]) -> Iterator[str]:
    """The texts given to these functions at their places."""
    for node in _nodes(folder):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = functions.get(name)
        if place is not None and len(node.args) > place:
            value = node.args[place]
            if _is_text(value):
                yield value.value


def _nodes(folder: Path) -> Iterator[ast.AST]:
    for path in sorted(folder.rglob("*.py")):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))
