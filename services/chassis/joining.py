"""Records that turn out to be one: one survives, the ids of the others stay as its aliases (L-04, X-407).

The service that owns them calls `join` and tells an event that `joins` the resource; every service that refers to the
resource in its records reacts by the same `join`; a replica is told anew by whoever owns its record. What is re-pointed
is found in the declarations and kept in `repointing`, so that `part` can take it back. Where the database holds only
one for each, and the survivor has one already, the merged record's stays as it is, under its old id.

From then on whoever names a merged record means the survivor: late events, commands, filters and addresses are
resolved as they come in. A transaction that resolves an id is `among` the users of the resource, and who joins is
`alone` with it, so that nothing is written under an id that another transaction merges meanwhile.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from services.chassis import ahead
from services.chassis.database import is_taken
from services.chassis.duties import alerts, tasks
from services.chassis.moves import Reaction
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.tables import Alias, Repointing
from services.contracts.events import Event, joinable
from services.contracts.fields import Field
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.work import Work

E = TypeVar("E", bound=Event)


def reactions(service: str, processes: Sequence[Process[Any]], replicates: Iterable[str]) -> list[Reaction]:
    """What a service does when another one joins or parts records that it refers to."""
    found = []
    for resource, events in joinable().items():
        refers = resource in replicates or any(references(process.record, resource) for process in processes)
        if refers and not resource.startswith(f"{service}/"):
            found += [Reaction(event, follow) for event in events]
    return found


def follow(event: Event, work: Work) -> None:
    """Do with our own records what the owner has done with theirs (X-407)."""
    from services.chassis.batches import OneByOne

    if work.ahead is not None:
        raise OneByOne
    resource = event.joins or event.separates
    assert resource is not None
    (others,) = (field.name for field in event.fields() if field.many and field.to == resource)
    survivor, merged = str(getattr(event, event.subject)), getattr(event, others)
    if event.separates:
        part(work, resource, survivor, merged)
        return
    for record, _ in join(work, resource, survivor, merged):
        ask_to_settle(work, record, merged)


def ask_to_settle(work: Work, record: Any, merged: Sequence[str]) -> None:
    """The survivor has two of what there may be only one of: a person decides which counts. Records that have the id of
    what they are about are nobody's any more, and back where they were if the joining is."""
    if record.id not in merged:
        work.task("merged_record_left", record, role=Role.DATA_STEWARD)


def references(record: type[Record], resource: str) -> list[Field]:
    """The fields of a register that name records of a resource as they are now."""
    return [one for one in named_now(record) if one.to == resource]


def named_now(record: type[Record]) -> list[Field]:
    """The fields of a register but for those that keep what was written."""
    return [one for one in record.__fields__.values() if one.name not in record.__historic__]


def join(work: Work, resource: str, survivor: str, merged: Sequence[str]) -> list[tuple[Any, str]]:
    """Make the merged records aliases of the survivor and re-point to it whatever names them here.

    Returns the records, with the field, that stay under a merged id because the survivor has such a record already.
    """
    work.alone(resource)
    for key in merged:
        alias = {"current": survivor, "at": work.now, "by": work.actor.user}
        work.session.merge(Alias(resource=resource, key=key, **alias))
    older = Alias.resource == resource, Alias.key == survivor, Alias.current.in_(merged)
    work.session.execute(sa.delete(Alias).where(*older))
    work.session.flush()
    work.currents.clear()
    left = [one for key in merged for one in _repoint(work, resource, key, survivor)]
    # Of two joinings that hang together the later one may have come first.
    onward = work.session.get(Alias, (resource, survivor))
    if onward is not None:
        left += _repoint(work, resource, survivor, onward.current)
    return left


def part(work: Work, resource: str, survivor: str, merged: Sequence[str]) -> None:
    """Take a joining back: what it re-pointed and nobody has changed since goes back, what came later stays."""
    work.alone(resource)
    named = Alias.resource == resource, Alias.key.in_(merged), Alias.current == survivor
    for alias in work.session.scalars(sa.select(Alias).where(*named)).all():
        work.session.delete(alias)
    work.session.flush()
    work.currents.clear()
    done = sa.select(Repointing).where(
        Repointing.resource == resource, Repointing.merged.in_(merged), Repointing.undone_at.is_(None)
    )
    for one in work.session.scalars(done.order_by(Repointing.position.desc())).all():
        one.undone_at = work.now
        process = work.service.resources[one.holder]
        record = work.session.get(process.record, one.record_id, with_for_update=True, populate_existing=True)
        if record is not None:
            _put_back(work, record, one.field, one.after, one.before)


def note(work: Work, resource: str, merged: str, record: Record, field: str, after: str) -> None:
    """Keep that joining changes a field of a record, before it does: it can be taken back then."""
    _keep(work, resource, merged, record.__tablename__, record.id, field, getattr(record, field), after)


def current(work: Work, resource: str, keys: Iterable[str]) -> dict[str, str]:
    """For each id the one that it stands for now: itself, or the survivor of what it was merged into."""
    wanted = set(keys)
    if asked := {key for key in wanted if (resource, key) not in work.currents}:
        work.among(resource)
        followed = {key: key for key in asked}
        while asked:
            step = sa.select(Alias.key, Alias.current).where(Alias.resource == resource, Alias.key.in_(sorted(asked)))
            onward = dict(work.session.execute(step, execution_options=ahead.APART).all())
            followed = {key: onward.get(now, now) for key, now in followed.items()}
            asked = set(onward.values())
        work.currents.update({(resource, key): now for key, now in followed.items()})
    return {key: work.currents[resource, key] for key in wanted}


def enter(work: Work, fields: Iterable[Field]) -> None:
    """Be among those who use what these fields refer to, before any record is locked."""
    for resource in sorted({str(field.to) for field in fields if field.to in joinable()}):
        work.among(resource)


def resolved(work: Work, fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that name merged records, naming the survivors instead; nothing where none does."""
    changed: dict[str, Any] = {}
    for field in fields:
        value = values.get(field.name)
        if field.to not in joinable() or not value:
            continue
        given = value if isinstance(value, list) else [value]
        now = current(work, field.to, [key for key in given if isinstance(key, str) and "\x00" not in key])
        if any(key != survivor for key, survivor in now.items()):
            meant = [now.get(key, key) if isinstance(key, str) else key for key in given]
            changed[field.name] = meant if isinstance(value, list) else meant[0]
    return changed


def heard(work: Work, event: E) -> E:
    """An event as it reads today. What joins and parts records, and what tells a record whole, names it as it is."""
    kind: Any = type(event)
    if fields := _resolvable(kind):
        changed = resolved(work, fields, vars(event))
        return replace(event, **changed) if changed else event  # type: ignore[type-var]
    return event


@functools.cache
def _resolvable(event: type[Event]) -> list[Field]:
    if event.joins or event.separates:
        return []
    named = [field for field in event.fields() if field.to in joinable()]
    return [field for field in named if (field.name, field.to) != (event.subject, event.snapshot_of)]


def _repoint(work: Work, resource: str, merged: str, survivor: str) -> list[tuple[Any, str]]:
    """Until a pass finds nothing: what another transaction was writing is there once its lock has been waited for."""
    work.session.flush()
    left: dict[tuple[str, str], tuple[Any, str]] = {}
    while _pass(work, resource, merged, survivor, left):
        pass
    return list(left.values())


def _pass(work: Work, resource: str, merged: str, survivor: str, left: dict[Any, tuple[Any, str]]) -> bool:
    found = False
    for record, field in list(_naming(work, resource, merged)):
        if (record.id, field) in left:
            continue
        found = True
        if record.id == merged or not _moved(work, resource, merged, record, field, survivor):
            left[record.id, field] = record, field
    return found


def _naming(work: Work, resource: str, key: str) -> Iterator[tuple[Any, str]]:
    """Every record here that names this one, locked, with the field; tasks and alerts, too, that are about it."""
    for process in work.service.processes:
        for field in references(process.record, resource):
            column = getattr(process.record, field.name)
            named = sa.cast(column, sa.Text).contains(f'"{key}"', autoescape=True) if field.many else column == key
            yield from ((record, field.name) for record in _locked(work, process, named))
    owner, _, name = resource.partition("/")
    known_as = [resource, name] if owner == work.service.name else [resource]
    for about in (tasks, alerts):
        it = about.record.resource.in_(known_as), about.record.record_id == key
        yield from ((record, "record_id") for record in _locked(work, about, *it))


def _locked(work: Work, process: Process[Any], *conditions: Any) -> list[Any]:
    found = sa.select(process.record).where(*conditions).order_by(process.record.id).with_for_update()
    return list(work.session.scalars(found, execution_options={"populate_existing": True}))


def _moved(work: Work, resource: str, merged: str, record: Any, field: str, survivor: str) -> bool:
    def move() -> None:
        _keep(work, resource, merged, record.__tablename__, record.id, field, merged, survivor)
        setattr(record, field, value)

    value = _changed(getattr(record, field), merged, survivor)
    return value is not None and _is_free(work, move)


def _put_back(work: Work, record: Any, field: str, after: str, before: str) -> None:
    value = _changed(getattr(record, field), after, before)
    if value is not None:
        _is_free(work, lambda: setattr(record, field, value))


def _changed(value: Any, before: str, after: str) -> Any:
    """The value, or the list, with one id in the place of the other; None where that is not possible."""
    if isinstance(value, list):
        fits = before in value and after not in value
        return [after if key == before else key for key in value] if fits else None
    return after if value == before else None


def _is_free(work: Work, change: Callable[[], None]) -> bool:
    """Whether the change could be made: the database may hold such a record already, and only one."""
    try:
        with work.attempt():
            change()
    except sa.exc.IntegrityError as refused:
        if not is_taken(refused):
            raise
        return False
    return True


def _keep(
    work: Work, resource: str, merged: str, holder: str, record_id: str, field: str, before: str, after: str
) -> None:
    what = {"holder": holder, "record_id": record_id, "field": field, "before": before, "after": after}
    work.session.add(Repointing(resource=resource, merged=merged, at=work.now, **what))
    work.session.flush()
