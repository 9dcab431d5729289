"""`./anju bench`: every benchmark of one run, a table for people, `docs/benchmarks.md`, and an exit code."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.bench.figures import ANJU, Figure, Plan, Void
from deploy.broker import script
from deploy.postgres import program
from services.chassis import settings

PAGE = settings.ROOT / "docs" / "benchmarks.md"
BENCHMARKS = ("gateway", "relay", "handover", "console", "imports", "memory")
HEADINGS = ("figure", "contender", "median", "range", "share", "target", "met")


class BenchmarkUnknown(ValueError):
    """There is no benchmark of this name."""


def run(out: Console, plan: Plan, only: Sequence[str] = (), *, write: bool = True) -> int:
    """Measure, show and write the page; 1 when a target is missed or a run is void."""
    known = [name for name in BENCHMARKS if find_spec(f"deploy.bench.{name}")]
    for name in only:
        if name not in known:
            raise BenchmarkUnknown(f"--only: must be one of {', '.join(known)}, got {name!r}")
    figures: list[Figure] = []
    void = []
    for name in [name for name in known if not only or name in only]:
        try:
            figures += importlib.import_module(f"deploy.bench.{name}").measure(plan)
        except Void as lost:
            void.append(f"{name}: {lost}")
            out.print(f"[red]void[/] {name}: {lost}", soft_wrap=True)
    out.print(shown(figures))
    if write:
        PAGE.write_text(page(figures, plan, only, void), encoding="utf-8")
        out.print(f"written: {PAGE.relative_to(settings.ROOT)}")
    return 0 if figures and not void and all(figure.met for figure in figures) else 1


def shown(figures: Sequence[Figure]) -> Table:
    """The table on the screen."""
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading)
    for figure in figures:
        for line in lines(figure):
            table.add_row(*line, style=None if figure.met else "red")
    return table


def lines(figure: Figure) -> list[tuple[str, ...]]:
    """One line for each contender, Anju's own first; `share` is Anju's median as a part of the contender's."""
    found: list[tuple[str, ...]] = []
    for contender in sorted(figure.rounds, key=lambda name: name != ANJU):
        low, high = figure.spread(contender)
        is_ours = contender == ANJU
        share = "" if contender.startswith(ANJU) else f"{figure.median() / figure.median(contender):.2f}"
        found.append(
            (
                figure.name if is_ours else "",
                contender,
                f"{_short(figure.median(contender))} {figure.unit}",
                f"{_short(low)} – {_short(high)}",
                share,
                figure.target if is_ours else "",
                ("yes" if figure.met else "no") if is_ours else "",
            )
        )
    return found


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def page(figures: Sequence[Figure], plan: Plan, only: Sequence[str] = (), void: Sequence[str] = ()) -> str:
    """`docs/benchmarks.md`, whole; it says what was not measured, and which runs are void."""
    chosen = "".join(f" --only {name}" for name in only)
    left_out = [name for name in BENCHMARKS if only and name not in only]
    text = [
        "# Benchmarks",
        "",
        f"Written by `./anju bench --rounds {plan.rounds} --seed {plan.seed}{chosen}` on {datetime.now(UTC).date()}.",
        "Contenders take turns within one run, in an order drawn by the seed; each figure is the median of the rounds",
        "with their range. A run that loses or doubles a message is void and gives no figure. The machine is shared",
        "with other work, so shares say more than absolute figures.",
        "",
        f"Machine: {machine()}.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(line)} |" for figure in figures for line in lines(figure)),
        "",
        "`share` is Anju's median as a part of the contender's.",
        "",
        *(f"- **{figure.name}**: {'; '.join(figure.notes)}." for figure in figures if figure.notes),
        *(f"- **{name}**: not measured in this run." for name in left_out),
        *(f"- void: {one}." for one in void),
    ]
    return "\n".join(text) + "\n"


def machine() -> str:
    """What the figures were measured on, without what would name the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    parts = [f"{os.cpu_count()} cores", f"{memory:.0f} GB of memory", platform.system()]
    parts.append(f"Python {platform.python_version()}")
    parts.append(_printed([program("postgres"), "--version"]).replace("postgres (PostgreSQL) ", "PostgreSQL "))
    parts.append(f"RabbitMQ {_rabbitmq()}")
    return ", ".join(parts)


def _rabbitmq() -> str:
    server = script("rabbitmq-server")
    folders = Path(server).resolve().parent.parent.glob("plugins/rabbit-*") if server else []
    return next((one.name.removeprefix("rabbit-").removesuffix(".ez") for one in folders), "of unknown version")


def _printed(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip().partition(" (Debian")[0]
