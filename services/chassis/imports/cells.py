"""Headings and cells of a workbook as fields and values. A value that a spreadsheet has spoiled is refused by name."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import marshmallow as ma

from services.chassis.imports.declaration import Importable, Values
from services.contracts import glossary
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field, broken_rules

#: A whole number is exact in a spreadsheet up to so many digits; of longer ones the end has become noughts.
EXACT_DIGITS = 15
SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
SPOILED = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")
YES, NO = ("是", "yes", "true", "1"), ("否", "no", "false", "0")
Texts = tuple[str, ...]


def header(service: str, importable: Importable[Any], headings: Sequence[Any]) -> list[str | None]:
    """The field of each column, None for one that is not imported.

    Raises ValidationFailed that names the columns which are missing, or there twice.
    """
    known = _headings(service, importable.process.name, tuple(field.name for field in importable.fields))
    columns = [known.get(_plain(str(one or ""))) for one in headings]
    named = [one for one in columns if one is not None]
    if twice := sorted({one for one in named if named.count(one) > 1}):
        raise ValidationFailed.of("file", "columns_twice", columns=twice)
    missing = [field.name for field in importable.fields if field.required and field.name not in named]
    if missing:
        raise ValidationFailed.of("file", "columns_missing", columns=missing)
    return columns


def fill(service: str, importable: Importable[Any], values: Values, row: Iterable[tuple[str | None, Any]]) -> None:
    """Put a row's cells, each with the field of its column, into `values`, as the wire has them and then as loaded.

    Raises ValidationFailed that names every wrong field; what could be read is there all the same.
    """
    fields = {field.name: field for field in importable.fields}
    wrong: dict[str, list[dict[str, Any]]] = {}
    for name, cell in row:
        if name is None or cell in (None, ""):
            continue
        try:
            values[name] = _value(service, fields[name], cell)
        except ValidationFailed as refusal:
            wrong |= refusal.errors
    try:
        loaded: Values = importable.schema.load(values)
    except ma.ValidationError as refused:
        raise ValidationFailed(errors={**broken_rules(importable.schema, refused), **wrong}) from None
    if wrong:
        raise ValidationFailed(errors=wrong)
    values.update(loaded)


def _value(service: str, field: Field, cell: Any) -> Any:
    if isinstance(cell, str) and cell.upper() in SPOILED:
        raise ValidationFailed.of(field.name, "cell_error", value=cell)
    if field.kind == "choice":
        return _choices(service, field).get(_plain(_text(field, cell)), cell if isinstance(cell, str) else str(cell))
    if field.kind == "boolean":
        said = str(cell).strip().casefold()
        return True if said in YES else False if said in NO else cell
    if field.kind in ("date", "moment"):
        return _date(field, cell)
    if field.kind in ("integer", "decimal", "money"):
        number = cell["number"] if isinstance(cell, dict) and "number" in cell else cell
        return int(number) if field.kind == "integer" and str(number).isdigit() else str(number)
    return _text(field, cell)


def _text(field: Field, cell: Any) -> str:
    """What was typed; a spreadsheet makes other things of numbers and dates that are none."""
    if isinstance(cell, str):
        if SCIENTIFIC.fullmatch(cell):
            raise ValidationFailed.of(field.name, "cell_is_number", value=cell)
        return cell
    if isinstance(cell, dict) and "moment" in cell:
        raise ValidationFailed.of(field.name, "cell_is_date")
    if isinstance(cell, (bool, dict)) or len(str(abs(cell))) > EXACT_DIGITS:
        value = cell["number"] if isinstance(cell, dict) else str(cell)
        raise ValidationFailed.of(field.name, "cell_is_number", value=value)
    return str(cell)


def _date(field: Field, cell: Any) -> Any:
    if isinstance(cell, dict) and "moment" in cell:
        return cell["moment"][:10] if field.kind == "date" else f"{cell['moment']}+08:00"
    return cell.replace("/", "-") if isinstance(cell, str) else str(cell)


def _plain(text: str) -> str:
    return "".join(text.split()).strip("*＊:：").casefold()


@functools.cache
def _headings(service: str, resource: str, names: Texts) -> dict[str, str]:
    """Under which headings a field is looked for: its own names, the common ones, and those of sheets in use."""
    book = glossary.terms(service).get("headings", {}).get(resource, {})
    known: dict[str, str] = {}
    for name in names:
        own = (glossary.term(service, resource, name, language=one) for one in glossary.LANGUAGES)
        common = (glossary.term(service, "fields", name, language=one) for one in glossary.LANGUAGES)
        in_use = (one for pair in book.get(name, {}).values() for one in pair)
        known |= {_plain(one): name for one in (name, *own, *common, *in_use) if one}
    return known


@functools.cache
def _choices(service: str, field: Field) -> dict[str, str]:
    """The values of a choice by what they are called."""
    known: dict[str, str] = {}
    for value in field.values or ():
        called = (glossary.term(service, "choices", str(field.choices), value, language=one) for one in ("zh", "en"))
        known |= {_plain(one): value for one in (value, *called) if one}
    return known
