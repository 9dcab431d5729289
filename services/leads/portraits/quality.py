"""How good a customer's record is: right numbers and all required tags, out of a hundred (L-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.parameters import Parameter
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.portrait import QualityGap
from services.leads.customers.identity import normalised_id_no, normalised_phone

#: (ext) The catalogue gives no weights.
PHONE = Parameter("quality.phone", 25, "points", "L-05")
ID_NO = Parameter("quality.id_no", 15, "points", "L-05")
REQUIRED_TAGS = Parameter("quality.required_tags", 60, "points", "L-05")


@dataclass(frozen=True)
class Quality:
    """The score, and what it lacks."""

    score: int
    gaps: list[QualityGap]


def quality_of(
    *, phone: str, id_no: str | None, kind: str, filled: int, required: int, weights: Sequence[int]
) -> Quality:
    """`weights` are those of the telephone, the identity number and the required tags. A number that nobody gave is
    not a wrong one."""
    parts = {
        QualityGap.PHONE: float(phone_is_valid(phone)),
        QualityGap.ID_NO: float(id_no_is_valid(id_no, kind)),
        QualityGap.REQUIRED_TAGS: filled / required if required else 1.0,
    }
    points = sum(weight * part for weight, part in zip(weights, parts.values(), strict=True))
    return Quality(round(100 * points / (sum(weights) or 1)), [gap for gap, part in parts.items() if part < 1])


def phone_is_valid(phone: str) -> bool:
    try:
        return bool(normalised_phone(phone))
    except ValidationFailed:
        return False


def id_no_is_valid(id_no: str | None, kind: str) -> bool:
    """A resident's number has the right check digit."""
    try:
        normalised_id_no(id_no, kind)
    except ValidationFailed:
        return False
    return True
