"""Which records `FakeServices` shows to whom, and which of them a query asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.contracts import masks
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field

RANGES = ("moment", "date", "integer", "money", "decimal")


def fields_of(described: Mapping[str, Any]) -> dict[str, Field]:
    """Fields of a resource by name."""
    return {one["name"]: Field.from_json(one) for one in described["fields"]}


def scopes_of(roles: Sequence[str], actor: Mapping[str, Any]) -> set[str]:
    """The scopes in which this actor has one of these roles; "*" is every role."""
    held: Mapping[str, list[str]] = actor["roles"]
    return {scope for role, scopes in held.items() if role in roles or "*" in roles for scope in scopes}


def covers(scopes: set[str], record: Mapping[str, Any]) -> bool:
    """Whether scopes reach a record; one of no company and no project is within every scope."""
    company, project = record.get("company_id"), record.get("project_id")
    if company is None and project is None:
        return bool(scopes)
    return bool(scopes & {"group", f"company:{company}", f"project:{project}"})


def masked(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values, those of masked fields as 138****8000."""
    return {name: masks.masked(fields.get(name), one) for name, one in values.items()}


def contains(record: Mapping[str, Any], described: Mapping[str, Any], q: str | None) -> bool:
    """Whether the words of `q` are in one of the searched fields; a masked one has to be known whole."""
    words = (q or "").strip().lower()
    masked = {one["name"] for one in described["fields"] if one["mask"]}

    def found(name: str) -> bool:
        value = str(record.get(name) or "").lower()
        return words == value if name in masked else words in value

    return not words or any(found(name) for name in described["search"])


def has_decided(round: Mapping[str, Any], user: str) -> bool:
    """Whether somebody decided a round of an approval, or consented to it before another one did."""
    return user == round.get("decided_by") or any(one["user"] == user for one in round.get("consents") or [])


def check(fields: Mapping[str, Field], name: str) -> None:
    """Refuse a field that does not exist or whose values are masked."""
    if name not in fields:
        raise ValidationFailed.of(name, "unknown_field")
    if fields[name].mask:
        raise ValidationFailed.of(name, "masked_field")


def has_missed(record: Mapping[str, Any], wanted: Any) -> bool:
    """Whether one of the named limits was missed."""
    return any(one["breached"] for one in _clocks(record, wanted))


def is_near(record: Mapping[str, Any], wanted: Any) -> bool:
    """Whether one of the named limits is near, and not met."""
    running = (one for one in _clocks(record, wanted) if not one["breached"] and not one.get("stopped_at"))
    return any(one.get("warn_at") for one in running)


def _clocks(record: Mapping[str, Any], wanted: Any) -> list[Any]:
    named = wanted if isinstance(wanted, list) else [wanted]
    return [one for one in record["clocks"] if one["name"] in named]


#: What lists are narrowed by that is no field of the records.
OTHERWISE: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "breached": has_missed,
    "near_due": is_near,
    "decider": has_decided,
}


def fits(field: Field, value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, one of the wanted ones, or within the wanted range."""
    if isinstance(wanted, dict):
        if field.kind not in RANGES:
            raise ValidationFailed.of(field.name, "invalid")
        size: Any = Decimal if field.kind in ("money", "decimal") else lambda one: one
        low, high = wanted.get("from"), wanted.get("to")
        return value is not None and (
            (low is None or size(value) >= size(low)) and (high is None or size(value) <= size(high))
        )
    return value in (wanted if isinstance(wanted, list) else [wanted])
