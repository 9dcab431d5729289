"""The next attempts of kept messages: each counted before it is made, and in the order of its object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from services.chassis import inbox, parking
from services.chassis.actors import SYSTEM
from services.chassis.database import is_away
from services.chassis.parking import ParkedMessage, parked_messages
from services.contracts.errors import AnjuError

if TYPE_CHECKING:
    from services.chassis.service import Service
    from services.chassis.work import Work

#: Reasons for which a message was kept and of which its company has not been told.
UNTOLD = ("failed", "interrupted", "behind_earlier")


def retry_due(service: Service) -> int:
    """Try the kept messages whose time has come, oldest first; returns how many were tried."""
    with service.database.read() as session:
        stranded = list(session.scalars(parking.stranded().limit(50)))
    for message_id in stranded:
        _let_go(service, message_id)
    with service.database.read() as session:
        due = sa.select(ParkedMessage.id).where(
            ParkedMessage.state == "retrying", ParkedMessage.next_try_at <= service.now()
        )
        ids = list(session.scalars(due.order_by(ParkedMessage.created_at).limit(50)))
    for message_id in ids:
        _retry(service, message_id)
    return len(ids)


def _let_go(service: Service, message_id: str) -> None:
    with service.begin(SYSTEM, command="retry") as work:
        waiting = parking.stranded().where(ParkedMessage.id == message_id).with_for_update(skip_locked=True)
        if work.session.scalar(waiting) is not None:
            message = work.session.get_one(ParkedMessage, message_id)
            message.next_try_at = work.now
            work.enter(parked_messages, message, "retrying")
            work.finish()


def _claimed(service: Service, message_id: str) -> bool:
    """Count the attempt before it is made, in a transaction of its own: one that ends the process has counted, too."""
    with service.database.write() as session:
        due = sa.select(ParkedMessage.attempts).where(
            ParkedMessage.id == message_id,
            ParkedMessage.state == "retrying",
            ParkedMessage.next_try_at <= service.now(),
        )
        attempts = session.scalar(due.with_for_update(skip_locked=True))
        if attempts is None:
            return False
        values = {"attempts": attempts + 1, "next_try_at": parking.not_before(attempts + 1, service.now())}
        session.execute(sa.update(ParkedMessage).where(ParkedMessage.id == message_id).values(**values))
    return True


def _retry(service: Service, message_id: str) -> None:
    if not _claimed(service, message_id):
        return
    with service.begin(SYSTEM, command="retry") as work:
        message = work.session.scalars(
            sa.select(ParkedMessage)
            .where(ParkedMessage.id == message_id, ParkedMessage.state == "retrying")
            .with_for_update(skip_locked=True)
        ).first()
        if message is None:
            return
        partner = message.source.removeprefix("company:") if message.source.startswith("company:") else None
        delivery = inbox.Delivery(
            parking.released(message), message.content_type, message.content_encoding, {}, partner
        )
        try:
            if message.attempts > len(parking.BACKOFF) + 1:
                raise InterruptedError  # its last attempt ended the process
            with work.attempt():
                inbox.handle(work, partner, inbox.read(delivery))
            message.next_try_at = None
            work.enter(parked_messages, message, "applied")
            parking.let_next(work, message)
        except AnjuError as refusal:
            if partner:
                assert service.intake is not None
                if message.reason in UNTOLD:
                    told = message.message_id, message.name, refusal.code, refusal.params
                    service.intake.answer(partner, *told, work)
                message.reason, message.problem, message.next_try_at = refusal.code, parking.clean(refusal, 500), None
                work.enter(parked_messages, message, "rejected")
            else:
                _count_attempt(work, message, refusal)
        except Exception as fault:
            if is_away(fault):
                raise
            _count_attempt(work, message, fault)
        work.finish()


def _count_attempt(work: Work, message: ParkedMessage, fault: Exception) -> None:
    message.problem = inbox.described(fault)
    message.next_try_at = parking.next_try(message.attempts, work.now)
    if message.next_try_at is None:
        work.enter(parked_messages, message, "parked")
