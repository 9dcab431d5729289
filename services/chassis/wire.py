"""CloudEvents on the wire: how ours are written, and how a stranger's bytes are read without trusting any of them.

Nothing here calls a decompressor, a decoder that a header chooses, or a codec that revives Python types.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import marshmallow as ma

from services.chassis.records import new_id
from services.contracts.errors import AnjuError
from services.contracts.events import Event
from services.contracts.fields import MAX_JSON_DEPTH, Field, broken_rules, schema_of, to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 262_144
ENVELOPE = schema_of(
    "Envelope",
    [
        Field("choice", "specversion", values=("1.0",)),
        Field("text", "id", max_length=80),
        Field("text", "source", max_length=80),
        Field("text", "type", max_length=80),
        Field("moment", "time"),
        Field("text", "subject", required=False, max_length=80),
        Field("integer", "dataversion", required=False, default=1, min=1, max=99),
        Field("text", "datacontenttype", required=False, max_length=80),
        Field("text", "correlationid", required=False, max_length=60),
        Field("text", "causationid", required=False, max_length=80),
    ],
    unknown=ma.EXCLUDE,
)


class Undecodable(AnjuError):
    """Bytes that are no event: `code` says which rule they break, `params` may name the field."""

    status = 422
    code = "undecodable"


@dataclass(frozen=True)
class Incoming:
    """An event as it came in, checked as far as its envelope."""

    source: str
    message_id: str
    name: str
    version: int
    subject: str
    time: datetime
    correlation_id: str | None
    data: Any
    body_hash: str


def unfit(schema: ma.Schema, wrong: ma.ValidationError) -> Undecodable:
    """Fields that break their rules: all of them in `errors`, the first one named with its rule as well."""
    errors = broken_rules(schema, wrong)
    field, (first, *_) = next(iter(errors.items()))
    return Undecodable(code="field_invalid", field=field, rule=first["code"], errors=errors)


def envelope(work: Work, event: Event) -> dict[str, Any]:
    """A CloudEvents 1.0 structured-mode object."""
    subject = str(getattr(event, event.subject))
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/anju/{work.service.name}",
        "type": event.wire_name,
        "time": to_wire(work.now),
        "subject": subject,
        "datacontenttype": "application/json",
        "dataversion": event.dataversion,
        "correlationid": work.correlation_id,
        **({"causationid": work.causation_id} if work.causation_id else {}),
        "data": event.dump(),
    }


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(body: bytes, content_type: str | None, content_encoding: str | None, headers: dict[str, Any]) -> Incoming:
    """The event in a delivery, or Undecodable with the rule that it breaks. Never more work than its size is worth."""
    if len(body) > MAX_BYTES:
        raise Undecodable(code="too_large", limit=MAX_BYTES)
    if "compression" in headers:
        raise Undecodable(code="compressed")
    media_type = (content_type or "").split(";")[0].strip().lower()
    if media_type != CONTENT_TYPE:
        raise Undecodable(code="wrong_content_type", got=(content_type or "")[:80], expected=CONTENT_TYPE)
    if (content_encoding or "utf-8").lower() not in ("utf-8", "utf8"):
        raise Undecodable(code="wrong_encoding", got=str(content_encoding)[:40])
    return _checked(_parsed(body), hashlib.sha256(body).hexdigest())


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Undecodable(code="wrong_encoding", got="not utf-8") from None
    if "\x00" in text or "\\u0000" in text:
        raise Undecodable(code="nul_character")
    if text.count("[") + text.count("{") > 20_000:
        raise Undecodable(code="too_deep", limit=MAX_JSON_DEPTH)
    try:
        parsed = json.loads(text, parse_constant=_refused_constant)
    except RecursionError:
        raise Undecodable(code="too_deep", limit=MAX_JSON_DEPTH) from None
    except ValueError:
        raise Undecodable(code="not_json") from None
    if not isinstance(parsed, dict):
        raise Undecodable(code="not_an_object")
    _check_depth(parsed)
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(parsed)
    return parsed


def _check_surrogates(parsed: Any) -> None:
    """Half of a surrogate pair is no character: no database takes it."""
    try:
        to_json(parsed).encode()
    except UnicodeEncodeError:
        raise Undecodable(code="wrong_encoding", got="lone surrogate") from None


def _refused_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(root: Any) -> None:
    level: list[Any] = [root]
    for _ in range(MAX_JSON_DEPTH + 2):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                if "__type__" in one:
                    raise Undecodable(code="type_marker")
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = [one for one in below if isinstance(one, (dict, list))]
        if not level:
            return
    raise Undecodable(code="too_deep", limit=MAX_JSON_DEPTH)


def _checked(parsed: dict[str, Any], digest: str) -> Incoming:
    try:
        head = ENVELOPE.load({key: value for key, value in parsed.items() if key != "data"})
    except ma.ValidationError as wrong:
        raise unfit(ENVELOPE, wrong) from None
    return Incoming(
        source=head["source"],
        message_id=head["id"],
        name=head["type"],
        version=head["dataversion"],
        subject=head["subject"] or head["id"],
        time=head["time"],
        correlation_id=head["correlationid"],
        data=parsed.get("data"),
        body_hash=digest,
    )
