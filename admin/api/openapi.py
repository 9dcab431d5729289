"""The OpenAPI description of a service, made from its catalogue: a path per resource and a path per command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from admin.api.body import MAX_INTEGER
from admin.api.lists import MAX_PAGE, MAX_PAGE_SIZE, MAX_TEXT, PAGE_SIZE, TIMES, filters_of
from admin.api.payload import ID
from admin.catalogues import Catalogues
from admin.described import Command, Report, Resource
from services.contracts import glossary
from services.contracts.fields import Field

JsonSchema = dict[str, Any]

REFUSALS = {
    "400": "The request is no proper request: its JSON, its Idempotency-Key or its If-Match",
    "401": "No token, or one that does not count (any more)",
    "403": "The caller's roles do not allow it",
    "404": "No such record, resource or command within the caller's scope",
    "405": "The method does not fit the path",
    "409": "The record is not as the caller believes: another state or version, or the key came with other content",
    "413": "The body is larger than 256 KiB",
    "415": "The body is not application/json in UTF-8, or is compressed",
    "422": "A field breaks a rule; errors names both",
    "429": "Too many sign-ins failed; Retry-After tells when it is worth another try",
    "503": "The service or the broker is away; the same Idempotency-Key can be sent again",
}
#: A masked number in full, for whoever may reveal it; null where the time in which it may be shown is over.
REVEALED: JsonSchema = {
    "type": "object",
    "nullable": True,
    "properties": {"field": {"type": "string"}, "value": {"type": "string"}, "seconds": {"type": "integer"}},
}
READING = ("401", "403", "404", "405", "422", "503")
DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"


def describe(spec: Any, book: Catalogues, service: str) -> None:
    """Add a service to an `apispec.APISpec`."""
    _add_common(spec)
    for resource in book.all_resources():
        if resource.service == service:
            _add_resource(spec, resource)
    for (owner, _), command in book._commands.items():
        if owner == service:
            _add_command(spec, command)
    for report in book.reports_of(service):
        _add_report(spec, report)


def _add_common(spec: Any) -> None:
    if "anju_error" in spec.components.schemas:
        return
    detail = {
        "type": "object",
        "required": ["code", "params", "message"],
        "properties": {"code": {"type": "string"}, "params": {"type": "object"}, "message": {"type": "string"}},
    }
    errors = {"type": "object", "additionalProperties": {"type": "array", "items": detail}}
    properties = {"message": {"type": "string"}, "errors": errors}
    error = {"type": "object", "required": ["message", "errors"], "properties": properties}
    spec.components.schema("anju_error", error)
    action = {
        "type": "object",
        "required": ["command", "allowed", "obstacle"],
        "properties": {
            "command": {"type": "string"},
            "allowed": {"type": "boolean"},
            "obstacle": {"type": "object", "nullable": True},
        },
    }
    spec.components.schema("anju_action", action)
    entry = {
        "type": "object",
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "kind": {"type": "string", "enum": ["audit", "event", "approval", "clock"]},
            "name": {"type": "string"},
            "actor": {"type": "string", "nullable": True},
            "detail": {"type": "object"},
        },
    }
    spec.components.schema("anju_history_entry", entry)
    for status, meaning in REFUSALS.items():
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/anju_error"}}}
        spec.components.response(f"anju_{status}", {"description": meaning, "content": content})


def _add_resource(spec: Any, resource: Resource) -> None:
    record = f"{resource.service}.{resource.name}"
    spec.components.schema(record, _record(resource))
    name = glossary.term(resource.service, resource.name, language="en") or glossary.humanised(resource.name)
    base = f"/api/v1/{resource.service}/{resource.name}"
    one = _ref(record)
    page = {"count": {"type": "integer"}, "capped": {"type": "boolean"}, "result": _list(one)}
    actions = _list(_ref("anju_action"))
    entries = _list(_ref("anju_history_entry"))
    tag = [resource.service]
    at = [{"in": "path", "name": "id", "required": True, "schema": {"type": "string", "maxLength": ID.max_length}}]
    listed = _reading(f"{name}: list", tag, _parameters(resource), page)
    spec.path(base, operations={"get": listed})
    shown = _reading(
        f"{name}: one record, and the moves that the caller may make now", tag, at, {"result": one, "actions": actions}
    )
    spec.path(f"{base}/{{id}}", operations={"get": shown})
    past = _reading(f"{name}: what happened to a record, newest first", tag, at, {"result": entries})
    spec.path(f"{base}/{{id}}/history", operations={"get": past})
    if any(one.kind == "files" for one in resource.fields.values()):
        digest = {"in": "path", "name": "sha256", "required": True, "schema": {"type": "string", "maxLength": 64}}
        content = _reading(f"{name}: a file that a record names", tag, [*at, digest], {})
        content["responses"]["200"] = {
            "description": "The file",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
        spec.path(f"{base}/{{id}}/files/{{sha256}}", operations={"get": content})


def _add_report(spec: Any, report: Report) -> None:
    values = {"type": "object", "properties": {one.name: _type(one) | {"nullable": True} for one in report.columns}}
    row = {
        "type": "object",
        "required": ["values", "behind"],
        "properties": {"values": values, "behind": {"type": "object"}},
    }
    parameters = [_query(one.name, json_schema(replace(one, required=True))) for one in report.params]
    summary = str(report.described.get("summary") or glossary.humanised(report.name))
    answer = {"result": _list(row), "capped": {"type": "boolean"}, "params": {"type": "object"}}
    operation = _reading(summary, [report.service], parameters, answer)
    spec.path(f"/api/v1/{report.service}/reports/{report.name}", operations={"get": operation})


def _add_command(spec: Any, command: Command) -> None:
    schema = f"{command.service}.{command.name}"
    fields = [*([] if command.kind == "create" else [ID]), *command.params]
    properties = {field.name: json_schema(field) for field in fields}
    properties["version"] = {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER, "nullable": True}
    required = [field.name for field in fields if field.required]
    body: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    spec.components.schema(schema, body | ({"required": required} if required else {}))
    key = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"}
    version = {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'}
    answer = {"result": _ref(f"{command.service}.{command.resource}")}
    if command.described.get("reveals"):
        answer["revealed"] = REVEALED
    operation = {
        "summary": str(command.described.get("summary") or glossary.humanised(command.name)),
        "tags": [command.service],
        "security": [{"jwt": []}],
        "parameters": [
            {"in": "header", "name": "Idempotency-Key", "required": True, "schema": key},
            {"in": "header", "name": "If-Match", "required": False, "schema": version},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(schema)}}},
        "responses": {"200": _answer("Done; the record as it is now", answer), **_refusals(*REFUSALS)},
    }
    spec.path(f"/api/v1/{command.service}/{command.name}", operations={"post": operation})


def _record(resource: Resource) -> JsonSchema:
    """What a caller reads: values may be masked or not there yet, so only types are promised."""
    properties: dict[str, JsonSchema] = {"id": {"type": "string"}, "version": {"type": "integer"}}
    for name, field in {"state": Field(), **resource.fields}.items():
        if name not in properties:
            properties[name] = _type(field) | {"nullable": True}
    properties["clocks"] = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "required": ["id", "version", "state"], "properties": properties}


def json_schema(field: Field) -> JsonSchema:
    """What a caller may send for a field."""
    one = _one(field)
    if field.kind in ("text", "number", "reference"):
        one |= {"minLength": 1} if field.required else {}
        one |= {"maxLength": field.max_length} if field.max_length is not None else {}
    if field.pattern:
        one["pattern"] = rf"^(?:{field.pattern})$"
    if field.kind == "integer":
        one["minimum"] = field.min if field.min is not None else -MAX_INTEGER
        one["maximum"] = field.max if field.max is not None else MAX_INTEGER
    if field.kind == "choice" and field.values is not None:
        one["enum"] = [*field.values, *([] if field.required or field.many else [None])]
    one = _many(one) if field.many else one
    return one if field.required else one | {"nullable": True}


def _type(field: Field) -> JsonSchema:
    return _many(_one(field)) if field.many else _one(field)


def _many(item: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": item, "maxItems": 100}


def _one(field: Field) -> JsonSchema:
    """The JSON type of one value of a field."""
    kinds: dict[str, JsonSchema] = {
        "integer": {"type": "integer"},
        "decimal": {"type": "string", "pattern": DECIMAL},
        "money": {"type": "string", "pattern": DECIMAL, "description": "CNY"},
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "json": {},
        "files": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 300}, "maxItems": 20},
    }
    return dict(kinds.get(field.kind, {"type": "string"}))


def _parameters(resource: Resource) -> list[JsonSchema]:
    found = [
        _query("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}),
        _query("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}),
        _query(
            "order", {"type": "string", "enum": [s + name for name in sorted(resource.sortable) for s in ("", "-")]}
        ),
        _query("q", {"type": "string", "maxLength": MAX_TEXT}),
    ]
    for name, field in filters_of(resource).items():
        one = json_schema(replace(field, required=True, pattern=None))
        if field.kind in TIMES:
            found += [_query(f"{name}_{end}", one) for end in ("from", "to")]
        else:
            found.append(_query(name, {"type": "array", "items": one}) | {"style": "form", "explode": True})
    return found


def _query(name: str, schema: JsonSchema) -> JsonSchema:
    return {"in": "query", "name": name, "required": False, "schema": schema}


def _reading(summary: str, tags: list[str], parameters: list[JsonSchema], answer: dict[str, JsonSchema]) -> JsonSchema:
    responses = {"200": _answer("Found", answer), **_refusals(*READING)}
    return {
        "summary": summary,
        "tags": tags,
        "security": [{"jwt": []}],
        "parameters": parameters,
        "responses": responses,
    }


def _answer(meaning: str, properties: dict[str, JsonSchema]) -> JsonSchema:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _refusals(*statuses: str) -> dict[str, JsonSchema]:
    return {status: {"$ref": f"#/components/responses/anju_{status}"} for status in statuses}


def _ref(schema: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _list(item: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": item}
