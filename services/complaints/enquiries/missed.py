"""Calls and chats that nobody took, and how long people queue: the control of peak hours (C-114)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.places import place_or_group
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.enquiries.enquiry import DESK, DOOR
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CompanyId,
    ContactChannel,
    Count,
    CustomerUid,
    LongText,
    Moment,
    Number,
    Phone,
    ProjectId,
    Reason,
    Seconds,
    ShortText,
    User,
)

CALL_BACK = Parameter("contact.call_back", 2, "h", "C-114")
READERS = [*DOOR, Role.COMPANY_MANAGER, Role.AUDITOR]


class MissedContact(Record):
    """Somebody called or wrote and gave up, or was not taken."""

    number: Mapped[Number]
    channel: Mapped[ContactChannel]
    uid: Mapped[CustomerUid | None]
    phone: Mapped[Phone | None]
    arrived_at: Mapped[Moment]
    gave_up_at: Mapped[Moment]
    queue_seconds: Mapped[Seconds]
    attempts: Mapped[Count]
    called_back_at: Mapped[Moment | None]
    called_back_by: Mapped[User | None]
    note: Mapped[LongText | None]
    reason: Mapped[Reason | None]


class ContactHour(Record):
    """One hour of one channel in a project, or without one (`*`): who came, was not taken, and queued how long."""

    __table_args__ = (sa.UniqueConstraint("place", "channel", "begins_at"),)

    channel: Mapped[ContactChannel]
    place: Mapped[ShortText]
    begins_at: Mapped[Moment]
    came: Mapped[Count]
    unanswered: Mapped[Count]
    queued_seconds: Mapped[int]
    longest_queue: Mapped[Seconds]


missed_contacts = Process(
    MissedContact,
    numbered="UC",
    readers=READERS,
    listed=["number", "channel", "phone", "arrived_at", "queue_seconds", "attempts", "called_back_by"],
    filters=["project_id", "channel", "uid", "arrived_at"],
)
reveals(missed_contacts, by=DESK)
contact_hours = Process(
    ContactHour,
    readers=READERS,
    title="begins_at",
    listed=["begins_at", "channel", "project_id", "came", "unanswered", "queued_seconds", "longest_queue"],
    filters=["project_id", "channel", "begins_at", "unanswered"],
    search=["channel"],
)


@missed_contacts.create("missed", by=DOOR)
def register(
    channel: ContactChannel,
    arrived_at: Moment,
    work: Work,
    gave_up_at: Moment | None = None,
    uid: CustomerUid | None = None,
    phone: Phone | None = None,
    project_id: ProjectId | None = None,
) -> MissedContact:
    """Nobody took it: somebody has to call back, and the head of the desk is told at once (C-114)."""
    gave_up_at = gave_up_at or work.now
    if gave_up_at > work.now:
        raise ValidationFailed.of("gave_up_at", "in_the_future")
    if gave_up_at < arrived_at:
        raise ValidationFailed.of("gave_up_at", "range_order")
    if uid is not None:
        work.need_replica("leads/customer", uid, field="uid")
    if uid is None and phone is None:
        raise ValidationFailed.of("phone", "required")
    contact = MissedContact(
        channel=channel,
        uid=uid,
        phone=phone,
        arrived_at=arrived_at,
        gave_up_at=gave_up_at,
        queue_seconds=min(int((gave_up_at - arrived_at).total_seconds()), 86_400),
        attempts=0,
        **place_or_group(work, None, project_id),
    )
    work.begin_life(missed_contacts, contact, "missed")
    work.session.flush()
    work.task("call_back", contact, role=Role.HOTLINE_OPERATOR)
    work.alert("unanswered_contact", contact, role=Role.COMPLAINT_SUPERVISOR, clock_name="call_back")
    count(work, contact, arrived_at, answered=False, queue_seconds=contact.queue_seconds)
    return contact


@missed_contacts.move("missed", "called_back", by=DESK)
def call_back(contact: MissedContact, note: LongText, work: Work) -> None:
    """The customer was reached (C-114)."""
    contact.attempts += 1
    contact.called_back_at, contact.called_back_by, contact.note = work.now, work.actor.user, note
    work.end_tasks(contact, "dropped")


@missed_contacts.change("missed", by=DESK)
def fail_call_back(contact: MissedContact, note: LongText) -> None:
    """Nobody answered there; it is tried again."""
    contact.attempts += 1
    contact.note = note


@missed_contacts.move("missed", "given_up", by=[Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE])
def give_up(contact: MissedContact, reason: Reason, work: Work) -> None:
    """The number is wrong, or nobody ever answers there."""
    contact.reason = reason
    work.end_tasks(contact, "dropped")


clock(
    missed_contacts,
    "call_back",
    limit=CALL_BACK,
    starts="missed",
    since="arrived_at",
    alarm=Alarm("call_back_late", "C-114", to=lambda contact: Role.COMPLAINT_SUPERVISOR),
)


@contact_hours.create("counted", by=[Role.SYSTEM])
def begin(
    channel: ContactChannel,
    place: ShortText,
    begins_at: Moment,
    work: Work,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
) -> ContactHour:
    """The first contact of the hour on this channel (C-114)."""
    counted = {"came": 0, "unanswered": 0, "queued_seconds": 0, "longest_queue": 0}
    at = {"project_id": project_id, "company_id": company_id}
    return ContactHour(channel=channel, place=place, begins_at=begins_at, **counted, **at)


@contact_hours.change("counted", by=[Role.SYSTEM])
def add(hour: ContactHour, is_answered: bool, queue_seconds: Seconds = 0) -> None:
    """One more contact of the hour (C-114)."""
    hour.came += 1
    hour.unanswered += 0 if is_answered else 1
    hour.queued_seconds += queue_seconds
    hour.longest_queue = max(hour.longest_queue, queue_seconds)


def count(work: Work, contact: Any, at: datetime, *, answered: bool, queue_seconds: int | None) -> None:
    """Count a contact in its hour; the hour's row is locked, so that two at once are two (C-114)."""
    key = {
        "channel": contact.channel,
        "place": contact.project_id or "*",
        "begins_at": at.replace(minute=0, second=0, microsecond=0),
    }
    hour = _begun(work, key)
    if hour is None:
        try:
            with work.attempt():
                whose = {"project_id": contact.project_id, "company_id": contact.company_id}
                hour = work.perform(begin, **key, **whose)
        except sa.exc.IntegrityError:  # somebody else has begun it just now
            hour = _begun(work, key)
    work.perform(add, hour, is_answered=answered, queue_seconds=queue_seconds or 0)


def _begun(work: Work, key: dict[str, Any]) -> ContactHour | None:
    return work.session.scalars(sa.select(ContactHour).filter_by(**key).with_for_update()).first()
