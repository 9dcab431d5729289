"""How far a customer has come: a stage per project, and the furthest of them overall (X-72)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.chassis import clocks
from services.chassis.moves import MOVES
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerStageChanged
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, LifecycleStage, ProjectId, Reason
from services.contracts.vocabulary.reception import LostReason
from services.contracts.vocabulary.sales import ConcernTopic
from services.leads.customers.customer import COUNTED, Customer, CustomerStage, locked, stages
from services.leads.ownership.records import Protection
from services.leads.projects import project_of

#: From the least to the furthest; what is further is kept when another home of the project begins anew.
ORDER = (
    LifecycleStage.LOST,
    LifecycleStage.REGISTERED,
    LifecycleStage.NURTURING,
    LifecycleStage.DORMANT,
    LifecycleStage.VISITED,
    LifecycleStage.INTERESTED,
    LifecycleStage.RESERVED,
    LifecycleStage.CONTRACTED,
    LifecycleStage.OWNER,
    LifecycleStage.OLD_OWNER,
)
PROSPECT = ("registered", "visited", "interested", "dormant")
SALES = [Role.SALES_AGENT, Role.SITE_SALES_LEAD]
#: The concern of X-82 that stands behind a reason for which customers are lost; none where it is no concern (L-59).
CONCERN_BEHIND = {
    LostReason.PRICE: ConcernTopic.BUDGET,
    LostReason.LOAN: ConcernTopic.BUDGET,
    LostReason.HOME_TYPE: ConcernTopic.HOME_FEATURES,
    LostReason.QUALITY: ConcernTopic.HOME_QUALITY,
    LostReason.ESTATE: ConcernTopic.ESTATE_PLANNING,
    LostReason.FACILITIES: ConcernTopic.FACILITIES,
    LostReason.LOCATION: ConcernTopic.LOCATION,
    LostReason.TRUST: ConcernTopic.DEVELOPER_TRUST,
    LostReason.SERVICE: ConcernTopic.SALES_SERVICE,
    LostReason.DELIVERY: ConcernTopic.DELIVERY_ON_TIME,
    LostReason.MARKET: ConcernTopic.MARKET_CHANGES,
}
#: The limit of a customer's silence, declared in `services.leads.dormancy`.
SILENCE = "silence"


@stages.create("registered", by=SALES)
def begin(uid: CustomerUid, project_id: ProjectId, work: Work) -> CustomerStage:
    """A customer's first contact with a project (X-72)."""
    customer = work.get(Customer, uid, field="uid")
    project = project_of(work, project_id)
    if stage_of(work, uid, project_id) is not None:
        raise ValidationFailed.of("uid", "taken")
    place = {"project_id": project.id, "company_id": project.company_id}
    return CustomerStage(uid=uid, since=work.now, source=customer.source, **place)


@stages.move(("registered", "dormant", "lost"), "visited", by=SALES)
def visit(stage: CustomerStage, work: Work) -> None:
    """The first visit, or the first after a silence (X-72)."""
    change_stage(stage, LifecycleStage.VISITED, work)


@stages.move(("registered", "visited", "dormant"), "interested", by=SALES)
def note_interest(stage: CustomerStage, work: Work) -> None:
    """Budget, preference and purpose are known (X-72)."""
    change_stage(stage, LifecycleStage.INTERESTED, work)


@stages.move(PROSPECT, "nurturing", by=[Role.CLUB_OFFICER])
def nurture(stage: CustomerStage, work: Work) -> None:
    """Not closed: long cultivation begins (X-72)."""
    change_stage(stage, LifecycleStage.NURTURING, work)


@stages.move((*PROSPECT, "nurturing", "lost"), "reserved", by=[Role.SYSTEM])
def reserve(stage: CustomerStage, work: Work) -> None:
    """The subscription agreement is signed (X-72)."""
    change_stage(stage, LifecycleStage.RESERVED, work)


@stages.move((*PROSPECT, "nurturing", "lost", "reserved"), "contracted", by=[Role.SYSTEM])
def contract(stage: CustomerStage, work: Work) -> None:
    """The sale contract is signed: a prospective owner (X-72)."""
    change_stage(stage, LifecycleStage.CONTRACTED, work)


@stages.move((*PROSPECT, "nurturing", "lost", "reserved", "contracted"), "owner", by=[Role.SYSTEM])
def become_owner(stage: CustomerStage, work: Work) -> None:
    """The home has been handed over, or was bought from its owner (X-72)."""
    change_stage(stage, LifecycleStage.OWNER, work)


@stages.move("owner", "old_owner", by=[Role.SYSTEM])
def settle(stage: CustomerStage, work: Work) -> None:
    """Moved in while the warranty runs, or the home was sold on (X-72)."""
    change_stage(stage, LifecycleStage.OLD_OWNER, work)


@stages.move(("reserved", "contracted"), "interested", by=[Role.SYSTEM])
def fall_back(stage: CustomerStage, work: Work, reason: Reason = "") -> None:
    """The reservation was withdrawn, or the contract ended before the handover (X-72, L-77)."""
    change_stage(stage, LifecycleStage.INTERESTED, work, reason)


@stages.move((*PROSPECT, "nurturing"), "lost", by=[*SALES, Role.CLUB_OFFICER])
def lose(
    stage: CustomerStage, lost_reason: LostReason, work: Work, topic: ConcernTopic | None = None, reason: Reason = ""
) -> None:
    """Declared lost, or cultivated without a purchase: why, and which concern is behind it (X-72, L-59)."""
    stage.lost_reason, stage.topic = lost_reason, topic or CONCERN_BEHIND.get(lost_reason)
    change_stage(stage, LifecycleStage.LOST, work, reason)


@stages.move("lost", "registered", by=SALES)
def reopen(stage: CustomerStage, work: Work) -> None:
    """A new contact (X-72)."""
    change_stage(stage, LifecycleStage.REGISTERED, work)


@stages.move("registered", "withdrawn", by=[Role.SYSTEM])
def end(stage: CustomerStage) -> None:
    """The customer was withdrawn with the import that had registered them (L-02)."""


@stages.move(COUNTED, "merged", by=[Role.SYSTEM])
def merge(stage: CustomerStage) -> None:
    """The customer was merged with one who has been in the project, too; goes back as it was with them (L-04)."""


#: What an inbound contact makes of who was silent or lost.
BACK_BY = {"dormant": note_interest, "lost": reopen}
#: The moves that other processes drive, by the stage that they reach.
REACHED_BY = {
    LifecycleStage.RESERVED: reserve,
    LifecycleStage.CONTRACTED: contract,
    LifecycleStage.OWNER: become_owner,
    LifecycleStage.OLD_OWNER: settle,
}


def advance_stage(work: Work, uid: str, project_id: str, to: LifecycleStage) -> None:
    """Bring a customer to a stage; who is there already, or further by another home, stays (X-72, X-76)."""
    stage = stage_of(work, uid, project_id) or work.perform(begin, uid=uid, project_id=project_id)
    if MOVES[REACHED_BY[to]].allows(stage.state):
        work.perform(REACHED_BY[to], stage)


def hear_from(work: Work, uid: str, at: datetime, *, inbound_in: str | None = None) -> None:
    """The customer took part in a contact: the silence is counted anew in every project; where they came to us, who
    was dormant is interested again, and who was lost is back (X-72, L-56)."""
    for stage in _stages_of(work, uid):
        clocks.restart(work, stages, stage, SILENCE, since=at)
        if stage.project_id == inbound_in and stage.state in BACK_BY:
            work.perform(BACK_BY[stage.state], stage)


def stage_of(work: Work, uid: str, project_id: str | None) -> CustomerStage | None:
    """The customer's stage in a project."""
    return next((stage for stage in _stages_of(work, uid) if stage.project_id == project_id), None)


def _stages_of(work: Work, uid: str) -> list[CustomerStage]:
    return work.all(CustomerStage, CustomerStage.uid == uid)


def furthest(stages_reached: list[str]) -> LifecycleStage:
    """The stage overall: the furthest of those in the projects (X-72)."""
    return max((LifecycleStage(one) for one in stages_reached), key=ORDER.index, default=LifecycleStage.REGISTERED)


def change_stage(stage: CustomerStage, to: LifecycleStage, work: Work, reason: str = "") -> None:
    """Keep since when and why, bring the customer's overall stage along, and tell."""
    customer = locked(work, stage.uid)
    # Only now: whoever changed another stage of the customer meanwhile has been waited for.
    others = sa.select(CustomerStage.state).where(CustomerStage.uid == stage.uid, CustomerStage.id != stage.id)
    customer.lifecycle_stage = furthest([to, *work.session.scalars(others)])
    stage.since, stage.reason = work.now, reason or None
    for protection in work.all(Protection, uid=stage.uid, project_id=stage.project_id, state="open"):
        protection.stage = to
    work.emit(CustomerStageChanged, stage, from_stage=stage.state, to_stage=to, at=work.now)
