"""The catalogues of the services, as the console reads them. One object, loaded when the console starts."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import current_app

from admin.described import COMMON, Command, Extract, Import, Report, Resource
from services.contracts import SERVICES, glossary
from services.contracts.errors import NotFound, UnknownCommand
from services.contracts.fields import PERSON


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

    @functools.cached_property
    def _lists(self) -> dict[tuple[str, str, str], str]:
        fields = ((one.service, field) for one in self._resources.values() for field in one.fields.values())
        return {
            (service, field.name, value): field.choices
            for service, field in fields
            for value in field.values or ()
            if field.choices
        }

    def list_of(self, service: str, field: str, value: str) -> str | None:
        """The choice list of a code under fields of this name, in any register of a service: for structures too."""
        return self._lists.get((service, field, value))

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
