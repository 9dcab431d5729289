"""An enquiry that is something else goes where it belongs: defect, interest in buying, grievance, suggestion (C-04)."""

from __future__ import annotations

from services.chassis.work import Work
from services.complaints.cases import Case, intake
from services.complaints.enquiries.desk import by_a_human, settle
from services.complaints.enquiries.enquiry import DESK, Enquiry, enquiries
from services.complaints.enquiries.handling import CUSTOMER
from services.complaints.feedback import suggestion as suggest
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import EnquiryAnswered, RepairEnquired
from services.contracts.vocabulary.common import CaseId, ContactChannel, HomeId, LongText, Reason
from services.contracts.vocabulary.complaints import CaseCategory, CaseKind, Channel
from services.contracts.vocabulary.enquiries import EnquiryDestination, EnquiryTopic
from services.contracts.vocabulary.maintenance import Urgency

#: How a complaint or a suggestion came in (C-02), by the channel of the enquiry from which it arose (X-56).
COMPLAINT_CHANNEL = {
    ContactChannel.TELEPHONE: Channel.HOTLINE,
    ContactChannel.EMAIL: Channel.EMAIL,
    ContactChannel.IN_PERSON: Channel.COUNTER,
    ContactChannel.COMMUNITY_GROUP: Channel.FORUM,
}


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def refer_repair(
    enquiry: Enquiry, answer: LongText, work: Work, home_id: HomeId | None = None, urgency: Urgency = Urgency.NORMAL
) -> None:
    """A defect: maintenance opens a work order whose 48 hours count from the question (C-04, M-31)."""
    home = home_id or enquiry.home_id
    if home is None:
        raise ValidationFailed.of("home_id", "required")
    known = work.need_replica("leads/home", home, field="home_id")
    if enquiry.project_id not in (None, known["project_id"]):
        raise ValidationFailed.of("home_id", "foreign_home", home=home)
    enquiry.home_id, enquiry.project_id, enquiry.company_id = home, known["project_id"], known["company_id"]
    enquiry.topic, enquiry.destination = EnquiryTopic.REPAIR, EnquiryDestination.MAINTENANCE
    work.emit(RepairEnquired, enquiry, description=asked(enquiry), reported_at=enquiry.asked_at, urgency=urgency)
    settle(enquiry, answer, work)


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def refer_purchase(enquiry: Enquiry, answer: LongText, work: Work) -> None:
    """Somebody wants to buy: the sales agents of the project are told (C-04)."""
    if enquiry.project_id is None and enquiry.uid is None:
        raise ValidationFailed.of("uid", "required")
    enquiry.topic, enquiry.destination = EnquiryTopic.PURCHASE, EnquiryDestination.LEADS
    enquiry.purchase_interest = True
    settle(enquiry, answer, work)


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def register_complaint(
    enquiry: Enquiry,
    category: CaseCategory,
    answer: LongText,
    work: Work,
    separate_reason: Reason | None = None,
) -> None:
    """A grievance: it becomes a complaint of its own, whose limits count from now (C-04, C-40)."""
    if enquiry.uid is None:
        raise ValidationFailed.of("uid", "required")
    case: Case = work.perform(
        intake.register,
        kind=CaseKind.COMPLAINT,
        uid=enquiry.uid,
        home_id=enquiry.home_id,
        project_id=enquiry.project_id,
        category=category,
        channel=COMPLAINT_CHANNEL.get(ContactChannel(enquiry.channel), Channel.ONLINE_CHAT),
        description=asked(enquiry),
        received_at=enquiry.received_at,
        separate_reason=separate_reason,
    )
    case_id: CaseId = case.id
    enquiry.topic, enquiry.destination, enquiry.case_id = EnquiryTopic.GRIEVANCE, EnquiryDestination.COMPLAINT, case_id
    settle(enquiry, answer, work)


@enquiries.move("escalated", "answered_by_human", by=DESK, guard=by_a_human, emits=[EnquiryAnswered])
def register_suggestion(enquiry: Enquiry, answer: LongText, work: Work) -> None:
    """A suggestion: it becomes one of its own, acknowledged with what the customer was told (C-04)."""
    suggestion = work.perform(
        suggest.receive,
        channel=COMPLAINT_CHANNEL.get(ContactChannel(enquiry.channel), Channel.ONLINE_CHAT),
        content=asked(enquiry),
        uid=enquiry.uid,
        name=enquiry.name,
        phone=enquiry.phone,
        home_id=enquiry.home_id,
        project_id=enquiry.project_id,
        received_at=enquiry.received_at,
        reference=enquiry.number,
    )
    work.perform(suggest.acknowledge, suggestion, acknowledgement=answer)
    enquiry.destination = EnquiryDestination.SUGGESTION
    settle(enquiry, answer, work)


def asked(enquiry: Enquiry) -> str:
    """All that the customer said, in order."""
    return "\n".join(line["text"] for line in enquiry.transcript if line["who"] == CUSTOMER)[:4000]
