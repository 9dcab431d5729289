"""docs/glossary.md: every term, Chinese and English side by side, by service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.documents.text import table
from services.contracts import SERVICES
from services.contracts.glossary import terms

INTRODUCTION = """# Glossary

The words of Anju, as screens, messages and documents use them. The wire carries the name in the first column. Sentences
of errors are in `errors*.toml` of `services/contracts/glossary`, the console's own texts in `console*.toml` there.

"""
TITLES = {"common": ("共用", "Shared by all services")}


def page() -> str:
    """The whole page."""
    said = [INTRODUCTION]
    for book in ("common", *SERVICES):
        parts = list(_parts(terms(book)))
        if not parts:
            continue
        names = TITLES.get(book) or terms("common")["services"][book]
        said.append(f"## {names[0]} {names[1][:1].upper()}{names[1][1:]} (`{book}`)\n\n")
        for title, rows in parts:
            said.append(f"### {title}\n\n" + table(["on the wire", "中文", "English"], rows) + "\n")
    return "".join(said).rstrip() + "\n"


def _parts(book: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Sections of a book with their terms; resources carry their states and clocks below them."""
    for section, inside in book.items():
        own = inside.get("_") if isinstance(inside, dict) else None
        title = f"{own[0]} {own[1]} (`{section}`)" if own else section.replace("_", " ").capitalize()
        rows = list(_rows(inside))
        if rows:
            yield title, rows


def _rows(inside: Any, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, value in inside.items() if isinstance(inside, dict) else ():
        if isinstance(value, dict):
            yield from _rows(value, f"{prefix}{name}.")
        elif name != "_":
            yield f"`{prefix}{name}`", value[0], value[1]
