"""Local replicas of other services' records: fed by their snapshot events, re-buildable by `resync`."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.util import identity_key

from services.chassis.moves import Reaction
from services.chassis.records import Base
from services.chassis.tables import Replica
from services.contracts.events import Event, published_by

if TYPE_CHECKING:
    from services.chassis.work import Work

TABLE = Base.metadata.tables[Replica.__tablename__]


def reactions(resources: Iterable[str]) -> list[Reaction]:
    """A reaction for each event that tells one of these resources whole."""
    found = []
    for resource in resources:
        publisher = resource.partition("/")[0]
        events = [event for event in published_by(publisher).values() if event.snapshot_of == resource]
        if not events:
            raise TypeError(f"no event of {publisher} is a snapshot of {resource}")
        found += [Reaction(event, keep) for event in events]
    return found


def keep(event: Event, work: Work) -> None:
    """Keep the news unless what we have is newer (X-405)."""
    assert event.snapshot_of is not None
    identity = event.snapshot_of, str(getattr(event, event.subject))
    news = {"version": int(vars(event)["record_version"]), "data": event.dump(), "at": work.now}
    keeping = _keeping(work.service.database.is_sqlite)
    work.session.connection().execute(keeping, {"resource": identity[0], "key": identity[1], **news})
    known = work.session.identity_map.get(identity_key(Replica, identity))
    if known is not None:
        work.session.expire(known)


@functools.cache
def _keeping(is_sqlite: bool) -> sa.Executable:
    """Built once: to build it takes longer than to have it done."""
    news = (sqlite.insert if is_sqlite else postgresql.insert)(TABLE)
    kept = {name: news.excluded[name] for name in ("version", "data", "at")}
    return news.on_conflict_do_update(
        index_elements=[TABLE.c.resource, TABLE.c.key], set_=kept, where=TABLE.c.version <= news.excluded.version
    )
