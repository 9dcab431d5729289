"""Changes of the sales information, and who has acknowledged them (L-30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.registers import Register, corrections, standing
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import LongText, Moment, Number, ProjectId, User
from services.contracts.vocabulary.rotation import FactChangeId, SalesFactKind
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS

#: How far back an agent who comes to the site has to read.
READ_BACK = Parameter("rotation.read_back", 30, "days", "L-30")
PUBLISHERS = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.MARKETING, Role.PROJECT_DEPARTMENT]


class SalesFactChange(Register):
    """A change in price, availability or facts, and from when it holds (L-30)."""

    number: Mapped[Number]
    kind: Mapped[SalesFactKind]
    content: Mapped[LongText]
    effective_at: Mapped[Moment]


class FactReceipt(Register):
    """One agent has taken note of one change (L-30)."""

    __table_args__ = (sa.UniqueConstraint("change_id", "agent"),)

    change_id: Mapped[FactChangeId]
    agent: Mapped[User]


fact_changes = Process(
    SalesFactChange,
    key="change_id",
    numbered="SC",
    readers=[*FLOOR_READERS, *PUBLISHERS],
    listed=["number", "kind", "content", "effective_at", "project_id"],
    filters=["project_id", "kind", "effective_at"],
    search=["number", "content"],
)

fact_receipts = Process(
    FactReceipt,
    readers=[*FLOOR_READERS, *PUBLISHERS],
    title="agent",
    listed=["change_id", "agent", "created_at"],
    filters=["change_id", "agent", "project_id"],
)


@fact_changes.create("published", by=PUBLISHERS)
def publish(
    project_id: ProjectId, kind: SalesFactKind, content: LongText, effective_at: Moment, work: Work
) -> SalesFactChange:
    """Publish a change with the time from which it holds; nobody receives before they have acknowledged it (L-30)."""
    project = project_of(work, project_id)
    place = {"project_id": project.id, "company_id": project.company_id}
    return SalesFactChange(kind=kind, content=content, effective_at=effective_at, **place)


corrections(fact_changes, by=PUBLISHERS)


@fact_receipts.create("signed", by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD])
def sign(change_id: FactChangeId, work: Work) -> FactReceipt:
    """Take note of a change, before the next reception (L-30)."""
    change = work.get(SalesFactChange, change_id, field="change_id")
    if work.first(FactReceipt, change_id=change.id, agent=work.actor.user) is not None:
        raise ValidationFailed.of("change_id", "read_already")
    place = {"project_id": change.project_id, "company_id": change.company_id}
    return FactReceipt(change_id=change.id, agent=work.actor.user, **place)


def to_be_known(work: Work) -> list[Any]:
    """What an agent has to know, as conditions: changes that were published or took effect in the last days, or are
    still to take effect, and that no correction replaced."""
    since = work.now - timedelta(days=int(work.parameter(READ_BACK)))
    fresh = sa.or_(SalesFactChange.created_at > since, SalesFactChange.effective_at > since)
    return [fresh, standing(SalesFactChange)]


def behind(work: Work, project_id: ProjectId, agents: list[str]) -> set[str]:
    """Who of these agents has not acknowledged all of it."""
    needed = {change.id for change in work.all(SalesFactChange, *to_be_known(work), project_id=project_id)}
    if not needed:
        return set()
    signed = sa.select(FactReceipt.agent, FactReceipt.change_id).where(FactReceipt.change_id.in_(needed))
    known: dict[str, set[str]] = {}
    for agent, change_id in work.session.execute(signed):
        known.setdefault(agent, set()).add(change_id)
    return {agent for agent in agents if known.get(agent, set()) != needed}
