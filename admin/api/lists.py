"""The query of a list, from its URL: everything that makes no sense is named, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from admin.described import Resource
from admin.query import NOTHING
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field, marshmallow_field, to_wire

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000
MAX_TEXT = 100
TIMES = ("moment", "date")
OWN = ("page", "page_size", "order", "q")


def filters_of(resource: Resource) -> dict[str, Field]:
    """Fields that the list can be filtered by. Times are filtered by `<name>_from` and `<name>_to`."""
    named = {name: resource.field(name) for name in resource.filters}
    found = {name: field for name, field in named.items() if field and not field.many}
    if "state" in found:
        found["state"] = replace(found["state"], kind="choice", values=resource.states)
    return {name: field for name, field in found.items() if field.kind not in ("json", "files")}


def read(resource: Resource, given: MultiDict[str, str]) -> dict[str, Any]:
    """The params of the door `search`; pages count from 1 here and from 0 there. Raises `ValidationFailed`."""
    wrong: dict[str, list[dict[str, Any]]] = {}

    def refuse(name: str, code: str, **params: Any) -> None:
        wrong.setdefault(name, []).append({"code": code, "params": params})

    def whole(name: str, default: int, high: int) -> int:
        text = given.get(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", text):
            refuse(name, "invalid_integer")
        elif not 1 <= int(text) <= high:
            refuse(name, "number_range", min=1, max=high)
        else:
            return int(text)
        return default

    params: dict[str, Any] = {"page": whole("page", 1, MAX_PAGE) - 1}
    params["page_size"] = whole("page_size", PAGE_SIZE, MAX_PAGE_SIZE)
    if q := given.get("q", ""):
        if len(q) > MAX_TEXT:
            refuse("q", "too_long", max=MAX_TEXT)
        if "\x00" in q:
            refuse("q", "nul_character")
        params["q"] = q
    if (order := given.get("order")) is not None:
        if order.removeprefix("-") not in resource.sortable:
            refuse("order", "choice", choices=sorted(resource.sortable))
        params["order"] = order
    for name in OWN:
        if len(given.getlist(name)) > 1:
            refuse(name, "too_many", max=1)
    known = {*OWN}
    filters: dict[str, Any] = {}
    for name, field in filters_of(resource).items():
        ends = [(f"{name}_from", "from"), (f"{name}_to", "to")] if field.kind in TIMES else [(name, "")]
        for parameter, end in ends:
            known.add(parameter)
            try:
                values = [_filter(field, text) for text in given.getlist(parameter)]
            except ValidationError as error:
                figures = {"choices": list(field.values)} if field.values else {}
                refuse(parameter, str(error.messages[0]), **figures)
                continue
            if len(values) > (most := 1 if end else 100):
                refuse(parameter, "too_many", max=most)
            elif values and end:
                filters.setdefault(name, {})[end] = values[0]
            elif values:
                filters[name] = values if len(values) > 1 or values == [None] else values[0]
    for name in given:
        if name not in known:
            refuse(name[:60].replace("\x00", ""), "unknown_field")
    if wrong:
        raise ValidationFailed(errors=wrong)
    if filters:
        params["filters"] = filters
    return params


def params_of(fields: Iterable[Field], given: MultiDict[str, str]) -> dict[str, Any]:
    """What narrows a report, from its URL; raises `ValidationFailed` that names every parameter that is wrong."""
    wrong: dict[str, list[dict[str, Any]]] = {}
    known = {field.name: field for field in fields}
    params: dict[str, Any] = {}
    for name in given:
        if name not in known:
            wrong[name[:60].replace("\x00", "")] = [{"code": "unknown_field", "params": {}}]
        elif len(given.getlist(name)) > 1:
            wrong[name] = [{"code": "too_many", "params": {"max": 1}}]
        else:
            try:
                params[name] = _value(known[name], given[name])
            except ValidationError as error:
                wrong[name] = [{"code": str(error.messages[0]), "params": {}}]
    if wrong:
        raise ValidationFailed(errors=wrong)
    return params


def _filter(field: Field, text: str) -> Any:
    return None if text == NOTHING and not field.required and field.kind not in TIMES else _value(field, text)


def _value(field: Field, text: str) -> Any:
    """One filter value as the wire has it; raises marshmallow's ValidationError with the code of the rule."""
    value: Any = text
    if field.kind == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    elif field.kind == "integer" and re.fullmatch("-?[0-9]{1,15}", text):
        value = int(text)
    # A filter is no entry form: an id of any shape may be looked for, so the pattern of the field does not apply.
    single = replace(field, required=True, many=False, pattern=None)
    return to_wire(marshmallow_field(single).deserialize(value))
