"""What a command's payload breaks, by field and rule: checked with the contract's schema before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import marshmallow as ma

from services.contracts.fields import Field, schema_of

Problems = dict[str, list[dict[str, Any]]]

ID = Field("text", "id", max_length=40)


def payload_schema(command: str, kind: str, params: Iterable[Field]) -> ma.Schema:
    """The schema of a payload: the command's parameters, and the record's `id` unless the command creates it."""
    return schema_of(command, [*([] if kind == "create" else [ID]), *params])


def problems(schema: ma.Schema, payload: dict[str, Any]) -> Problems:
    """`{field: [{"code", "params"}]}`, empty when the payload is good. `params` are the figures of the field's rule."""
    try:
        schema.load(payload)
    except ma.ValidationError as wrong:
        return {
            str(name): [{"code": code, "params": _figures(schema.fields.get(name))} for code in _codes(found)]
            for name, found in wrong.normalized_messages().items()
        }
    return {}


def _codes(found: Any) -> list[str]:
    """Codes, without repeating one for each wrong item of a list."""
    if isinstance(found, dict):
        below = [code for one in found.values() for code in _codes(one)]
        return list(dict.fromkeys(below))
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def _figures(field: Any) -> dict[str, Any]:
    inner = getattr(field, "inner", None)
    checks = [*getattr(field, "validators", ()), *getattr(inner, "validators", ())]
    figures: dict[str, Any] = {}
    for check in checks:
        if isinstance(check, (ma.validate.Length, ma.validate.Range)):
            figures |= {name: value for name in ("min", "max") if (value := getattr(check, name)) is not None}
        elif isinstance(check, ma.validate.OneOf):
            figures["choices"] = list(check.choices)
    return figures
