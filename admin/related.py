"""Records of all services that point at one: asked for in parallel; a service that is away says so in its own panel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.described import Resource
from admin.listing import Listing
from admin.page import ask_each
from admin.problems import told
from admin.query import ListQuery
from admin.texts import field_name, register_name
from services.contracts.errors import AnjuError, rebuild

SHOWN = 5
MOST = 60


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


@dataclass(frozen=True)
class Wanted:
    """A query whose answer becomes a panel."""

    register: Resource
    query: ListQuery
    title: str = ""

    @property
    def call(self) -> tuple[Any, ...]:
        """The question, for `ask_each`."""
        return ("search", self.register.service, self.register.name, self.query.params, actor())


def panels(register: Resource, record: dict[str, Any]) -> list[Panel]:
    """One panel per register that points at this record and that this person may read."""
    wanted = pointing_at(register, record)
    return filled(wanted, answers_to(wanted))


def pointing_at(register: Resource, record: dict[str, Any]) -> list[Wanted]:
    """What is asked for them."""
    referring = [pair for pair in catalogues().referring_to(register) if pair[0].readable_by(roles())]
    times = Counter(found.path for found, _ in referring)
    return [
        Wanted(
            found,
            ListQuery(filters={name: str(record["id"])}, size=SHOWN),
            title(found, name, is_one_of_several=times[found.path] > 1),
        )
        for found, name in referring[:MOST]
    ]


def answers_to(wanted: Sequence[Wanted]) -> list[Any]:
    """The answers in the same order, an error in the place of one that is none: one question to each service."""
    asked: dict[str, list[Wanted]] = {}
    for one in wanted:
        asked.setdefault(one.register.service, []).append(one)
    replies = ask_each(
        *(
            ("search_each", service, [[one.register.name, one.query.params | {"tabs": False}] for one in some], actor())
            for service, some in asked.items()
        )
    )
    told = {
        id(one): answered
        for some, reply in zip(asked.values(), replies, strict=True)
        for one, answered in zip(some, _each(reply, len(some)), strict=True)
    }
    return [told[id(one)] for one in wanted]


def _each(reply: Any, length: int) -> list[Any]:
    if isinstance(reply, AnjuError):
        return [reply] * length
    return [rebuild(one["refused"], one["with"]) if "refused" in one else one for one in reply["result"]]


def _same_in_all(asked: ListQuery) -> str:
    """The column that says the same in each row: what was asked for, unless several values of it were."""
    name, value = next(iter(asked.filters.items()), ("", ""))
    return "-" if isinstance(value, list) and len(value) > 1 else name


def title(found: Resource, name: str, *, is_one_of_several: bool) -> str:
    """Two panels of one register say by which field each of them is found."""
    register = register_name(found.service, found.name)
    return f"{register} · {field_name(found.service, found.name, name)}" if is_one_of_several else register


def filled(wanted: Sequence[Wanted], answers: Sequence[Any]) -> list[Panel]:
    """A panel for each answer, in the same order."""
    found_panels = []
    for one, answered in zip(wanted, answers, strict=True):
        found, asked = one.register, one.query
        panel = Panel(one.title or register_name(found.service, found.name))
        if isinstance(answered, AnjuError):
            panel.problem = told(answered)
        else:
            panel.listing = Listing(found, asked, answered, without=_same_in_all(asked))
            panel.more = panel.listing.url + "?" + asked.string(size=20)
        found_panels.append(panel)
    return found_panels
