"""The catalogue of a service: its declarations as data, for everyone who must not import its code."""

from __future__ import annotations

import importlib
import json
import pathlib
from typing import Any

from services.chassis.actors import EVERYBODY, role_names
from services.chassis.extracts import PARAMS, Extract
from services.chassis.imports import Importable
from services.chassis.moves import Move, To
from services.chassis.process import Process
from services.chassis.records import COMMON
from services.chassis.reports import Report
from services.chassis.service import Service
from services.contracts import SERVICES
from services.contracts.fields import to_wire

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "contracts" / "catalogue"


def service_named(name: str) -> Service:
    """The declaration of a service."""
    declared: Service = importlib.import_module(f"services.{name}.service").SERVICE
    return declared


def described(service: Service) -> dict[str, Any]:
    """The catalogue in the form that docs/architecture.md documents."""
    published = {event.wire_name for process in service.processes for event in _events(process)}
    return {
        "service": service.name,
        "resources": {process.name: _resource(process) for process in service.processes},
        "commands": {name: _command(move) for name, move in service.commands.items()},
        "reports": {name: _report(one) for name, one in service.reports.items()},
        "extracts": {one.name: _extract(one) for process in service.processes for one in process.extracts},
        "imports": {name: _importable(one) for name, one in service.importables.items()},
        "publishes": sorted(published),
        "reacts_to": [
            {"publisher": publisher, "event": name}
            for publisher, name in sorted(
                {(one.event.publisher, one.event.wire_name) for many in service.reactions.values() for one in many}
            )
        ],
        "replicates": list(service.replicates),
        "parameters": [
            {
                "name": one.name,
                "default": to_wire(one.default),
                "unit": one.unit,
                "source": one.source,
                "by_company": one.by_company,
            }
            for one in service.parameters.values()
        ],
    }


def _events(process: Process[Any]) -> list[Any]:
    declared = [*process.announces, *([process.progress] if process.progress else [])]
    declared += [
        event.event if isinstance(event, To) else event for move in process.moves.values() for event in move.emits
    ]
    declared += [event for rule in process.clocks for event in (rule.breach, rule.soon) if event]
    return declared + ([process.snapshot] if process.snapshot else [])


def _resource(process: Process[Any]) -> dict[str, Any]:
    readers = process.reader_roles()
    return {
        "key": process.key,
        "title": process.title,
        "fields": [field.to_json() for field in [*COMMON, *process.record.__fields__.values()]],
        "list": list(process.listed),
        "filters": [*process.filters, *(name for name, one in process.narrowed.items() if one.is_offered)],
        "narrowed": [one.field.to_json() for one in process.narrowed.values() if one.is_offered],
        "search": list(process.search),
        "states": process.states,
        "initial": process.initial,
        "final": process.final,
        "transitions": [
            {"command": command, "from": list(origin), "to": to} for command, origin, to in process.transitions
        ],
        "clocks": [rule.name for rule in process.clocks],
        "append_only": bool(getattr(process.record, "__append_only__", False)),
        "readers": [EVERYBODY] if EVERYBODY in readers else readers,
    }


def _command(move: Move) -> dict[str, Any]:
    return {
        "resource": move.process.name,
        "verb": move.verb,
        "kind": move.kind,
        "by": role_names(move.by),
        "from": list(move.origin),
        "to": move.to,
        "params": [field.to_json() for field in move.params],
        "decision": move.verdict,
        "submits": move.submits.kind if move.submits else None,
        "emits": _told_by(move),
        "advised": move.verb in move.process.advisers,
        "reveals": move.beside is not None,
        "summary": move.summary,
    }


def _told_by(move: Move) -> list[str]:
    """The events that the move itself tells, and the progress of its process."""
    progress = move.process.progress if move.to is not None else None
    told = [one.event if isinstance(one, To) else one for one in move.emits] + ([progress] if progress else [])
    return list(dict.fromkeys(one.wire_name for one in told))


def _report(one: Report) -> dict[str, Any]:
    return {
        "resource": one.process.name,
        "by": role_names(one.by),
        "params": [field.to_json() for field in one.params],
        "columns": [field.to_json() for field in one.columns],
        "along": list(one.along),
        "counts": list(one.counts),
        "figures": list(one.figures),
        "summary": one.summary,
    }


def _extract(one: Extract) -> dict[str, Any]:
    return {
        "resource": one.process.name,
        "by": role_names(one.by),
        "params": [field.to_json() for field in PARAMS],
        "columns": list(one.columns),
        "holding": to_wire(dict(one.holding)),
    }


def _importable(one: Importable[Any]) -> dict[str, Any]:
    return {
        "resource": one.process.name,
        "by": role_names(one.by),
        "params": [field.to_json() for field in one.given_fields],
        "columns": [field.to_json() for field in one.fields],
    }


def text(service: Service) -> str:
    return json.dumps(described(service), ensure_ascii=False, indent=1) + "\n"


def write_all() -> list[str]:
    """Write every service's catalogue; returns the names of those that changed."""
    changed = []
    FOLDER.mkdir(exist_ok=True)
    for name in SERVICES:
        path, new = FOLDER / f"{name}.json", text(service_named(name))
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            path.write_text(new, encoding="utf-8")
            changed.append(name)
    return changed
