"""The catalogue changes: every portrait follows, in batches (L-05, L-18, X-58)."""

from __future__ import annotations

import sqlalchemy as sa

from services.chassis import clocks
from services.chassis.clocks import clock
from services.chassis.work import Work
from services.contracts.roles import Role
from services.leads.customers.customer import Customer
from services.leads.portraits.changes import BATCH, PAUSE
from services.leads.portraits.portrait import portraits_of
from services.leads.portraits.tags import Tag, tags

__all__ = ["tags"]


@tags.change(by=[Role.SYSTEM])
def recount(tag: Tag, work: Work) -> None:
    """The next records are what the catalogue asks for now: complete or not, and without conflicts about a retired tag.
    Nothing was heard of the customers (L-05, L-06, L-18)."""
    size = int(work.parameter(BATCH))
    found = sa.select(Customer).where(Customer.state == "registered", Customer.id > tag.reached)
    several = work.session.scalars(found.order_by(Customer.id).limit(size).with_for_update()).all()
    for portrait in portraits_of(work, several):
        portrait.follow()
    tag.reached = several[-1].id if len(several) == size else None
    clocks.restart(work, tags, tag, "next_batch")


clock(
    tags,
    "next_batch",
    limit=lambda tag: PAUSE if tag.reached is not None else None,
    starts=("in_force", "retired"),
    then=recount,
)
