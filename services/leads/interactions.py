"""The contact log: every contact with a customer, whichever service had it, on one timeline (X-55)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import ZONE
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.registers import Register, corrections, standing
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import EnquiryAnswered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
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
from services.contracts.vocabulary.reception import ContactResult
from services.leads.authorship import of_known_customers
from services.leads.customers.customer import Customer, of_known
from services.leads.customers.lifecycle import hear_from
from services.leads.ownership.protections import touch
from services.leads.projects import Project, project_of
from services.leads.readers import CUSTOMER_READERS

DESKS = [
    Role.SALES_AGENT,
    Role.SITE_SALES_LEAD,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.HOTLINE_OPERATOR,
]
#: How often a customer may be contacted through one channel in a period (L-60).
CONTACT_CAP = Parameter("contact.cap", 3, "contacts", "L-60")
CONTACT_PERIOD = Parameter("contact.cap_period", 7, "days", "L-60")
PARAMETERS = [CONTACT_CAP, CONTACT_PERIOD]


class Interaction(Register):
    """One contact. `reference` is the number of what it belongs to, such as an enquiry; `result` is what came of a
    contact that we began, where that is known."""

    __table_args__ = (sa.Index(None, "uid", "channel", "at"),)

    uid: Mapped[CustomerUid]
    channel: Mapped[ContactChannel]
    direction: Mapped[ContactDirection]
    kind: Mapped[InteractionKind]
    at: Mapped[Moment]
    by: Mapped[User]
    content: Mapped[LongText | None]
    reference: Mapped[SourceRef | None]
    result: Mapped[ContactResult | None]


interactions = Process(
    Interaction,
    readers=CUSTOMER_READERS,
    title="uid",
    listed=["uid", "at", "channel", "direction", "kind", "by", "reference"],
    filters=["uid", "project_id", "channel", "kind", "at"],
    search=["reference"],
    own=of_known(Interaction, CUSTOMER_READERS),
)


@interactions.create("logged", by=DESKS, admits=of_known_customers("by"))
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
    result: ContactResult | None = None,
) -> Interaction:
    """Write down a contact that you had with a customer whom you know; what others had is the site's lead's to enter.
    One that we began is refused above the cap of its channel (X-55, L-60, X-393)."""
    work.get(Customer, uid, field="uid")
    at = at or work.now
    if at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    company_id: CompanyId | None = project_of(work, project_id).company_id if project_id else None
    if direction == ContactDirection.OUTBOUND:
        _keep_to_the_cap(work, uid, channel, at)
    if result != ContactResult.NO_ANSWER:
        touch(work, uid, at)
        hear_from(work, uid, at, inbound_in=project_id if direction == ContactDirection.INBOUND else None)
    return Interaction(
        uid=uid,
        channel=channel,
        direction=direction,
        kind=kind,
        at=at,
        by=by or work.actor.user,
        content=content,
        reference=reference,
        result=result,
        project_id=project_id,
        company_id=company_id,
    )


def took_part() -> sa.ColumnElement[bool]:
    """The contacts in which the customer took part, or that reached them (L-56)."""
    return sa.or_(Interaction.result.is_(None), Interaction.result != ContactResult.NO_ANSWER)


def _keep_to_the_cap(work: Work, uid: str, channel: str, at: datetime) -> None:
    """So many contacts in the period that ends with this one are enough (L-60)."""
    work.alone("contact_cap", uid)
    free = free_from(work, uid, channel, at)
    if free > at:
        cap, days = int(work.parameter(CONTACT_CAP)), int(work.parameter(CONTACT_PERIOD))
        when = free.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        raise ValidationFailed.of("channel", "contact_cap_reached", cap=cap, days=days, free=when)


def free_from(work: Work, uid: str, channel: str, at: datetime) -> datetime:
    """From when on a customer may be contacted again through a channel: `at`, or once the oldest of the contacts that
    fill the cap is out of the period (L-60)."""
    cap, days = int(work.parameter(CONTACT_CAP)), int(work.parameter(CONTACT_PERIOD))
    ours = Interaction.uid == uid, Interaction.channel == channel, Interaction.direction == ContactDirection.OUTBOUND
    latest = sa.select(Interaction.at).where(*ours, Interaction.at <= at, standing(Interaction))
    filling = work.session.scalar(latest.order_by(Interaction.at.desc()).offset(cap - 1).limit(1)) if cap else at
    return max(at, filling + timedelta(days=days)) if filling is not None else at


def _happened(interaction: Interaction, work: Work) -> None:
    if interaction.at > work.now:
        raise ValidationFailed.of("at", "in_the_future")


corrections(interactions, by=[Role.SITE_SALES_LEAD, Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE], then=_happened)


@interactions.reacts(EnquiryAnswered)
def on_enquiry_answered(event: EnquiryAnswered, work: Work) -> None:
    """Asking and being answered is a contact (C-117)."""
    project = work.session.get(Project, event.project_id) if event.project_id else None
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
            project_id=project.id if project is not None else None,
        )
