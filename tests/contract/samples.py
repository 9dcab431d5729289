"""Data at the edges of what a declaration allows, and whether two declarations read it alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import marshmallow as ma

from services.contracts.fields import Field, schema_of

UNBOUNDED = 10_000
NOTHING = object()


def samples(fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    """The largest and the smallest data, the data with required fields only, and one for each choice."""
    largest = {field.name: _whole(field, largest=True) for field in fields}
    yield largest
    yield {field.name: _whole(field, largest=False) for field in fields}
    yield {field.name: largest[field.name] for field in fields if field.required}
    for field in fields:
        for choice in field.values or ():
            yield {**largest, field.name: [choice] if field.many else choice}


def disagreements(golden: Sequence[Field], today: Sequence[Field], written: Sequence[Field]) -> list[str]:
    """Where a reader of the golden and a reader of today differ over data that the declaration `written` allows."""
    old, new = (schema_of("Data", list(fields), unknown=ma.EXCLUDE) for fields in (golden, today))
    found = []
    for data in samples(written):
        try:
            before, now = old.load(data), new.load(data)
        except ma.ValidationError as refused:
            found.append(f"refused: {refused.normalized_messages()}")
            continue
        found += [f"{one.name} is lost" for one in golden if now.get(one.name, NOTHING) != before[one.name]]
    return found


def _whole(field: Field, largest: bool) -> Any:
    if field.many:
        return [_one(field, largest)] * 100 if largest else []
    return _one(field, largest)


def _one(field: Field, largest: bool) -> Any:
    if field.kind == "choice":
        return (field.values or ())[-1 if largest else 0]
    if field.kind in ("text", "number", "reference"):
        return _text(field, largest)
    if field.kind in ("integer", "decimal", "money"):
        limit = field.max if largest else field.min
        limit = limit if limit is not None else (10**9 if largest else -(10**9))
        return int(limit) if field.kind == "integer" else format(limit, "d")
    edges: dict[str, tuple[Any, Any]] = {
        "boolean": (False, True),
        "date": ("1970-01-01", "2099-12-31"),
        "moment": ("1970-01-01T00:00:00Z", "2099-12-31T23:59:59.999999+08:00"),
        "json": ({}, {"a": {"b": [1, "c", None]}}),
        "files": ([], ["a" * 300] * 20),
    }
    return edges[field.kind][largest]


def _text(field: Field, largest: bool) -> str:
    longest = field.max_length or UNBOUNDED
    for length in range(longest, 0, -1) if largest else range(1, longest + 1):
        for letter in "ä", "a", "1":
            if field.pattern is None or re.fullmatch(field.pattern, letter * length):
                return letter * length
    raise AssertionError(f"{field.name}: nothing fits {field.pattern}")
