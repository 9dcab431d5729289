"""A time limit explained: the intervals that it ran and stood, what they come to, and who was told when (C-34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from admin import values
from admin.described import Resource
from admin.directory import person_name
from admin.texts import clock_name, role_name, rule_name, state_name, t


@dataclass(frozen=True)
class Span:
    """One interval: when, how long, and why the limit stood still."""

    begin: str
    end: str
    length: str
    running: bool
    reason: str
    by: str


@dataclass(frozen=True)
class Timing:
    """One limit of a record."""

    label: str
    tag: dict[str, str]
    due: str
    run: str
    allowed: str
    calendar: str
    spans: tuple[Span, ...]
    steps: tuple[tuple[str, str, str], ...]


def timing(register: Resource, one: dict[str, Any]) -> Timing:
    """What a record says of one of its limits, as people read it."""
    spans = tuple(_span(register, interval) for interval in one.get("intervals") or ())
    return Timing(
        clock_name(register.service, register.name, str(one["name"])),
        values.clock(one),
        values.moment(one.get("due_at")),
        _length(one.get("run")),
        _length(one.get("allowed")),
        t(f"timing.{one['calendar']}") if one.get("calendar") in ("elapsed", "dates", "working") else "",
        spans,
        tuple(_step(register, step) for step in one.get("steps") or ()),
    )


def _length(seconds: Any) -> str:
    return values.duration(timedelta(seconds=int(seconds or 0)))


def _span(register: Resource, one: dict[str, Any]) -> Span:
    reason = str(one.get("reason") or "")
    if reason in register.states:
        reason = state_name(register.service, register.name, reason)
    end = values.moment(one["to"]) if one.get("to") else t("timing.now")
    by = person_name(one["by"]) if one.get("by") else ""
    return Span(values.moment(one.get("from")), end, _length(one.get("seconds")), bool(one.get("running")), reason, by)


def _step(register: Resource, one: dict[str, Any]) -> tuple[str, str, str]:
    who = role_name(str(one.get("role")))
    if one.get("user"):
        who = f"{who} · {person_name(one['user'])}"
    return values.moment(one.get("at")), rule_name(register.service, str(one.get("rule"))), who
