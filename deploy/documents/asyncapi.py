"""docs/integration/asyncapi.yaml: the gateway for property companies as AsyncAPI 3.0, from the same declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from deploy.documents import examples, messages
from deploy.documents.text import field_name, named, said_of
from services.chassis import topology, wire
from services.chassis.service import Service
from services.contracts.events import Event
from services.contracts.events.maintenance import MessageRejected
from services.contracts.fields import Field

DESCRIPTION = (
    "What a property company sends to the developer's customer-relationship system, and what it receives. It has a"
    " RabbitMQ user of its own, which may write to its exchange and read its inbox and nothing else. See README.md."
)
CODE = "{company_code}"
HEADER = "# Written by `./anju contracts` from the declarations; edit those.\n"


class _Indented(yaml.SafeDumper):
    """Lists indented below their key, as people write YAML; no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def text(services: Sequence[Service]) -> str:
    """The document as YAML."""
    dumped = yaml.dump(document(services), Dumper=_Indented, allow_unicode=True, sort_keys=False, width=120)
    return HEADER + str(dumped)


def document(services: Sequence[Service]) -> dict[str, Any]:
    """The document as data."""
    to_anju, to_company = messages.sent(), messages.told(services)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Anju gateway for property companies", "version": "1.0.0", "description": DESCRIPTION},
        "defaultContentType": wire.CONTENT_TYPE,
        "servers": {
            "production": {
                "host": "{host}:5671",
                "protocol": "amqps",
                "protocolVersion": "0.9.1",
                "description": "The developer tells you the host.",
                "variables": {"host": {"description": "The broker's name."}},
                "security": [{"$ref": "#/components/securitySchemes/company"}],
            }
        },
        "channels": {
            "toAnju": _channel(
                topology.company_exchange(CODE),
                "Your exchange: the only place you may write to. The routing key is not looked at.",
                to_anju,
                {"is": "routingKey", "exchange": _exchange()},
            ),
            "toCompany": _channel(
                topology.company_inbox(CODE),
                "Your inbox: the only queue you may read. Acknowledge a message once you have kept it.",
                to_company,
                {"is": "queue", "queue": _queue()},
            ),
        },
        "operations": {
            **{event.wire_name: _received(event) for event in to_anju},
            **{event.wire_name: _operation("send", "toCompany", event) for event in to_company},
        },
        "components": {
            "securitySchemes": {"company": {"type": "userPassword", "description": "User `property.<company_code>`."}},
            "messages": {event.wire_name: _message(event) for event in [*to_anju, *to_company]},
        },
    }


def _channel(address: str, description: str, events: list[type[Event]], binding: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "parameters": {"company_code": {"description": f"Your code: {topology.COMPANY_CODE_RULE}."}},
        "messages": {e.wire_name: {"$ref": f"#/components/messages/{e.wire_name}"} for e in events},
        "bindings": {"amqp": {**binding, "bindingVersion": "0.3.0"}},
    }


def _exchange() -> dict[str, Any]:
    (one,) = topology.company_topology("company")["exchanges"]
    return {"name": topology.company_exchange(CODE), "type": one["type"], "durable": True, "autoDelete": False}


def _queue() -> dict[str, Any]:
    return {"name": topology.company_inbox(CODE), "durable": True, "exclusive": False, "autoDelete": False}


def _operation(action: str, channel: str, event: type[Event]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": " ".join(named(event.publisher, ("events", event.wire_name))),
        "summary": said_of(event),
        "messages": [{"$ref": f"#/channels/{channel}/messages/{event.wire_name}"}],
    }


def _received(event: type[Event]) -> dict[str, Any]:
    rejection = MessageRejected.wire_name
    answer = {
        "channel": {"$ref": "#/channels/toCompany"},
        "messages": [{"$ref": f"#/channels/toCompany/messages/{rejection}"}],
    }
    return _operation("receive", "toAnju", event) | {"reply": answer}


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.wire_name,
        "title": " ".join(named(event.publisher, ("events", event.wire_name))),
        "summary": said_of(event),
        "contentType": wire.CONTENT_TYPE,
        "payload": payload(event),
        "examples": [{"name": event.wire_name, "payload": examples.cloud_event(event)}],
    }


def payload(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of the whole CloudEvent."""
    head = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "maxLength": 80, "description": "Your own; the same id means the same message."},
        "source": {"type": "string", "maxLength": 80},
        "type": {"const": event.wire_name},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string", "maxLength": 80, "description": f"The value of `{event.subject}`."},
        "datacontenttype": {"const": "application/json"},
        "dataversion": {"type": "integer", "const": event.dataversion},
        "correlationid": {"type": "string", "maxLength": 60},
        "causationid": {"type": "string", "maxLength": 80},
    }
    fields = event.fields()
    data = {
        "type": "object",
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: schema(field) for field in fields},
    }
    required = ["specversion", "id", "source", "type", "time", "data"]
    return {"type": "object", "required": required, "properties": {**head, "data": data}}


def schema(field: Field) -> dict[str, Any]:
    """The JSON Schema of one field."""
    zh, en = field_name("maintenance", "", field.name)
    one = _value(field)
    if field.many:
        one = {"type": "array", "maxItems": 100, "items": one}
    if not field.required:
        one = {**one, "type": [*one["type"], "null"] if isinstance(one["type"], list) else [one["type"], "null"]}
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
    return {"title": f"{zh} {en}", **one}


def _value(field: Field) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "integer": {"type": "integer"},
        "boolean": {"type": "boolean"},
        "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
        "money": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"},
        "date": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "json": {"type": "object"},
        "files": {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 300}},
    }
    found = dict(kinds.get(field.kind, {"type": "string"}))
    limits = {"maxLength": field.max_length, "minimum": field.min, "maximum": field.max}
    if field.kind not in ("integer", "text", "number", "reference"):
        limits = {}
    if field.values:
        found["enum"] = list(field.values)
    if field.pattern:
        found["pattern"] = f"^(?:{field.pattern})$"
    if found["type"] == "string" and field.required and field.kind in ("text", "number", "reference"):
        found["minLength"] = 1
    return found | {key: limit for key, limit in limits.items() if limit is not None}
