"""The customer page (X-302): everything that the services know of one customer and this person may read, at once.

What is numbered or written once has happened and stands on the timeline; what still runs, or was the latest, and what
is so, stands beside it, area by area. A register that points at customers is on the page without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from admin import journey, related, values
from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.described import Resource
from admin.journey import STAGES, Journey
from admin.page import ask_each
from admin.related import Panel, Wanted
from admin.screens import AREAS, screen_of
from admin.sheet import Sheet, reference_url
from admin.texts import field_name, register_name, t
from services.contracts.errors import AnjuError, UnknownCommand

CUSTOMER = "leads/customer"
CONTACTS, HOMES, CONTRACTS = "leads/interaction", "leads/home", "leads/contract"
MATCHING = "leads/matching_homes"
#: Entries of a register that is written once, and ways through projects, that the page shows.
ENTRIES, JOURNEYS = 20, 3
#: What happened that is shown at once; what was before opens below it.
LATEST = 12
#: When something happened, by the first of these that a record has.
MOMENTS = ("at", "signed_on", "received_at", "asked_at", "posted_at", "arrived_at", "created_at")
#: Values of a row beside its name.
MOST_SAID = 3
#: Kinds of values that say something without their label.
TELLING = ("text", "choice", "number", "reference", "money", "boolean")
LONGEST = 120


@dataclass(frozen=True)
class Item:
    """One record in a line: its name, its state, and what else is worth knowing of it."""

    register: Resource
    row: dict[str, Any]

    @property
    def title(self) -> str:
        """What names it; where that is the customer, the register does."""
        name = self.register.title
        if (value := self.row.get(name)) in (None, "") or values.target(self.register, name) == CUSTOMER:
            return register_name(self.register.service, self.register.name)
        return values.shown(self.register, name, value)

    @property
    def kind(self) -> str:
        return register_name(self.register.service, self.register.name)

    @property
    def url(self) -> str:
        return reference_url(self.register.path, self.row["id"])

    @property
    def state(self) -> str:
        """Its state, where it has more than one."""
        return str(self.row.get("state") or "") if len(self.register.states) > 1 else ""

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to do something."""
        screen = screen_of(self.register.path)
        return self.state not in self.register.final and self.state not in (screen.settled if screen else ())

    @property
    def moment(self) -> str:
        """When it happened, as the wire has it."""
        return next(str(self.row[name]) for name in MOMENTS if self.row.get(name))

    @property
    def at(self) -> str:
        return values.moment(self.moment) if "T" in self.moment else self.moment

    @property
    def said(self) -> Markup:
        """Its most telling values, names of other records among them."""
        return Markup(" · ").join(self._values())

    def _values(self) -> Iterator[Markup]:
        told = 0
        for name in self.register.columns:
            one, value = self.register.field(name), self.row.get(name)
            if one is None or one.kind not in TELLING or value in (None, "", [], False) or told == MOST_SAID:
                continue
            if name in (self.register.title, "state") or values.target(self.register, name) == CUSTOMER:
                continue
            text = values.shown(self.register, name, value)
            if one.kind == "boolean":
                text = field_name(self.register.service, self.register.name, name)
            yield escape(text if isinstance(text, Markup) or len(text) <= LONGEST else text[:LONGEST] + "…")
            told += 1

    @property
    def clock(self) -> dict[str, str] | None:
        """Its most urgent running limit."""
        running = [one for one in self.row.get("clocks") or [] if not one.get("stopped_at")]
        running.sort(key=lambda one: str(one.get("due_at")))
        return values.clock(running[0]) if running else None


@dataclass
class Part:
    """What one register has of the customer: what runs or is so, and how many there are in all."""

    panel: Panel
    items: list[Item]


@dataclass
class Group:
    """The parts of one area of the menu."""

    label: str
    parts: list[Part] = field(default_factory=list)


@dataclass
class Portrait:
    """All of the page but the record itself."""

    journeys: list[Journey]
    happened: list[Item]
    groups: list[Group]
    problems: list[str]
    before: list[Panel]
    homes_url: str = ""
    latest: int = LATEST


def portrait(sheet: Sheet) -> Portrait:
    """Ask every service once for all that it has, and for the past of the customer's stages."""
    wanted = [_enough(one) for one in related.pointing_at(sheet.register, sheet.record)]
    panels = related.filled(wanted, related.answers_to(wanted))
    rows = {panel.listing.register.path: panel.listing.rows for panel in panels if panel.listing}
    owned = [
        row
        for one, panel in zip(wanted, panels, strict=True)
        if one.register.path == HOMES and "owner_uid" in one.query.filters and panel.listing
        for row in panel.listing.rows
    ]
    happened, before = _happened(panels)
    return Portrait(
        _journeys(rows.get(STAGES, []), owned, rows.get(CONTRACTS, [])),
        happened,
        _groups(panels),
        list(dict.fromkeys(panel.problem for panel in panels if panel.problem)),
        before,
        _matching(sheet),
    )


def _enough(one: Wanted) -> Wanted:
    """What happened is asked for in the order in which it did, the newest first."""
    if not _is_told(one.register):
        return one
    size = ENTRIES if one.register.append_only else one.query.size
    return replace(one, query=replace(one.query, size=size, order=f"-{_order(one.register)}"))


def _order(register: Resource) -> str:
    """The field that says when its records happened, if its list can be sorted by it; else when they were entered."""
    moment = next(name for name in MOMENTS if register.field(name))
    return moment if moment in register.sortable else "created_at"


def _matching(sheet: Sheet) -> str:
    """Where the homes that fit the customer are, for who may read that (X-308)."""
    service, _, name = MATCHING.partition("/")
    try:
        report = catalogues().report(service, name)
    except UnknownCommand:
        return ""
    return url_for("ReportView.report", service=service, name=name, uid=sheet.id) if report.allowed_to(roles()) else ""


def _journeys(
    stages: Sequence[dict[str, Any]], homes: Sequence[dict[str, Any]], contracts: Sequence[dict[str, Any]]
) -> list[Journey]:
    """The ways through the projects, the latest first."""
    latest = sorted(stages, key=lambda one: str(one.get("since")), reverse=True)[:JOURNEYS]
    pasts = ask_each(*(("history", *STAGES.split("/"), one["id"], actor()) for one in latest))
    return [
        journey.journey(stage, [] if isinstance(past, AnjuError) else past["result"], homes, contracts)
        for stage, past in zip(latest, pasts, strict=True)
    ]


def _is_told(register: Resource) -> bool:
    """Whether its records happened: what is written once, and what has a number."""
    return register.append_only or register.title == "number"


def _happened(panels: Sequence[Panel]) -> tuple[list[Item], list[Panel]]:
    """What happened, newest first; a contact that an entry of another register tells is told by that one.

    It ends where the first register has more than was asked for, since from there on something would be missing between
    what is shown; the second answer is what has more.
    """
    told = {id(one): _items(one) for one in panels if one.listing and _is_told(one.listing.register)}
    longer = [one for one in panels if one.count > len(told.get(id(one), ())) > 0]
    since = max((_oldest(told[id(one)]) for one in longer), default="")
    items = [item for some in told.values() for item in some]
    numbers = {str(one.row["number"]) for one in items if one.row.get("number")}
    alone = [one for one in items if one.register.path != CONTACTS or one.row.get("reference") not in numbers]
    shown = [one for one in alone if one.moment >= since]
    return sorted(shown, key=lambda one: one.moment, reverse=True), longer


def _oldest(items: Sequence[Item]) -> str:
    """Before which moment there may be more than these: what is entered later than it happened was so much earlier."""
    return min(str(one.row[_order(one.register)]) for one in items)


def _items(panel: Panel) -> list[Item]:
    return [Item(panel.listing.register, row) for row in panel.listing.rows] if panel.listing else []


def _groups(panels: Sequence[Panel]) -> list[Group]:
    """What runs or is so, by the areas of the menu."""
    groups = {name: Group(t(f"area.{name}")) for name in AREAS}
    for panel in panels:
        if panel.listing is None or not panel.count or panel.listing.register.path in (STAGES, CONTACTS):
            continue
        register = panel.listing.register
        items = [Item(register, row) for row in panel.listing.rows]
        if _is_told(register):
            items = [one for one in items if one.is_open and not register.append_only] or items[:1]
        screen = screen_of(register.path)
        groups[screen.area if screen else "work"].parts.append(Part(panel, items[: related.SHOWN]))
    return [group for group in groups.values() if group.parts]
