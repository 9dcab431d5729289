"""Customers whom sales lose sight of: the club thinks of cultivating or of waking them up (L-46, L-56, L-58, B-100)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.events.leads_sales import ChurnRiskDetected, OwnershipAssigned, OwnershipExpired
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Day, LongText, Number, ProjectId, Reason, User
from services.contracts.vocabulary.segments import WakeUpCause
from services.membership.contact_rights import rights_of
from services.membership.places import READERS
from services.membership.purchases import Purchase, has_bought, purchases

DESK = [Role.CLUB_OFFICER, Role.CUSTOMER_MANAGER]
TASK = "wake_up_customer"


class WakeUp(Record):
    """A customer to turn to, once for each customer and project; whoever does asks the `agent` first who has the
    customer until their window ends."""

    __table_args__ = (
        sa.Index(
            "uq_wake_up_open",
            "uid",
            "project_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    cause: Mapped[WakeUpCause]
    agent: Mapped[User | None]
    agent_until: Mapped[Day | None]
    former_agent: Mapped[User | None]
    result: Mapped[LongText | None]
    reason: Mapped[Reason | None]


wake_ups = Process(
    WakeUp,
    numbered="WU",
    readers=READERS,
    listed=["number", "uid", "cause", "agent", "agent_until", "former_agent", "created_at"],
    filters=["project_id", "uid", "cause", "agent", "former_agent"],
)


@wake_ups.create("open", by=[Role.SYSTEM])
def think_of(
    uid: CustomerUid,
    project_id: ProjectId,
    cause: WakeUpCause,
    work: Work,
    agent: User | None = None,
    agent_until: Day | None = None,
    former_agent: User | None = None,
) -> WakeUp:
    """The club has a customer to turn to (L-56, L-58)."""
    who = {"agent": agent, "agent_until": agent_until, "former_agent": former_agent}
    wake_up = WakeUp(uid=uid, cause=cause, **who, **place_of(work, None, project_id))
    work.begin_life(wake_ups, wake_up, "open")
    work.task(TASK, wake_up, role=Role.CLUB_OFFICER)
    return wake_up


@wake_ups.move("open", "done", by=DESK)
def finish(wake_up: WakeUp, result: LongText, work: Work) -> None:
    """The customer was turned to, and how: woken up, or taken into a cultivation (L-56, B-100)."""
    wake_up.result = result
    work.end_tasks(wake_up, "done", result=result)


@wake_ups.move("open", "dropped", by=DESK)
def drop(wake_up: WakeUp, reason: Reason, work: Work) -> None:
    """Not turned to, and why not."""
    wake_up.reason = reason
    work.end_tasks(wake_up, "dropped")


@wake_ups.move("open", "resumed", by=[Role.SYSTEM])
def resume(wake_up: WakeUp, work: Work) -> None:
    """The customer called, came or bought: an agent has them again (L-42)."""
    work.end_tasks(wake_up, "dropped")


@wake_ups.reacts(ChurnRiskDetected)
def on_churn_risk_detected(event: ChurnRiskDetected, work: Work) -> None:
    """Nobody has heard of the customer for long: begin a cultivation, or wake them up (L-56)."""
    _think_of(work, event, WakeUpCause.SILENCE, agent=event.agent)


@wake_ups.reacts(OwnershipExpired)
def on_ownership_expired(event: OwnershipExpired, work: Work) -> None:
    """Who has not bought, and is nobody's any more, is a candidate for a cultivation (L-46, L-58)."""
    if not rights_of(work, event.uid, event.project_id):
        _think_of(work, event, WakeUpCause.OWNERSHIP_EXPIRED, former_agent=event.former_agent)


@wake_ups.reacts(OwnershipAssigned)
def on_ownership_assigned(event: OwnershipAssigned, work: Work) -> None:
    """A call or a visit ended the silence (L-40, L-56)."""
    _resume(work, event.uid, event.project_id)


@purchases.followed("begin")
def on_purchase(purchase: Purchase, work: Work) -> None:
    """The customer has reserved or bought a home (L-66, L-76)."""
    _resume(work, purchase.uid, str(purchase.project_id))


def _resume(work: Work, uid: str, project_id: str) -> None:
    waiting = _open(work, uid, project_id)
    if waiting is not None:
        work.perform(resume, waiting)


def _think_of(work: Work, event: ChurnRiskDetected | OwnershipExpired, cause: WakeUpCause, **who: Any) -> None:
    """Once while nobody has turned to the customer, and not of one who has bought."""
    if _open(work, event.uid, event.project_id) is not None or has_bought(work, event.uid, event.project_id):
        return
    right = next(iter(rights_of(work, event.uid, event.project_id)), None)
    if right is not None:
        who |= {"agent": right["agent"], "agent_until": Day.fromisoformat(right["until"])}
    work.perform(think_of, uid=event.uid, project_id=event.project_id, cause=cause, **who)


def _open(work: Work, uid: str, project_id: str) -> WakeUp | None:
    return work.first(WakeUp, uid=uid, project_id=project_id, state="open")
