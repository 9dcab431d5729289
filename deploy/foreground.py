"""``./anju up``: start, show, watch, stop."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.table import Table

from deploy import demo as demo_data
from deploy.processes import pid_file_of
from deploy.system import System, SystemFailed
from services.chassis import settings

WATCH_SECONDS = 0.5


class _Stopped(BaseException):
    """A signal asked the launcher to stop; not an error, and nothing may swallow it."""


def up(out: Console, *, demo: bool) -> int:
    """Run until Ctrl-C or SIGTERM; 0 when everything lived until then."""
    began = time.monotonic()
    settings.log_level()
    settings.port()
    died: list[str] = []
    with _only_one(), _signals():
        system = System(companies=[demo_data.COMPANY] if demo else [])
        try:
            with out.status("starting") as spinner:

                def progress(step: str) -> None:
                    spinner.update(step)
                    out.print(f"[dim]{time.monotonic() - began:5.1f} s[/]  {step}")

                system.progress = progress
                system.start()
                if demo:
                    demo_data.seed(progress, again=False)
            took = time.monotonic() - began
            out.print(f"\n[bold green]Anju is up[/] after {took:.1f} s:  [bold]{system.url}[/]", soft_wrap=True)
            out.print(f"[dim]logs in {settings.home() / 'logs'}; Ctrl-C stops everything[/]", soft_wrap=True)
            if demo:
                show_accounts(out)
            died = _watch(system, out)
        except _Stopped:
            pass
        finally:
            # A second Ctrl-C while stopping must not leave anything behind.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            out.print("stopping")
            system.stop()
    return 1 if died else 0


def show_accounts(out: Console) -> None:
    """Who can sign in to the demo, and how."""
    table = Table(title=f"Demo accounts, password [bold]{demo_data.PASSWORD}[/]", title_justify="left", show_edge=False)
    for heading in ("user", "name", "role", "scope"):
        table.add_column(heading)
    for account in demo_data.ACCOUNTS:
        for role, scopes in account.roles.items():
            table.add_row(account.username, account.name, role, ", ".join(scopes))
    out.print(table)


def _watch(system: System, out: Console) -> list[str]:
    """Tell about every process that dies; nothing is restarted silently. Returns when told to stop."""
    died: list[str] = []
    try:
        while True:
            for child in system.children:
                if child.returncode is not None and child.name not in died:
                    died.append(child.name)
                    out.print(f"\n[bold red]{child.name} ended with code {child.returncode}[/]; {child.log} ends with:")
                    out.print(child.last_lines(), markup=False)
                    out.print("[red]The rest goes on without it. Ctrl-C stops everything.[/]")
            time.sleep(WATCH_SECONDS)
    except _Stopped:
        return died


@contextmanager
def _signals() -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _only_one() -> Iterator[None]:
    """One launcher per home: two would fight over broker data and SQLite files."""
    path = pid_file_of("launcher")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise SystemFailed(f"already up from {settings.home()} (launcher pid {file.read().strip()})") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
