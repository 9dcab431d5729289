"""How much there is of a customer: what two records that may be one are compared by (X-322)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from services.chassis import joining, views
from services.chassis.reports import Row, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, CustomerUid, Title
from services.leads.customers.customer import RESOURCE, Customer, customers
from services.leads.customers.duplicates import STEWARDSHIP

__all__ = ["customers"]


@dataclass(frozen=True, kw_only=True)
class Holding(Row):
    """How many records of a register name the customer in a field."""

    resource: Title
    field: Title
    records: Count


@report(
    customers, Holding, by=[*STEWARDSHIP, Role.AUDITOR], along=("resource", "field"), counts=(), figures=("records",)
)
def customer_holdings(work: Work, uid: CustomerUid | None = None) -> Iterator[Holding]:
    """What hangs on a customer's record, register by register and field by field: the numbers alone, also of what the
    reader may not open (X-322)."""
    seen = sa.select(Customer.id).where(Customer.id == uid, *views.seen(work, customers))
    if uid is None or work.session.scalar(seen) is None:
        return
    for process in work.service.resources.values():
        for one in joining.references(process.record, RESOURCE):
            if one.many:
                continue
            named = getattr(process.record, one.name) == uid
            number = work.session.scalar(sa.select(sa.func.count()).select_from(process.record).where(named))
            if number:
                yield Holding(resource=process.name, field=one.name, records=number)
