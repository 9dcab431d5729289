"""docs/parameters.md: every figure that a rule depends on."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.documents.text import named, table
from services.chassis.service import Service

INTRODUCTION = """# Parameters

Figures of the rules. The default is what the requirement says; an administrator changes a figure for a service with
`establish_parameter`, from a moment on and with a reason, without deployment. What runs already keeps its figure.
What is set for a company comes before what is set for all; that is possible where "by company" says so.
A time limit runs on without pause unless its calendar is "working" (working hours only); by "dates"
it ends at 24:00 of its last day.

"""


def page(services: Sequence[Service]) -> str:
    """The whole page."""
    found: dict[str, tuple[object, list[str]]] = {}
    for service in services:
        for one in service.parameters.values():
            found.setdefault(one.name, (one, []))[1].append(service.name)
    every = len(services)
    rows = []
    for service in services:
        for name, one in service.parameters.items():
            owners = found[name][1]
            if owners[0] != service.name:
                continue
            of = "each service" if len(owners) == every > 1 else ", ".join(owners)
            names = named(service.name, ("parameters", name))
            by_company = "yes" if one.by_company else ""
            rows.append((f"`{name}`", *names, one.default, one.unit, one.calendar, by_company, one.source, of))
    return INTRODUCTION + table(
        ["name", "中文", "English", "default", "unit", "calendar", "by company", "requirement", "service"], rows
    )
