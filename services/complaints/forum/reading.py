"""What the leaders read each morning: the new complaints of the forum and how they stand, with receipts (C-83)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import end_of
from services.chassis.clocks import clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.registers import Register
from services.chassis.work import Work
from services.complaints.cases.case import READERS
from services.complaints.forum.complaint import ForumComplaint, missed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, ForumReadingId, Moment, Number, Reason, User

#: (ext) The catalogue says "each morning": hours after midnight in Shanghai.
READING_HOUR = Parameter("forum.reading_hour", 8, "h", "C-83")
LEADERS = [Role.EXECUTIVE, Role.CHAIRMAN]


class ForumReading(Record):
    """The list of one morning. Its complaints point at it; the figures say how they stood when it was put out."""

    number: Mapped[Number]
    due_at: Mapped[Moment]
    issued_at: Mapped[Moment | None]
    posts: Mapped[Count | None]
    unanswered: Mapped[Count | None]
    overdue: Mapped[Count | None]
    still_open: Mapped[Count | None]


class ReadingReceipt(Register):
    """Who has read a morning's list, and when."""

    __table_args__ = (sa.UniqueConstraint("reading_id", "reader"),)

    reading_id: Mapped[ForumReadingId]
    reader: Mapped[User]
    read_at: Mapped[Moment]
    remark: Mapped[Reason | None]


readings = Process(
    ForumReading,
    key="reading_id",
    numbered="FR",
    readers=READERS,
    listed=["number", "due_at", "issued_at", "posts", "unanswered", "overdue", "still_open"],
    filters=["due_at"],
)
receipts = Process(
    ReadingReceipt,
    readers=READERS,
    title="reader",
    listed=["reading_id", "reader", "read_at", "remark"],
    filters=["reading_id", "reader", "read_at"],
)


@readings.create("collecting", by=[Role.SYSTEM])
def collect(work: Work) -> ForumReading:
    """Gather new complaints until the next morning (C-83)."""
    return ForumReading(due_at=_next_morning(work))


def _next_morning(work: Work) -> Moment:
    length = READING_HOUR.length(work.parameter(READING_HOUR))
    mornings = (end_of(work.today + timedelta(days=days)) + length for days in (-1, 0))
    return next(one for one in mornings if one > work.now)


@readings.move("collecting", "issued", by=[Role.SYSTEM, Role.GROUP_CENTRE])
def issue(reading: ForumReading, work: Work) -> None:
    """Put it before the leaders in the morning, or earlier when the group centre sees a reason (C-83)."""
    new, waiting = ForumComplaint.reading_id == reading.id, ForumComplaint.state == "unanswered"
    reading.issued_at = work.now
    reading.posts = _number(work, new)
    reading.unanswered = _number(work, new, waiting)
    reading.overdue = _number(work, new, waiting, missed())
    reading.still_open = _number(work, ~new, waiting)
    for role in LEADERS:
        work.task("read_forum", reading, role=role)


def _number(work: Work, *conditions: Any) -> int:
    return work.session.scalar(sa.select(sa.func.count()).select_from(ForumComplaint).where(*conditions)) or 0


def _read_once(reading: ForumReading, work: Work) -> Obstacle | None:
    already = work.first(ReadingReceipt, reading_id=reading.id, reader=work.actor.user)
    return Obstacle("read_already") if already is not None else None


@readings.change("issued", by=LEADERS, guard=_read_once)
def read(reading: ForumReading, work: Work, remark: Reason | None = None) -> None:
    """Sign that one has read it; what every leader signed is kept, the task is done for their role (C-83)."""
    work.perform(sign, reading_id=reading.id, remark=remark)
    work.end_tasks(reading, "done", roles=[role for role in LEADERS if role in work.actor.roles])


@receipts.create("signed", by=[Role.SYSTEM])
def sign(reading_id: ForumReadingId, work: Work, remark: Reason | None = None) -> ReadingReceipt:
    """The receipt of whoever reads."""
    return ReadingReceipt(reading_id=reading_id, reader=work.actor.user, read_at=work.now, remark=remark)


clock(readings, "morning", until="due_at", starts="collecting", stops="issued", then=issue)


def current(work: Work) -> ForumReading:
    """The list that a new complaint goes into."""
    work.alone(readings.name)
    reading = work.first(ForumReading, ForumReading.state == "collecting")
    return reading or work.perform(collect)
