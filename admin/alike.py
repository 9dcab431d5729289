"""Customers side by side (X-322): records that may be one person's, what each of them has, and where they differ."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from admin import related
from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.described import Resource
from admin.page import ask_each
from admin.problems import told
from admin.query import ListQuery
from admin.related import Panel
from admin.sheet import Cell, MoveButton, Sheet
from services.contracts.errors import AnjuError

CUSTOMER = "leads/customer"
#: Whose records name customers that may be one, and by which fields.
NAMING = {"leads/duplicate_candidate": ("uid", "other_uid"), "leads/customer_merge": ("survivor_uid", "merged_uids")}
#: The report that counts what hangs on one of them.
HOLDINGS = "customer_holdings"
MERGE, DISMISS = "propose_merge_duplicate_candidate", "dismiss_duplicate_candidate"


@dataclass(frozen=True)
class Line:
    """A field of all of them."""

    label: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(frozen=True)
class Held:
    """How many records of a register each of them has, with where they are; None where a service is away."""

    label: str
    numbers: tuple[tuple[int | None, str], ...]

    @property
    def differs(self) -> bool:
        return len({number for number, _ in self.numbers}) > 1


@dataclass
class Alike:
    """The customers, the ways on from here, and what could not be asked."""

    sheets: list[Sheet]
    lines: list[Line]
    held: list[Held]
    problems: list[str]
    merge: MoveButton | None = None
    dismiss: MoveButton | None = None


def alike(sheet: Sheet) -> Alike | None:
    """The customers that a record names; None where they are one by now."""
    named = [sheet.record.get(name) for name in NAMING[sheet.register.path]]
    uids = [uid for one in named for uid in (one if isinstance(one, list) else [one])]
    fetched = ask_each(*(("fetch", *CUSTOMER.split("/"), uid, actor()) for uid in uids))
    if missing := [told(one) for one in fetched if isinstance(one, AnjuError)]:
        return Alike([], [], [], missing)
    if len({one["result"]["id"] for one in fetched}) < len(uids):
        return None
    customers = catalogues().resource(*CUSTOMER.split("/"))
    sheets = [Sheet(customers, one) for one in fetched]
    ways = {one.command.name: one for one in sheet.moves if one.allowed}
    held, problems = _held(customers, sheets)
    return Alike(sheets, _lines(customers, sheets), held, problems, ways.get(MERGE), ways.get(DISMISS))


def _lines(register: Resource, sheets: Sequence[Sheet]) -> list[Line]:
    """What is known of any of them. A number belongs to one customer: two that look alike under their mask differ."""
    lines = []
    for name in (*register.fields, "created_at", "created_by"):
        field = register.field(name)
        cells = tuple(sheet.cell(field) for sheet in sheets) if field else ()
        said = [cell.text for cell in cells]
        if field and any(said):
            lines.append(Line(cells[0].label, cells, len(set(said)) > 1 or bool(field.mask)))
    return lines


def _held(register: Resource, sheets: Sequence[Sheet]) -> tuple[list[Held], list[str]]:
    """By register how many records point at each of them: one question to each service for all."""
    counting = catalogues().report(register.service, HOLDINGS)
    asked = [("report", register.service, HOLDINGS, {"uid": one.id}, actor()) for one in sheets]
    counted = ask_each(*asked) if counting.allowed_to(roles()) else []
    told_by_others = [
        [
            replace(one, query=replace(one.query, size=1))
            for one in related.pointing_at(register, sheet.record)
            if not counted or one.register.service != register.service
        ]
        for sheet in sheets
    ]
    each = [one for some in told_by_others for one in some]
    panels = related.filled(each, related.answers_to(each))
    answered = iter(panels)
    of_each = [list(itertools.islice(answered, len(some))) for some in told_by_others]
    found = [Held(same[0].title, tuple((_count(one), one.more) for one in same)) for same in zip(*of_each, strict=True)]
    problems = [told(one) for one in counted if isinstance(one, AnjuError)]
    problems += [panel.problem for panel in panels if panel.problem]
    own = [] if any(isinstance(one, AnjuError) for one in counted) else _counted(register, sheets, counted)
    return [*own, *(one for one in found if any(number for number, _ in one.numbers))], list(dict.fromkeys(problems))


def _counted(register: Resource, sheets: Sequence[Sheet], answers: Sequence[Any]) -> list[Held]:
    """What the customers' own service counts, also in registers that this person may not open."""
    rows = [[row["values"] for row in one["rows"]] for one in answers]
    numbers = [{(row["resource"], row["field"]): row["records"] for row in some} for some in rows]
    names = dict.fromkeys(name for some in numbers for name in some)
    linked = {(found.path, name) for found, name in catalogues().referring_to(register) if found.readable_by(roles())}
    held = []
    for resource, field in names:
        found = catalogues().resource(register.service, resource)
        several = [one for one in found.fields.values() if one.to == register.path]
        way = found if (found.path, field) in linked else None
        counts = [some.get((resource, field), 0) for some in numbers]
        held.append(
            Held(
                related.title(found, field, is_one_of_several=len(several) > 1),
                tuple((count, _list(way, field, one.id)) for count, one in zip(counts, sheets, strict=True)),
            )
        )
    return held


def _list(found: Resource | None, field: str, uid: str) -> str:
    """The list of a register's records that name the customer in this field."""
    if found is None:
        return ""
    url = url_for("RecordView.records", service=found.service, resource=found.name)
    return f"{url}?{ListQuery(filters={field: uid}).string()}"


def _count(panel: Panel) -> int | None:
    return panel.count if panel.listing else None


def without(ways: Alike | None, moves: Sequence[MoveButton]) -> list[MoveButton]:
    """The moves that have no place in the comparison."""
    placed: set[Any] = {one.command.name for one in (ways.merge, ways.dismiss) if one} if ways else set()
    return [one for one in moves if one.command.name not in placed]
