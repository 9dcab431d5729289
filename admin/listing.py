"""A list as its template shows it: columns, rows, tabs, filters, pages."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for

from admin import codes, values
from admin.catalogues import catalogues
from admin.controls import Control
from admin.described import Command, Resource
from admin.models import SavedView
from admin.query import NOTHING, SIZES, ListQuery
from admin.screens import SHARED, screen_of, selection_of
from admin.screens.kinds import Selection
from admin.sheet import reference_url
from admin.texts import (
    TAG_VALUE,
    about,
    clock_name,
    command_name,
    field_name,
    register_name,
    service_name,
    state_name,
    t,
    tag_value,
)
from services.contracts.fields import Field

EMPTY: tuple[Any, ...] = (None, "", [], {})
#: This many controls of the query form stand open, the others behind "more".
OPEN_FILTERS = 4
#: Services count a state's records no further than this.


@dataclass(frozen=True)
class Column:
    """One column: its label, and the query string that sorts by it."""

    name: str
    label: str
    sort: str = ""
    arrow: str = ""
    kind: str = "text"
    #: Whether it holds sentences, or several names, which need room.
    long: bool = False


@dataclass
class Listing:
    """A page of a register."""

    register: Resource
    query: ListQuery
    found: dict[str, Any]
    saved: Sequence[SavedView] = ()
    creating: Sequence[Command] = ()
    #: In a panel, the column that would say the same in each row, or a dash; columns that are empty in all rows go too.
    without: str = ""
    #: Columns instead of the list's own, for a paper register: all of them, and no limits beside them.
    paper: tuple[str, ...] = ()

    @functools.cached_property
    def selection(self) -> Selection | None:
        """Which selection of the register this is."""
        return selection_of(self.register.path, self.query.filters)

    @property
    def title(self) -> str:
        if self.selection is not None:
            return t(self.selection.label)
        return register_name(self.register.service, self.register.name)

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.found["result"]
        return rows

    @functools.cached_property
    def url(self) -> str:
        return url_for("RecordView.records", service=self.register.service, resource=self.register.name)

    def record_url(self, row: dict[str, Any]) -> str:
        return reference_url(self.register.path, row["id"])

    @functools.cached_property
    def columns(self) -> list[Column]:
        if self.paper:
            return [self._column(name) for name in self.paper]
        declared = self.selection or screen_of(self.register.path)
        names = list(declared.columns if declared and declared.columns else self.register.columns)
        names += [] if "state" in names else ["state"]
        names = [name for name in names if name != self.without]
        if self.without:
            told = [name for name in names if name == "state" or any(row.get(name) not in EMPTY for row in self.rows)]
            names = sorted(told, key=lambda name: (name != self.register.title, name != "state"))
            names = names or [self.register.title]
        return [self._column(name) for name in names]

    @functools.cached_property
    def linked(self) -> str:
        """The column that leads to the record: its title, or where that is not shown, the first."""
        names = [column.name for column in self.columns]
        return self.register.title if self.register.title in names else names[0]

    def _column(self, name: str) -> Column:
        label = field_name(self.register.service, self.register.name, name)
        field = self.register.field(name)
        kind = "choice" if field and field.choices else field.kind if field else "text"
        kind = "state" if name == "state" else kind
        long = bool(field and field.long) or bool(values.several(self.register, name))
        if name not in self.register.sortable:
            return Column(name, label, kind=kind, long=long)
        descending = self.query.order == f"-{name}"
        arrow = "↓" if descending else "↑" if self.query.order == name else ""
        return Column(name, label, self.query.string(order=name if descending else f"-{name}"), arrow, kind, long)

    @property
    def has_clocks(self) -> bool:
        return bool(self.register.clocks) and not self.paper

    def clocks(self, row: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
        """Running clocks, the most urgent first."""
        running = [one for one in row.get("clocks") or [] if not one.get("stopped_at")]
        running.sort(key=lambda one: str(one.get("due_at")))
        return [
            (clock_name(self.register.service, self.register.name, one["name"]), values.clock(one)) for one in running
        ]

    @property
    def tabs(self) -> list[tuple[str, str, str, bool]]:
        """`(label, query string, count, current)` per state that has records or is asked for; first all of them."""
        counts = self.found.get("tabs") or {}
        current = self.query.state()
        least = int(self.found.get("least", 0))
        everything = not self.query.filters.get("state")
        number, more = (self.found["count"], self.found["capped"]) if everything else (sum(counts.values()), False)
        more = more or (not everything and any(one >= least for one in counts.values()))
        tabs = [(t("list.all"), self.query.string(state=""), f"{number}{'+' if more else ''}", everything)]
        for state in self.register.states:
            if counts.get(state) or state == current:
                label = state_name(self.register.service, self.register.name, state)
                number = counts.get(state, 0)
                said = f"{number}{'+' if number >= least else ''}"
                tabs.append((label, self.query.string(state=state), said, state == current))
        return tabs

    @property
    def siblings(self) -> list[tuple[str, str, bool]]:
        """For a register that each service has: the same one of the others."""
        if self.register.name not in SHARED:
            return []
        found = []
        for service in catalogues().services:
            if catalogues().at(f"{service}/{self.register.name}"):
                url = url_for("RecordView.records", service=service, resource=self.register.name)
                found.append((service_name(service), url, service == self.register.service))
        return found

    @property
    def defaults(self) -> list[Mapping[str, Any]]:
        """For the register of parameters: the figures that count until somebody sets another one."""
        return catalogues().parameters(self.register.service) if self.register.name == "parameter" else []

    @property
    def about(self) -> str:
        """What stands in this register, for who finds it empty."""
        return about(self.register.name)

    @property
    def first_step(self) -> str:
        """How it gets its first record: by the button that this person has, else by itself."""
        if not self.creating:
            return "" if self.about else t("list.wait")
        command = self.creating[0]
        return t("list.begin", command=command_name(command.service, command.name))

    @functools.cached_property
    def filters(self) -> list[Control]:
        """The controls of the query form; the state has its tabs, and nobody knows a record's id."""
        named = [name for name in self.register.filters if name not in ("state", "record_id")]
        return [self._control(name) for name in named]

    def _control(self, name: str) -> Control:
        field = self.register.field(name) or Field("text", name)
        offered = codes.offered(self.register.service, self.register.name, field)
        label = field_name(self.register.service, self.register.name, name)
        control = Control(replace(codes.pointing(field, self.register.path), required=False), label, choices=offered)
        asked = self.query.filters.get(name)
        if isinstance(asked, dict):
            control.typed = [values.local_input(asked.get(bound, ""))[:10] for bound in ("from", "to")]
        elif isinstance(asked, bool):
            control.typed = [str(asked).lower()]
        else:
            given = asked if isinstance(asked, list) else [asked] if asked else []
            control.typed = [NOTHING if one is None else _worded(field, str(one)) for one in given]
            if NOTHING in control.typed and control.choices:
                control.choices = [*control.choices, (NOTHING, t("value.nothing"))]
        control.text = control.value
        return control

    @property
    def open_filters(self) -> list[Control]:
        return self.filters[:OPEN_FILTERS]

    @property
    def more_filters(self) -> list[Control]:
        return self.filters[OPEN_FILTERS:]

    @property
    def more_open(self) -> bool:
        return any(control.typed for control in self.more_filters)

    def asked_pairs(self) -> list[tuple[str, str]]:
        """The query as hidden fields of other forms on the page."""
        return parse_qsl(self.query.string(page=1))

    @property
    def pages(self) -> int:
        return max(1, -(-int(self.found["count"]) // self.query.size))

    @property
    def sizes(self) -> tuple[int, ...]:
        return SIZES

    @property
    def problems(self) -> list[str]:
        """Parameters of the address that made no sense, for people."""
        own = {"page": t("list.page"), "size": t("list.size"), "order": t("list.order")}
        return [
            own.get(one) or field_name(self.register.service, self.register.name, one) for one in self.query.problems
        ]


def _worded(field: Field, value: str) -> str:
    """A value as somebody types it on their page."""
    return tag_value(value) if field.choices == TAG_VALUE else value
