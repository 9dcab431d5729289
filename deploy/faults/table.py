"""The table that a run ends with, and the same as Markdown for docs/reliability.md."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from deploy.faults.count import Row

COLUMNS = (
    "attempts",
    "acknowledged",
    "effects",
    "lost",
    "duplicated",
    "recovered",
    "quarantined",
    "unexpected",
    "again",
)
WIDTH = 150
BAD = ("lost", "duplicated", "unexpected")


def show(out: Console, rows: Sequence[Row]) -> None:
    """One line per kind of operation; below it, what is lost, doubled or unexpected."""
    table = Table(show_edge=False)
    table.add_column("", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        figures = [(column, getattr(row, column)) for column in COLUMNS]
        cells = [f"[bold red]{n:,}[/]" if n and name in BAD else f"{n:,}" for name, n in figures]
        table.add_row(row.name, *cells)
    Console(file=out.file, width=max(out.width, WIDTH), highlight=False).print(table)
    for row in rows:
        for name in BAD:
            if getattr(row, name):
                out.print(f"{row.name}: {name}: {row.detail.get(name, '')}", style="red", markup=False, soft_wrap=True)


def markdown(rows: Sequence[Row]) -> str:
    """For the page on reliability."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {row.name} | " + " | ".join(f"{getattr(row, one):,}" for one in COLUMNS) + " |" for row in rows]
    return "\n".join(lines) + "\n"
