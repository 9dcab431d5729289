"""Giving somebody something to do, and telling them that something has gone wrong (X-48..X-50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.duties import Alert, Task, alerts, tasks
from services.chassis.records import Record
from services.chassis.tables import Clock
from services.contracts.roles import Role, SwitchedRole

if TYPE_CHECKING:
    from services.chassis.work import Work


@dataclass(frozen=True)
class Elsewhere:
    """A record of another service, `resource` as in `complaints/case`, that somebody here has to do something about."""

    resource: str
    id: str
    number: str
    company_id: str | None = None
    project_id: str | None = None


def holder(work: Work, role: Role | SwitchedRole | str, project_id: str | None) -> str:
    """The plain role: a switched one is held by the department that is competent for the project today (X-41)."""
    if not isinstance(role, SwitchedRole):
        return str(role)
    # Nobody has a replica of what is their own.
    known = work.service.own_data(work, role.resource, project_id) or (
        None if work.service.owns(role.resource) else work.replica(role.resource, project_id)
    )
    switched = (known or {}).get(role.date_field)
    return str(role.after if switched and str(switched) <= work.today.isoformat() else role.before)


def give_task(
    work: Work,
    subject: str,
    record: Record | Elsewhere,
    *,
    role: Role | SwitchedRole | str,
    assignee: str | None = None,
    due_at: datetime | None = None,
) -> Task:
    """Give somebody something to do about a record (X-48)."""
    task = Task(
        subject=subject[:200],
        role=holder(work, role, record.project_id),
        assignee=assignee,
        due_at=due_at,
        **_about(work, record),
    )
    work.begin_life(tasks, task, "open")
    return task


def end_tasks(
    work: Work,
    record: Any,
    state: str,
    *,
    subject: str | None = None,
    roles: Sequence[str] | None = None,
    result: str | None = None,
) -> Sequence[Task]:
    """What somebody had to do about a record is `done`, `confirmed` after that, or `dropped` (X-48); returns what."""
    before = "done" if state == "confirmed" else "open"
    named = [Task.subject == subject] if subject is not None else []
    named += [Task.role.in_(roles)] if roles is not None else []
    resource = work.service.resources[type(record).__tablename__].name
    of_record = Task.resource == resource, Task.record_id == record.id, Task.state == before
    ended = work.all(Task, *of_record, *named)
    for task in ended:
        if state == "done":
            task.done_by, task.result = work.actor.user, result
        work.enter(tasks, task, state)
    return ended


def raise_alert(
    work: Work,
    rule: str,
    record: Any,
    *,
    role: Role | SwitchedRole | str,
    user: str | None = None,
    clock_name: str | None = None,
) -> Alert | None:
    """Raise an alert and its task (X-49); None when one is open for this rule and record (X-50)."""
    about = _about(work, record)
    already = work.first(
        Alert,
        Alert.rule == rule,
        Alert.resource == about["resource"],
        Alert.record_id == record.id,
        Alert.cleared_at.is_(None),
    )
    if already is not None:
        return None
    held_by = work.holder(role, record.project_id)
    raised = Alert(
        rule=rule, recipient_role=held_by, recipient=user, raised_at=work.now, step=0, clock_name=clock_name, **about
    )
    work.begin_life(alerts, raised, "raised")
    work.task(rule, record, role=role, assignee=user)
    return raised


def clear_alerts(work: Work, resource: str, record_id: str, clock_name: str) -> None:
    """The limit is met: its open alerts are cleared and their open tasks dropped."""
    open_ones = work.all(
        Alert,
        Alert.resource == resource,
        Alert.record_id == record_id,
        Alert.clock_name == clock_name,
        Alert.cleared_at.is_(None),
    )
    for alert in open_ones:
        _clear(work, alert)
        for task in work.all(Task, Task.subject == alert.rule, Task.record_id == record_id, Task.state == "open"):
            work.enter(tasks, task, "dropped")


def settle_alerts(work: Work, resource: str, record_id: str, rule: str | None = None) -> None:
    """What alerts without a running limit were raised for has been done, or their record has ended (X-50)."""
    running = sa.select(Clock.name).where(
        Clock.resource == resource, Clock.record_id == record_id, Clock.stopped_at.is_(None)
    )
    over = sa.or_(Alert.clock_name.is_(None), Alert.clock_name.not_in(running))
    about = Alert.resource == resource, Alert.record_id == record_id, over
    named = [Alert.rule == rule] if rule is not None else []
    for alert in work.all(Alert, *about, *named, Alert.cleared_at.is_(None)):
        _clear(work, alert)


def _clear(work: Work, alert: Alert) -> None:
    alert.cleared_at, alert.next_step_at = work.now, None
    work.enter(alerts, alert, "cleared")


def _about(work: Work, record: Any) -> dict[str, Any]:
    if isinstance(record, Elsewhere):
        place = {"company_id": record.company_id, "project_id": record.project_id}
        return {"resource": record.resource, "record_id": record.id, "record_number": record.number[:60], **place}
    process = work.service.resources[type(record).__tablename__]
    return {
        "resource": process.name,
        "record_id": record.id,
        "record_number": str(getattr(record, process.title))[:60],
        "company_id": record.company_id,
        "project_id": record.project_id,
    }
