"""Tasks and alerts: what somebody has to do, and what has gone wrong (X-48..X-50)."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle, Reaction
from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.events import Event, published_by
from services.contracts.fields import PERSON, ROLE, Field
from services.contracts.roles import SWITCHED_ROLES, Role, SwitchedRole

if TYPE_CHECKING:
    from services.chassis.work import Work

Code = Annotated[str, Field(max_length=60)]
RoleKey = Annotated[str, Field(max_length=60, to=ROLE)]
User = Annotated[str, Field(max_length=80, to=PERSON)]
Title = Annotated[str, Field(max_length=200)]
Note = Annotated[str, Field(max_length=2000, multiline=True)]
SUPERVISORS = [Role.CUSTOMER_CENTRE, Role.COMPLAINT_SUPERVISOR, Role.MAINTENANCE_LEAD, Role.COMPANY_MANAGER]


class Task(Record):
    """Something to do, by a role or a person, until a time; supervised until it is done and confirmed (X-48)."""

    subject: Mapped[Title]
    resource: Mapped[Code]
    record_id: Mapped[Code]
    record_number: Mapped[Code | None]
    role: Mapped[RoleKey]
    assignee: Mapped[User | None]
    due_at: Mapped[datetime | None]
    result: Mapped[Note | None]
    done_by: Mapped[User | None]


tasks = Process(
    Task,
    readers=["*"],
    title="subject",
    listed=["subject", "record_number", "role", "assignee", "due_at"],
    filters=["resource", "record_id", "role", "assignee"],
    search=["subject", "record_number"],
    own=lambda actor, now: sa.or_(
        Task.assignee == actor.user,
        Task.role.in_([str(role) for role in actor.roles]),
        sa.true() if actor.scopes(SUPERVISORS) else sa.false(),
    ),
    life={"open": ("dropped",)},
)


def _mine(task: Task, work: Work) -> Obstacle | None:
    mine = task.assignee == work.actor.user or (task.assignee is None and task.role in work.actor.roles)
    return None if mine or work.actor.is_system else Obstacle("not_yours")


@tasks.move("open", "done", by=["*"], guard=_mine)
def complete(task: Task, work: Work, result: Note = "") -> None:
    """Say that it is done, and with what result; an alert that asked for it is over (X-50)."""
    task.result, task.done_by = result or None, work.actor.user
    work.settle_alerts(task.resource, task.record_id, task.subject)


@tasks.move("done", "confirmed", by=SUPERVISORS)
def confirm(task: Task) -> None:
    """The supervisor is satisfied (X-48)."""


@tasks.move("done", "open", by=SUPERVISORS)
def reopen(task: Task, reason: Note) -> None:
    """Not done as it should be: back to the assignee."""
    task.result = reason


def reactions(resources: Iterable[str]) -> list[Reaction]:
    """A service that knows the resource of a switched role hands over what is open when the switch is announced."""
    found = []
    for role in SWITCHED_ROLES:
        if role.resource in resources:
            event = published_by(role.resource.partition("/")[0])[role.announced_by]
            found.append(Reaction(event, functools.partial(_hand_over, role)))
    return found


def _hand_over(role: SwitchedRole, event: Event, work: Work) -> None:
    switch(work, role, str(getattr(event, event.subject)))


def switch(work: Work, role: SwitchedRole, project_id: str) -> None:
    """From the switch on, what is open in the project is the following department's (X-41)."""
    before, after = str(role.before), str(role.after)
    for task in work.all(Task, Task.project_id == project_id, Task.state == "open", Task.role == before):
        task.role = after
    open_alerts = Alert.project_id == project_id, Alert.cleared_at.is_(None), Alert.recipient_role == before
    for alert in work.all(Alert, *open_alerts):
        alert.recipient_role = after


class Alert(Record):
    """A rule was broken for an object. One open alert per rule and object (X-50)."""

    __table_args__ = (
        sa.Index(
            "uq_alert_open",
            "rule",
            "resource",
            "record_id",
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    rule: Mapped[Code]
    resource: Mapped[Code]
    record_id: Mapped[Code]
    record_number: Mapped[Code | None]
    clock_name: Mapped[Code | None]
    recipient_role: Mapped[RoleKey]
    recipient: Mapped[User | None]
    raised_at: Mapped[datetime]
    acknowledged_by: Mapped[User | None]
    acknowledged_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    step: Mapped[int]
    next_step_at: Mapped[datetime | None]


alerts = Process(
    Alert,
    readers=["*"],
    title="rule",
    listed=["rule", "record_number", "recipient_role", "recipient", "raised_at", "step", "acknowledged_by"],
    filters=["rule", "resource", "record_id", "recipient_role", "recipient"],
    search=["record_number", "rule"],
    own=lambda actor, now: sa.or_(
        Alert.recipient == actor.user,
        Alert.recipient_role.in_([str(role) for role in actor.roles]),
        sa.true() if actor.scopes(SUPERVISORS) else sa.false(),
    ),
    life={"raised": ("cleared",), "acknowledged": ("cleared",)},
)


@alerts.move("raised", "acknowledged", by=["*"])
def acknowledge(alert: Alert, work: Work) -> None:
    """Somebody has seen it; the ladder goes on until it is cleared."""
    alert.acknowledged_by, alert.acknowledged_at = work.actor.user, work.now
