"""One tag for many customers: proposed by the data steward, consented to by customer affairs, done in batches
(X-36.15)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.actors import GROUP
from services.chassis.authority import ApprovalRule
from services.chassis.parameters import Parameter
from services.chassis.parts import in_parts
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CompanyId,
    ContactChannel,
    LifecycleStage,
    Number,
    ProjectId,
    Reason,
    RecordId,
    User,
)
from services.contracts.vocabulary.portrait import Customers, TagCondition, TagId, TagSource, TagValue
from services.leads.customers.customer import Customer, CustomerStage
from services.leads.portraits.behaviour import classify
from services.leads.portraits.conditions import checked, condition_of
from services.leads.portraits.portrait import portraits_of
from services.leads.portraits.statements import CustomerTag
from services.leads.portraits.tags import Tag, tag_of, valued
from services.leads.projects import project_of

#: (ext) How many customers are changed in one transaction.
BATCH = Parameter("tag_change.batch", 200, "customers", "X-36.15")
STEWARDS = [Role.DATA_STEWARD]


class TagChange(Record):
    """Which tag gets which value, for which customers, and how far it has come.

    Every statement that it makes carries its number; `last_uid` is where the next batch goes on.
    """

    number: Mapped[Number]
    tag: Mapped[TagId]
    value: Mapped[TagValue]
    lifecycle_stage: Mapped[LifecycleStage | None]
    source: Mapped[ContactChannel | None]
    condition: Mapped[TagCondition | None]
    reason: Mapped[Reason]
    expected: Mapped[Customers]
    approved_by: Mapped[User | None]
    last_uid: Mapped[RecordId | None]
    changed: Mapped[Customers]


tag_changes = Process(
    TagChange,
    numbered="TC",
    readers=[*STEWARDS, Role.CUSTOMER_AFFAIRS, Role.AUDITOR],
    listed=["number", "tag", "value", "expected", "changed", "approved_by"],
    filters=["project_id", "tag"],
)
consent = ApprovalRule(
    "tag_change",
    "X-36.15",
    Role.CUSTOMER_AFFAIRS,
    ("tag", "value", "lifecycle_stage", "source", "condition", "project_id", "company_id", "expected", "reason"),
)


@tag_changes.create("submitted", by=STEWARDS, submits=consent)
def propose(
    tag: TagId,
    value: TagValue,
    reason: Reason,
    work: Work,
    lifecycle_stage: LifecycleStage | None = None,
    source: ContactChannel | None = None,
    condition: TagCondition | None = None,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
) -> TagChange:
    """Ask for one tag to be set for all customers that fit; customer affairs decides (X-36.15)."""
    chosen = tag_of(work, tag)
    if chosen.is_computed:
        raise ValidationFailed.of("tag", "tag_computed", name=chosen.name)
    if project_id is not None:
        company_id = project_of(work, project_id).company_id
    elif company_id is None and not work.actor.is_system and GROUP not in work.actor.scopes(STEWARDS):
        raise ValidationFailed.of("company_id", "required")
    change = TagChange(
        tag=tag,
        value=valued(chosen, value),
        lifecycle_stage=lifecycle_stage,
        source=source,
        condition=_equality(work, condition) if condition else None,
        reason=reason,
        changed=0,
        project_id=project_id,
        company_id=company_id,
        created_at=work.now,
    )
    fitting = sa.select(sa.func.count()).select_from(Customer).where(*_fitting(change, chosen))
    change.expected = work.session.scalar(fitting) or 0
    if not change.expected:
        raise ValidationFailed.of("tag", "nobody_fits")
    return change


@tag_changes.move("submitted", "applying", approves=consent)
def approve(change: TagChange, work: Work, comment: Reason = "") -> None:
    """Consent; it is done in batches from now on (X-36.15)."""
    change.approved_by = work.actor.user


@tag_changes.move("submitted", "refused", rejects=consent)
def refuse(change: TagChange, reason: Reason) -> None:
    """Nothing is changed (X-36.15)."""


@tag_changes.change("applying", by=[Role.SYSTEM])
def apply(change: TagChange, work: Work) -> None:
    """The next customers get the tag; after the last the change is done (X-36.15)."""
    tag = work.get(Tag, change.tag)
    found = batches.next(work, change, sa.select(Customer).where(*_fitting(change, tag)), Customer.id)
    several = work.session.scalars(found.with_for_update()).all()
    for portrait in portraits_of(work, several):
        decided = {"confirmed_by": change.approved_by, "cause": change.number}
        if not tag.is_multiple:
            portrait.decide(tag, change.value)
        portrait.say(tag, change.value, TagSource.STEWARD, **decided)
        classify(portrait)
        portrait.settle()
    change.changed += len(several)
    if not batches.went_on(work, change, several):
        work.perform(complete, change)


@tag_changes.move("applying", "applied", by=[Role.SYSTEM])
def complete(change: TagChange) -> None:
    """Every customer that fits has the tag (X-36.15)."""


batches = in_parts(tag_changes, "next_batch", size=BATCH, starts="applying", reached="last_uid", then=apply)


def _equality(work: Work, condition: str) -> str:
    """A tag and the value that it has to have."""
    kept = checked(work, [condition], field="condition")[0]
    if condition_of(kept).operator != "=":
        raise ValidationFailed.of("condition", "tag_condition_equal")
    return kept


def _fitting(change: TagChange, tag: Tag) -> list[Any]:
    """The customers who were on record when the change was proposed, and are what it asks for."""
    conditions: list[Any] = [Customer.state == "registered", Customer.created_at <= change.created_at]
    conditions += [Customer.kind == tag.applies_to] if tag.applies_to else []
    conditions += [Customer.lifecycle_stage == change.lifecycle_stage] if change.lifecycle_stage else []
    conditions += [Customer.source == change.source] if change.source else []
    if change.project_id is not None or change.company_id is not None:
        here = (
            CustomerStage.project_id == change.project_id
            if change.project_id is not None
            else CustomerStage.company_id == change.company_id
        )
        conditions.append(Customer.id.in_(sa.select(CustomerStage.uid).where(here)))
    if change.condition is not None:
        asked = condition_of(change.condition)
        said = CustomerTag.tag == asked.tag, CustomerTag.value == asked.value, CustomerTag.is_effective
        conditions.append(Customer.id.in_(sa.select(CustomerTag.uid).where(*said)))
    return conditions
