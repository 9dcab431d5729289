"""Receipts are kept for 30 days: longer than the longest replay, or a replay would take effect again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from services.chassis.tables import CommandReceipt, Receipt

if TYPE_CHECKING:
    from services.chassis.service import Service

KEPT = timedelta(days=30)
EVERY = timedelta(hours=1)
AT_ONCE = 5_000


def forget(service: Service) -> int:
    """Remove what is older, a bounded number at a time so that nobody waits; returns how many. Once an hour at most."""
    now = service.now()
    if service.forgotten_at is not None and now - service.forgotten_at < EVERY:
        return 0
    removed = 0
    with service.database.write() as session:
        for table, key in ((Receipt, Receipt.message_id), (CommandReceipt, CommandReceipt.command_id)):
            old = sa.select(key).where(table.at < now - KEPT).order_by(table.at).limit(AT_ONCE)
            found = list(session.scalars(old))
            if found:
                session.execute(sa.delete(table).where(key.in_(found), table.at < now - KEPT))
            removed += len(found)
    if removed < AT_ONCE:
        service.forgotten_at = now
    return removed
