"""Attempts to change what is written once: refused wherever they are made, and kept for people to read (X-47).

An unknown command that is named after a register is one: `delete_call_entry`, whoever invented it; so does the REST API
tell of a PUT, PATCH or DELETE, and the console of an address that it does not have. What was tried in SQL is rolled
back with its transaction, and so would be any row about it. The trigger therefore counts on a sequence, which no
rollback takes back, and puts the table's number on another; who it was and the statement are in the server's log.
SQLite has no sequences: there the service knows what was refused on its own connections.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.actors import SYSTEM, Actor
from services.chassis.duties import Alert
from services.chassis.parking import clean
from services.chassis.process import Process
from services.chassis.registers import Register
from services.contracts.errors import ValidationFailed
from services.contracts.fields import PERSON, Field
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

EVERY = timedelta(minutes=1)
RULE = "register_tampering"
DOORS = ("console", "rest", "rpc", "database")
Door = Annotated[str, Field("choice", choices="door", values=DOORS)]
Code = Annotated[str, Field(max_length=60)]
Title = Annotated[str, Field(max_length=200)]
User = Annotated[str, Field(max_length=80, to=PERSON)]
Count = Annotated[int, Field("integer", min=1)]


class RefusedChange(Register):
    """Who tried what in which roles, on which entry of which register, through which door. `position` counts what the
    database refused since it was set up, `attempts` how often since the row before."""

    at: Mapped[datetime]
    door: Mapped[Door]
    user: Mapped[User]
    roles: Mapped[Title | None]
    resource: Mapped[Code]
    record_id: Mapped[Code | None]
    record_number: Mapped[Code | None]
    attempted: Mapped[Title]
    attempts: Mapped[Count]
    position: Mapped[Count | None]


refused_changes = Process(
    RefusedChange,
    readers=[
        Role.SITE_SALES_LEAD,
        Role.SALES_DIRECTOR,
        Role.CUSTOMER_AFFAIRS,
        Role.CUSTOMER_CENTRE,
        Role.COMPANY_MANAGER,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    ],
    title="attempted",
    listed=["at", "door", "user", "resource", "record_number", "attempted", "attempts"],
    filters=["door", "user", "resource", "record_id", "at"],
    search=["record_number", "attempted"],
)


@refused_changes.create("refused", by=[Role.SYSTEM])
def note(
    door: Door,
    user: User,
    resource: Code,
    attempted: Title,
    work: Work,
    roles: Title | None = None,
    record_id: Code | None = None,
    attempts: Count = 1,
    position: Count | None = None,
) -> RefusedChange:
    """Keep an attempt, and give whoever corrects that register something to look into (X-47, L-23)."""
    process = work.service.resources.get(resource)
    entry = work.session.get(process.record, record_id) if process is not None and record_id else None
    number = str(getattr(entry, process.title))[:60] if process is not None and entry is not None else None
    refused = RefusedChange(
        at=work.now,
        door=door,
        user=user,
        roles=roles,
        resource=resource,
        record_id=record_id,
        record_number=number,
        attempted=attempted,
        attempts=attempts,
        position=position,
        company_id=entry.company_id if entry is not None else None,
        project_id=entry.project_id if entry is not None else None,
    )
    work.begin_life(refused_changes, refused, "refused")
    if entry is not None:
        work.alert(RULE, entry, role=_who_corrects(process))
    elif not _is_looked_into(work, resource):
        work.alert(RULE, refused, role=_who_corrects(process))
    return refused


def _is_looked_into(work: Work, resource: str) -> bool:
    """Whether somebody has an open alert already of an attempt on this register that named no entry (X-50)."""
    open_ones = sa.select(Alert.record_id).where(
        Alert.rule == RULE, Alert.resource == RefusedChange.__tablename__, Alert.cleared_at.is_(None)
    )
    same = RefusedChange.id.in_(open_ones), RefusedChange.resource == resource
    return work.first(RefusedChange, *same) is not None


def _who_corrects(process: Process[Any] | None) -> Any:
    correct = process.moves.get("correct") if process is not None else None
    return next(iter(correct.by)) if correct is not None else Role.ADMINISTRATOR


def told(service: Service, command: str, payload: Any, envelope: Any) -> None:
    """A command that nobody declared was given: keep it if it is named after one of the registers."""
    named = (one.name for one in service.processes if command.endswith(f"_{one.name}") and _is_register(one))
    resource = max(named, key=len, default=None)
    if resource is None:
        return
    described = envelope if isinstance(envelope, dict) else {}
    try:
        actor = Actor.from_wire(described.get("actor"))
    except ValidationFailed:
        actor = Actor("?", "?", {})
    record_id = payload.get("id") if isinstance(payload, dict) else None
    door = described.get("door")
    with service.begin(SYSTEM, command="refuse_change") as work:
        work.perform(
            note,
            door=door if door in DOORS else "rpc",
            user=clean(actor.user),
            roles=clean(" ".join(sorted(actor.roles)), 200) or None,
            resource=resource,
            record_id=clean(record_id, 40) or None if isinstance(record_id, str) else None,
            attempted=clean(command, 200),
        )
        work.finish()


def look(service: Service) -> int:
    """Keep what the database has refused since the last look, at most once a minute; returns how many rows."""
    now = service.now()
    if service.looked_at is not None and now - service.looked_at < EVERY:
        return 0
    service.looked_at = now
    refused = service.database.refused()
    if refused.count == service.refused_known:
        return 0
    with service.begin(SYSTEM, command="refuse_change") as work:
        work.alone("refused_changes")
        last = sa.select(RefusedChange.position).order_by(RefusedChange.position.desc())
        position = work.session.scalar(last.where(RefusedChange.position.is_not(None)).limit(1)) or 0
        # SQLite counts from nought whenever it is opened, PostgreSQL from when it was set up.
        known = service.refused_known if service.database.is_sqlite else position
        if new := max(refused.count - known, 0):
            table = {"attempted": "UPDATE, DELETE, TRUNCATE", "resource": refused.table}
            work.perform(note, door="database", user="?", **table, attempts=new, position=position + new)
            work.finish()
    service.refused_known = refused.count
    return int(bool(new))


def _is_register(process: Process[Any]) -> bool:
    return bool(getattr(process.record, "__append_only__", False))
