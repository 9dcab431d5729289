"""Records of all services that point at one: asked for in parallel; a service that is away says so in its own panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from admin.actors import actor, roles
from admin.catalogues import Resource, catalogues
from admin.listing import Listing
from admin.page import ask_each
from admin.problems import told
from admin.query import ListQuery
from admin.texts import resource_name
from services.contracts.errors import AnjuError

SHOWN = 5
MOST = 16


@dataclass
class Panel:
    """A short list within another page, or the sentence that says why it is not there."""

    title: str
    listing: Listing | None = None
    problem: str = ""
    more: str = ""

    @property
    def count(self) -> int:
        return int(self.listing.found["count"]) if self.listing else 0


def panels(register: Resource, record: dict[str, Any]) -> list[Panel]:
    """One panel per register that points at this record and that this person may read."""
    referring = [pair for pair in catalogues().referring_to(register) if pair[0].readable_by(roles())]
    wanted = [(found, ListQuery(filters={name: str(record["id"])}, size=SHOWN)) for found, name in referring[:MOST]]
    return fill(wanted)


def fill(wanted: list[tuple[Resource, ListQuery]], titles: list[str] | None = None) -> list[Panel]:
    """Panels of these queries, all asked at once."""
    calls = [("search", found.service, found.name, asked.params, actor()) for found, asked in wanted]
    filled = []
    for index, ((found, asked), answered) in enumerate(zip(wanted, ask_each(*calls), strict=True)):
        panel = Panel(titles[index] if titles else resource_name(found.service, found.name))
        if isinstance(answered, AnjuError):
            panel.problem = told(answered)
        else:
            panel.listing = Listing(found, asked, answered, (), [])
            panel.more = panel.listing.url + "?" + asked.string(size=20)
        filled.append(panel)
    return filled
