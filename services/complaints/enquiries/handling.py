"""What the bot does with an enquiry: it answers or hands over, at once (C-26, C-110, C-111)."""

from __future__ import annotations

from decimal import Decimal

from services.chassis import clocks
from services.chassis.work import Work
from services.complaints.enquiries import roster
from services.complaints.enquiries.enquiry import DOOR, Enquiry, enquiries, say
from services.contracts.events.complaints import EnquiryAnswered, EnquiryEscalated
from services.contracts.roles import Role
from services.contracts.vocabulary.common import KnowledgeEntryId, LongText, Share
from services.contracts.vocabulary.enquiries import AnsweredBy, EnquiryTopic, EscalationCause

BOT = "bot"
CUSTOMER = "customer"


@enquiries.move(("received", "answered_by_bot"), "answered_by_bot", by=[Role.SYSTEM], emits=[EnquiryAnswered])
def answer_by_bot(
    enquiry: Enquiry,
    answer: LongText,
    topic: EnquiryTopic,
    work: Work,
    entry_id: KnowledgeEntryId | None = None,
    score: Share | None = None,
) -> None:
    """Tell the answer of the knowledge base at once (C-26, C-110)."""
    enquiry.answer, enquiry.topic, enquiry.entry_id, enquiry.score = answer, topic, entry_id, score
    enquiry.answered_by, enquiry.answered_at = AnsweredBy.BOT, work.now
    say(enquiry, BOT, answer, work, entry=entry_id, score=_plain(score))
    clocks.restart(work, enquiries, enquiry, "silence")


@enquiries.move("answered_by_bot", "confirmed", by=[*DOOR, Role.SYSTEM])
def confirm(enquiry: Enquiry, work: Work) -> None:
    """The customer says that this was the answer, or says nothing more for a while (C-117)."""
    enquiry.confirmed_at, enquiry.is_silent = work.now, work.actor.is_system


@enquiries.move(("received", "answered_by_bot"), "escalated", by=[Role.SYSTEM], emits=[EnquiryEscalated])
def escalate(enquiry: Enquiry, cause: EscalationCause, topic: EnquiryTopic, work: Work) -> None:
    """Hand it to a human with all that was said: complex, not known, or not what was asked (C-111)."""
    enquiry.cause, enquiry.topic, enquiry.escalated_at = cause, topic, work.now
    say(enquiry, BOT, "", work, escalated=str(cause))
    enquiry.handler = enquiry.adviser or roster.on_duty(work, enquiry)
    work.task("enquiry_escalated", enquiry, role=Role.HOTLINE_OPERATOR, assignee=enquiry.handler)
    if enquiry.handler is None and roster.is_off_hours(work):
        work.alert("nobody_on_duty", enquiry, role=Role.COMPLAINT_SUPERVISOR, clock_name="duty")
    if topic == EnquiryTopic.SAFETY:
        work.alert("enquiry_safety", enquiry, role=Role.COMPLAINT_SUPERVISOR, clock_name="safety")


@enquiries.move("answered_by_bot", "escalated", by=DOOR, emits=[EnquiryEscalated])
def reject(enquiry: Enquiry, work: Work, wish: LongText = "") -> None:
    """The bot's answer did not help, or a human is wanted: the limits count from the question itself (C-28, C-117)."""
    if wish:
        say(enquiry, CUSTOMER, wish, work)
    escalate(enquiry, EscalationCause.NOT_HELPFUL, EnquiryTopic(enquiry.topic), work)


@enquiries.change("escalated", by=[Role.AI_AGENT, Role.HOTLINE_OPERATOR, Role.SYSTEM])
def acknowledge(enquiry: Enquiry, work: Work) -> None:
    """The bot has said that somebody will call; the limits go on, for nobody has spoken yet (C-28)."""
    enquiry.acknowledged_at = work.now


def _plain(score: Decimal | None) -> str | None:
    return None if score is None else str(score)
