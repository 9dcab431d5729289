"""The visit register and the return-visit register (L-21, L-22)."""

from __future__ import annotations

from services.chassis.process import Process
from services.chassis.registers import corrections, standing
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import VisitRegistered
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Count,
    CustomerUid,
    LongText,
    Minutes,
    Moment,
    PersonName,
    Phone,
    ProjectId,
    User,
)
from services.contracts.vocabulary.sales import ConcernTopic, HowNamed, Strength, VisitKind, VisitPlace
from services.leads.authorship import is_the_lead
from services.leads.customers import Customer
from services.leads.customers.customer import of_known
from services.leads.ownership.decisions import serving_agent
from services.leads.ownership.history import history_of
from services.leads.ownership.protections import open_protections
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS
from services.leads.reception import objections
from services.leads.reception.entries import VisitEntry
from services.leads.reception.intake import alone_with_both, customer_of, follows, follows_correction
from services.leads.referrals import register as referrals

visit_entries = Process(
    VisitEntry,
    key="visit_id",
    numbered=lambda visit: "RV" if visit.kind == VisitKind.RETURN else "FV",
    readers=FLOOR_READERS,
    title="number",
    listed=["number", "at", "kind", "uid", "agent", "deputy", "named_agent", "place", "party_size", "corrects_id"],
    filters=["project_id", "kind", "uid", "agent", "deputy", "place", "at", "corrects_id"],
    announces=[VisitRegistered],
    own=of_known(VisitEntry, FLOOR_READERS),
)


@visit_entries.create("registered", by=[Role.SITE_SALES_LEAD])
def register(
    *,
    phone: Phone | None = None,
    name: PersonName | None = None,
    uid: CustomerUid | None = None,
    project_id: ProjectId,
    been_before: bool,
    has_called: bool,
    is_recommended: bool,
    referrer_uid: CustomerUid | None = None,
    named_agent: User | None = None,
    how_named: HowNamed | None = None,
    place: VisitPlace = VisitPlace.SALES_SITE,
    party_size: Count = 1,
    needs: LongText | None = None,
    objection_topic: ConcernTopic | None = None,
    objection: LongText | None = None,
    objection_strength: Strength | None = None,
    duration: Minutes | None = None,
    next_step: LongText | None = None,
    agent: User | None = None,
    deputy: User | None = None,
    at: Moment | None = None,
    work: Work,
) -> VisitEntry:
    """Write a visit down with the answers of the intake; on a sales site the rotation does it (L-21, L-24, L-25).

    Who names nobody is received as new, by whoever's turn it is, however often they have called or come (L-27).
    """
    project = project_of(work, project_id)
    known = identified(
        work, project_id, named_agent, how_named, referrer_uid, is_recommended=is_recommended, uid=uid, phone=phone
    )
    named_agent, how_named, referrer_uid = known
    agent = named_agent or agent or work.actor.user
    entry = VisitEntry(
        at=at or work.now,
        place=place,
        agent=agent,
        deputy=deputy if deputy != agent else None,
        named_agent=named_agent,
        how_named=how_named,
        been_before=been_before,
        has_called=has_called,
        is_recommended=is_recommended,
        referrer_uid=referrer_uid,
        party_size=party_size,
        needs=needs,
        objection_topic=objection_topic,
        objection=objection,
        objection_strength=objection_strength,
        duration=duration,
        next_step=next_step,
        project_id=project.id,
        company_id=project.company_id,
    )
    _consistent(entry, work)
    entry.uid = customer_of(work, project_id, uid=uid, name=name, phone=phone).id
    if entry.uid == referrer_uid:
        raise ValidationFailed.of("referrer_uid", "own_referrer")
    if named_agent == work.actor.user and not is_the_lead(work, project.company_id, project.id):
        _known_first(work, entry.uid, project.id, named_agent)
    of_agent = VisitEntry.uid == entry.uid, VisitEntry.project_id == project_id, VisitEntry.agent == agent
    earlier = work.first(VisitEntry, *of_agent, standing(VisitEntry))
    entry.kind = VisitKind.FIRST if earlier is None else VisitKind.RETURN
    work.begin_life(visit_entries, entry, "registered")
    _tell(entry, work)
    follows(work, entry)
    if entry.objection is not None:
        said = {"topic": entry.objection_topic, "content": entry.objection, "agent": entry.deputy or entry.agent}
        strength = entry.objection_strength or Strength.MEDIUM
        about = {"uid": entry.uid, "project_id": project.id, "visit_id": entry.id}
        work.perform(objections.record, strength=strength, **about, **said)
    return entry


@visit_entries.create("registered", by=[Role.SALES_AGENT])
def meet(
    *,
    phone: Phone | None = None,
    name: PersonName | None = None,
    uid: CustomerUid | None = None,
    project_id: ProjectId,
    place: VisitPlace,
    been_before: bool,
    has_called: bool,
    is_recommended: bool,
    referrer_uid: CustomerUid | None = None,
    named_agent: User | None = None,
    how_named: HowNamed | None = None,
    party_size: Count = 1,
    needs: LongText | None = None,
    objection_topic: ConcernTopic | None = None,
    objection: LongText | None = None,
    objection_strength: Strength | None = None,
    duration: Minutes | None = None,
    next_step: LongText | None = None,
    work: Work,
) -> VisitEntry:
    """Write down whom you have met away from the sales site, where there are no turns (L-35, L-24)."""
    if place == VisitPlace.SALES_SITE:
        raise ValidationFailed.of("place", "rotation_receives")
    met: VisitEntry = work.perform(
        register,
        phone=phone,
        name=name,
        uid=uid,
        project_id=project_id,
        place=place,
        been_before=been_before,
        has_called=has_called,
        is_recommended=is_recommended,
        referrer_uid=referrer_uid,
        named_agent=named_agent,
        how_named=how_named,
        deputy=work.actor.user,
        party_size=party_size,
        needs=needs,
        objection_topic=objection_topic,
        objection=objection,
        objection_strength=objection_strength,
        duration=duration,
        next_step=next_step,
    )
    return met


def identified(
    work: Work,
    project_id: str,
    named: User | None,
    how: HowNamed | None,
    referrer_uid: CustomerUid | None,
    *,
    is_recommended: bool,
    uid: CustomerUid | None,
    phone: Phone | None,
) -> tuple[User | None, HowNamed | None, CustomerUid | None]:
    """Whom the customer knows, how, and by whom: whom they named, or the agent who served the owner that recommends
    them; no other name stands for that one (L-24, L-47). Whoever comes recommended and says no more is looked up among
    the club's referrals (B-52)."""
    if is_recommended and named is None and how is None and referrer_uid is None:
        known = referrals.expected(work, project_id, uid=uid, phone=phone)
        return (known[1], HowNamed.OWNER_REFERRAL, known[0]) if known is not None else (None, None, None)
    if how != HowNamed.OWNER_REFERRAL or referrer_uid is None:
        return named, how, referrer_uid
    work.get(Customer, referrer_uid, field="referrer_uid")
    served = serving_agent(work, referrer_uid, project_id)
    if served is None:
        raise ValidationFailed.of("how_named", "owner_was_served_by_nobody")
    if named not in (None, served):
        raise ValidationFailed.of("named_agent", "owner_was_served_by", agent=served)
    return served, how, referrer_uid


def _known_first(work: Work, uid: str, project_id: str, agent: User) -> None:
    """That the customer named oneself is believed where the registers know of it from before: from before anybody else
    had the customer who has them now (ADR 14)."""
    held = open_protections(work, uid, project_id)
    met = [one.at for one in history_of(work, uid, project_id).contacts if one.agent == agent]
    met += [one.held_since for one in held if one.agent == agent]
    referred = referrals.open_referral(work, uid, project_id)
    met += [referred.referred_at] if referred is not None and referred.agent == agent else []
    if not met or any(one.held_since <= min(met) for one in held if one.agent != agent):
        raise ValidationFailed.of("named_agent", "names_yourself")


def _tell(entry: VisitEntry, work: Work) -> None:
    who = {"uid": entry.uid, "agent": entry.agent, "deputy": entry.deputy, "named_agent": entry.named_agent}
    who["referrer_uid"] = entry.referrer_uid
    referred = referrals.first_visit_of(work, entry)
    if referred is not None:
        work.perform(referrals.keep, referred, visit_id=entry.id)
        who |= {"referral_id": referred.id, "referrer_uid": entry.referrer_uid or referred.referrer_uid}
    work.emit(VisitRegistered, entry, kind=entry.kind, at=entry.at, **who)


def _consistent(entry: VisitEntry, work: Work) -> None:
    """The answers of the intake agree with each other (L-24)."""
    if entry.at > work.now:
        raise ValidationFailed.of("at", "in_the_future")
    if not entry.party_size:
        raise ValidationFailed.of("party_size", "at_least", min=1)
    if (entry.named_agent is None) != (entry.how_named is None):
        raise ValidationFailed.of("how_named" if entry.named_agent else "named_agent", "required")
    if entry.named_agent not in (None, entry.agent):
        raise ValidationFailed.of("named_agent", "named_has_the_visit", agent=entry.agent)
    if entry.deputy == entry.agent:
        raise ValidationFailed.of("deputy", "same_agent")
    if entry.how_named == HowNamed.OWNER_REFERRAL and entry.referrer_uid is None:
        raise ValidationFailed.of("referrer_uid", "required")
    if entry.referrer_uid is not None:
        work.get(Customer, entry.referrer_uid, field="referrer_uid")
        if not entry.is_recommended:
            raise ValidationFailed.of("is_recommended", "referrer_without_recommendation")
    if (entry.objection is None) != (entry.objection_topic is None):
        raise ValidationFailed.of("objection_topic" if entry.objection else "objection", "required")


def _corrected(entry: VisitEntry, work: Work) -> None:
    _consistent(entry, work)
    _tell(entry, work)
    follows_correction(entry, work)
    referrals.forget(work, entry.corrects_id)


corrections(visit_entries, by=[Role.SITE_SALES_LEAD], before=alone_with_both, then=_corrected)
