"""The catalogues of the services, as the console reads them. One object, loaded when the console starts."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from services.contracts import SERVICES, glossary
from services.contracts.errors import NotFound, UnknownCommand
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


class Catalogues:
    """What the four services offer."""

    def __init__(self, described: Mapping[str, Mapping[str, Any]]) -> None:
        self.services = tuple(described)
        self._parameters = {service: book.get("parameters", []) for service, book in described.items()}
        self._heard = {
            service: frozenset(one["event"] for one in book.get("reacts_to", [])) for service, book in described.items()
        }
        self._resources = {
            (service, name): Resource(service, name, one)
            for service, book in described.items()
            for name, one in book.get("resources", {}).items()
        }
        self._reports = {
            (service, name): Report(service, name, one)
            for service, book in described.items()
            for name, one in book.get("reports", {}).items()
        }
        self._extracts = {
            (service, name): Extract(service, name, one)
            for service, book in described.items()
            for name, one in book.get("extracts", {}).items()
        }
        self._imports = {
            (service, name): Import(service, name, one)
            for service, book in described.items()
            for name, one in book.get("imports", {}).items()
        }
        self._commands = {
            (service, name): Command(service, name, one)
            for service, book in described.items()
            for name, one in book.get("commands", {}).items()
        }

    def hearing(self, event: str) -> list[str]:
        """The services that react to an event."""
        return [service for service in self.services if event in self._heard[service]]

    @classmethod
    def load(cls, read: Callable[[str], Mapping[str, Any]] = glossary.catalogue) -> Catalogues:
        """The generated catalogues; a service that has none yet is left out."""
        described = {}
        for service in SERVICES:
            try:
                described[service] = read(service)
            except FileNotFoundError:
                continue
        return cls(described)

    def resource(self, service: str, name: str) -> Resource:
        """A register; raises `NotFound`."""
        try:
            return self._resources[service, name]
        except KeyError:
            raise NotFound(resource=f"{service}/{name}") from None

    def at(self, path: str) -> Resource | None:
        """The register at `service/name`, or None."""
        service, _, name = path.partition("/")
        return self._resources.get((service, name))

    def named_in(self, service: str, command: str) -> Resource | None:
        """The register after which a command is named, whether it exists or not."""
        fitting = [name for owner, name in self._resources if owner == service and command.endswith(f"_{name}")]
        return self._resources[service, max(fitting, key=len)] if fitting else None

    def command(self, service: str, name: str) -> Command:
        """A command; raises `UnknownCommand`."""
        try:
            return self._commands[service, name]
        except KeyError:
            raise UnknownCommand(command=f"{service}/{name}") from None

    def report(self, service: str, name: str) -> Report:
        """A report; raises `UnknownCommand`."""
        try:
            return self._reports[service, name]
        except KeyError:
            raise UnknownCommand(code="unknown_report", report=f"{service}/{name}"[:80]) from None

    def extract(self, service: str, name: str) -> Extract:
        """A paper register; raises `UnknownCommand`."""
        try:
            return self._extracts[service, name]
        except KeyError:
            raise UnknownCommand(code="unknown_report", report=f"{service}/{name}"[:80]) from None

    def importable(self, service: str, name: str) -> Import:
        """The import of a register; `UnknownCommand` where there is none."""
        try:
            return self._imports[service, name]
        except KeyError:
            raise UnknownCommand(code="unknown_command", command=f"import {service}/{name}"[:80]) from None

    def imports_for(self, roles: Iterable[str]) -> list[Import]:
        """The imports that these roles may make."""
        held = set(roles)
        return [one for one in self._imports.values() if one.allowed_to(held)]

    def extracts_for(self, roles: Iterable[str]) -> list[Extract]:
        """The paper registers that these roles may take."""
        held = set(roles)
        return [one for one in self._extracts.values() if one.allowed_to(held)]

    def reports_for(self, roles: Iterable[str]) -> list[Report]:
        """The reports that these roles may read."""
        held = set(roles)
        return [one for one in self._reports.values() if one.allowed_to(held)]

    def reports_of(self, service: str) -> list[Report]:
        """The reports of a service."""
        return [one for (owner, _), one in self._reports.items() if owner == service]

    def parameters(self, service: str) -> list[Mapping[str, Any]]:
        """The figures of a service's rules with their defaults, as its catalogue lists them."""
        return list(self._parameters.get(service, []))

    @functools.cached_property
    def persons(self) -> frozenset[str]:
        """Names of fields that hold a person, in any register: for structures whose parts no field describes."""
        fields = (field for resource in self._resources.values() for field in resource.fields.values())
        return frozenset(field.name for field in (*COMMON.values(), *fields) if field.to == PERSON)

    def all_resources(self) -> list[Resource]:
        """Every register of every service."""
        return list(self._resources.values())

    def by_work_of(self, roles: Iterable[str]) -> list[str]:
        """The services, first those in which these roles may give most commands and read most registers."""
        held = set(roles)
        given = Counter(of for (of, _), one in self._commands.items() if held.intersection(one.described.get("by", ())))
        read = Counter(
            of for (of, _), one in self._resources.items() if held.intersection(one.described.get("readers", ()))
        )
        return sorted(self.services, key=lambda service: (-given[service], -read[service]))

    def creating(self, resource: Resource, roles: Iterable[str]) -> list[Command]:
        """Commands that make a record of this register and that these roles may give."""
        roles = set(roles)
        return [
            command
            for (service, _), command in self._commands.items()
            if service == resource.service
            and command.resource == resource.name
            and command.kind == "create"
            and command.allowed_to(roles)
        ]

    @functools.cached_property
    def _referrers(self) -> dict[str, list[tuple[Resource, str]]]:
        found: dict[str, list[tuple[Resource, str]]] = {}
        for resource in self._resources.values():
            for name in resource.filters:
                field = resource.field(name)
                if field and field.kind == "reference" and field.to:
                    found.setdefault(field.to, []).append((resource, name))
        return found

    def referring_to(self, resource: Resource) -> list[tuple[Resource, str]]:
        """Registers that point at this one, each with the field that does and that can be filtered by."""
        return self._referrers.get(resource.path, [])


def catalogues() -> Catalogues:
    """The catalogues of the running console."""
    found: Catalogues = current_app.extensions["anju_catalogues"]
    return found
