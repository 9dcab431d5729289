"""What is kept for a time only.

Receipts are kept for 30 days: longer than the longest replay, or a replay would take effect again. Records of a
register are forgotten when a service declares it: `Service(forgets=[Forgotten(contacts, "at", CONTACTS_KEPT)])`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.actors import SYSTEM
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.tables import CommandReceipt, Receipt

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

KEPT = timedelta(days=30)
EVERY = timedelta(hours=1)
AT_ONCE = 5_000


@dataclass(frozen=True)
class Forgotten:
    """A register whose records are removed when the moment in a field is so long ago, and not before `at_least`."""

    process: Process[Any]
    field: str
    kept: Parameter
    at_least: Parameter | None = None

    def before(self, work: Work) -> datetime:
        """What is older goes."""
        lengths = [one.length(work.parameter(one)) for one in (self.kept, self.at_least) if one is not None]
        return min(work.now - length for length in lengths)


def forget(service: Service) -> int:
    """Remove what is older, a bounded number at a time so that nobody waits; returns how many. Once an hour at most."""
    now = service.now()
    if service.forgotten_at is not None and now - service.forgotten_at < EVERY:
        return 0
    removed = 0
    with service.begin(SYSTEM, command="forget") as work:
        for key, moment, before in _old(service, work):
            found = list(work.session.scalars(sa.select(key).where(moment < before).order_by(moment).limit(AT_ONCE)))
            if found:
                work.session.execute(sa.delete(key.class_).where(key.in_(found), moment < before))
            removed += len(found)
    if removed < AT_ONCE:
        service.forgotten_at = now
    return removed


def _old(service: Service, work: Work) -> Iterator[tuple[Any, Any, datetime]]:
    """The key, the moment, and before when."""
    for table, key in ((Receipt, Receipt.message_id), (CommandReceipt, CommandReceipt.command_id)):
        yield key, table.at, work.now - KEPT
    for one in service.forgets:
        record: Any = one.process.record
        yield record.id, getattr(record, one.field), one.before(work)
