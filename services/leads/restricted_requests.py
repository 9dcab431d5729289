"""Discounts, name transfers and resale listings: no agent has a function for them; the lead asks on the agent's behalf
and the sales director decides (X-36.10, L-32, L-68, L-77)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, HomeId, LongText, Money, Number, Reason, User
from services.contracts.vocabulary.sales import RestrictedFunction
from services.leads.customers import Customer
from services.leads.homes import Home
from services.leads.ownership.readers import of_agent
from services.leads.readers import SALE_READERS


class RestrictedRequest(Record):
    """What a customer wants that only the sales director can grant; `agent` is on whose behalf the lead asks."""

    number: Mapped[Number]
    function: Mapped[RestrictedFunction]
    agent: Mapped[User]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId]
    discount: Mapped[Money | None]
    new_uid: Mapped[CustomerUid | None]
    why: Mapped[LongText]
    reason: Mapped[Reason | None]


restricted_requests = Process(
    RestrictedRequest,
    numbered="RR",
    readers=SALE_READERS,
    listed=["number", "function", "agent", "uid", "home_id", "discount", "why", "reason"],
    filters=["project_id", "function", "agent", "uid", "home_id", "created_at"],
    search=["number", "why"],
    own=of_agent(RestrictedRequest, SALE_READERS, "agent"),
)
#: X-36.10; the authority matrix may name another approver by the amount of the discount.
restricted_approval = ApprovalRule(
    "restricted_request",
    "X-36.10",
    Role.SALES_DIRECTOR,
    snapshot=("number", "function", "agent", "uid", "home_id", "discount", "new_uid", "why"),
    amount=lambda request: request.discount,
)


@restricted_requests.create("submitted", by=[Role.SITE_SALES_LEAD], submits=restricted_approval)
def submit(
    function: RestrictedFunction,
    agent: User,
    uid: CustomerUid,
    home_id: HomeId,
    why: LongText,
    work: Work,
    discount: Money | None = None,
    new_uid: CustomerUid | None = None,
) -> RestrictedRequest:
    """Ask for a discount, another name in the contract, or a resale listing, on an agent's behalf (X-36.10)."""
    home = work.get(Home, home_id, field="home_id")
    work.get(Customer, uid, field="uid")
    if function == RestrictedFunction.DISCOUNT:
        if discount is None:
            raise ValidationFailed.of("discount", "required")
        if discount <= 0 or (home.price is not None and discount >= home.price):
            raise ValidationFailed.of("discount", "no_discount_of_the_price")
    if function == RestrictedFunction.NAME_TRANSFER:
        if new_uid is None:
            raise ValidationFailed.of("new_uid", "required")
        if new_uid == uid:
            raise ValidationFailed.of("new_uid", "same_purchaser")
        work.get(Customer, new_uid, field="new_uid")
    return RestrictedRequest(
        function=function,
        agent=agent,
        uid=uid,
        home_id=home_id,
        discount=discount if function == RestrictedFunction.DISCOUNT else None,
        new_uid=new_uid if function == RestrictedFunction.NAME_TRANSFER else None,
        why=why,
        project_id=home.project_id,
        company_id=home.company_id,
    )


@restricted_requests.move("submitted", "approved", approves=restricted_approval)
def approve(request: RestrictedRequest, comment: Reason = "") -> None:
    """Let the lead do it as it was asked for (X-36.10)."""
    request.reason = comment or None


@restricted_requests.move("submitted", "refused", rejects=restricted_approval)
def refuse(request: RestrictedRequest, reason: Reason) -> None:
    """Refuse it, with the reason (X-36.10)."""
    request.reason = reason


def discount_granted(work: Work, home_id: str, uid: str) -> Decimal:
    """The largest discount that the sales director has granted to a customer for a home (X-36.10, L-68)."""
    granted = work.all(
        RestrictedRequest, function=RestrictedFunction.DISCOUNT, home_id=home_id, uid=uid, state="approved"
    )
    return max((one.discount for one in granted if one.discount is not None), default=Decimal())
