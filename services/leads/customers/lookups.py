"""Asking after a customer: one word as the answer, nothing of whom or whose, and every time it is kept (L-03)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.registers import Register
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.masks import mask
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerKind, Number, ProjectId, ShortText
from services.contracts.vocabulary.sales import KeyKind, KeyValue, LookupAnswer
from services.leads.customers.customer import CustomerStage
from services.leads.customers.identity import holder_of, normalised
from services.leads.ownership.records import Protection
from services.leads.projects import project_of

LOOKUPS = Parameter("customer.lookups", 60, "per hour", "L-03")
ASKING = [Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.HOTLINE_OPERATOR]
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
    _count(work)
    return CustomerLookup(
        key_kind=key_kind,
        masked_key=mask("phone" if key_kind == KeyKind.PHONE else "id_no", plain),
        answer=_answer(work, key_kind, plain, project.id),
        project_id=project.id,
        company_id=project.company_id,
    )


def _count(work: Work) -> None:
    """Nobody asks so often that they could try numbers out (L-03)."""
    work.alone("customer_lookup", work.actor.user)
    within = CustomerLookup.created_by == work.actor.user, CustomerLookup.created_at > work.now - timedelta(hours=1)
    asked = work.session.scalar(sa.select(sa.func.count()).select_from(CustomerLookup).where(*within)) or 0
    limit = int(work.parameter(LOOKUPS))
    if asked >= limit:
        raise ValidationFailed.of("key", "lookups_used_up", limit=limit)


def _answer(work: Work, kind: KeyKind, plain: str, project_id: str) -> LookupAnswer:
    known = holder_of(work, kind, plain)
    if known is None:
        return LookupAnswer.FREE
    agents = [one.agent for one in work.all(Protection, uid=known.uid, project_id=project_id, state="open")]
    if work.actor.user in agents:
        return LookupAnswer.YOURS
    stage = work.first(CustomerStage, uid=known.uid, project_id=project_id)
    if agents or (stage is not None and stage.state in SPOKEN_FOR):
        return LookupAnswer.TAKEN
    return LookupAnswer.IN_POOL
