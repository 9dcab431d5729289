"""The incoming-call register (L-20)."""

from __future__ import annotations

from services.chassis.process import Process
from services.chassis.registers import corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary import ContactChannel, CustomerUid, LongText, Moment, ProjectId, User
from services.contracts.vocabulary_sales import ConcernTopic
from services.leads.customers import Customer
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import CallEntry

call_entries = Process(
    CallEntry,
    key="call_id",
    numbered="CE",
    readers=FLOOR_READERS,
    title="number",
    listed=["number", "at", "uid", "agent", "source", "topic", "is_invited", "appointment_at"],
    filters=["project_id", "uid", "agent", "source", "topic", "is_invited", "at"],
)


@call_entries.create("registered", by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.HOTLINE_OPERATOR])
def register(
    uid: CustomerUid,
    project_id: ProjectId,
    source: ContactChannel,
    is_invited: bool,
    work: Work,
    topic: ConcernTopic | None = None,
    needs: LongText | None = None,
    appointment_at: Moment | None = None,
    agent: User | None = None,
    at: Moment | None = None,
) -> CallEntry:
    """Write an incoming call down: who called, what they want, and whether they were invited to the site (L-20)."""
    project = project_of(work, project_id)
    work.get(Customer, uid, field="uid")
    at = at or work.now
    if at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    return CallEntry(
        uid=uid,
        agent=agent or work.actor.user,
        at=at,
        source=source,
        topic=topic,
        needs=needs,
        is_invited=is_invited,
        appointment_at=appointment_at,
        project_id=project.id,
        company_id=project.company_id,
    )


corrections(call_entries, by=[Role.SITE_SALES_LEAD])
