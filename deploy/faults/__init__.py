"""``./anju faults``: what the system loses and doubles while its parts are killed; nothing, or it exits non-zero."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

from rich.console import Console

from deploy.faults import count, facts, messages, plan, table
from deploy.faults.company import Company
from deploy.faults.gate import Gate
from deploy.faults.harm import Harm, NotReached
from deploy.faults.ledger import Ledger
from deploy.faults.office import Office
from deploy.faults.plan import COMPANIES, Options
from deploy.faults.world import World
from services.chassis import settings

HEALTHY_SECONDS = 60.0
LOOK_SECONDS = 5.0
LOAD_SECONDS = 600.0


def options(seed: int | None, database: str, is_short: bool, cluster: bool, **figures: int | None) -> Options:
    """What the command line asks for; figures that are None keep their default."""
    if database not in (plan.POSTGRESQL, plan.SQLITE):
        raise settings.SettingInvalid("--database", f"must be {plan.POSTGRESQL} or {plan.SQLITE}", database)
    drawn = random.SystemRandom().randrange(1, 1_000_000) if seed is None else seed
    wanted = Options(seed=drawn, database=database, cluster=cluster)
    wanted = plan.short(wanted) if is_short else wanted
    given: dict[str, Any] = {name: figure for name, figure in figures.items() if figure is not None}
    return replace(wanted, **given)


def run(out: Console, options: Options) -> int:
    """Load, harm, settle, count: 0 when nothing was lost, doubled or made up and every fault happened."""
    began = time.monotonic()

    def progress(step: str) -> None:
        out.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  {step}", soft_wrap=True)

    out.print(f"seed {options.seed}, {options.database}{', three nodes' if options.cluster else ''}")
    world = World(options, progress)
    ledger, gate = Ledger(), Gate()
    failures: list[str] = []
    rows: list[count.Row] = []
    with _interruptible():
        try:
            world.start()
            rows, failures = _judged(world, ledger, gate, options)
        finally:
            gate.stop()
            world.stop()
    table.show(out, rows)
    good = all(row.good for row in rows) and not failures
    for failure in failures:
        out.print(f"anju: {failure}", style="red", markup=False, soft_wrap=True)
    if good:
        world.forget()
        out.print(
            f"[bold green]nothing lost, nothing doubled[/] in {time.monotonic() - began:.0f} s; seed {options.seed}"
        )
        return 0
    ledger.write(world.folder / "ledger.json")
    out.print(f"[bold red]not good[/]; seed {options.seed}; ledger and logs are in {world.folder}", soft_wrap=True)
    return 1


def _judged(world: World, ledger: Ledger, gate: Gate, options: Options) -> tuple[list[count.Row], list[str]]:
    say = world.progress
    office = Office(world.url, world.password, ledger, gate, options.seed, options.commands)
    homes = {messages.project_of(code): messages.homes_of(code, options.events) for code in COMPANIES}
    companies = [
        Company(code, world.company_uris(code), ledger, gate, options.seed, options.events) for code in COMPANIES
    ]
    say("making projects, companies and homes")
    office.prepare(homes)
    reader = facts.Reader(world.home, world.database_url)
    world.until(lambda: not facts.unsettled(reader), HEALTHY_SECONDS)
    parts: list[Company | Office] = [*companies, office]
    for part in parts:
        part.start()
    steps = plan.schedule(options)
    harm = Harm(world, gate, lambda name: _stir(name, companies, office))
    failures = []
    if options.cluster and (thin := world.broker.thin_queues()):
        failures.append(f"without a member on each node: {', '.join(thin)}")
    try:
        for number, step in enumerate(steps, 1):
            say(f"{number}/{len(steps)} {step.kind} {step.target} {step.detail}".rstrip())
            harm.do(step)
    except NotReached as missing:
        failures.append(str(missing))
    gate.let(1.0)
    say("the load ends")
    done = world.until(lambda: all(one.said_all for one in companies) and office.done_all, LOAD_SECONDS)
    failures += [] if done else ["the load did not come to its end"]
    say("settling")
    settled = _settle(world, reader, companies, options.settle_seconds)
    failures += [f"not settled after {options.settle_seconds:.0f} s: {one}" for one in settled]
    gate.stop()
    for part in parts:
        part.join(10)
    say("counting")
    queues = facts.depths(world.broker.ctl("list_queues", "name", "messages"))
    for what, times in plan.said(steps).items():
        say(f"{times} {what}")
    say("fault points: " + ", ".join(f"{point} {times}" for point, times in sorted(harm.points.items())))
    say("ended: " + ", ".join(f"{what} {times}" for what, times in sorted(world.ended.items())))
    say("load: " + ", ".join(f"{times} {what}" for what, times in ledger.notes.items()))
    return count.count(ledger, facts.gather(reader, queues)), failures


def _stir(name: str, companies: list[Company], office: Office) -> None:
    """Maintenance, and behind it complaints, hears of every report; the others need somebody at a desk."""
    for company in companies:
        company.stir()
    if name != "maintenance":
        office.stir()


def _settle(world: World, reader: facts.Reader, companies: list[Company], seconds: float) -> list[str]:
    """Wait until nothing happens by itself any more; what is still open when for so many seconds nothing has moved."""
    left, before, moved = ["everything"], ["nothing"], time.monotonic()
    while left and time.monotonic() < moved + seconds:
        world.until(lambda: not _open(world, reader, companies), min(seconds, LOOK_SECONDS))
        # What was delivered and not acknowledged is seen by the broker alone.
        left = _open(world, reader, companies)
        depths = facts.depths(world.broker.ctl("list_queues", "name", "messages"))
        left += [f"{name}: {number} messages" for name, number in depths.items() if number and _is_inbox(name)]
        if left != before:
            before, moved = left, time.monotonic()
    return left


def _open(world: World, reader: facts.Reader, companies: list[Company]) -> list[str]:
    try:
        left = facts.unsettled(reader)
    except Exception as away:  # the database has just been started again
        return [f"{type(away).__name__}"]
    return left + [f"{one.code} has to answer" for one in companies if not one.said_all]


def _is_inbox(queue: str) -> bool:
    return not queue.endswith(".parked") and not queue.startswith("rpc")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: everything that was started is stopped."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
