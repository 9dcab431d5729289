"""What one catalogue describes: registers, commands, reports, paper registers, imports."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.contracts.fields import PERSON, Field

#: What every record has beside the fields of its catalogue.
COMMON = {
    field.name: field
    for field in (
        Field("text", "id", read_only=True),
        Field("integer", "version", read_only=True),
        Field("text", "state", read_only=True),
        Field("text", "company_id", required=False, read_only=True),
        Field("reference", "project_id", required=False, read_only=True, to="leads/project"),
        Field("moment", "created_at", read_only=True),
        Field("text", "created_by", read_only=True, to=PERSON),
    )
}


@dataclass(frozen=True)
class Resource:
    """One register of one service, as its catalogue describes it."""

    service: str
    name: str
    described: Mapping[str, Any]

    @property
    def path(self) -> str:
        """`service/name`, as screens and references write it."""
        return f"{self.service}/{self.name}"

    @functools.cached_property
    def fields(self) -> dict[str, Field]:
        """Its own fields, in the order of the paper register."""
        described = self.described.get("fields", [])
        return {one["name"]: Field.from_json(one) for one in described if one["name"] not in COMMON}

    def field(self, name: str) -> Field | None:
        """One of its own fields, of those that every record has, or a filter of its own: a limit, a mark."""
        return self.narrowed.get(name) or self.fields.get(name) or COMMON.get(name)

    @functools.cached_property
    def narrowed(self) -> dict[str, Field]:
        """What its list can be filtered by that is no column, by name."""
        return {one["name"]: Field.from_json(one) for one in self.described.get("narrowed", ())}

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of its list."""
        return tuple(self.described.get("list") or list(self.fields)[:6])

    @functools.cached_property
    def filters(self) -> tuple[str, ...]:
        """Fields that its list can be filtered by; never a masked one, since matches would tell what a mask hides."""
        named = self.described.get("filters", [])
        return tuple(name for name in named if (field := self.field(name)) and not field.mask)

    @functools.cached_property
    def sortable(self) -> frozenset[str]:
        """Columns that a list may be sorted by."""
        names = {*self.columns, "created_at"}
        return frozenset(name for name in names if (field := self.field(name)) and field.sortable)

    @property
    def title(self) -> str:
        """The field that names a record to people."""
        return str(self.described.get("title") or self.described.get("key") or "id")

    def title_in(self, language: str) -> str:
        """The same in a language, where records have a name in each: `name` and `name_en`."""
        other = f"{self.title}_{language}"
        return other if other in self.fields else self.title

    @property
    def states(self) -> tuple[str, ...]:
        """Its states, in order."""
        return tuple(self.described.get("states", []))

    @property
    def final(self) -> frozenset[str]:
        """States in which nothing more happens."""
        return frozenset(self.described.get("final", []))

    @property
    def open_states(self) -> list[str]:
        """States in which somebody still has to act."""
        return [state for state in self.states if state not in self.final]

    @property
    def append_only(self) -> bool:
        """Whether it is a register that is corrected, never changed (X-47)."""
        return bool(self.described.get("append_only"))

    @property
    def clocks(self) -> tuple[str, ...]:
        """Its clocks."""
        return tuple(self.described.get("clocks", []))

    @property
    def holds_personal_data(self) -> bool:
        """Whether any of its fields is masked."""
        return any(field.mask for field in self.fields.values())

    @functools.cached_property
    def readers(self) -> frozenset[str]:
        """Roles that may read it; "*" is everybody."""
        return frozenset(self.described.get("readers", []))

    def readable_by(self, roles: Iterable[str]) -> bool:
        """Whether one of these roles may read it; the service decides again, and by record."""
        return "*" in self.readers or bool(self.readers & set(roles))


@dataclass(frozen=True)
class Command:
    """One command of one service, as its catalogue describes it."""

    service: str
    name: str
    described: Mapping[str, Any]

    @property
    def resource(self) -> str:
        """The name of the resource that it acts on."""
        return str(self.described["resource"])

    @property
    def kind(self) -> str:
        """`create`, `move` or `change`."""
        return str(self.described.get("kind", "move"))

    @property
    def decision(self) -> str | None:
        """`approved` or `rejected` where the command decides an approval."""
        return self.described.get("decision")

    @property
    def corrects(self) -> bool:
        """Whether it corrects an entry of a register by another one (X-47)."""
        return self.kind == "create" and any(one.name == "corrects_id" for one in self.params)

    @property
    def advised(self) -> bool:
        """Whether its service says something about it while it is filled in."""
        return bool(self.described.get("advised"))

    @functools.cached_property
    def params(self) -> tuple[Field, ...]:
        """What the person fills in."""
        return tuple(Field.from_json(one) for one in self.described.get("params", []))

    def allowed_to(self, roles: Iterable[str]) -> bool:
        """Whether one of these roles may give it; the service decides again, and by record.

        Who decides an approval is in the authority matrix, which only the service knows (X-45).
        """
        if self.decision:
            return True
        by = set(self.described.get("by", []))
        return "*" in by or bool(by & set(roles))


@dataclass(frozen=True)
class Report(Command):
    """One report of one service: what it is narrowed by are its `params`, as a command's are what is filled in."""

    @functools.cached_property
    def columns(self) -> tuple[Field, ...]:
        """Its columns in order."""
        return tuple(Field.from_json(one) for one in self.described["columns"])

    @property
    def along(self) -> tuple[str, ...]:
        """The columns that its chart goes along."""
        return tuple(self.described["along"])

    @property
    def counts(self) -> tuple[str, ...]:
        """The columns that count records, each with the list of them behind it."""
        return tuple(self.described["counts"])

    @property
    def numbers(self) -> tuple[str, ...]:
        """All columns that are numbers to compare."""
        return (*self.counts, *self.described["figures"])


@dataclass(frozen=True)
class Extract(Command):
    """One paper register that can be taken from a register: fixed filters, columns in the paper's order."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in order."""
        return tuple(self.described["columns"])

    @property
    def holding(self) -> Mapping[str, Any]:
        """The filters that its entries fit."""
        holding: Mapping[str, Any] = self.described["holding"]
        return holding


@dataclass(frozen=True)
class Import(Command):
    """The import of one register from a workbook: what is said once for all of it are its `params`."""

    @functools.cached_property
    def columns(self) -> tuple[Field, ...]:
        """The columns of the workbook, in the order of the template."""
        return tuple(Field.from_json(one) for one in self.described["columns"])
