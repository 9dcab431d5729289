"""A service: the processes it owns, what it reacts to, and the transactions it works in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from services.chassis import (
    approvals,
    authority,
    duties,
    imports,
    joining,
    named,
    parking,
    privacy,
    replicas,
    settled,
    tampering,
)
from services.chassis.actors import SYSTEM, Actor
from services.chassis.clocks import ClockRule
from services.chassis.database import Database
from services.chassis.imports import Importable
from services.chassis.inbox import Intake
from services.chassis.moves import Move, Reaction
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Base, schema_for
from services.chassis.retention import Forgotten
from services.chassis.tables import CHASSIS_TABLES
from services.chassis.work import Work
from services.contracts.errors import AnjuError

CHASSIS_PROCESSES: list[Process[Any]] = [
    duties.tasks,
    duties.alerts,
    approvals.approvals,
    authority.absences,
    authority.matrix,
    settled.parameters,
    parking.parked_messages,
    privacy.accesses,
    tampering.refused_changes,
]
#: Records that are told again in one transaction.
RESYNCED = 500


class Service:
    """What one service is made of. `open` binds it to a database; until then it is a declaration only.

    `checks` are made before a process of the service starts; each raises SettingInvalid for what is not usable.
    `founding` are functions of a unit of work that give registers the entries with which every installation begins,
    `forgets` the registers whose records are kept for a time only.
    """

    def __init__(
        self,
        name: str,
        processes: Sequence[Process[Any]],
        *,
        replicates: Sequence[str] = (),
        parameters: Sequence[Parameter] = (),
        intake: Intake | None = None,
        checks: Sequence[Callable[[], object]] = (),
        founding: Sequence[Callable[[Work], None]] = (),
        importables: Sequence[Importable[Any]] = (),
        forgets: Sequence[Forgotten] = (),
    ) -> None:
        self.name, self.intake, self.replicates, self.checks = name, intake, tuple(replicates), tuple(checks)
        self.founding, self.is_founded, self.forgets = tuple(founding), False, tuple(forgets)
        self.importables = {one.process.name: one for one in importables}
        imported = imports.registers(importables) if importables else []
        self.processes = [*processes, *imported, *CHASSIS_PROCESSES]
        self.resources: dict[str, Process[Any]] = {process.name: process for process in self.processes}
        self.commands: dict[str, Move] = {
            move.command: move for process in self.processes for move in process.moves.values()
        }
        _refuse_twice(name, [one.numbered for one in self.processes if isinstance(one.numbered, str)])
        self.reports = {one.name: one for process in self.processes for one in process.reports}
        self.moves_on = {move.on.wire_name: move for move in self.commands.values() if move.on is not None}
        self.reactions: dict[str, list[Reaction]] = {}
        chassis_reactions = [
            *replicas.reactions(self.replicates),
            *duties.reactions(self.replicates),
            *joining.reactions(name, processes, self.replicates),
        ]
        for reaction in [*chassis_reactions, *(one for process in processes for one in process.reactions)]:
            self.reactions.setdefault(reaction.event.wire_name, []).append(reaction)
        self.named_by = named.by_event(self)
        kept = [one.kept for one in forgets]
        figures = [*privacy.PARAMETERS, *parameters, *(imports.PARAMETERS if importables else ()), *kept]
        self.parameters = {one.name: one for one in [*figures, *self._clock_parameters()]}
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.committed: Callable[[], None] = lambda: None
        #: Lets others go on in the middle of long work.
        self.breathe: Callable[[], None] = lambda: None
        self.forgotten_at: datetime | None = None
        #: When tampering was last looked for, and how much of it the database had refused by then.
        self.looked_at: datetime | None = None
        self.refused_known = 0
        self.postponed: dict[tuple[Any, ...], datetime] = {}
        #: The number about which each person was advised last; it stands in their form for a while.
        self.advised: dict[str, tuple[str, str]] = {}
        self._database: Database | None = None

    def _clock_parameters(self) -> Iterator[Parameter]:
        for process in self.processes:
            for rule in process.clocks:
                yield from (one for one in (rule.limit, *rule.warn) if isinstance(one, Parameter))

    def clocks(self) -> Iterator[ClockRule]:
        for process in self.processes:
            yield from process.clocks

    @property
    def tables(self) -> list[sa.Table]:
        """The tables of this service's database."""
        imported = imports.TABLES if self.importables else []
        classes: list[Any] = [*CHASSIS_TABLES, *imported, *(process.record for process in self.processes)]
        return [Base.metadata.tables[one.__tablename__] for one in classes]

    @property
    def database(self) -> Database:
        assert self._database is not None, f"{self.name} has not been opened"
        return self._database

    def open(self, url: str) -> None:
        """Bind the service to its database."""
        self._database, self.is_founded = Database(url), False
        self.looked_at, self.refused_known, self.forgotten_at = None, 0, None

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    @contextmanager
    def begin(
        self, actor: Actor, *, command: str, correlation_id: str | None = None, causation_id: str | None = None
    ) -> Iterator[Work]:
        """A unit of work in one transaction; after the commit the relay is woken if there is something to publish."""
        told: dict[str, Any] = {"command": command, "correlation_id": correlation_id, "causation_id": causation_id}
        left_behind: list[Callable[[Work], None]] = []
        try:
            with self.database.write() as session:
                work = Work(self, session, actor, self.now(), **told)
                left_behind = work.refused
                yield work
                work.write()
        except AnjuError:
            for leave in left_behind:
                with self.begin(actor, **told) as after:
                    leave(after)
                    after.finish()
            raise
        if work.announced:
            self.committed()

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Work]:
        """A unit of work that keeps nothing; for queries."""
        with self.database.read() as session:
            yield Work(self, session, actor, self.now(), is_reading=True)

    def found(self) -> None:
        """Give registers what they begin with, once a process; what is there already stays as it is."""
        if self.founding and not self.is_founded:
            with self.begin(SYSTEM, command="found") as work:
                work.alone("found")
                for give in self.founding:
                    give(work)
                work.finish()
        self.is_founded = True

    def owns(self, resource: str) -> bool:
        """Whether records of this resource are this service's own."""
        return resource.partition("/")[0] == self.name

    def own_data(self, work: Work, resource: str, key: str | None) -> dict[str, Any] | None:
        """The data of a record that this service itself owns, in the form in which others hold its replica."""
        if not self.owns(resource) or key is None:
            return None
        record = work.session.get(self.resources[resource.partition("/")[2]].record, key)
        work.held.append(record)
        return schema_for(type(record)).dump(record) if record is not None else None

    def resync(self, resource: str) -> int:
        """Tell every record of a resource again, so that replicas can be re-built; returns how many."""
        process = self.resources[resource]
        assert process.snapshot is not None, f"{resource} has no snapshot event"
        told, last = 0, ""
        while True:
            # By pages, each committed: whoever wants to write waits for one of them, and telling twice does no harm.
            page = sa.select(process.record).where(process.record.id > last).order_by(process.record.id).limit(RESYNCED)
            with self.begin(SYSTEM, command="resync") as work:
                records = work.session.scalars(page).all()
                for record in records:
                    work.emit(process.snapshot, record)
                work.finish()
            told += len(records)
            if len(records) < RESYNCED:
                return told
            last = records[-1].id


def _refuse_twice(service: str, registers: list[str]) -> None:
    """Two registers that count with one series have gaps, both of them (X-67)."""
    twice = sorted(code for code, times in Counter(registers).items() if times > 1)
    if twice:
        raise TypeError(f"{service}: several processes are numbered {', '.join(twice)}")
