"""Interests in buying that came up in an enquiry, or that an employee heard of: sales calls back (C-04, C-111)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CustomerIssueReferred, EnquiryAnswered, EnquiryEscalated
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CompanyId,
    ContactChannel,
    CustomerUid,
    LongText,
    Moment,
    ProjectId,
    Reason,
    RecordId,
    SourceRef,
    User,
)
from services.contracts.vocabulary.complaints import IntakeClass
from services.contracts.vocabulary.enquiries import EnquiryTopic
from services.leads.customers.customer import Customer
from services.leads.customers.lifecycle import SALES, stage_of
from services.leads.ownership.protections import open_protections
from services.leads.projects import Project


class PurchaseInterest(Record):
    """Somebody asked and wants to buy; without a UID they are still to be registered.

    The id is that of the enquiry or the issue in which it came up.
    """

    reference: Mapped[SourceRef]
    uid: Mapped[CustomerUid | None]
    channel: Mapped[ContactChannel]
    topic: Mapped[EnquiryTopic]
    asked_at: Mapped[Moment]
    agent: Mapped[User | None]
    contacted_at: Mapped[Moment | None]
    result: Mapped[LongText | None]
    reason: Mapped[Reason | None]


purchase_interests = Process(
    PurchaseInterest,
    readers=[*SALES, Role.SALES_DIRECTOR, Role.MARKETING, Role.HOTLINE_OPERATOR, Role.CUSTOMER_CENTRE, Role.AUDITOR],
    title="reference",
    listed=["reference", "uid", "channel", "topic", "asked_at", "agent"],
    filters=["project_id", "uid", "channel", "topic", "asked_at", "agent"],
)


@purchase_interests.create("told", by=[Role.SYSTEM])
def learn(
    source_id: RecordId,
    reference: SourceRef,
    channel: ContactChannel,
    topic: EnquiryTopic,
    asked_at: Moment,
    work: Work,
    uid: CustomerUid | None = None,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
) -> PurchaseInterest:
    """The desk has heard of it: whose customer it is calls, any agent where nobody protects them, or the site's lead
    when nobody knows the customer yet (C-04, L-40)."""
    place = {"project_id": project_id, "company_id": company_id}
    asked = {"reference": reference, "channel": channel, "topic": topic, "asked_at": asked_at}
    interest = PurchaseInterest(id=source_id, uid=uid, **asked, **place)
    work.begin_life(purchase_interests, interest, "told")
    in_the_project = uid is not None and stage_of(work, uid, project_id) is not None
    holder = next((one.agent for one in open_protections(work, uid, project_id)), None) if uid and project_id else None
    role = Role.SALES_AGENT if in_the_project else Role.SITE_SALES_LEAD
    work.task("purchase_interest", interest, role=role, assignee=holder)
    return interest


@purchase_interests.move("told", "contacted", by=SALES)
def contact(interest: PurchaseInterest, result: LongText, work: Work, uid: CustomerUid | None = None) -> None:
    """The customer was called; who was unknown is on record by now (C-04, L-01)."""
    if uid is not None:
        work.get(Customer, uid, field="uid")
    interest.uid = uid or interest.uid
    if interest.uid is None:
        raise ValidationFailed.of("uid", "required")
    interest.agent, interest.contacted_at, interest.result = work.actor.user, work.now, result
    work.end_tasks(interest, "dropped")


@purchase_interests.move("told", "dropped", by=SALES)
def drop(interest: PurchaseInterest, reason: Reason, work: Work) -> None:
    """Nobody wants to buy after all, or nobody can be reached."""
    interest.reason = reason
    work.end_tasks(interest, "dropped")


@purchase_interests.reacts(EnquiryEscalated)
def on_enquiry_escalated(event: EnquiryEscalated, work: Work) -> None:
    """A human answers the question; whoever sells calls the one who wants to buy (C-111, C-04)."""
    _offer(event, work)


@purchase_interests.reacts(EnquiryAnswered)
def on_enquiry_answered(event: EnquiryAnswered, work: Work) -> None:
    """The question is answered, and the interest in buying goes to whoever sells (C-117, C-04)."""
    _offer(event, work)


@purchase_interests.reacts(CustomerIssueReferred)
def on_customer_issue_referred(event: CustomerIssueReferred, work: Work) -> None:
    """An employee met somebody who wants to buy (C-03, C-04)."""
    if event.classification == IntakeClass.PURCHASE:
        met = {"channel": ContactChannel.IN_PERSON, "topic": EnquiryTopic.PURCHASE, "asked_at": event.reported_at}
        _learn(work, event, event.issue_id, **met)


def _offer(event: EnquiryAnswered | EnquiryEscalated, work: Work) -> None:
    """Once per enquiry, however often it is escalated and answered."""
    interested = event.purchase_interest or event.topic == EnquiryTopic.PURCHASE
    if interested and work.session.get(PurchaseInterest, event.enquiry_id) is None:
        asked = {"channel": event.channel, "topic": event.topic, "asked_at": event.at}
        _learn(work, event, event.enquiry_id, **asked)


def _learn(work: Work, event: Any, source_id: str, **asked: Any) -> None:
    project = work.session.get(Project, event.project_id) if event.project_id else None
    place: dict[str, Any] = {"project_id": project.id, "company_id": project.company_id} if project else {}
    known = event.uid is not None and work.session.get(Customer, event.uid) is not None
    uid = event.uid if known else None
    work.perform(learn, source_id=source_id, reference=event.number, uid=uid, **asked, **place)
