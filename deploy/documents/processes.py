"""docs/processes/<service>.md: what each process is, its fields, its life, and who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deploy.documents.text import code, fields_table, heading, named, said_of, table
from services.chassis.actors import EVERYBODY, role_names
from services.chassis.authority import ApprovalRule
from services.chassis.clocks import ClockRule
from services.chassis.moves import Move, To
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.service import CHASSIS_PROCESSES, Service
from services.contracts.events import Event

SHARED = "shared"


def pages(services: Sequence[Service]) -> dict[str, str]:
    """A page per service, and one for what every service has."""
    found = {service.name: _page(service) for service in services}
    found[SHARED] = "# What every service has\n\n" + "".join(_process("common", one) for one in CHASSIS_PROCESSES)
    return {name: text.rstrip() + "\n" for name, text in found.items()}


def _page(service: Service) -> str:
    zh, en = named("common", ("services", service.name), otherwise=service.name)
    own = [one for one in service.processes if one not in CHASSIS_PROCESSES]
    links = {one.name: f"[`{one.name}`](#process-{one.name})" for one in own}
    rows = [(links[one.name], *named(service.name, (one.name,)), said_of(one.record)) for one in own]
    said = [f"# {zh} {en[:1].upper()}{en[1:]}\n\n", table(["process", "中文", "English", "what it is"], rows), "\n"]
    said.append("Tasks, alerts, approvals and the like are in [shared.md](shared.md).")
    if service.replicates:
        said.append(f" It keeps replicas of {code(service.replicates)}.")
    said.append("\n\n")
    said += [_process(service.name, process) for process in own]
    return "".join(said)


def _process(book: str, process: Process[Any]) -> str:
    names = named(book, (process.name,))
    facts = [f"Others name it `{process.key}`; its title is `{process.title}`."]
    if process.numbered:
        register = f"register `{process.numbered}`" if isinstance(process.numbered, str) else "a register by its kind"
        facts.append(f"Numbered in {register}.")
    if getattr(process.record, "__append_only__", False):
        facts.append("Entries are never changed, only corrected by another entry.")
    if process.snapshot:
        facts.append(f"Every change is told whole as `{process.snapshot.wire_name}`.")
    if process.progress:
        facts.append(f"Every change of state is told as `{process.progress.wire_name}`.")
    parts = [
        f'<a id="process-{process.name}"></a>\n\n',
        heading(2, names, process.name),
        f"{said_of(process.record)}\n\n{' '.join(facts)} Read by {_roles(process.reader_roles())}.\n\n",
        "### Fields\n\n" + fields_table(book, process.name, list(process.record.__fields__.values())) + "\n",
        "### Life\n\n" + _diagram(book, process) + "\n",
        "### Commands\n\n" + _commands(book, process) + "\n",
    ]
    if process.clocks:
        parts.append("### Time limits\n\n" + _clocks(book, process) + "\n")
    if rules := _approval_rules(process):
        parts.append("### Approvals\n\n" + _approvals(book, process, rules) + "\n")
    if process.reactions:
        rows = [(f"`{one.event.wire_name}`", one.event.publisher, said_of(one.function)) for one in process.reactions]
        parts.append("### Reactions\n\n" + table(["event", "of", "what follows"], rows) + "\n")
    if process.reports:
        told = [
            (f"`{one.name}`", *named(book, ("reports", one.name)), one.summary, _roles(role_names(one.by)))
            for one in process.reports
        ]
        parts.append("### Reports\n\n" + table(["report", "中文", "English", "what it tells", "for"], told) + "\n")
    return "".join(parts)


def _roles(names: Iterable[str]) -> str:
    return "everybody within their scope" if EVERYBODY in names else code(names)


def _diagram(book: str, process: Process[Any]) -> str:
    """The states and the moves between them, for Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for state in process.states:
        zh, en = named(book, (process.name, "states", state), ("states", state), otherwise=state)
        lines.append(f'    state "{zh} {en}" as {_id(state)}')
    began = {to for _, origin, to in process.transitions if not origin}
    first = set(process.life) - {to for _, _, to in process.transitions}
    lines += [f"    [*] --> {_id(state)}" for state in process.states if state in first - began]
    for command, origin, to in process.transitions:
        label = f": {command.removesuffix(f'_{process.name}')}" if command else ""
        lines += [f"    {_id(state) if state else '[*]'} --> {_id(to)}{label}" for state in origin or ("",)]
    lines += [f"    {_id(state)} --> [*]" for state in process.final]
    return "\n".join(lines) + "\n```\n"


def _id(state: str) -> str:
    """Mermaid reads a bare `end` or `state` as its own word."""
    return f"s_{state}"


def _commands(book: str, process: Process[Any]) -> str:
    rows = []
    for move in process.moves.values():
        zh, en = named(book, ("commands", move.command))
        asks = code(one.name if one.required else f"{one.name}?" for one in move.params)
        step = f"{_origin(move)} → {f'`{move.to}`' if move.to else 'the same'}"
        effects = _told(move), _clock_steps(process, move)
        rows.append((f"`{move.command}`", zh, en, move.summary, _givers(move), step, asks, *effects))
    headings = ["command", "中文", "English", "what it does", "by", "from → to", "asks for", "tells", "time limits"]
    return table(headings, rows)


def _origin(move: Move) -> str:
    if move.kind == "create":
        return "—"
    unfinished = set(move.process.states) - set(move.process.final)
    if len(move.origin) > 2 and set(move.origin) == unfinished:
        return "any that is not final"
    return code(move.origin) or "any"


def _givers(move: Move) -> str:
    if move.decides:
        return f"the approver of `{move.decides.kind}`"
    by = _roles(role_names(move.by))
    return f"{by}; on `{move.on.wire_name}`" if move.on else by


def _told(move: Move) -> str:
    parts = [_told_to(one) for one in move.emits]
    if move.process.progress and move.to:
        parts.append(f"`{move.process.progress.wire_name}`")
    if move.submits:
        parts.append(f"opens a round of `{move.submits.kind}`")
    return ", ".join(parts)


def _told_to(one: type[Event] | To) -> str:
    if isinstance(one, To):
        return f"`{one.event.wire_name}` to the company in `{one.field}`"
    return f"`{one.wire_name}`"


def _clock_steps(process: Process[Any], move: Move) -> str:
    if move.to is None:
        return ""
    said = []
    for rule in process.clocks:
        if move.to in rule.starts and not set(move.origin) & set(rule.starts):
            said.append(f"starts `{rule.name}`")
        if move.to in rule.stops or move.to in process.final:
            said.append(f"stops `{rule.name}`")
        if move.to in rule.paused_in:
            said.append(f"pauses `{rule.name}`")
    return ", ".join(said)


def _clocks(book: str, process: Process[Any]) -> str:
    rows = []
    for rule in process.clocks:
        zh, en = named(book, (process.name, "clocks", rule.name), ("clocks", rule.name))
        after = [f"tells `{rule.breach.wire_name}`"] if rule.breach else []
        after += [f"alert `{rule.alarm.rule}` ({rule.alarm.source})"] if rule.alarm else []
        after += [f"`{rule.then.__name__}`"] if rule.then else []
        span = f"{code(rule.starts)} → {code(rule.stops) or 'the end'}"
        times = _limit(rule), ", ".join(map(_figure, rule.warn)), span, code(rule.paused_in)
        rows.append((f"`{rule.name}`", zh, en, *times, "; ".join(after)))
    headings = ["limit", "中文", "English", "how long", "warning", "from → until", "paused in", "when it is over"]
    return table(headings, rows)


def _limit(rule: ClockRule) -> str:
    if rule.until:
        return f"until the date in `{rule.until}`"
    if isinstance(rule.limit, Parameter):
        return _figure(rule.limit)
    choices = _parameters_in(rule.limit)
    return " or ".join(_figure(one) for one in choices) + ", as the record is" if choices else "as the record is"


def _parameters_in(function: Any) -> list[Parameter]:
    """The figures among which a function chooses, as far as it names them itself."""
    names = function.__code__.co_names
    known = [function.__globals__.get(name) for name in names]
    spread = [one for value in known for one in (value.values() if isinstance(value, dict) else [value])]
    return [one for one in spread if isinstance(one, Parameter)]


def _figure(parameter: Parameter) -> str:
    return f"`{parameter.name}` ({parameter.default} {parameter.unit})"


def _approval_rules(process: Process[Any]) -> list[ApprovalRule]:
    rules = {rule.kind: rule for move in process.moves.values() for rule in (move.submits, move.decides) if rule}
    return list(rules.values())


def _approvals(book: str, process: Process[Any], rules: list[ApprovalRule]) -> str:
    rows = []
    for rule in rules:
        zh, en = named(book, ("choices", "approval_kind", rule.kind))
        submits = code(move.command for move in process.moves.values() if move.submits is rule)
        decides = code(move.command for move in process.moves.values() if move.decides is rule)
        approver = f"`{rule.approver}`, unless the authority matrix names another ({rule.source})"
        rows.append((f"`{rule.kind}`", zh, en, submits, decides, approver, code(rule.snapshot)))
    return table(["approval", "中文", "English", "submitted by", "decided by", "approver", "what is frozen"], rows)
