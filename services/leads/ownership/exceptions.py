"""Exceptions from ownership: an agent leaves or is reassigned, and another has their customers (L-42, X-36.11)."""

from __future__ import annotations

from services.chassis.authority import ApprovalRule
from services.chassis.process import Process
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, LongText, ProjectId, Reason, User
from services.leads.customers import Customer
from services.leads.ownership.protections import reconcile
from services.leads.ownership.readers import of_agent
from services.leads.ownership.records import OwnershipException, Protection
from services.leads.projects import project_of
from services.leads.readers import FLOOR_READERS

exceptions = Process(
    OwnershipException,
    key="exception_id",
    numbered="OE",
    readers=FLOOR_READERS,
    listed=["number", "giver", "taker", "uid", "why", "moved", "granted_at"],
    filters=["project_id", "giver", "taker", "uid", "granted_at"],
    search=["number", "why"],
    own=of_agent(OwnershipException, FLOOR_READERS, "giver", "taker"),
)
exception_approval = ApprovalRule(
    "ownership_exception", "X-36.11", Role.SALES_DIRECTOR, snapshot=("number", "giver", "taker", "uid", "why")
)


@exceptions.create("requested", by=[Role.SITE_SALES_LEAD], submits=exception_approval)
def request(
    project_id: ProjectId, giver: User, taker: User, why: LongText, work: Work, uid: CustomerUid | None = None
) -> OwnershipException:
    """Ask that an agent's open protections become another's, all of a project or one customer's (X-36.11)."""
    project = project_of(work, project_id)
    if giver == taker:
        raise ValidationFailed.of("taker", "same_agent")
    if uid is not None:
        work.get(Customer, uid, field="uid")
    asked = OwnershipException(
        giver=giver, taker=taker, uid=uid, why=why, moved=0, project_id=project.id, company_id=project.company_id
    )
    if not _held(work, asked):
        raise ValidationFailed.of("giver", "holds_no_customer")
    return asked


@exceptions.move("requested", "granted", approves=exception_approval)
def grant(exception: OwnershipException, work: Work, comment: Reason = "") -> None:
    """The windows go on with the other agent, as they stand (L-42, X-36.11)."""
    held = _held(work, exception)
    exception.granted_at, exception.moved = work.now, len(held)
    work.session.flush()
    for uid in held:
        reconcile(work, uid, str(exception.project_id))


@exceptions.move("requested", "refused", rejects=exception_approval)
def refuse(exception: OwnershipException, reason: Reason) -> None:
    """Everything stays as the rules have it (X-36.11)."""
    exception.reason = reason


def _held(work: Work, exception: OwnershipException) -> list[str]:
    """The customers whom it concerns, in an order that everybody locks them in."""
    named = [Protection.uid == exception.uid] if exception.uid else []
    theirs = Protection.project_id == exception.project_id, Protection.agent == exception.giver
    held = work.all(Protection, *theirs, Protection.state == "open", *named)
    return sorted({one.uid for one in held})
