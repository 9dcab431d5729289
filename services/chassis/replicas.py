"""Local replicas of other services' records: fed by their snapshot events, re-buildable by `resync`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from services.chassis.process import Reaction
from services.chassis.tables import Replica
from services.contracts.events import Event, published_by

if TYPE_CHECKING:
    from services.chassis.work import Work


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
    key, version = str(getattr(event, event.subject)), int(vars(event)["record_version"])
    row = work.session.get(Replica, (event.snapshot_of, key), with_for_update=True)
    data: dict[str, Any] = event.dump()
    if row is None:
        work.session.add(Replica(resource=event.snapshot_of, key=key, version=version, data=data, at=work.now))
        work.session.flush()
    elif version >= row.version:
        row.version, row.data, row.at = version, data, work.now
