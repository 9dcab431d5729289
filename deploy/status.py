"""``./anju status``: what runs and what does not, from PID files, the broker and the console's health door."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import NotFound
from kombu import Connection
from rich.console import Console
from rich.table import Table

from deploy import system
from deploy.broker import is_reachable
from deploy.processes import running_pid
from services.chassis import settings, topology
from services.contracts import SERVICES


@dataclass(frozen=True)
class Line:
    """One row of the table; the state of the whole is good when every row's is."""

    name: str
    good: bool
    detail: str


def gather() -> list[Line]:
    """Ask everything once."""
    private = not os.environ.get("ANJU_AMQP_URI")
    lines = [_process(name) for name in ([*(("broker",) if private else ()), *SERVICES, system.CONSOLE])]
    lines.append(_broker())
    code, report = system.health(f"http://127.0.0.1:{settings.port()}")
    for name, part in [("console", report.get("console")), *report.get("services", {}).items()]:
        lines.append(_database(name, part))
    age = report.get("outbox_age_seconds")
    waiting = "nothing waits to be published" if not age else f"the oldest unpublished event is {age:.0f} s old"
    lines.append(Line("health", code == 200, f"{report.get('status')}; {waiting}" if code else "no answer"))
    return lines


def show(lines: list[Line], console: Console) -> None:
    table = Table(show_edge=False, header_style="bold")
    for heading in ("part", "state", "detail"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        table.add_row(line.name, "[green]up[/]" if line.good else "[red]down[/]", line.detail)
    console.print(table)


def _process(name: str) -> Line:
    pid = running_pid(name)
    return Line(f"{name} process", pid is not None, f"pid {pid}" if pid else "not running here")


def _broker() -> Line:
    try:
        uri = settings.amqp_uri()
    except settings.SettingInvalid as absent:
        return Line("broker", False, str(absent))
    if not is_reachable(uri):
        return Line("broker", False, "does not accept connections")
    left = ", ".join(f"{count} in {queue}" for queue, count in dead_letters(uri).items())
    return Line("broker", not left, f"dead letters: {left}" if left else "accepts connections")


def dead_letters(uri: str) -> dict[str, int]:
    """What lies in the services' last queues, which nobody reads and nothing should be in; empty ones are left out."""
    found = {}
    with Connection(uri) as connection:
        for queue in map(topology.parked, SERVICES):
            with suppress(NotFound), connection.channel() as channel:
                found[queue] = channel.queue_declare(queue, passive=True).message_count
    return {queue: count for queue, count in found.items() if count}


def _database(name: str, part: Any) -> Line:
    """One part as the console's health door describes it; anything that is no such report counts as down."""
    if not isinstance(part, dict) or part.get("database") is None:
        return Line(f"{name} database", False, "unknown: it does not answer")
    return Line(f"{name} database", bool(part["database"]), "answers" if part["database"] else "does not answer")
