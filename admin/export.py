"""Lists as workbooks, in the column order of the paper register they replace (X-395). The services have masked them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from admin import traces
from admin.actors import actor
from admin.catalogues import Resource
from admin.models import db
from admin.page import services
from admin.query import ListQuery
from admin.reports import Sheet
from admin.texts import field_name, resource_name, t
from admin.values import ZONE, show

MOST = 5_000
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 100


def columns(resource: Resource) -> list[str]:
    """Every field in the order of the register, then the state and when it was entered."""
    return [*resource.fields, "state", "created_at"]


def workbook(resource: Resource, query: ListQuery) -> bytes:
    """The whole list that a query asks for, at most `MOST` rows, as an xlsx file. Raises what the service raises."""
    rows, total = _rows(resource, query)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(resource_name(resource.service, resource.name)[:31])
    names = columns(resource)
    headings = [field_name(resource.service, resource.name, name) for name in names]
    _fill(sheet, headings, ([show(resource, name, row.get(name)) for name in names] for row in rows), len(rows), total)
    _note(resource.path, len(rows), sorted(query.filters))
    return _saved(book)


def report_workbook(shown: Sheet) -> bytes:
    """The table of a report as an xlsx file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(shown.title[:31])
    rows = shown.rows
    _fill(sheet, [label for label, _ in shown.headings], ([one.text for one in row] for row in rows), *[len(rows)] * 2)
    _note(f"{shown.report.service}/{shown.report.name}", len(rows), [])
    return _saved(book)


def _fill(sheet: Any, headings: list[str], rows: Iterable[list[str]], written: int, total: int) -> None:
    """The headings, the rows, and below them who took how many of how many, and when."""
    bold = Font(bold=True)
    sheet.append([_cell(sheet, one, bold) for one in headings])
    for row in rows:
        sheet.append([_cell(sheet, one) for one in row])
    at = f"{datetime.now(ZONE):%Y-%m-%d %H:%M}"
    sheet.append([_cell(sheet, t("export.footer", person=actor()["name"], at=at, rows=written, total=total))])


def _note(path: str, rows: int, filters: list[str]) -> None:
    """Who took what is kept (ASVS 16); never the rows themselves."""
    traces.note("exported", actor()["user"], after={"list": path, "rows": rows, "filters": filters})
    db.session.commit()


def _saved(book: Workbook) -> bytes:
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


def _cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """Always text: a value that begins like a formula must not become one in somebody's spreadsheet."""
    cell = WriteOnlyCell(sheet, value="".join(one for one in text if one == "\n" or ord(one) >= 32))
    cell.data_type = "s"
    if font:
        cell.font = font
    return cell
