"""The incoming-call register (L-20)."""

from __future__ import annotations

from datetime import timedelta

from services.chassis.calendars import ZONE
from services.chassis.process import Process
from services.chassis.registers import corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import CallRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerUid,
    LongText,
    Moment,
    PersonName,
    Phone,
    ProjectId,
    User,
)
from services.contracts.vocabulary.sales import ConcernTopic, KeyValue
from services.leads.authorship import only_by_the_lead
from services.leads.customers.customer import of_known
from services.leads.customers.lifecycle import SALES
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import CALL_WINDOW, CallEntry
from services.leads.reception.intake import alone_with_both, customer_of, follows, follows_correction, received_by

call_entries = Process(
    CallEntry,
    key="call_id",
    numbered="CE",
    readers=FLOOR_READERS,
    title="number",
    listed=["number", "at", "uid", "agent", "source", "topic", "is_invited", "appointment_at", "corrects_id"],
    filters=["project_id", "uid", "agent", "source", "topic", "is_invited", "at", "corrects_id"],
    announces=[CallRegistered],
    own=of_known(CallEntry, FLOOR_READERS),
)


@call_entries.create("registered", by=[*SALES, Role.HOTLINE_OPERATOR])
def register(
    *,
    phone: Phone | None = None,
    name: PersonName | None = None,
    uid: CustomerUid | None = None,
    project_id: ProjectId,
    source: ContactChannel,
    is_invited: bool,
    appointment_at: Moment | None = None,
    topic: ConcernTopic | None = None,
    needs: LongText | None = None,
    wechat: KeyValue | None = None,
    agent: User | None = None,
    at: Moment | None = None,
    work: Work,
) -> CallEntry:
    """Write an incoming call down: who called, what they want, and whether they were invited to the site (L-20).

    Whom the hotline has taken a call of is nobody's customer yet: the site's lead finds somebody.
    """
    project = project_of(work, project_id)
    place = project.company_id, project.id
    only_by_the_lead(work, *place, at=at is not None, agent=agent not in (None, work.actor.user))
    entry = CallEntry(
        agent=agent or (work.actor.user if work.actor.covers(SALES, *place) else None),
        at=at or work.now,
        source=source,
        topic=topic,
        needs=needs,
        is_invited=is_invited,
        appointment_at=appointment_at,
        project_id=project.id,
        company_id=project.company_id,
    )
    _consistent(entry, work)
    entry.uid = customer_of(work, project_id, uid=uid, name=name, phone=phone, wechat=wechat, source=source).id
    work.begin_life(call_entries, entry, "registered")
    _tell(entry, work)
    follows(work, entry)
    return entry


def _tell(entry: CallEntry, work: Work) -> None:
    """Tell the call as it stands; its days are those that were in force when it came (L-41)."""
    days = timedelta(days=int(work.parameter(CALL_WINDOW, at=entry.at)))
    work.emit(
        CallRegistered,
        entry,
        uid=entry.uid,
        agent=received_by(work, entry),
        at=entry.at,
        topic=entry.topic,
        window_end=entry.at.astimezone(ZONE).date() + days,
    )


def _consistent(entry: CallEntry, work: Work) -> None:
    if entry.at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    if entry.appointment_at is not None and not entry.is_invited:
        raise ValidationFailed.of("is_invited", "appointment_without_invitation")


def _corrected(entry: CallEntry, work: Work) -> None:
    _consistent(entry, work)
    _tell(entry, work)
    follows_correction(entry, work)


corrections(call_entries, by=[Role.SITE_SALES_LEAD], before=alone_with_both, then=_corrected)
