"""What a list can be narrowed by that is no column: a mark, a limit that was missed, whoever had a part in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field, marshmallow_field

#: Values of one filter that are asked for at once.
MOST_VALUES = 100


@dataclass(frozen=True)
class Filter:
    """`field` says how a value is read, `fits` makes the condition of the records that fit one of several. One that is
    not offered is for our own pages, and no screen shows it."""

    field: Field
    fits: Callable[[list[Any]], Any]
    is_offered: bool = True

    def among(self, value: Any) -> Any:
        """The condition that a record fits the value, or one of several; raises ValidationFailed for a wrong one."""
        wanted = value if isinstance(value, list) else [value]
        if len(wanted) > MOST_VALUES:
            raise ValidationFailed.of(self.field.name, "too_many", max=MOST_VALUES)
        return self.fits([loaded(self.field, one) for one in wanted])


def yes_or_no(name: str, condition: Callable[[], Any]) -> Filter:
    """A yes or no that no field holds."""

    def fits(wanted: list[bool]) -> Any:
        return sa.or_(sa.false(), *(condition() if is_so else sa.not_(condition()) for is_so in wanted))

    return Filter(Field("boolean", name, required=False), fits)


def loaded(field: Field, value: Any) -> Any:
    """What a value in an address or a query means; raises ValidationFailed that names the field."""
    if field.kind == "boolean" and value in ("true", "false"):
        value = value == "true"
    if field.kind == "integer" and isinstance(value, str) and value.isdigit():
        value = int(value)
    try:
        return marshmallow_field(field).deserialize(value)
    except ma.ValidationError as wrong:
        raise ValidationFailed.of(field.name, str(wrong.messages[0]), **_choices(field)) from None


def _choices(field: Field) -> dict[str, Sequence[str]]:
    return {"choices": sorted(field.values)} if field.kind == "choice" and field.values else {}
