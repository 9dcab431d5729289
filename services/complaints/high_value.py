"""Customers of high value, as membership designates them: their requests get the one-hour tier (C-20, C-29)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Reason, User
from services.contracts.vocabulary.complaints import ServiceTier


class HighValueCustomer(Record):
    """What we remember of a designation. Its id is the customer's."""

    uid: Mapped[CustomerUid]
    reason: Mapped[Reason]
    adviser: Mapped[User | None]


high_value_customers = Process(
    HighValueCustomer,
    readers=[Role.COMPLAINT_HANDLER, Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE, Role.AUDITOR],
    title="uid",
    filters=["uid", "adviser"],
)


@high_value_customers.create("designated", by=[Role.SYSTEM])
def designate(uid: CustomerUid, reason: Reason, adviser: User | None = None) -> HighValueCustomer:
    """Membership has designated the customer (B-82)."""
    return HighValueCustomer(id=uid, uid=uid, reason=reason, adviser=adviser)


@high_value_customers.move(("designated", "revoked"), "designated", by=[Role.SYSTEM])
def confirm(customer: HighValueCustomer, reason: Reason, adviser: User | None = None) -> None:
    """Membership has designated the customer again, perhaps with another adviser (B-82)."""
    customer.reason, customer.adviser = reason, adviser


@high_value_customers.move("designated", "revoked", by=[Role.SYSTEM])
def revoke(customer: HighValueCustomer, reason: Reason) -> None:
    """The customer is no longer of high value (B-82)."""
    customer.reason, customer.adviser = reason, None


def tier_of(work: Work, uid: str) -> tuple[ServiceTier, str | None]:
    """The service tier of a customer's requests, and the dedicated adviser."""
    known = work.session.get(HighValueCustomer, uid)
    if known is None or known.state != "designated":
        return ServiceTier.ORDINARY, None
    return ServiceTier.HIGH_VALUE, known.adviser
