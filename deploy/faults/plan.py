"""What is done to the system, and when: a schedule drawn from one seed, the same for the same seed and options."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.contracts import SERVICES

CONSOLE = "console"
POSTGRESQL, SQLITE = "postgresql", "sqlite"
COMPANIES = ("evergreen", "harbour", "jade")

CONSUMER_POINTS = ("consumer_after_receive", "inbox_after_receipt", "inbox_before_commit", "consumer_after_commit")
RELAY_POINTS = ("relay_after_select", "relay_after_publish", "relay_after_confirm")
CONSOLE_POINT = "console_after_commit"
POINTS = (*(("maintenance", point) for point in (*CONSUMER_POINTS, *RELAY_POINTS)), (CONSOLE, CONSOLE_POINT))
#: Beside maintenance, whose messages come from companies, a service whose messages come from other services.
MORE_POINTS = tuple(("complaints", point) for point in (*CONSUMER_POINTS, *RELAY_POINTS))
FEW = ("inbox_before_commit", "consumer_after_commit", "relay_after_publish")
#: How the broker's process is ended before it is started again.
RESTARTS = ("SIGTERM", "SIGKILL", "SIGKILL")


@dataclass(frozen=True)
class Options:
    """What a run consists of. `events`: repair events; `commands`: over the REST API; the rest counts faults."""

    seed: int = 1
    events: int = 5000
    commands: int = 500
    kills: int = 60
    database: str = POSTGRESQL
    restarts: int = 3
    freezes: int = 1
    freeze_seconds: float = 25
    alarms: int = 1
    alarm_seconds: float = 10
    stops: int = 3
    storm: int = 12
    points: tuple[tuple[str, str], ...] = POINTS + MORE_POINTS
    cluster: bool = False
    node_kills: int = 6
    settle_seconds: float = 90
    pace: float = 1.0


def short(options: Options) -> Options:
    """The form of continuous integration: every kind of fault that ends a process, once. On SQLite a few of them, for
    what differs there is the transaction alone."""
    few = options.database == SQLITE
    return replace(
        options,
        events=300,
        commands=30,
        kills=4 if few else 8,
        restarts=0 if few else 1,
        freezes=0,
        alarms=0,
        stops=1,
        storm=0 if few else 5,
        points=tuple(one for one in POINTS if one[1] in FEW) if few else POINTS,
        node_kills=3,
        settle_seconds=60,
        pace=0.3,
    )


@dataclass(frozen=True)
class Step:
    """One fault. `share` of the load is let go, and `wait` seconds later `kind` happens to `target`.

    `detail`: of `kill` the fault point that the process is started with again, or nothing; of `broker` the signal; of
    `freeze` and `alarm` the seconds; of `storm` how often the process dies over the same prefetched messages.
    """

    kind: str
    target: str
    wait: float
    share: float
    detail: str = ""


def schedule(options: Options) -> list[Step]:
    """Every fault of a run in order; the shares add up to 1."""
    draw = random.Random(f"{options.seed}/schedule")
    steps = [("kill", target, f"{point}:{draw.randint(1, 3)}") for target, point in options.points]
    steps = [_at_once(step) for step in steps]
    targets = (*SERVICES, "maintenance", "complaints", CONSOLE)
    steps += [("kill", draw.choice(targets), "") for _ in range(max(0, options.kills - len(steps)))]
    if options.cluster:
        steps += [("node", str(number % 3 + 1), "") for number in range(options.node_kills)]
    else:
        steps += [("broker", "broker", RESTARTS[number % len(RESTARTS)]) for number in range(options.restarts)]
        steps += [("freeze", "broker", str(options.freeze_seconds))] * options.freezes
        steps += [("alarm", "broker", str(options.alarm_seconds))] * options.alarms
    if options.database == POSTGRESQL:
        steps += [("database", POSTGRESQL, "immediate")] * options.stops
    draw.shuffle(steps)
    if options.storm:
        # In the middle, so that it finds the system at work and everything after it finds what it left.
        steps.insert(len(steps) // 2, ("storm", "maintenance", str(options.storm)))
    weights = [_weight(kind) for kind, *_ in steps]
    return [
        Step(kind, target, round(draw.uniform(0.02, 1.0) * options.pace, 3), weight / sum(weights), detail)
        for (kind, target, detail), weight in zip(steps, weights, strict=True)
    ]


def _at_once(step: tuple[str, str, str]) -> tuple[str, str, str]:
    """The console answers one command at a time per thread: its point is reached by the first of them."""
    kind, target, detail = step
    return (kind, target, f"{CONSOLE_POINT}:1") if target == CONSOLE else (kind, target, detail)


def _weight(kind: str) -> float:
    return {"storm": 6.0, "broker": 2.0, "freeze": 2.0, "alarm": 2.0, "node": 2.0}.get(kind, 1.0)


def said(steps: Iterable[Step]) -> dict[str, int]:
    """How many faults of each kind, in words for people."""
    words = {
        "kill": "kills at random moments",
        "broker": "broker restarts",
        "freeze": "broker freezes",
        "alarm": "memory alarms",
        "database": "database stops",
        "node": "broker nodes killed",
    }
    counts: dict[str, int] = {}
    for step in steps:
        if step.kind == "storm":
            counts["kills over one backlog"] = counts.get("kills over one backlog", 0) + int(step.detail)
            continue
        counts[words[step.kind]] = counts.get(words[step.kind], 0) + 1
        if step.detail and step.kind == "kill":
            counts["kills at fault points"] = counts.get("kills at fault points", 0) + 1
    return counts
