"""What a list is asked for, as conditions: filters, words, order; and how its rows are counted in bounded time."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.process import Process
from services.chassis.records import COMMON
from services.chassis.tables import Clock
from services.contracts.errors import ValidationFailed
from services.contracts.fields import Field

if TYPE_CHECKING:
    from services.chassis.work import Work

COUNT_CAP = 10_000
TAB_CAP = 1_000
BEFORE_A_PHONE = re.compile(r"^\+86|[\s-]")  #: what people write beside the digits of a telephone number
#: Registers with limits can be filtered by those that their records missed, and by those that were warned of and run.
BREACHED, NEAR_DUE = "breached", "near_due"
HUMAN_NUMBER = re.compile(r"([A-Z]{1,4}) \d{4}-[A-Z0-9._-]+-\d{6,}")
RANGES = ("moment", "date", "integer", "money", "decimal")


def counts(
    work: Work, process: Process[Any], narrowed: list[Any], by_state: list[Any], *, tabs: bool, words: bool
) -> tuple[int, dict[str, int]]:
    """How many there are, up to 10,000, and per state, up to 1,000: a full register costs no more than a new one.

    To look for words costs more than to count, so that is done once, and what it finds is counted by state: exactly, or
    where it found more than 10,000, as "at least".
    """
    record = process.record
    total = _counted(record, narrowed + by_state, COUNT_CAP + 1)
    if not tabs:
        return work.session.scalar(sa.select(total)) or 0, {}
    if words:
        wanted = sa.case((by_state[0], 1), else_=0) if by_state else sa.literal(1)
        first = sa.select(record.state, wanted.label("wanted")).where(*narrowed).limit(COUNT_CAP + 1).subquery()
        columns = first.c.state, sa.func.count(), sa.func.sum(first.c.wanted)
        found = list(work.session.execute(sa.select(*columns).group_by(first.c.state)))
        number = int(sum(wanted for _, _, wanted in found))
        if by_state and sum(number for _, number, _ in found) > COUNT_CAP:
            number = work.session.scalar(sa.select(total)) or 0
        return number, {state: number for state, number, _ in found}
    each = _states(process)
    there = _counted(record, [record.state == each.c.name, *narrowed], TAB_CAP, each)
    counts = sa.select(sa.literal("").label("name"), total.label("number")).union_all(sa.select(each.c.name, there))
    rows = {name: number for name, number in work.session.execute(counts) if number}
    return rows.pop("", 0), rows


def _counted(record: Any, conditions: list[Any], cap: int, *outer: Any) -> Any:
    """How many rows fit, counted up to the cap; the conditions may speak of `outer`."""
    found = sa.select(sa.literal(1).label("one")).select_from(record).where(*conditions).limit(cap)
    if outer:
        # In the order of the index, or PostgreSQL collects all rows of a state in a bitmap before it counts the first.
        found = found.correlate(*outer).order_by(record.company_id, record.project_id)
    inner = found.subquery()
    return sa.select(sa.func.count()).select_from(inner).scalar_subquery()


@functools.cache
def _states(process: Process[Any]) -> Any:
    """The states of a process as rows."""
    return sa.union_all(*(sa.select(sa.literal(state).label("name")) for state in process.states)).subquery("states")


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
    if name in (BREACHED, NEAR_DUE):
        return _by_limit(process, name, value)
    if name in process.conditions:
        if not isinstance(value, str) or len(value) > 80 or "\x00" in value:
            raise ValidationFailed.of(name, "invalid")
        return process.conditions[name](value)
    if name in process.marks:
        marked = process.marks[name]()
        return marked if _value(Field("boolean", name), value) else sa.not_(marked)
    field = _field(process, name)
    column = getattr(process.record, name)
    if field.many or field.kind in ("json", "files"):
        raise ValidationFailed.of(name, "unknown_field")
    if isinstance(value, dict):
        if field.kind not in RANGES or not set(value) <= {"from", "to"}:
            raise ValidationFailed.of(name, "invalid")
        ends = []
        if value.get("from") is not None:
            ends.append(column >= _value(field, value["from"]))
        if value.get("to") is not None:
            ends.append(column <= _value(field, value["to"]))
        return sa.and_(*ends) if ends else sa.true()
    wanted = value if isinstance(value, list) else [value]
    if len(wanted) > 100:
        raise ValidationFailed.of(name, "too_many")
    given = column.in_([_value(field, one) for one in wanted if one is not None])
    return sa.or_(column.is_(None), given) if None in wanted else given


def by_limits(process: Process[Any]) -> list[str]:
    """The filters by limits that the lists of a register have."""
    warned = any(rule.warn is not None for rule in process.clocks)
    return [*([BREACHED] if process.clocks else []), *([NEAR_DUE] if warned else [])]


def _by_limit(process: Process[Any], name: str, value: Any) -> Any:
    """Records that missed one of the named limits, whether it has been met since or not; or for which one is near."""
    wanted = value if isinstance(value, list) else [value]
    known = {rule.name for rule in process.clocks}
    if not all(isinstance(one, str) and one in known for one in wanted):
        raise ValidationFailed(errors={name: [{"code": "choice", "params": {"choices": sorted(known)}}]})
    near = Clock.warned_at.is_not(None), Clock.breached_at.is_(None), Clock.stopped_at.is_(None)
    noticed = near if name == NEAR_DUE else (Clock.breached_at.is_not(None),)
    found = sa.select(Clock.record_id).where(Clock.resource == process.name, Clock.name.in_(wanted), *noticed)
    return process.record.id.in_(found)


def _value(field: Field, value: Any) -> Any:
    from marshmallow import ValidationError

    from services.contracts.fields import marshmallow_field

    if field.kind == "boolean" and value in ("true", "false"):
        value = value == "true"
    if field.kind == "integer" and isinstance(value, str) and value.isdigit():
        value = int(value)
    try:
        return marshmallow_field(field).deserialize(value)
    except ValidationError as wrong:
        raise ValidationFailed.of(field.name, str(wrong.messages[0])) from None


def matching(process: Process[Any], q: Any) -> list[Any]:
    """The words of `q` in the searched fields; a masked field matches only as a whole, so it cannot be guessed.

    A whole number of this register is found by its index. Numbers and ids are ASCII, so other words are not looked for
    in them; what has no capital letters is compared as it stands.
    """
    if q is None or q == "":
        return []
    if not isinstance(q, str) or len(q) > 100 or "\x00" in q:
        raise ValidationFailed.of("q", "too_long", max=100)
    fields, words = process.record.__fields__, q.strip()
    numbered = HUMAN_NUMBER.fullmatch(words.upper())
    if numbered and numbered[1] == process.numbered and "number" in process.search:
        return [process.record.number == words.upper()]
    conditions = []
    for name in process.search:
        column = getattr(process.record, name)
        if fields[name].mask:
            conditions.append(column == (BEFORE_A_PHONE.sub("", words) if fields[name].mask == "phone" else words))
        elif fields[name].kind in ("number", "reference") and not words.isascii():
            continue
        elif words.lower() == words.upper():
            conditions.append(column.contains(words, autoescape=True))
        else:
            conditions.append(column.icontains(words, autoescape=True))
    return [sa.or_(sa.false(), *conditions)]


def ordered(process: Process[Any], order: Any) -> list[Any]:
    record = process.record
    if order in (None, ""):
        return [record.created_at.desc(), record.id]
    if not isinstance(order, str):
        raise ValidationFailed.of("order", "invalid")
    field = _field(process, order.removeprefix("-"))
    column = getattr(record, field.name)
    return [column.desc() if order.startswith("-") else column.asc(), record.id]
