"""What personal data looks like to those who may not see it: 138****1234 (X-65)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from services.contracts.fields import Field

#: Numbers of persons within a text: mobile telephones, telephones of the land, resident identity numbers.
_MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
_LANDLINE = r"0\d{2,3}[- ]\d{7,8}"
_IDENTITY = r"\d{17}[\dXx]"
#: Not within a longer number or an id; right behind a character that JSON escapes it is one.
_BEGINS, _ENDS = r"(?:(?<![0-9A-Za-z])|(?<=\\u[0-9a-fA-F]{4}))", r"(?![0-9A-Za-z])"
PERSONAL = re.compile(rf"{_BEGINS}(?:(?P<id_no>{_IDENTITY})|{_MOBILE}|{_LANDLINE}){_ENDS}")


def mask(kind: str, value: Any) -> Any:
    """The value as a field of this mask shows it; what is masked stays as it is."""
    if not value:
        return value
    if isinstance(value, list):
        return [mask(kind, one) for one in value]
    text = str(value)
    if kind == "message":
        return _masked_body(text)
    if kind == "phone":
        if "*" in text:
            return text
        digits = re.sub(r"\D", "", text)
        # With its area code a number of the land has up to twelve digits; a mobile one loses its country.
        digits = digits if digits.startswith("0") else digits[-11:]
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"
    return text[:1] + "*" * max(len(text) - 2, 3) + text[-1:]


def masked(field: Field | None, value: Any) -> Any:
    """The value of a field, masked where the field is."""
    return mask(field.mask, value) if field is not None and field.mask else value


def without_numbers(text: str) -> str:
    """A text with the telephone and identity numbers in it masked: for logs, and for what strangers wrote."""
    return PERSONAL.sub(lambda found: str(mask("id_no" if found["id_no"] else "phone", found[0])), text)


def _masked_body(body: str) -> str:
    """A message that is kept as base64. Its bytes are read one by one: numbers are ASCII in what the wire takes."""
    try:
        content = base64.b64decode(body, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(without_numbers(content).encode("latin-1")).decode("ascii")
