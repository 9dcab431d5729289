"""What content rules and mass changes ask of a customer's tags: `purchase_purpose=首次置业`, `purchase_budget<=300`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.portrait import TagKind
from services.leads.portraits.tags import Tag, tag_of, valued

WRITTEN = re.compile(r"([a-z][a-z0-9_]{0,39})(<=|>=|=)(.+)")


@dataclass(frozen=True)
class Condition:
    """One tag compared with one value."""

    tag: str
    operator: str
    value: str

    def fits(self, holds: Mapping[str, Any]) -> bool:
        """Whether it is true of somebody with these tags; of what is not known nothing is true."""
        held = holds.get(self.tag)
        if held is None:
            return False
        if self.operator == "=":
            return self.value in (held if isinstance(held, list) else [held])
        least, most = (self.value, held) if self.operator == ">=" else (held, self.value)
        return Decimal(least) <= Decimal(most)


def condition_of(text: str) -> Condition:
    """A condition as it was checked before it was kept."""
    found = WRITTEN.fullmatch(text)
    assert found is not None, text
    return Condition(*found.groups())


def checked(work: Work, texts: list[str], *, field: str) -> list[str]:
    """The conditions with their values as tags have them. Raises ValidationFailed for an unknown tag or value."""
    return [_checked(work, text, field) for text in texts]


def _checked(work: Work, text: str, field: str) -> str:
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise ValidationFailed.of(field, "tag_condition")
    code, operator, value = found.groups()
    tag: Tag = tag_of(work, code, field=field)
    if operator != "=" and (tag.kind != TagKind.NUMBER or tag.is_multiple):
        raise ValidationFailed.of(field, "tag_not_a_number", name=tag.name)
    return f"{code}{operator}{valued(tag, value.strip(), field=field)}"
