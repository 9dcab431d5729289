"""All messages of a batch in one go: what it usually is, for none of them is a bad one.

They are handled and written together, without a savepoint. If anything goes wrong the inbox takes everything back and
handles the same messages one by one, each in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis import ahead, inbox, joining
from services.chassis.parking import UNRESOLVED, ParkedMessage
from services.chassis.records import Base
from services.contracts.errors import AnjuError

if TYPE_CHECKING:
    from services.chassis.inbox import Delivery
    from services.chassis.wire import Incoming
    from services.chassis.work import Work

#: From so many messages of a kind on, asking for all that they name costs less than asking for each.
WORTH_ASKING = 4
HELD = Base.metadata.tables[ParkedMessage.__tablename__].c
HELD_UP = (
    sa.select(HELD.id)
    .where(
        HELD.source.in_(sa.bindparam("sources", expanding=True)),
        HELD.subject.in_(sa.bindparam("subjects", expanding=True)),
        HELD.state.in_(UNRESOLVED),
    )
    .limit(1)
)


class OneByOne(Exception):
    """These messages cannot be handled in one go."""


def together(work: Work, messages: Sequence[tuple[Delivery, Incoming]], some_wait: bool) -> None:
    """Let all messages take effect, or raise; the whole transaction has to be rolled back then.

    `some_wait` tells whether any message of the service is held; only then it is asked which.
    """
    if not messages:
        return
    if any(delivery.interrupted for delivery, _ in messages) or (some_wait and _held_up(work, messages)):
        raise OneByOne
    work.ahead = ahead.Ahead(work.session)
    try:
        _look_ahead(work, [incoming for _, incoming in messages])
        for delivery, incoming in messages:
            _handle(work, delivery, incoming)
            work.ahead.done()
        work.write()
    finally:
        work.ahead.end()
        work.ahead = None


def _handle(work: Work, delivery: Delivery, incoming: Incoming) -> None:
    told = len(work.outgoing)
    try:
        inbox.handle(work, delivery.partner, incoming)
    except AnjuError as refusal:
        # A refusal that came before any effect is an answer like any other; what has begun has to be rolled back.
        if not delivery.partner or work.ahead is None or not work.ahead.untouched or len(work.outgoing) != told:
            raise
        inbox.refuse(work, delivery, incoming, refusal)


def _held_up(work: Work, messages: Sequence[tuple[Delivery, Incoming]]) -> bool:
    """Whether one of them may stand behind an earlier message of the same object."""
    named = {
        "sources": sorted({incoming.source for _, incoming in messages}),
        "subjects": sorted({incoming.subject for _, incoming in messages}),
    }
    return work.session.connection().scalar(HELD_UP, named) is not None


def _look_ahead(work: Work, messages: Sequence[Incoming]) -> None:
    """Ask once for what the messages name: replicas, and records that a reaction or a command would look up."""
    assert work.ahead is not None
    replicas: set[tuple[str, str]] = set()
    joined: dict[str, set[str]] = {}
    records: dict[tuple[type[Any], str], list[str]] = {}
    for incoming in messages:
        named = work.service.named_by.get(incoming.name)
        if named is None or not isinstance(incoming.data, dict):
            continue
        for name, resource in named.joined:
            if isinstance(key := incoming.data.get(name), str):
                joined.setdefault(resource, set()).add(key)
        for name, resource in named.replicas:
            if isinstance(key := incoming.data.get(name), str):
                replicas.add((resource, key))
        for record, name in named.records:
            if isinstance(key := incoming.data.get(name), str):
                records.setdefault((record, name), []).append(key)
    for resource, keys in sorted(joined.items()):
        joining.current(work, resource, keys)
    asked = {key: set(values) for key, values in records.items() if len(values) >= WORTH_ASKING}
    registers = {work.service.resources[record.__tablename__].numbered for record, _ in asked}
    for register in sorted(one for one in registers if isinstance(one, str)):
        # What is not there now must not come from another transaction before this one has looked and written.
        work.numbers.hold(work, register)
    if replicas:
        work.ahead.hold_replicas(replicas)
    for (record, name), values in asked.items():
        work.ahead.ask(record, name, values)
