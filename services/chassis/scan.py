"""The service's timer: limits that are near or past, ladders that go on, messages whose next attempt has come."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from services.chassis import joining, retention, retries, tampering
from services.chassis.actors import SYSTEM
from services.chassis.clocks import Alarm, ClockRule, next_warning
from services.chassis.database import is_away
from services.chassis.duties import Alert
from services.chassis.tables import Clock

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

log = structlog.get_logger()
#: How long a limit or a ladder is left alone when what it brings about fails.
POSTPONED = timedelta(minutes=5)
#: Limits that are looked at together.
MOST = 500


def tick(service: Service) -> int:
    """Look once at everything that time alone can bring about; returns how many things happened."""
    now = service.now()
    service.postponed = {thing: until for thing, until in service.postponed.items() if until > now}
    service.found()
    happened = _limits(service) + _ladders(service)
    happened += retries.retry_due(service) + tampering.look(service)
    retention.forget(service)
    return happened


def _limits(service: Service) -> int:
    now = service.now()
    running = Clock.stopped_at.is_(None), Clock.paused_at.is_(None), Clock.breached_at.is_(None)
    with service.database.read() as session:
        past = sa.select(Clock.position).where(*running, Clock.due_at <= now)
        unwarned = _unwarned(), Clock.warn_at.is_not(None), Clock.warn_at <= now
        near = sa.select(Clock.position).where(*running, *unwarned, Clock.due_at > now)
        positions = [(position, True) for position in session.scalars(_oldest(service, past, Clock.due_at))]
        positions += [(position, False) for position in session.scalars(_oldest(service, near, Clock.warn_at))]
    return _each(service, _notice, positions)


def _oldest(service: Service, noticed: sa.Select[Any], since: Any) -> sa.Select[Any]:
    """The first of them; what failed and is left alone for a while takes nobody's place."""
    left_alone = {thing[1] for thing in service.postponed if thing[0] == _notice.__name__}
    return noticed.where(Clock.position.not_in(left_alone)).order_by(since).limit(MOST)


def _unwarned() -> sa.ColumnElement[bool]:
    """No warning has been given, or the next of several has not."""
    return sa.or_(Clock.warned_at.is_(None), Clock.warned_at < Clock.warn_at)


def _notice(service: Service, position: int, breached: bool) -> bool:
    """Mark a limit as breached, or as near, exactly once (X-406): the conditional update decides between processes."""
    with service.begin(SYSTEM, command="clock") as work:
        row = work.session.get_one(Clock, position)
        process = service.resources[row.resource]
        joining.enter(work, joining.named_now(process.record))
        # The record first, then its clock: commands lock in this order, and the other way round is a deadlock.
        record = work.session.get(process.record, row.record_id, with_for_update=True)
        column = Clock.breached_at if breached else Clock.warned_at
        over = Clock.due_at if breached else Clock.warn_at
        unmarked = column.is_(None) if breached else _unwarned()
        marked = sa.update(Clock).where(
            Clock.position == position, unmarked, Clock.stopped_at.is_(None), over <= work.now
        )
        if work.session.scalar(marked.values({column: work.now}).returning(Clock.position)) is None:
            return False
        work.session.refresh(row)
        rule = next(rule for rule in process.clocks if rule.name == row.name)
        if not breached and len(rule.warn) > 1 and record is not None:
            row.warn_at = next_warning(work, rule, row, record)
        if record is not None:
            _tell(work, rule, record, row, breached)
        work.finish()
    return True


def _tell(work: Work, rule: ClockRule, record: object, row: Clock, breached: bool) -> None:
    alarm = rule.alarm
    if breached and rule.breach is not None:
        late = work.now - row.due_at
        whole = work.now - row.started_at
        work.emit(
            rule.breach,
            record,
            minutes=int(late.total_seconds() // 60),
            hours=int(whole.total_seconds() // 3600),
            due_at=row.due_at,
        )
    if not breached and rule.soon is not None:
        work.emit(
            rule.soon, record, due_at=row.due_at, days_left=math.ceil((row.due_at - work.now) / timedelta(days=1))
        )
    if breached and rule.then is not None:
        work.perform(rule.then, record)
    if alarm is None:
        return
    name = alarm.rule if breached else f"{alarm.rule}_soon"
    role, user = alarm.addressee(record, work)
    alert = work.alert(name, record, role=role, user=user, clock_name=row.name)
    if alert is not None and breached:
        _plan_step(work, alarm, record, alert, row.due_at)


def _plan_step(work: Work, alarm: Alarm, record: object, alert: Alert, since: datetime) -> None:
    """When the next rung is due: counted from the limit's end, and from rung to rung, whenever it was noticed."""
    if alarm.ladder is None or alarm.every is None or alarm.ladder(record, alert.step + 1) is None:
        alert.next_step_at = None
        return
    figure = alarm.every(record)
    alert.next_step_at = since + figure.length(work.parameter(figure))


def _ladders(service: Service) -> int:
    with service.database.read() as session:
        due = sa.select(Alert.id).where(Alert.cleared_at.is_(None), Alert.next_step_at <= service.now())
        ids = list(session.scalars(due.limit(200)))
    return _each(service, _step, [(alert_id,) for alert_id in ids])


def _each(service: Service, do: Callable[..., bool], things: Sequence[tuple[Any, ...]]) -> int:
    """One after the other. What fails is logged and left alone for a while, and holds up no other."""
    happened = 0
    for thing in things:
        if (do.__name__, *thing) in service.postponed:
            continue
        try:
            happened += do(service, *thing)
        except Exception as fault:
            if is_away(fault):
                raise
            log.exception("timer_failed", what=do.__name__.strip("_"), of=str(thing[0]))
            service.postponed[do.__name__, *thing] = service.now() + POSTPONED
    return happened


def _step(service: Service, alert_id: str) -> bool:
    """One rung up: the next supervisor gets the alert and, unless it is theirs already, a task; the step is stored
    (C-34)."""
    with service.begin(SYSTEM, command="escalation") as work:
        alert = work.get(Alert, alert_id, lock=True)
        if alert.cleared_at is not None or alert.next_step_at is None or alert.next_step_at > work.now:
            return False
        process = service.resources[alert.resource]
        record = work.session.get(process.record, alert.record_id)
        alarm = next((rule.alarm for rule in process.clocks if rule.alarm and rule.alarm.rule == alert.rule), None)
        role = alarm.ladder(record, alert.step + 1) if alarm and alarm.ladder and record is not None else None
        if alarm is None or record is None or role is None:
            alert.next_step_at = None
            work.finish()
            return False
        alert.step += 1
        had_it = alert.recipient_role, alert.recipient
        alert.recipient_role, alert.recipient = work.holder(role, alert.project_id), None
        if had_it != (alert.recipient_role, None):
            work.task(alert.rule, record, role=role)
        _plan_step(work, alarm, record, alert, alert.next_step_at)
        work.finish()
    return True
