"""A request's JSON, read strictly: what two readers could understand differently is refused, with the reason."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from admin.api.answers import Refused
from services.contracts.fields import MAX_JSON_DEPTH

MAX_BYTES = 256 * 1024
MAX_DEPTH = MAX_JSON_DEPTH + 2  # the object, its field, and a json value in it
MAX_INTEGER = 2**53 - 1  # what every JSON reader keeps exactly


def json_object() -> dict[str, Any]:
    """The body as an object; raises `Refused` with 400, 413 or 415."""
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(415, "unsupported_media_type")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Refused(415, "unsupported_media_type")
    request.max_content_length = MAX_BYTES
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Refused(413, "body_too_large", max=MAX_BYTES) from None
    found = parsed(raw)
    if not isinstance(found, dict):
        raise Refused(400, "not_an_object")
    return found


def parsed(raw: bytes) -> Any:
    """JSON in UTF-8 without duplicate keys, NaN, unpaired surrogates, numbers that lose digits, or deep nesting."""
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _refuse_depth(raw)
    try:
        text = raw.decode()
        found = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeError:
        raise Refused(400, "not_utf8") from None
    except (ValueError, RecursionError):
        raise Refused(400, "not_json") from None
    return found


def _refuse_depth(raw: bytes) -> None:
    """Count brackets outside strings, so that hostile nesting is refused before the parser goes down into it."""
    depth, in_string, escaped = 0, False, False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused(400, "too_deep", max=MAX_DEPTH)
        elif byte in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refused(400, "duplicate_key", field=_shown(key))
        if key == "__type__":
            raise Refused(400, "type_marker", field=key)
        if "\x00" in key:
            raise Refused(400, "nul_character", field=_shown(key))
        found[key] = value
    return found


def _shown(key: str) -> str:
    """A stranger's key as it may stand in an answer."""
    return key[:60].encode(errors="replace").decode().replace("\x00", "")


def _no_constant(_name: str) -> NoReturn:
    raise Refused(400, "not_json")


def _integer(text: str) -> int:
    # The length first: turning a million digits into a number takes seconds.
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise Refused(400, "number_range", min=-MAX_INTEGER, max=MAX_INTEGER)
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Refused(400, "number_range", min=-MAX_INTEGER, max=MAX_INTEGER)
    return number
