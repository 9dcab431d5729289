"""Markdown from declarations: tables, both languages of a name, and a field's rule in words."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from services.contracts import glossary
from services.contracts.fields import Field

#: In whose glossary a publisher's words are; property companies talk with maintenance.
BOOKS = {"property": "maintenance"}
KINDS = {
    "number": "human number",
    "money": "yuan, as text such as `1200.50`",
    "moment": "date and time with an offset",
    "files": "at most 20 names or addresses of files",
    "json": "object",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table, or "None." without rows."""
    lines = [" | ".join(_cell(one) for one in row) for row in rows]
    if not lines:
        return "None.\n"
    head = [" | ".join(headings), " | ".join("---" for _ in headings)]
    return "".join(f"| {line} |\n" for line in [*head, *lines])


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def code(names: Iterable[Any]) -> str:
    """Names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def named(book: str, *paths: tuple[str, ...], otherwise: str = "") -> tuple[str, str]:
    """Chinese and English of the first path that the book, or the common one, knows."""
    for path in paths:
        found = [glossary.term(BOOKS.get(book, book), *path, language=language) for language in glossary.LANGUAGES]
        if all(found):
            return str(found[0]), str(found[1])
    return otherwise, otherwise


def field_name(book: str, resource: str, field: str) -> tuple[str, str]:
    """Chinese and English of a field; of an event's field, which has no resource, as one of the records has it."""
    paths = [(resource, field), ("fields", field)]
    if not resource:
        terms = glossary.terms(BOOKS.get(book, book))
        paths += [(record, field) for record, inside in terms.items() if "_" in inside]
    return named(book, *paths, otherwise="—")


def heading(level: int, names: tuple[str, str], wire_name: str) -> str:
    """A heading such as `## 工单 Work order (`work_order`)`."""
    return f"{'#' * level} {' '.join(names)} (`{wire_name}`)\n\n"


def rule(field: Field) -> str:
    """What a value has to be, in words."""
    said = [f"reference to `{field.to}`" if field.kind == "reference" else KINDS.get(field.kind, field.kind)]
    if field.many:
        said.append("a list of at most 100")
    if field.values:
        said.append("one of " + code(field.values))
    if field.max_length is not None:
        said.append(f"at most {field.max_length} characters")
    if field.min is not None:
        said.append(f"from {field.min:,}")
    if field.max is not None:
        said.append(f"to {field.max:,}")
    if field.pattern:
        said.append(f"of the form `{field.pattern}`")
    if field.mask:
        said.append("shown masked")
    if field.default is not None:
        said.append(f"default `{field.default}`")
    return ", ".join(said)


def fields_table(book: str, resource: str, fields: Sequence[Field]) -> str:
    """The fields of a record, command or event."""
    rows = [
        (f"`{one.name}`", *field_name(book, resource, one.name), "yes" if one.required else "no", rule(one))
        for one in fields
    ]
    return table(["field", "中文", "English", "required", "value"], rows)


def said_of(declared: Any) -> str:
    """The first paragraph of a docstring, in one line."""
    return (inspect.getdoc(declared) or "").split("\n\n")[0].replace("\n", " ")
