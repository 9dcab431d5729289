"""Many messages in one go: what a batch usually is, for none of its messages is a bad one.

All are handled within one savepoint and written together. If anything goes wrong, nothing of it remains, and the inbox
handles the same messages one by one, each in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from services.chassis import ahead, inbox
from services.chassis.parking import ParkedMessage
from services.contracts.errors import AnjuError

if TYPE_CHECKING:
    from services.chassis.inbox import Delivery
    from services.chassis.wire import Incoming
    from services.chassis.work import Work

#: From so many messages of a kind on, asking for all that they name costs less than asking for each.
WORTH_ASKING = 4


def together(work: Work, messages: Sequence[tuple[Delivery, Incoming]]) -> bool:
    """Let all messages take effect; False when they have to be handled one by one, and nothing was done."""
    if len(messages) < 2 or any(delivery.interrupted for delivery, _ in messages) or _held_up(work, messages):
        return False
    try:
        with work.attempt():
            work.ahead = ahead.Ahead(work.session)
            _look_ahead(work, [incoming for _, incoming in messages])
            for delivery, incoming in messages:
                _handle(work, delivery, incoming)
                work.ahead.done()
    except sa.exc.OperationalError:
        raise
    except Exception:
        return False  # the one that it comes from is told of when it fails by itself
    finally:
        if work.ahead is not None:
            work.ahead.end()
            work.ahead = None
    return True


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
    waiting = sa.select(ParkedMessage.id).where(
        ParkedMessage.source.in_({incoming.source for _, incoming in messages}),
        ParkedMessage.subject.in_({incoming.subject for _, incoming in messages}),
        ParkedMessage.state.in_(inbox.UNRESOLVED),
    )
    return work.session.scalar(waiting.limit(1)) is not None


def _look_ahead(work: Work, messages: Sequence[Incoming]) -> None:
    """Ask once for what the messages name: replicas, and records that a reaction or a command would look up."""
    assert work.ahead is not None
    replicas: set[tuple[str, str]] = set()
    records: dict[tuple[type[Any], str], list[str]] = {}
    for incoming in messages:
        named = work.service.named_by.get(incoming.name)
        if named is None or not isinstance(incoming.data, dict):
            continue
        for name, resource in named.replicas:
            if isinstance(key := incoming.data.get(name), str):
                replicas.add((resource, key))
        for record, name in named.records:
            if isinstance(key := incoming.data.get(name), str):
                records.setdefault((record, name), []).append(key)
    for record, _ in records:
        # What is not there now must not come from another transaction before this one has looked and written.
        if isinstance(register := work.service.resources[record.__tablename__].numbered, str):
            work.numbers.hold(work, register)
    if replicas:
        work.ahead.hold_replicas(replicas)
    for (record, name), values in records.items():
        if len(values) >= WORTH_ASKING:
            work.ahead.ask(record, name, set(values))
