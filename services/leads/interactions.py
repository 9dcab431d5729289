"""The contact log: every contact with a customer, whichever service had it, on one timeline (X-55)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.registers import Register, corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import EnquiryAnswered
from services.contracts.roles import Role
from services.contracts.vocabulary import (
    CompanyId,
    ContactChannel,
    ContactDirection,
    CustomerUid,
    InteractionKind,
    LongText,
    Moment,
    ProjectId,
    SourceRef,
    User,
)
from services.leads.customers.customer import Customer
from services.leads.projects import project_of
from services.leads.readers import CUSTOMER_READERS

DESKS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.HOTLINE_OPERATOR,
]


class Interaction(Register):
    """One contact. `reference` is the number of what it belongs to, such as an enquiry."""

    uid: Mapped[CustomerUid]
    channel: Mapped[ContactChannel]
    direction: Mapped[ContactDirection]
    kind: Mapped[InteractionKind]
    at: Mapped[Moment]
    by: Mapped[User]
    content: Mapped[LongText | None]
    reference: Mapped[SourceRef | None]


interactions = Process(
    Interaction,
    readers=CUSTOMER_READERS,
    title="uid",
    listed=["uid", "at", "channel", "direction", "kind", "by", "reference"],
    filters=["uid", "project_id", "channel", "kind", "at"],
    search=["reference"],
)


@interactions.create("logged", by=[*DESKS, Role.SYSTEM])
def log(
    uid: CustomerUid,
    channel: ContactChannel,
    direction: ContactDirection,
    kind: InteractionKind,
    work: Work,
    at: Moment | None = None,
    by: User | None = None,
    content: LongText | None = None,
    reference: SourceRef | None = None,
    project_id: ProjectId | None = None,
) -> Interaction:
    """Write a contact down (X-55)."""
    work.get(Customer, uid, field="uid")
    at = at or work.now
    if at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    company_id: CompanyId | None = project_of(work, project_id).company_id if project_id else None
    return Interaction(
        uid=uid,
        channel=channel,
        direction=direction,
        kind=kind,
        at=at,
        by=by or work.actor.user,
        content=content,
        reference=reference,
        project_id=project_id,
        company_id=company_id,
    )


corrections(interactions, by=[Role.SITE_SALES_LEAD, Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE])


@interactions.reacts(EnquiryAnswered)
def on_enquiry_answered(event: EnquiryAnswered, work: Work) -> None:
    """Asking and being answered is a contact (C-117)."""
    if event.uid is not None and work.session.get(Customer, event.uid) is not None:
        work.perform(
            log,
            uid=event.uid,
            channel=event.channel,
            direction=ContactDirection.INBOUND,
            kind=InteractionKind.ENQUIRY,
            at=event.at,
            by=str(event.answered_by),
            reference=event.number,
            project_id=event.project_id,
        )
