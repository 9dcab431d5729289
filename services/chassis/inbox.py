"""What a service does with messages: receipt and effect in one transaction, duplicates without effect, failures kept.

The consumer (`services.chassis.consumer`) hands over raw deliveries in batches; each message has its own savepoint,
so a bad one harms no other. A stranger's message is admitted by the service's `Intake`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import marshmallow as ma
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis import batches, faultpoints, joining, parking, wire
from services.chassis.actors import SYSTEM
from services.chassis.database import is_away
from services.chassis.parking import ParkedMessage, parked_messages
from services.chassis.records import Base, new_id
from services.chassis.tables import Receipt
from services.chassis.topology import teller
from services.contracts.errors import AnjuError
from services.contracts.masks import without_numbers

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

log = structlog.get_logger()
REFUSED = ("rejected", "conflict")
RECEIPTS = Base.metadata.tables[Receipt.__tablename__]
#: Deliveries without an acknowledgement, after which a message is tried on its own: it may be what ends the process.
INTERRUPTED = 5


@dataclass(frozen=True)
class Delivery:
    """A raw message as the broker gave it. `partner` is the company code from the exchange, never from the body."""

    body: bytes
    content_type: str | None = None
    content_encoding: str | None = None
    headers: dict[str, Any] | None = None
    partner: str | None = None

    @property
    def sender(self) -> str | None:
        return f"company:{self.partner}" if self.partner else None

    @property
    def interrupted(self) -> bool:
        """Delivered again and again, and never acknowledged. The broker counts this; a publisher cannot forge it."""
        times = (self.headers or {}).get("x-delivery-count")
        return isinstance(times, int) and times >= INTERRUPTED


Apply = Callable[["Work", Sequence[tuple[Delivery, wire.Incoming]], bool], None]


@dataclass(frozen=True)
class Intake:
    """How a service takes strangers' messages: `codes` names the partners whose queues it reads, `admit` handles one
    event, `answer` tells the partner of a refusal."""

    codes: Callable[[Work], list[str]]
    admit: Callable[[str, wire.Incoming, Work], None]
    answer: Callable[[str, str, str, str, dict[str, Any], Work], None]


def take(service: Service, deliveries: Sequence[Delivery]) -> None:
    """Take over a batch in one transaction. Raises only when the database does; then nothing has been taken.

    First as if all its messages were good ones, as they usually are; if anything goes wrong nothing of that remains,
    and they are taken again, each in a savepoint of its own.
    """
    try:
        _take(service, deliveries, batches.together)
    except Exception as fault:
        if is_away(fault):
            raise
        if not isinstance(fault, batches.OneByOne):
            # The message that it comes from is told of when it fails by itself; where none does, this is all there is.
            log.info("batch_taken_apart", messages=len(deliveries), fault=type(fault).__name__)
        _take(service, deliveries, _one_by_one)


def _take(service: Service, deliveries: Sequence[Delivery], apply: Apply) -> None:
    with service.begin(SYSTEM, command="inbox") as work:
        fresh: list[tuple[Delivery, wire.Incoming]] = []
        for delivery in deliveries:
            try:
                fresh.append((delivery, read(delivery)))
            except wire.Undecodable as wrong:
                _keep_unreadable(work, delivery, wrong)
        first_time, some_wait = _first_time(work, fresh)
        faultpoints.reached("inbox_after_receipt")
        apply(work, first_time, some_wait)
        work.finish()
        faultpoints.reached("inbox_before_commit")


def read(delivery: Delivery) -> wire.Incoming:
    """What a delivery says; raises Undecodable. A partner is whom its exchange names."""
    from dataclasses import replace

    incoming = wire.read(delivery.body, delivery.content_type, delivery.content_encoding, delivery.headers or {})
    return replace(incoming, source=delivery.sender) if delivery.sender else incoming


def _first_time(
    work: Work, messages: list[tuple[Delivery, wire.Incoming]]
) -> tuple[list[tuple[Delivery, wire.Incoming]], bool]:
    """Write the receipts; the messages that had none, and whether the service holds any message that others wait for.

    The same id with other content is kept as a conflict.
    """
    by_key: dict[tuple[str, str], tuple[Delivery, wire.Incoming]] = {}
    again: list[tuple[Delivery, wire.Incoming]] = []
    for delivery, incoming in messages:
        key = (incoming.source, incoming.message_id)
        if key in by_key:
            again.append((delivery, incoming))
        else:
            by_key[key] = (delivery, incoming)
    if not by_key:
        return [], False
    rows = [
        {"source": one.source, "message_id": one.message_id, "body_hash": one.body_hash, "at": work.now}
        for _, one in by_key.values()
    ]
    receiving = _receiving(work.service.database.is_sqlite)
    given = work.session.connection().execute(receiving, rows).all()
    written = {(source, message_id) for source, message_id, _ in given}
    again += [pair for key, pair in by_key.items() if key not in written]
    for delivery, incoming in again:
        known = work.session.get(Receipt, (incoming.source, incoming.message_id), populate_existing=True)
        if known is not None and known.body_hash != incoming.body_hash and _unseen(work, incoming):
            _keep(work, delivery, incoming, "conflict", "message_id_reused", {})
    some_wait = any(waits for _, _, waits in given)
    return [pair for key, pair in by_key.items() if key in written], some_wait


def _unseen(work: Work, incoming: wire.Incoming) -> bool:
    """Whether these bytes come for the first time; for messages that their id cannot tell apart."""
    name = f"sha256:{incoming.body_hash}"
    row = {"source": incoming.source, "message_id": name, "body_hash": incoming.body_hash, "at": work.now}
    return work.session.connection().execute(_receiving(work.service.database.is_sqlite), row).first() is not None


@functools.cache
def _receiving(is_sqlite: bool) -> sa.Executable:
    """Built once: to build it takes longer than to have it done."""
    new = (sqlite.insert if is_sqlite else postgresql.insert)(RECEIPTS).on_conflict_do_nothing()
    # Literals: an insertion of many rows takes no parameters but theirs.
    states: list[Any] = [sa.literal_column(f"'{state}'") for state in parking.UNRESOLVED]
    held = sa.select(ParkedMessage.id).where(ParkedMessage.state.in_(states)).exists()
    return new.returning(RECEIPTS.c.source, RECEIPTS.c.message_id, held)


def _one_by_one(work: Work, messages: Sequence[tuple[Delivery, wire.Incoming]], _: bool) -> None:
    for delivery, incoming in messages:
        _apply(work, delivery, incoming)


def _apply(work: Work, delivery: Delivery, incoming: wire.Incoming) -> None:
    if _stands_behind(work, incoming):
        _keep(work, delivery, incoming, "waiting", "behind_earlier", {})
        return
    if delivery.interrupted:
        _keep(work, delivery, incoming, "retrying", "interrupted", {}).next_try_at = work.now
        return
    try:
        with work.attempt():
            handle(work, delivery.partner, incoming)
    except AnjuError as refusal:
        if delivery.partner:
            refuse(work, delivery, incoming, refusal)
        else:
            _fail(work, delivery, incoming, refusal)
    except Exception as fault:
        if is_away(fault):
            raise
        _fail(work, delivery, incoming, fault)


def refuse(work: Work, delivery: Delivery, incoming: wire.Incoming, refusal: AnjuError) -> None:
    """A property company's message has no effect: it is kept with the reason, and the company is told."""
    _keep(work, delivery, incoming, "rejected", refusal.code, refusal.params, _fields(refusal))


def handle(work: Work, partner: str | None, incoming: wire.Incoming) -> None:
    """Let the service's reactions, or its intake for a partner's message, take effect."""
    work.causation_id = incoming.message_id
    work.correlation_id = incoming.correlation_id or new_id()
    work.told_at = work.now if partner is not None else incoming.time
    if partner is not None:
        assert work.service.intake is not None
        work.service.intake.admit(partner, incoming, work)
        return
    work.command = f"on_{incoming.name}"
    for reaction in work.service.reactions.get(incoming.name, []):
        if incoming.source != f"/anju/{teller(reaction.event.publisher)}":
            continue
        reaction.function(loaded(reaction.event, incoming, work), work)


def loaded(event: type[Any], incoming: wire.Incoming, work: Work) -> Any:
    """The typed event; what it calls by an alias has its own name. Raises Undecodable that names the field."""
    try:
        told = event.load(incoming.data if isinstance(incoming.data, dict) else {})
    except ma.ValidationError as wrong:
        raise wire.unfit(event.schema(), wrong) from None
    return joining.heard(work, told)


def _stands_behind(work: Work, incoming: wire.Incoming) -> bool:
    work.session.flush()  # an earlier one of this very batch may have been kept
    earlier = sa.select(ParkedMessage.id).where(
        ParkedMessage.source == incoming.source,
        ParkedMessage.subject == incoming.subject,
        ParkedMessage.state.in_(parking.UNRESOLVED),
    )
    return work.session.scalar(earlier.limit(1)) is not None


def _fail(work: Work, delivery: Delivery, incoming: wire.Incoming, fault: Exception) -> None:
    log.warning("message_failed", event_name=incoming.name, message_id=incoming.message_id, fault=type(fault).__name__)
    message = _keep(work, delivery, incoming, "retrying", "failed", {})
    message.problem, message.attempts = described(fault), 1
    message.next_try_at = parking.next_try(1, work.now)


def described(fault: Exception) -> str:
    """The kind of fault and our own code; never the content of the message (personal data)."""
    return parking.clean(
        f"{type(fault).__name__}: {fault}" if isinstance(fault, AnjuError) else type(fault).__name__, 500
    )


def _fields(refusal: AnjuError) -> list[str]:
    errors = refusal.params.get("errors")
    return (
        sorted(errors)
        if isinstance(errors, dict)
        else [str(refusal.params["field"])]
        if "field" in refusal.params
        else []
    )


def _keep_unreadable(work: Work, delivery: Delivery, wrong: wire.Undecodable) -> None:
    digest = hashlib.sha256(delivery.body).hexdigest()
    sender, name = delivery.sender or "unknown", f"sha256:{digest}"
    unread = wire.Incoming(sender, name, "unknown", 1, name, work.now, None, None, digest)
    if _unseen(work, unread):
        _keep(work, delivery, unread, "rejected", wrong.code, wrong.params, _fields(wrong))


def _keep(
    work: Work,
    delivery: Delivery,
    incoming: wire.Incoming,
    state: str,
    reason: str,
    params: dict[str, Any],
    fields: Sequence[str] = (),
) -> ParkedMessage:
    problem = ", ".join(f"{key}={value}" for key, value in params.items() if key != "errors")
    message = ParkedMessage(
        source=parking.clean(incoming.source),
        message_id=parking.clean(incoming.message_id),
        name=parking.clean(incoming.name),
        subject=parking.clean(incoming.subject),
        reason=reason,
        problem=parking.clean(without_numbers(" ".join([problem, *fields])).strip(), 500) or None,
        attempts=0,
        received_at=work.now,
        content_type=parking.clean(delivery.content_type) if delivery.content_type else None,
        content_encoding=parking.clean(delivery.content_encoding) if delivery.content_encoding else None,
        body=parking.kept(delivery.body),
    )
    work.begin_life(parked_messages, message, state)
    place = work.session.info["kept"] = work.session.info.get("kept", 0) + 1
    message.created_at += timedelta(microseconds=place)  # those of one batch stay in their order
    if delivery.partner and work.service.intake is not None and state in REFUSED:
        work.service.intake.answer(delivery.partner, incoming.message_id, incoming.name, reason, params, work)
    return message
