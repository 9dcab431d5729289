"""Names for people: every term once, Chinese and English side by side, in `glossary/*.toml`."""

from __future__ import annotations

import functools
import json
import pathlib
import tomllib
from typing import Any

LANGUAGES = ("zh", "en")
HERE = pathlib.Path(__file__).parent


@functools.cache
def terms(book: str) -> dict[str, Any]:
    """One book as nested dictionaries; leaves are `[Chinese, English]`. It is `<book>.toml` and every
    `<book>_<topic>.toml`; raises ValueError where two of them name the same."""
    found: dict[str, Any] = {}
    for path in sorted((HERE / "glossary").glob(f"{book}*.toml")):
        if path.stem.partition("_")[0] == book:
            _add(found, tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    return found


def _add(found: dict[str, Any], more: dict[str, Any], where: str) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(found.setdefault(name, {}), dict):
            _add(found[name], value, where)
        elif found.setdefault(name, value) is not value:
            raise ValueError(f"{where}: {name} is named in two files of a book")


def term(book: str, *path: str, language: str) -> str | None:
    """The name under `path` in a book, or in the common one; None where neither knows it."""
    for source in (book, "common"):
        found: Any = terms(source)
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict):
            found = found.get("_")
        if found:
            return str(found[LANGUAGES.index(language)])
    return None


def field_name(service: str, resource: str, field: str, language: str) -> str:
    """The label of a field or a command's parameter: the resource's own word, else the common one."""
    return field_term(service, resource, field, language) or humanised(field)


def field_term(service: str, resource: str, field: str, language: str) -> str | None:
    """The same, and None for what is no field: a header, a word of an address."""
    paths = ((resource, field), ("fields", field))
    return next((found for path in paths if (found := term(service, *path, language=language))), None)


def sentence(code: str, language: str, **params: Any) -> str:
    """The sentence of an error code, filled; parameters that it does not use are left out."""
    template = term("errors", code, language=language)
    if template is None:
        return humanised(code)
    try:
        return template.format(**params)
    except (KeyError, IndexError):
        return template


def humanised(name: str) -> str:
    """`home_id` as "Home": what is shown until the glossary has the word (a test keeps it from lasting)."""
    return name.removesuffix("_id").replace("_", " ").capitalize()


def catalogue(service: str) -> dict[str, Any]:
    """The generated catalogue of a service; raises FileNotFoundError before `./anju contracts` has run."""
    path = HERE / "catalogue" / f"{service}.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
