"""What a list is asked for, as conditions: filters, words, order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import indexes, words
from services.chassis.filters import MOST_VALUES, loaded
from services.chassis.process import Process
from services.chassis.records import COMMON
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field

BEFORE_A_PHONE = re.compile(r"^\+86|[\s-]")  #: what people write beside the digits of a telephone number
HUMAN_NUMBER = re.compile(r"([A-Z]{1,4}) \d{4}-[A-Z0-9._-]+-\d{6,}")
RANGES = ("moment", "date", "integer", "money", "decimal")


@dataclass(frozen=True)
class Words:
    """What was looked for: the condition on the texts, and what an index can say before them."""

    said: Any
    indexed: Any

    @property
    def anywhere(self) -> Any:
        """For words in very many rows: these are read in the list's order until the page is full, whatever it seems to
        cost."""
        return sa.func.coalesce(self.said, sa.false())


def bounded(params: dict[str, Any], name: str, low: int, high: int, default: int = 0) -> int:
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationFailed.of(name, "invalid_integer")
    if not low <= value <= high:
        raise ValidationFailed(errors={name: [{"code": "number_range", "params": {"min": low, "max": high}}]})
    return value


def _field(process: Process[Any], name: Any) -> Field:
    known = {field.name: field for field in COMMON} | process.record.__fields__
    if not isinstance(name, str) or name not in known:
        raise ValidationFailed.of(str(name)[:60], "unknown_field")
    if known[name].mask:
        raise ValidationFailed.of(name, "masked_field")
    found: Field = known[name]
    return found


def fitting(process: Process[Any], name: str, value: Any) -> Any:
    if name in process.narrowed:
        return process.narrowed[name].among(value)
    field = _field(process, name)
    column = getattr(process.record, name)
    if field.many or field.kind in ("json", "files"):
        raise ValidationFailed.of(name, "unknown_field")
    if isinstance(value, dict):
        if field.kind not in RANGES or not set(value) <= {"from", "to"}:
            raise ValidationFailed.of(name, "invalid")
        ends = []
        if value.get("from") is not None:
            ends.append(column >= loaded(field, value["from"]))
        if value.get("to") is not None:
            ends.append(column <= loaded(field, value["to"]))
        return sa.and_(*ends) if ends else sa.true()
    wanted = value if isinstance(value, list) else [value]
    if len(wanted) > MOST_VALUES:
        raise ValidationFailed.of(name, "too_many", max=MOST_VALUES)
    given = column.in_([loaded(field, one) for one in wanted if one is not None])
    return sa.or_(column.is_(None), given) if None in wanted else given


def by_index(process: Process[Any], name: str, value: Any) -> bool:
    """Whether one index has all rows with this value of the column, state by state."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return name in indexes.led_by(process.record) and isinstance(one, (str, int))


def matching(process: Process[Any], q: Any, whose: Any, *, by_pairs: bool) -> Words | None:
    """The words of `q` in the searched fields; a masked field matches only as a whole, and in records that fit `whose`.

    A whole number of this register is found by its index. Numbers and ids are ASCII, so other words are not looked for
    in them; what has no capital letters is compared as it stands. `by_pairs`: the database has an index of words.
    """
    if q is None or q == "":
        return None
    if not isinstance(q, str) or len(q) > 100 or "\x00" in q:
        raise ValidationFailed.of("q", "too_long", max=100)
    record, fields, said = process.record, process.record.__fields__, q.strip()
    numbered = HUMAN_NUMBER.fullmatch(said.upper())
    if numbered and numbered[1] == process.numbered and "number" in process.search:
        is_it = record.number == said.upper()
        return Words(is_it, is_it)
    whole, within = [], []
    for name in process.search:
        column = getattr(record, name)
        if fields[name].mask:
            is_it = column == (BEFORE_A_PHONE.sub("", said) if fields[name].mask == "phone" else said)
            whole.append(sa.and_(is_it, whose))
        elif fields[name].kind in ("number", "reference") and not said.isascii():
            continue
        elif said.lower() == said.upper():
            within.append(column.contains(said, autoescape=True))
        else:
            within.append(column.icontains(said, autoescape=True))
    narrowed = [words.may_hold(record.__table__, said)] if within and by_pairs else []
    found = sa.or_(sa.false(), *within)
    return Words(sa.or_(found, *whole), sa.or_(sa.and_(*narrowed, found), *whole))


def ordered(process: Process[Any], order: Any, ranged: Sequence[str] = ()) -> list[Any]:
    """By one column, and where that is equal as its index goes on; the newest first where nobody asked.

    A list of a range, such as a month long ago, is in the order of that range: it would not begin where the newest are.
    """
    record = process.record
    if order in (None, ""):
        if len(ranged) != 1 or ranged[0] not in indexes.led_by(record):
            return [record.created_at.desc(), record.id]
        order = f"-{ranged[0]}"
    if not isinstance(order, str):
        raise ValidationFailed.of("order", "invalid")
    field = _field(process, order.removeprefix("-"))
    further = [record.state, record.created_at] if field.name in indexes.led_by(record) else []
    columns = [getattr(record, field.name), *further, record.id]
    return [column.desc() if order.startswith("-") else column.asc() for column in columns]
