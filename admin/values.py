"""Values as people read them: local time, money with separators, names of choices, remaining time."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from admin import directory, files
from admin.catalogues import catalogues
from admin.described import Resource
from admin.texts import (
    choice_name,
    clock_name,
    event_name,
    field_name,
    language,
    listed,
    parameter_name,
    resource_name,
    role_name,
    rule_name,
    sentence,
    state_name,
    t,
    tag_value,
)
from services.contracts import glossary
from services.contracts.fields import PERSON, ROLE, Field, in_range
from services.contracts.files import uploaded
from services.contracts.roles import Role

#: Services keep UTC, people read the time of China (X-66).
ZONE = ZoneInfo("Asia/Shanghai")
ROLES = frozenset(Role)
TWO_YEARS, TWO_MONTHS = 2 * 365 * 1440, 60 * 1440
#: An id that says nothing to people.
UNREADABLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parsed(value: Any) -> datetime | None:
    """A moment of the wire, or None for what is none."""
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def moment(value: Any) -> str:
    """`2026-05-01 09:30`, local time."""
    at = _local(value)
    return at.strftime("%Y-%m-%d %H:%M") if at else str(value or "")


def local_input(value: Any) -> str:
    """A moment as an `<input type=datetime-local>` wants it."""
    at = _local(value)
    return at.strftime("%Y-%m-%dT%H:%M") if at else str(value or "")


def _local(value: Any) -> datetime | None:
    """A moment of the wire as local time, or None for what is none here, such as the end of the year 9999."""
    at = parsed(value)
    try:
        return at.astimezone(ZONE) if at else None
    except (OverflowError, ValueError):
        return None


def from_local(text: str) -> str:
    """What a person typed as local time, as UTC of the wire; what is no time stays as typed, to be refused."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)
    except (OverflowError, ValueError):
        return text
    return at.isoformat().replace("+00:00", "Z")


def day_bounds(first: str, last: str) -> dict[str, str]:
    """The moments between two local days, both included; a day that is none is left out."""
    bounds: dict[str, str] = {}
    for key, text, step in (("from", first, timedelta(0)), ("to", last, timedelta(days=1, microseconds=-1))):
        try:
            at = (datetime.combine(date.fromisoformat(text), time(), ZONE) + step).astimezone(UTC)
        except (OverflowError, ValueError):
            continue
        if in_range(at):
            bounds[key] = at.isoformat().replace("+00:00", "Z")
    return bounds


def whole(text: str, most: int = 999_999_999) -> int | None:
    """The whole number that was typed, in ASCII digits; None for what is none or is larger than `most`."""
    found = re.fullmatch(r"[+-]?[0-9]{1,15}", text.strip())
    return int(found[0]) if found and abs(int(found[0])) <= most else None


def money(value: Any) -> str:
    """`¥ 12,300.00`."""
    try:
        return f"¥ {Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def show(resource: Resource, name: str, value: Any) -> str:
    """A value of a record as text."""
    if value is None or value == "" or value == []:
        return ""
    if name == "state":
        return state_name(resource.service, resource.name, str(value))
    field = resource.field(name)
    if isinstance(value, list) and (field is None or field.kind not in ("json", "files")):
        return listed(show(resource, name, one) for one in value)
    if (named := _named_code(resource, name, str(value))) is not None:
        return named
    return show_kind(resource.service, field, value, resource.name)


def _named_code(resource: Resource, name: str, code: str) -> str | None:
    """Codes that the chassis keeps as text: what they mean is in the glossary."""
    field = resource.field(name)
    if field is not None and field.to in (PERSON, ROLE):
        return directory.person_name(code) if field.to == PERSON else role_name(code) if code in ROLES else None
    if name == "order_state":
        return state_name("maintenance", "work_order", code)
    if name == "clock_name":
        timed = next(
            (one for one in catalogues().all_resources() if one.service == resource.service and code in one.clocks),
            resource,
        )
        return clock_name(timed.service, timed.name, code)
    if name == "resource":
        service, _, name = code.rpartition("/")
        return resource_name(service or resource.service, name)
    if (resource.name, name) in (("approval", "kind"), ("authority_rule", "kind")):
        return choice_name(resource.service, "approval_kind", code)
    if (resource.name, name) == ("alert", "rule"):
        return rule_name(resource.service, code)
    if (resource.name, name) == ("task", "subject"):
        # A step of a plan is in somebody's own words.
        return rule_name(resource.service, code) if re.fullmatch(r"[a-z]+(_[a-z]+)+", code) else None
    if (resource.name, name) == ("parameter", "parameter"):
        return parameter_name(resource.service, code)
    if (resource.name, name) == ("parked_message", "name"):
        return event_name(resource.service, code)
    if (resource.name, name) == ("parked_message", "source"):
        return directory.person_name(code)
    if (resource.name, name) == ("parked_message", "problem"):
        return _problem(code)
    return sentence(code) if (resource.name, name) == ("parked_message", "reason") else None


def _problem(text: str) -> str:
    """What is wrong with a message: the field as the sender knows it, and the rule in words."""
    found = re.match(r"field=([\w.]+), rule=(\w+)", text)
    return f"{found[1]}: {sentence(found[2])}" if found else text


#: The field of a correction that names the entry which was wrong (X-47).
CORRECTS = "corrects_id"


def target(resource: Resource, name: str) -> str:
    """The register that a field's value is an id of; empty for a field that names nothing."""
    field = resource.field(name)
    if field is None or field.many:
        return ""
    if name == CORRECTS:
        return resource.path
    return field.to if field.to and "/" in field.to else ""


def unnamed(to: str, id: Any) -> str:
    """What stands for a record until the page has its name: its id where people can read it, else what it is. Property
    companies are known by name."""
    if to == directory.COMPANIES and (name := directory.companies().get(str(id))):
        return name
    register = catalogues().at(to)
    return resource_name(register.service, register.name) if register and UNREADABLE.fullmatch(str(id)) else str(id)


def several(resource: Resource, name: str) -> str:
    """The register that each of a field's values is an id of; empty for a field that has one, or names none."""
    field = resource.field(name)
    return field.to if field is not None and field.many and field.to and "/" in field.to else ""


def shown(resource: Resource, name: str, value: Any) -> str:
    """A value of a record as a page shows it: what names other records gets their names there."""
    to = target(resource, name) or several(resource, name)
    ids = value if isinstance(value, list) else [value] if isinstance(value, str) and value else []
    if not to or not ids:
        return show(resource, name, value)
    named = Markup('<span data-ref="{}|{}">{}</span>')
    return Markup(listed(named.format(to, id, unnamed(to, id)) for id in map(str, ids)))


def show_kind(service: str, field: Field | None, value: Any, register: str = "") -> str:
    """A value of a field as text."""
    kind = field.kind if field else "text"
    if field and field.choices:
        return choice_name(service, field.choices, str(value))
    if kind == "boolean":
        return t("value.yes") if value else t("value.no")
    if kind == "moment":
        return moment(value)
    if kind == "money":
        return money(value)
    if kind == "files":
        return "\n".join(file_text(one) for one in value)
    if kind == "json" or isinstance(value, (dict, list)):
        return structured((service, register), value)
    return str(value)


def structured(place: tuple[str, str], value: Any) -> str:
    """A JSON value in one readable line per part."""
    if isinstance(value, list):
        if value and all(_is_reason(one) for one in value):
            return reasons(value)
        return "\n".join(structured(place, one) for one in value)
    if isinstance(value, dict):
        if value.get("name") and isinstance(value["name"], str):
            return str(value["name"])
        if value.get("register"):  # it is about a record of that
            place = place[0], str(value["register"])
        return ("；" if language() == "zh" else "; ").join(
            _part(place, key, one)
            for key, one in value.items()
            if one not in (None, "", []) and not _is_unreadable(one)
        )
    if isinstance(value, bool):
        return t("value.yes" if value else "value.no")
    return tag_value(file_text(value)) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def reasons(why: list[dict[str, Any]]) -> str:
    """Why something was decided, as one sentence: `轮序第 3 位；赵敏不在岗`."""
    said = [sentence(one["code"], {name: _named(name, value) for name, value in one["params"].items()}) for one in why]
    return ("；" if language() == "zh" else "; ").join(said)


def _is_reason(one: Any) -> bool:
    """A code with what fills its sentence."""
    return isinstance(one, dict) and one.keys() == {"code", "params"}


def _named(name: str, value: Any) -> Any:
    """What fills a sentence: people by their names, several under the plural of a field."""
    if not {name, name.removesuffix("s")} & catalogues().persons:
        return value
    return listed(map(directory.person_name, value)) if isinstance(value, list) else directory.person_name(value)


def _is_unreadable(value: Any) -> bool:
    return isinstance(value, str) and UNREADABLE.fullmatch(value) is not None


def _part(place: tuple[str, str], key: str, value: Any) -> str:
    """One part of a structure under its name: `调解人：何主任`."""
    if key == "register":
        said = resource_name(*place)
    elif key == "state":
        said = state_name(*place, str(value))
    elif key in catalogues().persons:
        said = directory.person_name(value)
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        said = moment(value)
    elif isinstance(value, str) and (word := _word(place[0], key, value)):
        said = word
    else:
        said = structured(place, value)
    colon = "：" if language() == "zh" else ": "
    return f"{field_name(*place, key)}{colon}{said}"


def _word(service: str, key: str, code: str) -> str | None:
    """The word for a code: in the choice list of fields of this name, or in one that is called as the part is."""
    if (choices := catalogues().list_of(service, key, code)) is not None:
        return choice_name(service, choices, code)
    return glossary.term(service, "choices", key, code, language=language())


def file_text(address: str) -> str:
    """A file as people know it: its name and size; an address of somebody else's as it is."""
    one = uploaded(str(address))
    return f"{one.name} · {files.size_text(one.size)}" if one else str(address)


def duration(length: timedelta) -> str:
    """`2 天 3 小时`, `3 小时 20 分`, `5 分`: two units at most; what is far away in one, `5 年`, `92 天`."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes >= TWO_YEARS:
        return t("clock.years", n=minutes // (TWO_YEARS // 2))
    if minutes >= TWO_MONTHS:
        return t("clock.days", n=minutes // 1440)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "clock.days"), (hours, "clock.hours"), (minutes, "clock.minutes")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    said = [t(key, n=n) for n, key in parts[:2] if n]
    return " ".join(said) or t("clock.minutes", n=0)


def clock(one: dict[str, Any], at: datetime | None = None) -> dict[str, str]:
    """A clock as `{"tone", "text", "due"}`: green below half its time, amber below all of it, red beyond (X-394)."""
    due, stopped = parsed(one.get("due_at")), parsed(one.get("stopped_at"))
    at = at or datetime.now(UTC)
    text_due = moment(one.get("due_at"))
    if stopped:
        late = one.get("breached") or (due is not None and stopped > due)
        return {"tone": "late" if late else "met", "text": t("clock.late" if late else "clock.met"), "due": text_due}
    if one.get("paused"):
        return {"tone": "paused", "text": t("clock.paused"), "due": text_due}
    if due is None:
        return {"tone": "paused", "text": "", "due": ""}
    share = float(one.get("share") or 0)
    if one.get("breached") or due <= at:
        return {"tone": "red", "text": t("clock.over", time=duration(at - due)), "due": text_due}
    tone = "green" if share < 0.5 else "amber"
    return {"tone": tone, "text": t("clock.left", time=duration(due - at)), "due": text_due}
