"""A report as a page shows it: its table, its chart, and the way from every number to the list behind it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from admin.catalogues import catalogues
from admin.described import Report, Resource
from admin.query import ListQuery
from admin.sheet import reference_url
from admin.texts import field_name, report_name
from admin.values import show, show_kind, unnamed
from services.contracts.fields import Field

MOST_BARS = 30
WIDEST = 100.0


@dataclass
class Cell:
    """One value as text; `url` is the list of what it counts, or the record that it names."""

    text: str
    number: bool = False
    url: str = ""
    #: The register and the id of that record.
    reference: tuple[str, str] | None = None


@dataclass
class Bar:
    """One bar of the chart: what it is of, and `share` of the widest, 0 to 100."""

    along: list[Cell]
    text: str
    share: float
    url: str = ""


@dataclass
class Sheet:
    """The rows of a report. `measure` is the number that the chart shows."""

    report: Report
    answer: dict[str, Any]
    asked: str = ""
    register: Resource = field(init=False)
    measure: str = field(init=False)

    def __post_init__(self) -> None:
        self.register = catalogues().resource(self.report.service, self.report.resource)
        self.measure = self.asked if self.asked in self.report.numbers else self.report.numbers[0]

    @property
    def title(self) -> str:
        """The report's name."""
        return report_name(self.report.service, self.report.name)

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """The label of each column, and whether it is a number."""
        return [(self.label(one.name), one.name in self.report.numbers) for one in self.columns]

    @functools.cached_property
    def columns(self) -> list[Field]:
        """The numbers, and the other columns that say something in some row."""
        rows = [row["values"] for row in self.answer["rows"]]
        told = {name for row in rows for name, value in row.items() if value not in (None, "")}
        return [one for one in self.report.columns if one.name in self.report.numbers or one.name in told]

    @property
    def measures(self) -> list[tuple[str, str]]:
        """The numbers that the chart can show, with their labels."""
        return [(name, self.label(name)) for name in self.report.numbers]

    @property
    def rows(self) -> list[list[Cell]]:
        """The table."""
        return [[self._cell(one, row) for one in self.columns] for row in self.answer["rows"]]

    @property
    def bars(self) -> list[Bar]:
        """The chart: one bar for each value of the column that it goes along, the first `MOST_BARS`."""
        groups: dict[Any, list[dict[str, Any]]] = {}
        for row in self.answer["rows"]:
            groups.setdefault(tuple(row["values"][name] for name in self.report.along), []).append(row)
        if self.measure not in self.report.counts and any(len(rows) > 1 for rows in groups.values()):
            return []  # averages of several rows do not add up
        sums = {key: sum(float(row["values"][self.measure] or 0) for row in rows) for key, rows in groups.items()}
        widest = max(sums.values(), default=0) or 1
        along, measured = [self._column(name) for name in self.report.along], self._column(self.measure)
        return [
            Bar(
                self._along(along, key),
                self._text(measured, int(total) if total == int(total) else round(total, 2)),
                round(WIDEST * total / widest, 1),
                self._list(_common([row["behind"].get(self.measure, {}) for row in groups[key]])),
            )
            for key, total in list(sums.items())[:MOST_BARS]
        ]

    def label(self, name: str) -> str:
        """What a column is called."""
        return field_name(self.report.service, self.report.resource, name)

    def _column(self, name: str) -> Field:
        return next(one for one in self.report.columns if one.name == name)

    def _cell(self, column: Field, row: dict[str, Any]) -> Cell:
        behind = row["behind"].get(column.name)
        cell = self._said(column, row["values"].get(column.name))
        if behind is not None:
            cell.url = self._list(behind)
        cell.number = column.name in self.report.numbers
        return cell

    def _along(self, columns: list[Field], key: tuple[Any, ...]) -> list[Cell]:
        """What a bar is of: the values that there are, or a dash."""
        said = [self._said(column, value) for column, value in zip(columns, key, strict=True)]
        return [one for one in said if one.text] or [Cell("–")]

    def _said(self, column: Field, value: Any) -> Cell:
        if column.to and "/" in column.to and value:
            to = (column.to, str(value))
            return Cell(unnamed(*to), url=reference_url(*to), reference=to)
        return Cell(self._text(column, value))

    def _text(self, column: Field, value: Any) -> str:
        if value is None or value == "":
            return ""
        named = self.register.field(column.name) is not None or column.name == "state"
        if named and column.name not in self.report.numbers:
            return show(self.register, column.name, value)
        return show_kind(self.report.service, column, value, self.register.name)

    def _list(self, filters: dict[str, Any]) -> str:
        """The address of the list with these filters, where the register has a list."""
        url = url_for("RecordView.records", service=self.register.service, resource=self.register.name)
        string = ListQuery(filters=filters).string()
        return f"{url}?{string}" if string else url


def _common(filters: list[dict[str, Any]]) -> dict[str, Any]:
    """What all of them ask for."""
    first, *others = filters or [{}]
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}
