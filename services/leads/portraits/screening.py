"""Leads that marketing hands to a sales agent, with what the initial screening found (L-14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import views
from services.chassis.advice import Caution, advises
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Details, LongText, Moment, Number, ProjectId, User
from services.contracts.vocabulary.portrait import TagSource
from services.leads.customers import stage_of
from services.leads.customers.customer import Customer, CustomerStage, customers, known_customer, stages
from services.leads.customers.lifecycle import begin
from services.leads.customers.own import given_to
from services.leads.portraits.portrait import Portrait, portrait_of, portraits_of
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS


class Lead(Record):
    """Who got which lead, and what marketing knew of it then."""

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    screening: Mapped[Details]
    note: Mapped[LongText | None]
    taken_at: Mapped[Moment | None]


leads = Process(
    Lead,
    numbered="LH",
    readers=[*FLOOR_READERS, Role.MARKETING],
    listed=["number", "uid", "agent", "project_id", "taken_at"],
    filters=["project_id", "uid", "agent"],
)
given_to(lambda agent: sa.select(Lead.uid).where(Lead.agent == agent))


@stages.change(by=[Role.SYSTEM])
def assign(stage: CustomerStage, agent: User) -> None:
    """Keep who serves the customer now."""
    stage.agent = agent


@leads.create("handed_over", by=[Role.MARKETING])
def hand_over(uid: CustomerUid, project_id: ProjectId, agent: User, work: Work, note: LongText | None = None) -> Lead:
    """Hand a lead to a sales agent; one whose screening tags are not all set stays where it is (L-14)."""
    project, portrait = project_of(work, project_id), portrait_of(work, known_customer(work, uid).id)
    if missing := unscreened(portrait):
        raise ValidationFailed.of("uid", "screening_missing", tags=missing)
    handover = Lead(
        uid=uid,
        agent=agent,
        screening={code: value for code, value in _screened(portrait).items() if portrait.tags[code].is_screening},
        note=note,
        project_id=project.id,
        company_id=project.company_id,
    )
    work.begin_life(leads, handover, "handed_over")
    serve(work, uid, project.id, agent)
    work.task("lead_handed_over", handover, role=Role.SALES_AGENT, assignee=agent)
    return handover


@leads.move("handed_over", "taken", by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD])
def take(handover: Lead, work: Work) -> None:
    """The agent has the lead."""
    handover.taken_at = work.now
    work.end_tasks(handover, "done")


@advises(hand_over)
def foresee(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Which screening tags are still missing (L-14)."""
    customer = work.session.get(Customer, draft["uid"]) if draft["uid"] else None
    if customer is not None and views.visible(work, customers, customer):
        missing = unscreened(portraits_of(work, [customer])[0])
        if missing:
            yield Caution("screening_missing", {"tags": missing})


def unscreened(portrait: Portrait) -> list[dict[str, str]]:
    """The names in both languages of the screening tags that marketing has not set for this customer."""
    screened = _screened(portrait)
    wanted = [
        tag for tag in portrait.tags.values() if tag.is_screening and tag.applies_to in (None, portrait.customer.kind)
    ]
    return [{"name": tag.name, "name_en": tag.name_en} for tag in wanted if tag.code not in screened]


def serve(work: Work, uid: str, project_id: str, agent: str) -> None:
    """From now on this agent serves the customer in the project."""
    stage = stage_of(work, uid, project_id) or work.perform(begin, uid=uid, project_id=project_id)
    if stage.agent != agent:
        work.perform(assign, stage, agent=agent)


def _screened(portrait: Portrait) -> dict[str, Any]:
    """What marketing said, by the code of the tag."""
    return {
        code: said[-1].value
        for code in portrait.tags
        if (said := [one for one in portrait.live(code) if one.source == TagSource.MARKETING])
    }
