"""The customer and the stage in a project: their register entries, and who may see them (L-01, X-65, X-72)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import views
from services.chassis.actors import Actor, Roles, within
from services.chassis.privacy import reveals
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerStageChanged, CustomerUpdated
from services.contracts.events.leads_sales import ChurnRiskDetected
from services.contracts.masks import mask
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    ContactChannel,
    CustomerKind,
    CustomerUid,
    Details,
    IdentityNumber,
    LifecycleStage,
    Moment,
    Number,
    Percent,
    PersonName,
    Phone,
    Reason,
    User,
)
from services.contracts.vocabulary.portrait import Flag, QualityGap, TagId
from services.contracts.vocabulary.reception import LostReason
from services.contracts.vocabulary.sales import ConcernTopic
from services.contracts.vocabulary.segments import Segment
from services.leads.customers.own import customers_of, held_by
from services.leads.readers import CUSTOMER_READERS

#: How fields refer to customers, in every service.
RESOURCE = "leads/customer"


class Customer(Record):
    """One person or company; the id is the UID, which never changes and is never used again (L-01).

    Phone and identity number are those to show and to call; what a customer is known by, and that it is known once, are
    the customer's keys (`services.leads.customers.identity`). What follows the stage is kept by the portrait: what
    membership says the customer is worth (L-09), the tags that hold, what is missing, and how good the record is (L-05,
    L-13).
    """

    __table_args__ = (sa.Index(None, "phone"), sa.Index(None, "created_by"))

    number: Mapped[Number]
    kind: Mapped[CustomerKind]
    name: Mapped[PersonName]
    phone: Mapped[Phone]
    id_no: Mapped[IdentityNumber | None]
    source: Mapped[ContactChannel | None]
    lifecycle_stage: Mapped[LifecycleStage]
    segment: Mapped[Segment | None]
    referral_index: Mapped[Percent | None]
    tags: Mapped[Details | None]
    missing_tags: Mapped[list[TagId]]
    quality_score: Mapped[Percent | None]
    quality_gaps: Mapped[list[QualityGap]]
    is_complete: Mapped[Flag]
    is_stale: Mapped[Flag]

    @property
    def masked_phone(self) -> str:
        """What other services are told (X-404)."""
        return str(mask("phone", self.phone))


class CustomerStage(Record):
    """The stage of one customer in one project; the state is the stage (X-72). `agent` received or called last."""

    __table_args__ = (sa.UniqueConstraint("uid", "project_id"),)

    uid: Mapped[CustomerUid]
    since: Mapped[Moment]
    source: Mapped[ContactChannel | None]
    agent: Mapped[User | None]
    lost_reason: Mapped[LostReason | None]
    topic: Mapped[ConcernTopic | None]
    reason: Mapped[Reason | None]


def known_to(actor: Actor, now: datetime) -> Any:
    """A customer is seen where he or she has been: in the projects of the actor's roles; whoever is only an agent sees
    their own, and whom they registered (X-393)."""
    return is_known_to(actor, Customer.id)


def is_known_to(actor: Actor, uid: Any) -> Any:
    """The same for what is kept of a customer, whose UID is in a column; who sees all projects sees everybody."""
    if not actor.scopes([Role.SALES_AGENT]):
        return _been_with(actor, CUSTOMER_READERS, uid)
    others = [role for role in CUSTOMER_READERS if role != Role.SALES_AGENT]
    in_place = _been_with(actor, [Role.SALES_AGENT], uid)
    return sa.or_(_been_with(actor, others, uid), sa.and_(in_place, _own(actor, uid)))


def of_known(record: Any, readers: Roles) -> Callable[[Actor, datetime], Any]:
    """The condition of a register about customers: whoever reads it only as an agent sees what is kept of those whom
    they know (X-393); for everybody else their scope is the limit."""
    others = [role for role in readers if role != Role.SALES_AGENT]

    def own(actor: Actor, now: datetime) -> Any:
        if not actor.scopes([Role.SALES_AGENT]):
            return sa.true()
        return sa.or_(within(actor, others, record), _own(actor, record.uid))

    return own


def _own(actor: Actor, uid: Any) -> Any:
    registered = sa.select(Customer.id).where(Customer.created_by == actor.user)
    return sa.or_(uid.in_(customers_of(actor.user)), uid.in_(registered))


def owned_by(actor: Actor, now: datetime) -> Any:
    """The customers whose telephone an agent sees in full: their own, as long as they are (X-65)."""
    return Customer.id.in_(held_by(actor.user)) if actor.scopes([Role.SALES_AGENT]) else sa.false()


def _been_with(actor: Actor, roles: Roles, uid: Any) -> Any:
    reached = within(actor, roles, CustomerStage)
    return reached if isinstance(reached, sa.True_) else uid.in_(sa.select(CustomerStage.uid).where(reached))


customers = Process(
    Customer,
    key="uid",
    numbered="CU",
    readers=CUSTOMER_READERS,
    title="name",
    listed=["number", "name", "kind", "phone", "lifecycle_stage", "source", "quality_score", "is_stale"],
    filters=[
        *("kind", "lifecycle_stage", "segment", "source"),
        *("referral_index", "is_complete", "is_stale", "quality_score"),
    ],
    search=["number", "name", "phone"],
    snapshot=CustomerUpdated,
    own=known_to,
    unmasked=owned_by,
)


def known_customer(work: Work, uid: CustomerUid, *, field: str = "uid") -> Customer:
    """The customer that a command named, if the actor knows of them. Raises ValidationFailed for anybody else."""
    customer = work.get(Customer, uid, field=field)
    if not views.visible(work, customers, customer):
        raise ValidationFailed.of(field, "unknown_reference", id=uid)
    return customer


#: Whose work begins with a call to the customer, and who keeps the records.
REVEALING = [
    Role.SITE_SALES_LEAD,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.CUSTOMER_MANAGER,
    Role.HOTLINE_OPERATOR,
    Role.COMPLAINT_HANDLER,
    Role.DATA_STEWARD,
]
reveals(customers, by=REVEALING)

#: Where a customer is whose record counts; the stage of one who was merged or withdrawn counts nowhere.
COUNTED = tuple(str(one) for one in LifecycleStage)

stages = Process(
    CustomerStage,
    key="customer_stage_id",
    readers=CUSTOMER_READERS,
    title="uid",
    listed=["uid", "project_id", "since", "source", "agent", "lost_reason", "topic", "reason"],
    filters=["uid", "project_id", "source", "agent", "lost_reason", "topic", "since", "created_at"],
    search=["uid"],
    announces=[CustomerStageChanged, ChurnRiskDetected],
    life={"merged": COUNTED},
    own=of_known(CustomerStage, CUSTOMER_READERS),
)


def locked(work: Work, uid: CustomerUid) -> Customer:
    """The customer as they are now: whoever looked at them before in this transaction had not waited for others."""
    customer = work.get(Customer, uid, field="uid")
    work.session.flush()
    work.session.refresh(customer, with_for_update=True)
    return customer
