"""Imports as people see them: the template, the batch with its tallies, its rows with diff and reasons."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from werkzeug.datastructures import FileStorage

from admin import directory, kept, moves, values
from admin.actors import actor
from admin.catalogues import catalogues
from admin.described import Import
from admin.export import cell, saved
from admin.forms import Form
from admin.sheet import reference_url
from admin.texts import choice_name, field_name, listed, sentence, state_name, t
from admin.values import show_kind
from services.contracts import workbooks
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field

#: States in which something goes on that a page follows.
GOING_ON = ("uploaded", "checking", "running", "reverting")
#: The states of rows, in the order of the tallies.
TALLIES = ("add", "update", "added", "updated", "skip", "wrong", "reverted", "kept")
#: The widths of the template's columns, in characters.
WIDTH = 22
EXAMPLES = {"phone": "13800138000", "name": "李雷", "id_no": "11010519491231002X"}
#: The field of the form that holds the workbook.
FILE = "file"


@dataclass(frozen=True)
class Offered:
    """A register that can be imported, its form, and what is wrong with the workbook."""

    chosen: Import
    form: Form
    wrong: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What its controls' ids begin with: several of these forms stand on one page."""
        return f"i-{self.chosen.name}-"

    def refused(self, errors: dict[str, list[dict[str, Any]]]) -> Offered:
        """The same with the errors of a `ValidationFailed` at their fields."""
        about_file = {name for name in errors if name in (FILE, "content")}
        self.form.refuse({name: found for name, found in errors.items() if name not in about_file})
        said = [sentence(one["code"], one.get("params")) for name in about_file for one in errors[name]]
        return replace(self, wrong=(*self.wrong, *said))


@dataclass(frozen=True)
class RowShown:
    """One row of a batch."""

    id: str
    number: int
    label: str
    state: str
    state_label: str
    changes: list[tuple[str, str, str]]
    reasons: list[str]
    url: str
    left_out: bool


class Batch:
    """A batch for a template: where it stands, its tallies, its rows."""

    def __init__(self, found: dict[str, Any], actions: list[dict[str, Any]], service: str) -> None:
        self.service, self.record = service, found
        self.register = catalogues().resource(service, "import_batch")
        self.row_register = catalogues().resource(service, "import_row")
        self.target = catalogues().at(f"{service}/{found.get('register')}")
        self.allowed = {one["command"] for one in actions if one["allowed"]}

    @property
    def going_on(self) -> bool:
        """Whether the service is at work on it."""
        return self.record["state"] in GOING_ON

    @property
    def share(self) -> int:
        """How much of the present step is done, in percent."""
        todo = self.record.get("todo") or 0
        return min(100, 100 * (self.record.get("done") or 0) // todo) if todo else 0

    @property
    def given(self) -> list[tuple[str, str, str]]:
        """What was said for the whole batch: `(label, text, reference to be named)`."""
        said = self.record.get("given") or {}
        if self.target is None:
            return []
        chosen = catalogues().importable(self.service, self.target.name)
        return [
            (
                field_name(self.service, chosen.resource, field.name),
                show_kind(self.service, field, said[field.name]),
                f"{field.to}|{said[field.name]}" if field.to else "",
            )
            for field in chosen.params
            if said.get(field.name)
        ]

    @property
    def tallies(self) -> list[tuple[str, str, int]]:
        """How many rows stand in which state."""
        counts = self.record.get("counts") or {}
        return [
            (state, state_name(self.service, "import_row", state), counts[state])
            for state in TALLIES
            if counts.get(state)
        ]

    @property
    def problem(self) -> str:
        """Why the workbook could not be taken."""
        found = self.record.get("problem")
        return self._said(found) if isinstance(found, dict) and found.get("code") else ""

    @property
    def by(self) -> str:
        """Who handed it in, by name."""
        return directory.person_name(str(self.record.get("created_by") or ""))

    @property
    def own(self) -> bool:
        """Whether this person handed it in."""
        return bool(self.record.get("created_by") == actor()["user"])

    @property
    def term(self) -> str:
        """Until when it can be run, or taken back."""
        running = [one for one in self.record.get("clocks") or [] if one["name"] == kept.CLOCK]
        if not running or self.record["state"] not in ("checked", "done"):
            return ""
        return t(f"imports.{self.record['state']}_until", at=values.moment(running[0]["due_at"]))

    @property
    def bad(self) -> int:
        """Rows that were not taken."""
        return int((self.record.get("counts") or {}).get("wrong", 0))

    def row(self, found: dict[str, Any]) -> RowShown:
        """A row for people."""
        target = self.target
        told = found.get("changes") or {}
        changes = moves.changes(target, {"changes": told}) if target is not None else []
        state = str(found["state"])
        link = reference_url(target.path, found.get("record_id")) if target is not None else ""
        return RowShown(
            str(found["id"]),
            int(found.get("row_number") or 0),
            str(found.get("label") or ""),
            state,
            state_name(self.service, "import_row", state),
            changes,
            self.reasons(found),
            link,
            [one.get("code") for one in found.get("reasons") or []] == ["import_left_out"],
        )

    def reasons(self, found: dict[str, Any]) -> list[str]:
        """Why a row was left, with the field that each is about."""
        said = []
        for one in found.get("reasons") or []:
            name = self.target.name if self.target else ""
            label = field_name(self.service, name, one["field"]) if one.get("field") else ""
            said.append(t("imports.about", field=label, said=self._said(one)) if label else self._said(one))
        return said

    def _said(self, one: dict[str, Any]) -> str:
        params = dict(one.get("params") or {})
        register = self.target.name if self.target else ""
        if isinstance(params.get("columns"), list):
            params["columns"] = listed(field_name(self.service, register, name) for name in params["columns"])
        return sentence(str(one["code"]), params)


def content_of(given: FileStorage | None) -> tuple[str, bytes]:
    """An uploaded workbook: its name and its content. Raises ValidationFailed."""
    name = Path((given.filename if given else None) or "").name
    if given is None or not name:
        raise ValidationFailed.of(FILE, "required")
    if Path(name).suffix.lower() != ".xlsx":
        raise ValidationFailed.of(FILE, "not_a_workbook")
    content = given.stream.read(workbooks.MOST_BYTES + 1)
    if len(content) > workbooks.MOST_BYTES:
        raise ValidationFailed.of(FILE, "file_too_large", name=name[:80], max=workbooks.MOST_BYTES // 1024 // 1024)
    workbooks.weigh(io.BytesIO(content), FILE)
    return name[:200], content


def template(chosen: Import) -> bytes:
    """An empty workbook with the headings, and at each a note with an example: a row of examples would be imported."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = t("imports.template")[:31]
    for place, field in enumerate(chosen.columns, 1):
        letter = get_column_letter(place)
        heading = sheet.cell(1, place, _heading(chosen, field))
        heading.font = Font(bold=True)
        heading.number_format = "@"  # as text, so that no telephone becomes a rounded number
        if example := _example(chosen, field):
            heading.comment = Comment(t("imports.example", value=example), t("app.name"))
        sheet.column_dimensions[letter].width = WIDTH
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    return saved(book)


def bad_rows(reasons: dict[int, list[str]], path: Path) -> bytes:
    """The rows that were not taken, as they were, with why; everything is text."""
    found = _lines(path)
    headings = next(found, (1, []))[1]
    rows = [(content, reasons[number]) for number, content in found if number in reasons]
    width = max([len(headings), *(len(content) for content, _ in rows)], default=0)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(t("imports.bad")[:31])
    bold = Font(bold=True)
    sheet.append([cell(sheet, one, bold) for one in [*_padded(headings, width), t("imports.reason")]])
    for content, why in rows:
        sheet.append([cell(sheet, one) for one in [*_padded(content, width), " ".join(why)]])
    return saved(book)


def _lines(path: Path) -> Iterator[tuple[int, list[Any]]]:
    for line in workbooks.lines(path, 10**6):
        number, content = json.loads(line)
        yield number, content


def _padded(content: list[Any], width: int) -> list[str]:
    return [*(_text(one) for one in content), *[""] * (width - len(content))]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("number") or value.get("moment") or "")
    return "" if value is None else str(value)


def _heading(chosen: Import, field: Field) -> str:
    name = field_name(chosen.service, chosen.resource, field.name)
    return f"{name}*" if field.required else name


def _example(chosen: Import, field: Field) -> str:
    if field.values:
        return " / ".join(choice_name(chosen.service, field.choices, one) for one in field.values)
    return EXAMPLES.get(field.name, "")
