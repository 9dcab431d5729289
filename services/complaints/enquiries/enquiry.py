"""The enquiry: what somebody asked, what they were told, by whom and when (C-04, C-117)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped

from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.complaints import EnquiryAnswered, EnquiryEscalated, RepairEnquired
from services.contracts.fields import to_wire
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    ContactChannel,
    CustomerUid,
    Details,
    HomeId,
    KnowledgeEntryId,
    Language,
    LongText,
    Moment,
    Number,
    PersonName,
    Phone,
    Seconds,
    Share,
    ShortText,
    User,
)
from services.contracts.vocabulary.complaints import ServiceTier
from services.contracts.vocabulary.enquiries import AnsweredBy, EnquiryDestination, EnquiryTopic, EscalationCause

#: Who answers people; the bot and the chat of the website enter what they hear under the role of the agent (X-21).
DESK = [
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.COMPLAINT_SUPERVISOR,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
]
DOOR = [Role.AI_AGENT, *DESK]
READERS = [
    *DOOR,
    Role.COMPANY_MANAGER,
    Role.MARKETING,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_MANAGER,
    Role.AUDITOR,
]
OPEN = ("received", "answered_by_bot", "confirmed", "escalated", "answered_by_human")


class Enquiry(Record):
    """One conversation. `asked_at` is when the question was asked that waits or waited for an answer."""

    number: Mapped[Number]
    channel: Mapped[ContactChannel]
    topic: Mapped[EnquiryTopic]
    question: Mapped[LongText]
    language: Mapped[Language]
    uid: Mapped[CustomerUid | None]
    name: Mapped[PersonName | None]
    phone: Mapped[Phone | None]
    home_id: Mapped[HomeId | None]
    receiver: Mapped[User]
    received_at: Mapped[Moment]
    asked_at: Mapped[Moment]
    queue_seconds: Mapped[Seconds | None]

    answer: Mapped[LongText | None]
    answered_by: Mapped[AnsweredBy | None]
    answered_at: Mapped[Moment | None]
    entry_id: Mapped[KnowledgeEntryId | None]
    score: Mapped[Share | None]
    confirmed_at: Mapped[Moment | None]
    is_silent: Mapped[bool]

    cause: Mapped[EscalationCause | None]
    escalated_at: Mapped[Moment | None]
    acknowledged_at: Mapped[Moment | None]
    tier: Mapped[ServiceTier]
    adviser: Mapped[User | None]
    handler: Mapped[User | None]
    responded_at: Mapped[Moment | None]
    first_contact: Mapped[LongText | None]
    purchase_interest: Mapped[bool]
    destination: Mapped[EnquiryDestination | None]
    guided_to: Mapped[ShortText | None]
    case_id: Mapped[CaseId | None]
    closed_at: Mapped[Moment | None]
    transcript: Mapped[list[Details]]


enquiries = Process(
    Enquiry,
    numbered="EQ",
    readers=READERS,
    listed=["number", "channel", "topic", "question", "handler", "cause", "created_at"],
    filters=[
        *("project_id", "home_id", "uid", "channel", "topic", "language", "received_at"),
        *("cause", "answered_by", "handler", "tier", "purchase_interest", "destination"),
    ],
    search=["number", "question"],
    announces=[EnquiryAnswered, EnquiryEscalated, RepairEnquired],
)
reveals(enquiries, by=DESK)


def say(enquiry: Enquiry, who: str, text: str, work: Work, **facts: Any) -> None:
    """Write a line into the transcript: who is `customer`, `bot` or a user (C-111)."""
    line = {"at": to_wire(work.now), "who": who, "text": text, **facts}
    enquiry.transcript = [*enquiry.transcript, line]
