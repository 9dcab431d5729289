"""Time limits as rows: started and stopped by states, paused with a reason, warned, breached and escalated once.

    clock(orders, "on_site", limit=REPAIR_ON_SITE, starts="reported", stops="on_site", breach=RepairVisitOverdue)

The scan (`services.chassis.scan`) looks for rows whose `due_at` has passed, so a limit that ran out while the service
was down is noticed when it is back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.calendars import CALENDARS, end_of
from services.chassis.filters import Filter
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.tables import Clock, Pause
from services.contracts.events import Event
from services.contracts.fields import Field, to_wire
from services.contracts.roles import SwitchedRole

if TYPE_CHECKING:
    from services.chassis.work import Work

BREACHED, NEAR_DUE = "breached", "near_due"
Limit = Parameter | Callable[[Any], Parameter | None] | None


@dataclass(frozen=True)
class Alarm:
    """Who is alerted on a breach, and the ladder after it: `ladder(record, step)` names the next role, `every` when.
    `whom` names role and person in place of `to` and `user`, where other records say who it is."""

    rule: str
    source: str
    to: Callable[[Any], str | SwitchedRole] | None = None
    user: Callable[[Any], str | None] = lambda record: None
    ladder: Callable[[Any, int], str | SwitchedRole | None] | None = None
    every: Callable[[Any], Parameter] | None = None
    whom: Callable[[Any, Work], tuple[str | SwitchedRole, str | None]] | None = None

    def addressee(self, record: Any, work: Work) -> tuple[str | SwitchedRole, str | None]:
        """The role and, where it is one, the person who is told first."""
        if self.whom is not None:
            return self.whom(record, work)
        assert self.to is not None, f"{self.rule}: say to whom"
        return self.to(record), self.user(record)


@dataclass(frozen=True)
class ClockRule:
    """One declared limit of a process."""

    process: Process[Any]
    name: str
    limit: Limit
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    paused_in: tuple[str, ...]
    warn: tuple[Parameter, ...]
    since: str | None
    due_as: str | None
    breach: type[Event] | None
    alarm: Alarm | None
    until: str | None
    then: Callable[..., Any] | None
    soon: type[Event] | None

    def limit_for(self, record: Any) -> Parameter | None:
        return self.limit if isinstance(self.limit, Parameter) or self.limit is None else self.limit(record)

    def applies(self, record: Any) -> bool:
        """Whether this record has the limit: its date is set, or a figure is given for it."""
        return getattr(record, self.until) is not None if self.until else self.limit_for(record) is not None


def clock(
    process: Process[Any],
    name: str,
    *,
    limit: Limit = None,
    until: str | None = None,
    starts: str | tuple[str, ...],
    stops: str | tuple[str, ...] = (),
    paused_in: str | tuple[str, ...] = (),
    warn: Parameter | Sequence[Parameter] = (),
    since: str | None = None,
    due_as: str | None = None,
    breach: type[Event] | None = None,
    alarm: Alarm | None = None,
    then: Callable[..., Any] | None = None,
    soon: type[Event] | None = None,
) -> ClockRule:
    """Declare a limit: a `limit` from its start, or what the field `until` says: a moment, or the end of a date.
    `since` is the field it is counted from, `due_as` the name under which events carry its end.

    A final state of the process stops it as well. A `limit` that depends on the record is asked again after each
    command, so a record that becomes more urgent gets the shorter limit from the same start (X-51). On breach `then`, a
    move of the process, is made by the system. `warn` counts from the start of a `limit`, and back from the date of
    `until`; `soon` is told then, at each of several warnings.
    """

    def states(one: str | tuple[str, ...]) -> tuple[str, ...]:
        return (one,) if isinstance(one, str) else one

    rule = ClockRule(
        process,
        name,
        limit,
        states(starts),
        states(stops),
        states(paused_in),
        (warn,) if isinstance(warn, Parameter) else tuple(warn),
        since,
        due_as,
        breach,
        alarm,
        until,
        then,
        soon,
    )
    process.clocks.append(rule)
    _offer(process)
    return rule


def _offer(process: Process[Any]) -> None:
    """Have the list of a register filtered by the limits that its records missed, whether they have been met since or
    not, and by those that were warned of and run."""
    by: dict[str, tuple[list[str], tuple[Any, ...]]] = {
        BREACHED: ([rule.name for rule in process.clocks], (Clock.breached_at.is_not(None),)),
        NEAR_DUE: (
            [rule.name for rule in process.clocks if rule.warn],
            (Clock.warned_at.is_not(None), Clock.breached_at.is_(None), Clock.stopped_at.is_(None)),
        ),
    }
    for name, (limits, noticed) in by.items():
        if limits:
            choice = Field("choice", name, choices=f"{process.name}.clocks", values=tuple(limits), required=False)
            process.narrowed[name] = Filter(choice, functools.partial(_noticed, process, noticed))


def _noticed(process: Process[Any], noticed: Sequence[Any], limits: list[str]) -> Any:
    found = sa.select(Clock.record_id).where(Clock.resource == process.name, Clock.name.in_(limits), *noticed)
    return process.record.id.in_(found)


def rows_of(work: Work, process: Process[Any], record_id: str) -> dict[str, Clock]:
    """The clocks of a record by name."""
    found = sa.select(Clock).where(Clock.resource == process.name, Clock.record_id == record_id)
    return {row.name: row for row in work.session.scalars(found)}


def started_with(work: Work, record: Any) -> dict[str, Clock]:
    """The clocks that began together with a new record, by name."""
    return work.started.get(record.id, {})


def follow(work: Work, process: Process[Any], record: Any, entered: str | None, reason: str = "") -> dict[str, Clock]:
    """Start, stop, pause, resume or re-measure the record's clocks after a command; returns them by name."""
    if not process.clocks:
        return {}
    rows = rows_of(work, process, record.id) if record in work.session and not work.is_new(record) else {}
    rows |= work.started.get(record.id, {})
    for rule in process.clocks:
        row = rows.get(rule.name)
        if row is None:
            row = _start(work, rule, record, entered)
            if row is not None:
                rows[rule.name] = row
        elif row.stopped_at is None:
            _go_on(work, rule, row, record, entered, reason)
        elif (entered or record.state) in rule.starts:
            _restart(work, rule, row, record)
    return rows


def _start(work: Work, rule: ClockRule, record: Any, entered: str | None) -> Clock | None:
    # A command that leaves the state may be what makes the limit apply: a date was set, a figure is due now.
    if (entered or record.state) not in rule.starts or not rule.applies(record):
        return None
    row = Clock(resource=rule.process.name, record_id=record.id, name=rule.name)
    row.started_at = getattr(record, rule.since) if rule.since else work.now
    _measure(work, rule, row, record)
    work.session.add(row)
    work.started.setdefault(record.id, {})[rule.name] = row
    return row


def restart(work: Work, process: Process[Any], record: Any, name: str, *, since: datetime | None = None) -> None:
    """Count a running limit anew: it was measured from the last time that something was done, now or at `since`.
    What was done before the limit began, or as it began, changes nothing; one of no length is past as it begins."""
    rule = next(rule for rule in process.clocks if rule.name == name)
    row = started_with(work, record).get(name) or rows_of(work, process, record.id).get(name)
    if row is None or row.stopped_at is not None:
        return
    moment = since or work.now
    if moment > row.started_at or (moment == row.started_at and row.breached_at is not None):
        work.clear_alerts(process.name, record.id, name)
        _restart(work, rule, row, record, since)


def _restart(work: Work, rule: ClockRule, row: Clock, record: Any, since: datetime | None = None) -> None:
    if rule.applies(record):
        if row.paused_at is not None:
            _end_pause(work, row)
        row.started_at, row.stopped_at, row.warned_at, row.breached_at = since or work.now, None, None, None
        _measure(work, rule, row, record)


def _go_on(work: Work, rule: ClockRule, row: Clock, record: Any, entered: str | None, reason: str) -> None:
    over = entered is not None and (entered in rule.stops or entered in rule.process.final)
    if over or not rule.applies(record):
        stop(work, row)
        return
    limit = rule.limit_for(record)
    if rule.until or (limit is not None and limit.name != row.limit_name):
        _measure(work, rule, row, record)
    if entered in rule.paused_in and row.paused_at is None:
        row.paused_at = work.now
        work.session.add(_paused(work, row, reason or str(entered)))
    elif entered is not None and row.paused_at is not None and entered not in rule.paused_in:
        _resume(work, row, limit)


def _paused(work: Work, row: Clock, reason: str) -> Pause:
    return Pause(clock=row.position, started_at=work.now, reason=reason[:200], paused_by=work.actor.user)


def _measure(work: Work, rule: ClockRule, row: Clock, record: Any) -> None:
    limit = rule.limit_for(record)
    calendar = CALENDARS[limit.calendar if limit else "elapsed"]
    if limit is not None:
        row.limit_name, row.due_at = limit.name, calendar.add(row.started_at, limit.length(work.parameter(limit)))
        for pause in _pauses(work, rule, row):
            row.due_at = calendar.add(row.due_at, calendar.between(pause.started_at, pause.ended_at))
    else:
        assert rule.until is not None
        end = getattr(record, rule.until)
        row.limit_name, row.due_at = rule.until, end if isinstance(end, datetime) else end_of(end)
    row.warn_at = next_warning(work, rule, row, record)


def next_warning(work: Work, rule: ClockRule, row: Clock, record: Any) -> datetime | None:
    """The first warning that has not been given; the last one when all have been."""
    limit = rule.limit_for(record)
    calendar = CALENDARS[limit.calendar if limit else "elapsed"]
    lengths = [one.length(work.parameter(one)) for one in rule.warn]
    moments = [row.due_at - one if rule.until else calendar.add(row.started_at, one) for one in lengths]
    within = sorted(one for one in moments if row.started_at < one < row.due_at)
    ahead = [one for one in within if row.warned_at is None or one > row.warned_at]
    return next(iter(ahead or within[-1:]), None)


def _pauses(work: Work, rule: ClockRule, row: Clock) -> Sequence[Any]:
    """The pauses of a limit that are over, since it began."""
    if not rule.paused_in or row.position is None:
        return []
    over = sa.select(Pause).where(Pause.clock == row.position, Pause.started_at >= row.started_at)
    return work.session.scalars(over.where(Pause.ended_at.is_not(None))).all()


def _resume(work: Work, row: Clock, limit: Parameter | None) -> None:
    """Move the end by the time that was paused, measured in the limit's own calendar; an agreed date stays."""
    assert row.paused_at is not None
    if limit is not None:
        calendar = CALENDARS[limit.calendar]
        paused = calendar.between(row.paused_at, work.now)
        row.due_at = calendar.add(row.due_at, paused)
        if row.warn_at and (row.warned_at is None or row.warned_at < row.warn_at):
            row.warn_at = calendar.add(row.warn_at, paused)
    _end_pause(work, row)


def _end_pause(work: Work, row: Clock) -> None:
    open_pause = sa.select(Pause).where(Pause.clock == row.position, Pause.ended_at.is_(None))
    for pause in work.session.scalars(open_pause):
        pause.ended_at = work.now
    row.paused_at = None


def stop(work: Work, row: Clock) -> None:
    """The limit has been met, or no longer matters; its alert is cleared."""
    if row.paused_at is not None:
        _end_pause(work, row)
    row.stopped_at = work.now
    work.clear_alerts(row.resource, row.record_id, row.name)


def described(row: Clock, now: datetime) -> dict[str, Any]:
    """A clock as the wire shows it; `share` is the elapsed part of the whole, 1.0 at the limit."""
    until = row.stopped_at or row.paused_at or now
    whole = (row.due_at - row.started_at).total_seconds() or 1.0
    return {
        "name": row.name,
        "started_at": to_wire(row.started_at),
        "due_at": to_wire(row.due_at),
        "warn_at": to_wire(row.warn_at),
        "stopped_at": to_wire(row.stopped_at),
        "paused": row.paused_at is not None,
        "share": round(max((until - row.started_at).total_seconds(), 0) / whole, 4),
        "breached": row.breached_at is not None or until > row.due_at,
    }


def described_for(session: Any, process: Process[Any], ids: Sequence[str], now: datetime) -> dict[str, list[Any]]:
    """The clocks of many records in one query."""
    if not process.clocks or not ids:
        return {}
    found = sa.select(Clock).where(Clock.resource == process.name, Clock.record_id.in_(ids)).order_by(Clock.due_at)
    by_record: dict[str, list[Any]] = {}
    for row in session.scalars(found):
        by_record.setdefault(row.record_id, []).append(described(row, now))
    return by_record
