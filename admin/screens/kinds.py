"""What stands in the menu: registers, selections of them, forms and pages of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EntryForm:
    """A command that makes a record, with a line of its own in the menu; what is `given` is filled in beforehand, and a
    second line of one command has a `label` of its own."""

    command: str
    label: str = ""
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Screen:
    """A register in the menu, `service/name`; `*/name` is one that every service has.

    `columns` replaces the catalogue's list; `mine` is the field that holds who works on it, for "my work"; `searched`
    registers are asked by the search in the header. `awaiting` says in which states a record waits for a role's desk,
    `settled` in which nobody has to do anything although something may still happen. `roles` says whose menu shows it,
    where that is not everybody who may read it. `entries` have lines of their own.
    """

    resource: str
    area: str
    columns: tuple[str, ...] = ()
    mine: str | None = None
    searched: bool = False
    awaiting: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settled: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    entries: tuple[EntryForm, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Some records of a register as a list of its own: the filters that choose them, and columns that say why.

    It waits on the desks of the roles in `awaited`.
    """

    resource: str
    label: str
    area: str
    filters: tuple[tuple[str, Any], ...]
    columns: tuple[str, ...]
    roles: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A page of its own in the menu. `roles` empty: everybody; `reports`: who may read at least one report. `report` is
    the one, `service/name`, that the page shows, for those who may read it."""

    endpoint: str
    label: str
    area: str
    roles: tuple[str, ...] = ()
    reports: bool = False
    report: str = ""
