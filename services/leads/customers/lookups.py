"""Asking after a customer: one word as the answer, nothing of whom or whose, and every time it is kept (L-03)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.registers import Register
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerKind, Number, ProjectId, ShortText
from services.contracts.vocabulary.sales import KeyKind, KeyValue, LookupAnswer
from services.leads.customers.customer import Customer, CustomerStage
from services.leads.customers.identity import ASKING, asked_after, normalised, shown
from services.leads.ownership.records import Protection
from services.leads.projects import project_of

WATCHING = [Role.SITE_SALES_LEAD, Role.CUSTOMER_AFFAIRS, Role.DATA_STEWARD, Role.AUDITOR]
#: From the reservation on a customer is nobody else's, whatever became of the protection.
SPOKEN_FOR = ("reserved", "contracted", "owner", "old_owner")


class CustomerLookup(Register):
    """Who asked when for which project, what the key looked like, and what was answered."""

    __table_args__ = (sa.Index(None, "created_by", "created_at"),)

    number: Mapped[Number]
    key_kind: Mapped[KeyKind]
    masked_key: Mapped[ShortText]
    answer: Mapped[LookupAnswer]


lookups = Process(
    CustomerLookup,
    numbered="LK",
    readers=WATCHING,
    listed=["number", "created_at", "created_by", "project_id", "key_kind", "masked_key", "answer"],
    filters=["project_id", "created_by", "answer", "created_at"],
    own=lambda actor, now: sa.or_(
        CustomerLookup.created_by == actor.user, sa.true() if actor.scopes(WATCHING) else sa.false()
    ),
)


@lookups.create("answered", by=ASKING)
def ask(project_id: ProjectId, key: KeyValue, work: Work, key_kind: KeyKind = KeyKind.PHONE) -> CustomerLookup:
    """Ask whether a customer is free, without learning who it is or whose (L-03)."""
    project = project_of(work, project_id)
    plain = normalised(key_kind, key, CustomerKind.PERSON, field="key")
    known = asked_after(work, key_kind, plain)
    return CustomerLookup(
        key_kind=key_kind,
        masked_key=shown(key_kind, plain),
        answer=_answer(work, known, project.id) if known is not None else LookupAnswer.FREE,
        project_id=project.id,
        company_id=project.company_id,
    )


def _answer(work: Work, known: Customer, project_id: str) -> LookupAnswer:
    agents = [one.agent for one in work.all(Protection, uid=known.id, project_id=project_id, state="open")]
    if work.actor.user in agents:
        return LookupAnswer.YOURS
    stage = work.first(CustomerStage, uid=known.id, project_id=project_id)
    if agents or (stage is not None and stage.state in SPOKEN_FOR):
        return LookupAnswer.TAKEN
    return LookupAnswer.IN_POOL
