"""The visit register and the return-visit register (L-21, L-22)."""

from __future__ import annotations

from services.chassis.process import Process
from services.chassis.registers import corrections
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary import Count, CustomerUid, LongText, Minutes, Moment, ProjectId, User
from services.contracts.vocabulary_sales import HowNamed, VisitKind, VisitPlace
from services.leads.customers import Customer
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import VisitEntry

visit_entries = Process(
    VisitEntry,
    key="visit_id",
    numbered=lambda visit: "RV" if visit.kind == VisitKind.RETURN else "FV",
    readers=FLOOR_READERS,
    title="number",
    listed=["number", "at", "kind", "uid", "agent", "deputy", "named_agent", "place", "party_size"],
    filters=["project_id", "kind", "uid", "agent", "deputy", "place", "at"],
)


@visit_entries.create("registered", by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD])
def register(
    uid: CustomerUid,
    project_id: ProjectId,
    been_before: bool,
    has_called: bool,
    is_recommended: bool,
    work: Work,
    agent: User | None = None,
    deputy: User | None = None,
    named_agent: User | None = None,
    how_named: HowNamed | None = None,
    referrer_uid: CustomerUid | None = None,
    place: VisitPlace = VisitPlace.SALES_SITE,
    party_size: Count = 1,
    needs: LongText | None = None,
    duration: Minutes | None = None,
    next_step: LongText | None = None,
    at: Moment | None = None,
) -> VisitEntry:
    """Write a visit down with the answers of the intake; on a sales site the rotation does it (L-21, L-24, L-25)."""
    project = project_of(work, project_id)
    work.get(Customer, uid, field="uid")
    if referrer_uid is not None:
        work.get(Customer, referrer_uid, field="referrer_uid")
    if named_agent is not None and how_named is None:
        raise ValidationFailed.of("how_named", "required")
    at = at or work.now
    if at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    agent = named_agent or agent or work.actor.user
    earlier = work.first(VisitEntry, VisitEntry.uid == uid, VisitEntry.project_id == project_id, agent=agent)
    return VisitEntry(
        uid=uid,
        at=at,
        kind=VisitKind.FIRST if earlier is None else VisitKind.RETURN,
        place=place,
        agent=agent,
        deputy=deputy if deputy != agent else None,
        named_agent=named_agent,
        how_named=how_named if named_agent else None,
        been_before=been_before,
        has_called=has_called,
        is_recommended=is_recommended,
        referrer_uid=referrer_uid,
        party_size=party_size,
        needs=needs,
        duration=duration,
        next_step=next_step,
        project_id=project.id,
        company_id=project.company_id,
    )


corrections(visit_entries, by=[Role.SITE_SALES_LEAD])
