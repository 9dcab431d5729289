"""What humans do with an enquiry: contact, answer, guide, close (C-20, C-21, C-113, C-117)."""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.enquiries.enquiry import DESK, OPEN, Enquiry, enquiries, say
from services.contracts.events.complaints import EnquiryAnswered, EnquiryEscalated
from services.contracts.events.membership import HighValueCustomerDesignated, HighValueCustomerRevoked
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, LongText, Reason, ShortText, User
from services.contracts.vocabulary.complaints import ServiceTier
from services.contracts.vocabulary.enquiries import AnsweredBy, EnquiryDestination, EnquiryTopic


def by_a_human(enquiry: Enquiry, work: Work) -> Obstacle | None:
    """Neither the bot nor a service stops a limit by speaking (C-28)."""
    return Obstacle("human_contact_only") if work.actor.is_system or Role.AI_AGENT in work.actor.roles else None


@enquiries.change("escalated", by=DESK, guard=by_a_human)
def respond(enquiry: Enquiry, first_contact: LongText, work: Work) -> None:
    """Note the first contact of a human with the customer; the response clock stops (C-20, C-28)."""
    _contacted(enquiry, work)
    enquiry.first_contact = first_contact
    say(enquiry, work.actor.user, first_contact, work)


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def answer(enquiry: Enquiry, answer: LongText, work: Work, topic: EnquiryTopic | None = None) -> None:
    """Tell the customer the answer; both limits end (C-21, C-117)."""
    enquiry.topic = topic or enquiry.topic
    settle(enquiry, answer, work)


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def guide(enquiry: Enquiry, guided_to: ShortText, answer: LongText, work: Work) -> None:
    """Show the customer the quickest way to whoever decides it (C-113)."""
    enquiry.guided_to, enquiry.destination = guided_to, EnquiryDestination.QUICKEST_CHANNEL
    settle(enquiry, answer, work)


@enquiries.move(("confirmed", "answered_by_human"), "closed", by=[*DESK, Role.AI_AGENT, Role.SYSTEM])
def close(enquiry: Enquiry, work: Work) -> None:
    """Nothing is left to say (C-117)."""
    enquiry.closed_at = work.now


@enquiries.change("escalated", by=[Role.SYSTEM])
def miss_response(enquiry: Enquiry, work: Work) -> None:
    """No human contacted the customer in time; the supervisor is told as well (C-20, C-22)."""
    work.task("enquiry_not_responded", enquiry, role=Role.COMPLAINT_SUPERVISOR)


@enquiries.change("escalated", by=DESK)
def assign(enquiry: Enquiry, handler: User) -> None:
    """Name who answers; the limits and their alerts go to this person."""
    enquiry.handler = handler


@enquiries.change("escalated", by=DESK, emits=[EnquiryEscalated])
def reclassify(enquiry: Enquiry, topic: EnquiryTopic) -> None:
    """It is about something else than the bot thought; whoever sells hears of an interest in buying (C-04)."""
    enquiry.topic = topic
    enquiry.purchase_interest = enquiry.purchase_interest or topic == EnquiryTopic.PURCHASE


@enquiries.change(OPEN, by=DESK)
def identify(enquiry: Enquiry, uid: CustomerUid, work: Work) -> None:
    """Somebody unknown turns out to be, or has become, a customer on record (C-04)."""
    work.need_replica("leads/customer", uid, field="uid")
    enquiry.uid = uid


@enquiries.change("escalated", by=DESK)
def pass_to_group(enquiry: Enquiry, reason: Reason, work: Work) -> None:
    """Ask the group centre, which answers any question about company and service (C-113)."""
    enquiry.handler = None
    say(enquiry, work.actor.user, reason, work, passed_to=str(Role.GROUP_CENTRE))
    work.task("enquiry_for_group_centre", enquiry, role=Role.GROUP_CENTRE)


@enquiries.change(OPEN, by=[Role.SYSTEM])
def set_tier(enquiry: Enquiry, tier: ServiceTier, adviser: User | None = None) -> None:
    """The customer's value level has changed: the limits are measured again from the same start (C-29, X-51)."""
    enquiry.tier, enquiry.adviser = tier, adviser


def settle(enquiry: Enquiry, answer: str, work: Work) -> None:
    """Keep the human's answer; what reminded of the enquiry is done."""
    _contacted(enquiry, work)
    enquiry.answer, enquiry.answered_by, enquiry.answered_at = answer, AnsweredBy.HUMAN, work.now
    say(enquiry, work.actor.user, answer, work)
    for name in ("duty", "safety"):
        work.clear_alerts(enquiries.name, enquiry.id, name)
    work.end_tasks(enquiry, "dropped")


def _contacted(enquiry: Enquiry, work: Work) -> None:
    enquiry.responded_at = enquiry.responded_at or work.now
    enquiry.handler = enquiry.handler or work.actor.user


@enquiries.reacts(HighValueCustomerDesignated)
def on_high_value_customer_designated(event: HighValueCustomerDesignated, work: Work) -> None:
    """What the customer has asked is of the one-hour tier from now on (C-20, C-29)."""
    _measure_again(work, event.uid, ServiceTier.HIGH_VALUE, event.adviser)


@enquiries.reacts(HighValueCustomerRevoked)
def on_high_value_customer_revoked(event: HighValueCustomerRevoked, work: Work) -> None:
    """Back to the ordinary tier (C-29)."""
    _measure_again(work, event.uid, ServiceTier.ORDINARY, None)


def _measure_again(work: Work, uid: str, tier: ServiceTier, adviser: str | None) -> None:
    for enquiry in work.all(Enquiry, Enquiry.uid == uid, Enquiry.state.in_(OPEN)):
        work.perform(set_tier, enquiry, tier=tier, adviser=adviser)
