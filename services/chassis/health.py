"""What a service says of itself: its database, what waits in the outbox, what is held in the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis.parking import ParkedMessage
from services.chassis.tables import Outgoing

if TYPE_CHECKING:
    from services.chassis.service import Service

HELD = ("parked", "retrying", "waiting", "rejected", "conflict")


def health_of(service: Service, *, publishing: bool) -> dict[str, Any]:
    """The `health` door's answer; a database that is away gives `database: false` and no figures."""
    answer: dict[str, Any] = {
        "service": service.name,
        "database": False,
        "outbox": None,
        "inbox": None,
        "relay": publishing,
    }
    try:
        with service.database.read() as session:
            unsent = sa.select(sa.func.count(), sa.func.min(Outgoing.at)).where(Outgoing.sent_at.is_(None))
            waiting, oldest = session.execute(unsent).one()
            held = sa.select(ParkedMessage.state, sa.func.count()).where(ParkedMessage.state.in_(HELD))
            counts = {row[0]: row[1] for row in session.execute(held.group_by(ParkedMessage.state))}
    except sa.exc.SQLAlchemyError:
        return answer
    age = (service.now() - oldest).total_seconds() if oldest else 0.0
    answer.update(
        database=True,
        outbox={"waiting": waiting, "oldest_seconds": round(max(age, 0.0), 1)},
        inbox={state: counts.get(state, 0) for state in HELD},
    )
    return answer
