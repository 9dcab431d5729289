"""Messages that could not take effect: kept whole with their reason, retried, parked, replayed or discarded.

`retrying` waits for its next attempt, `waiting` stands behind an earlier message of the same aggregate, `parked` has
had its last attempt, `rejected` came from a property company and was refused, `conflict` reuses a message id with
other content.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased

from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.fields import Field
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.work import Work

Code = Annotated[str, Field(max_length=80)]
Note = Annotated[str, Field(max_length=500)]
Body = Annotated[str, Field(max_length=400_000, mask="message")]
Problem = Annotated[str, Field(max_length=500)]

#: The states in which what comes later about the same object has to wait.
UNRESOLVED = ("retrying", "waiting", "parked")
#: Seconds before each further attempt; after the last the message is parked.
BACKOFF = (1, 5, 30, 120, 600, 1800, 3600)


class ParkedMessage(Record):
    """One message and what became of it. The body is base64: whatever came, byte for byte; it is shown without the
    numbers of persons in it."""

    source: Mapped[Code]
    message_id: Mapped[Code]
    name: Mapped[Code]
    subject: Mapped[Code]
    reason: Mapped[Code]
    problem: Mapped[Problem | None]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    content_type: Mapped[Code | None]
    content_encoding: Mapped[Code | None]
    body: Mapped[Body]
    note: Mapped[Note | None]


parked_messages = Process(
    ParkedMessage,
    readers=[Role.ADMINISTRATOR, Role.AUDITOR],
    title="message_id",
    listed=["source", "name", "subject", "reason", "problem", "attempts", "received_at", "note"],
    filters=["source", "name", "reason"],
    search=["message_id", "subject"],
    life={
        "retrying": ("applied", "parked", "rejected"),
        "waiting": ("retrying",),
        "parked": (),
        "rejected": (),
        "conflict": (),
    },
)


@parked_messages.move(("parked", "rejected", "conflict"), "retrying", by=[Role.ADMINISTRATOR])
def replay(message: ParkedMessage, note: Note, work: Work) -> None:
    """Try once more, after its cause has been mended; harmless when it has taken effect meanwhile."""
    message.note, message.attempts, message.next_try_at = note, 0, work.now


@parked_messages.move(("parked", "rejected", "conflict", "retrying", "waiting"), "discarded", by=[Role.ADMINISTRATOR])
def discard(message: ParkedMessage, note: Note, work: Work) -> None:
    """Give it up, with a note why; it stays readable, and what stood behind it goes on."""
    message.note, message.next_try_at = note, None


def stranded() -> sa.Select[str]:
    """Messages that wait behind nothing any more. Some never did: they were kept just as what they stood behind took
    effect, which then could not see them."""
    other = aliased(ParkedMessage)
    earlier = sa.and_(other.state == "waiting", other.created_at < ParkedMessage.created_at)
    ahead = sa.exists().where(
        other.source == ParkedMessage.source,
        other.subject == ParkedMessage.subject,
        sa.or_(other.state.in_(("retrying", "parked")), earlier),
    )
    return sa.select(ParkedMessage.id).where(ParkedMessage.state == "waiting", ~ahead)


def let_next(work: Work, message: ParkedMessage) -> None:
    """What stood behind a message that has taken effect is tried next, unless it stands behind another one as well."""
    work.session.flush()
    same = ParkedMessage.source == message.source, ParkedMessage.subject == message.subject
    for behind_id in work.session.scalars(stranded().where(*same)).all():
        behind = work.session.get_one(ParkedMessage, behind_id)
        behind.next_try_at = work.now
        work.enter(parked_messages, behind, "retrying")


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None after the last."""
    return now + timedelta(seconds=BACKOFF[attempts - 1]) if attempts <= len(BACKOFF) else None


def not_before(attempts: int, now: datetime) -> datetime:
    """When to look again at a message whose attempt has begun, should nothing be heard of it."""
    return next_try(attempts, now) or now + timedelta(seconds=BACKOFF[-1])


def kept(body: bytes) -> str:
    return base64.b64encode(body).decode("ascii")


def released(message: ParkedMessage) -> bytes:
    return base64.b64decode(message.body)


def clean(value: Any, limit: int = 80) -> str:
    """A stranger's text, safe to store and to show: no control characters, bounded."""
    return "".join(char for char in str(value) if char.isprintable())[:limit]
