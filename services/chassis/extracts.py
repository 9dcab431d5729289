"""Extracts: a paper register taken from a process, with its columns in the paper's order (C-121, X-395).

    extract(cases, "dispute_register", columns=("number", "received_at", ...), holding={"kind": "dispute"}, by=READERS)

An extract is a list with fixed filters and columns: whoever takes it sees the rows and the values that the list shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.actors import Roles
from services.chassis.process import Process
from services.chassis.records import COMMON
from services.contracts.fields import Field

#: What an extract is narrowed by: the days of registration, and where.
PARAMS = (
    Field("date", "since", required=False),
    Field("date", "until", required=False),
    Field("reference", "project_id", required=False, max_length=40, to="leads/project"),
)


@dataclass(frozen=True, eq=False)
class Extract:
    """One paper register: the filters that its entries fit, and its columns in order."""

    process: Process[Any]
    name: str
    columns: tuple[str, ...]
    holding: Mapping[str, Any]
    by: Roles

    def fault(self) -> str | None:
        """What is wrong with the declaration."""
        known = {*self.process.record.__fields__, *(field.name for field in COMMON)}
        missing = [one for one in (*self.columns, *self.holding) if one not in known]
        return f"extract {self.name}: {', '.join(missing)} are no fields of {self.process.name}" if missing else None


def extract(process: Process[Any], name: str, *, columns: Sequence[str], holding: Mapping[str, Any], by: Roles) -> None:
    """Declare a paper register that can be taken from a process."""
    process.extracts.append(Extract(process, name, tuple(columns), holding, by))
