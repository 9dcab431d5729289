"""``./anju status``: what runs and what does not, from PID files, the broker and the console's health door."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy import system
from deploy.broker import is_reachable
from deploy.processes import running_pid
from services.chassis import settings
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
    lines.append(Line("health", code == 200, f"HTTP {code}" if code else "the console does not answer"))
    for name, part in _services(report).items():
        lines.append(_service(name, part))
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
    good = is_reachable(uri)
    return Line("broker", good, "accepts connections" if good else "does not accept connections")


def _services(report: dict[str, Any]) -> dict[str, Any]:
    services = report.get("services", {})
    return services if isinstance(services, dict) else {}


def _service(name: str, part: Any) -> Line:
    """One service as its health door describes it; anything that is no such report counts as down."""
    if not isinstance(part, dict) or "database" not in part:
        return Line(name, False, "does not answer")
    outbox, inbox = part.get("outbox", {}), part.get("inbox", {})
    good = bool(part.get("database")) and bool(part.get("relay"))
    waiting, oldest = outbox.get("waiting", 0), outbox.get("oldest_seconds") or 0
    held = ", ".join(f"{inbox.get(key, 0)} {key}" for key in ("retrying", "parked", "rejected"))
    database = "database up" if part.get("database") else "database down"
    relay = "relay up" if part.get("relay") else "relay down"
    return Line(name, good, f"{database}, {relay}, outbox {waiting} (oldest {oldest:.0f} s), inbox {held}")
