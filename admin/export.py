"""Lists as workbooks, in the column order of the paper register they replace (X-395). The services have masked them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from admin import traces
from admin.actors import actor
from admin.described import Resource
from admin.labels import names_of
from admin.models import db
from admin.page import services
from admin.query import ListQuery
from admin.reports import Sheet
from admin.sheet import pointed
from admin.texts import field_name, listed, resource_name, t
from admin.values import ZONE, show, unnamed

#: Names by register and id.
Called = dict[tuple[str, str], str]
MOST = 5_000
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 100


def attached(name: str, content: bytes) -> Response:
    """A workbook to keep under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, mimetype=MEDIA_TYPE, headers=headers)


def columns(resource: Resource) -> list[str]:
    """Every field in the order of the register, then the state and when it was entered.

    A record that is named by its number needs no id beside it.
    """
    named = {"record_id"} if "record_number" in resource.fields else set()
    return [*(name for name in resource.fields if name not in named), "state", "created_at"]


def workbook(resource: Resource, query: ListQuery, names: Sequence[str] = (), title: str = "") -> bytes:
    """The whole list that a query asks for, at most `MOST` rows, as an xlsx file. Raises what the service raises.

    References stand there as the list shows them: by the names of the records that this person may see.
    """
    rows, total = _rows(resource, query)
    names = names or columns(resource)
    called = _called(resource, names, rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet((title or resource_name(resource.service, resource.name))[:31])
    headings = [field_name(resource.service, resource.name, name) for name in names]
    cells = ([_text(resource, row, name, called) for name in names] for row in rows)
    _fill(sheet, headings, cells, len(rows), total)
    _note(resource.path, len(rows), sorted(query.filters))
    return saved(book)


def report_workbook(shown: Sheet) -> bytes:
    """The table of a report as an xlsx file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(shown.title[:31])
    rows = shown.rows
    called = _named(cell.reference for row in rows for cell in row if cell.reference)
    cells = ([called.get(one.reference, one.text) if one.reference else one.text for one in row] for row in rows)
    _fill(sheet, [label for label, _ in shown.headings], cells, *[len(rows)] * 2)
    _note(f"{shown.report.service}/{shown.report.name}", len(rows), [])
    return saved(book)


def _called(resource: Resource, names: Sequence[str], rows: list[dict[str, Any]]) -> Called:
    """The names of all records that these columns point at."""
    return _named(one for row in rows for name in names for one in _pointed(resource, row, name))


def _named(references: Iterable[Any]) -> Called:
    asked: dict[str, set[str]] = {}
    for to, id in references:
        asked.setdefault(to, set()).add(id)
    return names_of(asked)


def _pointed(resource: Resource, row: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """The records that a cell names."""
    field, value = resource.field(name), row.get(name)
    if field and field.kind == "reference" and field.many and isinstance(value, list):
        return [(str(field.to), str(one)) for one in value]
    to, id = pointed(resource, row, name)
    return [(to, str(id))] if to and id else []


def _text(resource: Resource, row: dict[str, Any], name: str, called: Called) -> str:
    found = _pointed(resource, row, name)
    return listed(called.get(one, unnamed(*one)) for one in found) if found else show(resource, name, row.get(name))


def _fill(sheet: Any, headings: list[str], rows: Iterable[list[str]], written: int, total: int) -> None:
    """The headings, the rows, and below them who took how many of how many, and when."""
    bold = Font(bold=True)
    sheet.append([cell(sheet, one, bold) for one in headings])
    for row in rows:
        sheet.append([cell(sheet, one) for one in row])
    at = f"{datetime.now(ZONE):%Y-%m-%d %H:%M}"
    sheet.append([cell(sheet, t("export.footer", person=actor()["name"], at=at, rows=written, total=total))])


def _note(path: str, rows: int, filters: list[str]) -> None:
    """Who took what is kept (ASVS 16); never the rows themselves."""
    traces.note("exported", actor()["user"], after={"list": path, "rows": rows, "filters": filters})
    db.session.commit()


def saved(book: Workbook) -> bytes:
    """A workbook as the content of its file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(resource: Resource, query: ListQuery) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    page = 1
    while len(rows) < MOST:
        asked = replace(query, page=page, size=PAGE).params | {"tabs": False}
        answer = services().search(resource.service, resource.name, asked, actor())
        rows += answer["result"]
        if len(answer["result"]) < PAGE:
            return rows, answer["count"]
        page += 1
    return rows[:MOST], answer["count"]


def cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """Always text: a value that begins like a formula must not become one in somebody's spreadsheet."""
    cell = WriteOnlyCell(sheet, value="".join(one for one in text if one == "\n" or ord(one) >= 32))
    cell.data_type = "s"
    if font:
        cell.font = font
    return cell
