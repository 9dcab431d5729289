"""The catalogue changes: every portrait follows, in batches (L-05, L-18, X-58)."""

from __future__ import annotations

import sqlalchemy as sa

from services.chassis.parts import in_parts
from services.chassis.work import Work
from services.contracts.roles import Role
from services.leads.customers.customer import Customer
from services.leads.portraits.changes import BATCH
from services.leads.portraits.portrait import portraits_of
from services.leads.portraits.tags import Tag, tags

__all__ = ["tags"]


@tags.change(by=[Role.SYSTEM])
def recount(tag: Tag, work: Work) -> None:
    """The next records are what the catalogue asks for now: complete or not, and without conflicts about a retired tag.
    Nothing was heard of the customers (L-05, L-06, L-18)."""
    registered = sa.select(Customer).where(Customer.state == "registered")
    several = work.session.scalars(batches.next(work, tag, registered, Customer.id).with_for_update()).all()
    for portrait in portraits_of(work, several):
        portrait.follow()
    batches.went_on(work, tag, several)


batches = in_parts(
    tags,
    "next_batch",
    size=BATCH,
    starts=("in_force", "retired"),
    reached="reached",
    then=recount,
    needed=lambda tag: tag.reached is not None,
)
