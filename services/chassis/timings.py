"""Limits explained: the intervals that a clock ran and stood, what they come to, and who was told when (C-34)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.calendars import CALENDARS
from services.chassis.clocks import described
from services.chassis.duties import Task
from services.chassis.process import Process
from services.chassis.tables import Clock, Pause
from services.contracts.fields import to_wire

if TYPE_CHECKING:
    from services.chassis.work import Work


def explained(work: Work, process: Process[Any], record: Any) -> list[dict[str, Any]]:
    """The clocks of one record, each as the sum of its intervals and with the steps of its alarm (C-34).

    `run` and `allowed` are seconds of the limit's own calendar; an interval is `{"from", "to", "running", "reason",
    "by", "seconds"}`, a step `{"at", "rule", "role", "user"}`: who was told, and when.
    """
    found = sa.select(Clock).where(Clock.resource == process.name, Clock.record_id == record.id).order_by(Clock.due_at)
    rows = list(work.session.scalars(found)) if process.clocks else []
    rules = {rule.name: rule for rule in process.clocks}
    pauses: dict[int, list[Pause]] = {}
    if any(rule.paused_in for rule in process.clocks) and rows:
        of_rows = sa.select(Pause).where(Pause.clock.in_([row.position for row in rows]))
        for pause in work.session.scalars(of_rows.order_by(Pause.started_at)):
            pauses.setdefault(pause.clock, []).append(pause)
    told = _told_of(work, process, record) if any(row.breached_at or row.warned_at for row in rows) else []
    clocks = []
    for row in rows:
        rule = rules.get(row.name)
        limit = rule.limit_for(record) if rule else None
        calendar = limit.calendar if limit else "elapsed"
        intervals = intervals_of(row, pauses.get(row.position, []), calendar, work.now)
        stood = [one for one in intervals if not one["running"] and one["to"] is not None]
        whole = CALENDARS[calendar].between(row.started_at, row.due_at).total_seconds()
        alarm = rule.alarm if rule else None
        names = (alarm.rule, f"{alarm.rule}_soon") if alarm else ()
        whole_time = {
            "calendar": calendar,
            "run": sum(one["seconds"] for one in intervals if one["running"]),
            "allowed": int(whole) - sum(one["seconds"] for one in stood),
            "intervals": intervals,
            "steps": [one for one in told if one["rule"] in names],
        }
        clocks.append(described(row, work.now) | whole_time)
    return clocks


def intervals_of(row: Clock, pauses: list[Pause], calendar: str, now: datetime) -> list[dict[str, Any]]:
    """From the start to the end, or to now: running and paused by turns."""
    found: list[dict[str, Any]] = []
    at, end = row.started_at, row.stopped_at or now

    def add(begin: datetime, until: datetime | None, pause: Pause | None) -> None:
        length = CALENDARS[calendar].between(begin, until or end)
        found.append(
            {
                "from": to_wire(begin),
                "to": to_wire(until),
                "running": pause is None,
                "reason": pause.reason if pause else None,
                "by": pause.paused_by if pause else None,
                "seconds": int(length.total_seconds()),
            }
        )

    for pause in pauses:
        if pause.started_at < at:
            continue
        if at < pause.started_at:
            add(at, pause.started_at, None)
        add(pause.started_at, pause.ended_at, pause)
        at = pause.ended_at or end
    if row.paused_at is None and (at < end or not found):
        add(at, row.stopped_at, None)
    return found


def _told_of(work: Work, process: Process[Any], record: Any) -> list[dict[str, Any]]:
    """Who was told of the limits of a record, as the tasks of its alerts keep it: one for each step (C-34, X-49)."""
    rules = [name for rule in process.clocks if rule.alarm for name in (rule.alarm.rule, f"{rule.alarm.rule}_soon")]
    about = Task.resource == process.name, Task.record_id == record.id, Task.subject.in_(rules)
    found = sa.select(Task.created_at, Task.subject, Task.role, Task.assignee).where(*about)
    return [
        {"at": to_wire(at), "rule": rule, "role": role, "user": user}
        for at, rule, role, user in work.session.execute(found.order_by(Task.created_at, Task.id))
    ]
