"""What a command's payload breaks, by field and rule: checked with the contract's schema before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import marshmallow as ma

from services.contracts.fields import Field, broken_rules, schema_of

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
        return broken_rules(schema, wrong)
    return {}
