"""The indexes by which lists are read, made from what a register declares, so that none is forgotten (ADR 8).

Each column that a list is filtered or sorted by leads an index of its own, followed by the state and the moment: how
many there are per state, the newest of them, and the order by that column are then read from it alone, and no further
than needed. References and numbers have few rows to a value: their own index is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from services.chassis import words
from services.contracts.fields import Field

LISTS = "lists"  #: key in a table's `info`: the columns that lead such an index
PLACES = ("company_id", "project_id")
FEW_TO_A_VALUE = ("reference", "number")


def declare(record: Any, asked: Iterable[str], searched: Iterable[str]) -> None:
    """The indexes of a register whose list is filtered or sorted by these columns and searched in those."""
    table, fields = record.__table__, record.__fields__
    names = [*PLACES, *(name for name in asked if name in fields and _leads(fields[name]))]
    for name in dict.fromkeys(names):
        sa.Index(f"ix_{table.name}_by_{name}", table.c[name], table.c.state, table.c.created_at)
    table.info[LISTS] = frozenset(names)
    masked = [name for name in searched if fields[name].mask]
    leading = {next(iter(index.columns)).name for index in table.indexes}
    for name in masked:  # matched as a whole only
        if name not in leading:
            sa.Index(f"ix_{table.name}_whole_{name}", table.c[name])
    table.info[words.SEARCHED] = tuple(name for name in searched if name not in masked)


def led_by(record: Any) -> frozenset[str]:
    """The columns of which each value's rows are counted per state, and read in order, by an index."""
    led: frozenset[str] = record.__table__.info.get(LISTS, frozenset())
    return led


def _leads(field: Field) -> bool:
    return field.sortable and field.kind not in FEW_TO_A_VALUE
