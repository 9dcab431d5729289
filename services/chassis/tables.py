"""The chassis' own tables, the same in every service's database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.columns import JSON, Moment
from services.chassis.records import Base

Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Audit(Base):
    """Who changed what, by which command; written in the transaction of the change, append-only."""

    __tablename__ = "audit"
    __append_only__ = True
    __table_args__ = (sa.Index("ix_audit_of", "resource", "record_id"),)

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(80))
    command: Mapped[str] = mapped_column(sa.String(80))
    resource: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[str] = mapped_column(sa.String(40))
    version: Mapped[int] = mapped_column(sa.Integer)
    from_state: Mapped[str | None] = mapped_column(sa.String(40))
    to_state: Mapped[str] = mapped_column(sa.String(40))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    correlation_id: Mapped[str] = mapped_column(sa.String(60))


class Outgoing(Base):
    """The intent to publish: committed with the change, published by the relay, never by anything else."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index(
            "ix_outbox_waiting",
            "position",
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        ),
        sa.Index("ix_outbox_of", "resource", "record_id"),
    )

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    exchange: Mapped[str] = mapped_column(sa.String(80))
    routing_key: Mapped[str] = mapped_column(sa.String(120))
    mandatory: Mapped[bool] = mapped_column(sa.Boolean)
    name: Mapped[str] = mapped_column(sa.String(80))
    resource: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str | None] = mapped_column(sa.String(200))


class Receipt(Base):
    """A message that this service has taken over: committed with its effect. Keyed by source, never by a bare id."""

    __tablename__ = "receipt"

    source: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class CommandReceipt(Base):
    """An answered command: the same command_id is answered again, not done again."""

    __tablename__ = "command_receipt"

    command_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user: Mapped[str] = mapped_column(sa.String(80))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    resource: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class NumberSeries(Base):
    """The last human number given in a register and year (X-67); the row lock keeps the series gapless."""

    __tablename__ = "number_series"

    register: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    last: Mapped[int] = mapped_column(sa.Integer)


class Replica(Base):
    """What another service told of one of its records; `version` is that record's: older news is ignored (X-405)."""

    __tablename__ = "replica"

    resource: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)


#: What the scan of every second looks among: however many limits were missed, or stand still.
RUNNING = "stopped_at IS NULL AND paused_at IS NULL AND breached_at IS NULL"


class Clock(Base):
    """A running or stopped time limit of a record; breach is noticed by the scan, told once, and never un-told."""

    __tablename__ = "clock"
    __table_args__ = (
        sa.UniqueConstraint("resource", "record_id", "name"),
        sa.Index(
            "ix_clock_due",
            "due_at",
            sqlite_where=sa.text(RUNNING),
            postgresql_where=sa.text(RUNNING),
        ),
        sa.Index(
            "ix_clock_near",
            "warn_at",
            sqlite_where=sa.text(f"{RUNNING} AND warn_at IS NOT NULL"),
            postgresql_where=sa.text(f"{RUNNING} AND warn_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_clock_breached",
            "resource",
            "name",
            "record_id",
            sqlite_where=sa.text("breached_at IS NOT NULL"),
            postgresql_where=sa.text("breached_at IS NOT NULL"),
        ),
    )

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    resource: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(40))
    limit_name: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    warn_at: Mapped[datetime | None] = mapped_column(Moment)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    warned_at: Mapped[datetime | None] = mapped_column(Moment)
    breached_at: Mapped[datetime | None] = mapped_column(Moment)


class Pause(Base):
    """An interval in which a clock did not run, and why."""

    __tablename__ = "clock_pause"

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    clock: Mapped[int] = mapped_column(sa.ForeignKey("clock.position"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(sa.String(200))
    paused_by: Mapped[str | None] = mapped_column(sa.String(80))


class Alias(Base):
    """The id of a record that turned out to be another one: whoever names it means `current` (L-04)."""

    __tablename__ = "alias"

    resource: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    current: Mapped[str] = mapped_column(sa.String(40), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(sa.String(80))


class Repointing(Base):
    """What joining two records changed elsewhere, so that it can be taken back (L-04).

    `holder` is the register whose record had `before` in a field and has `after` since, until `undone_at`. The triggers
    of append-only tables go by these rows, which are therefore append-only themselves.
    """

    __append_only__ = True
    __written_once__ = ("undone_at",)
    __tablename__ = "repointing"
    __table_args__ = (sa.Index(None, "resource", "merged"), sa.Index(None, "record_id", "field"))

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=True)
    resource: Mapped[str] = mapped_column(sa.String(60))
    merged: Mapped[str] = mapped_column(sa.String(40))
    holder: Mapped[str] = mapped_column(sa.String(60))
    record_id: Mapped[str] = mapped_column(sa.String(40))
    field: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[str] = mapped_column(sa.String(40))
    after: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


CHASSIS_TABLES = [
    Audit,
    Outgoing,
    Receipt,
    CommandReceipt,
    NumberSeries,
    Replica,
    Clock,
    Pause,
    Alias,
    Repointing,
]
