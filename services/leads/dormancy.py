"""Customers who have fallen silent: told after so many days without a contact, confirmed as dormant by whoever looks
after them, and turned to again (L-56 to L-58, X-72)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis.calendars import CALENDARS, ZONE
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.registers import standing
from services.chassis.work import Work
from services.contracts.events.leads_sales import ChurnRiskDetected
from services.contracts.roles import Role
from services.contracts.vocabulary.common import LifecycleStage
from services.contracts.vocabulary.reception import FollowUpCause
from services.leads.customers import CustomerStage, stages
from services.leads.customers.customer import COUNTED
from services.leads.customers.lifecycle import SALES, SILENCE, change_stage
from services.leads.interactions import Interaction, took_part
from services.leads.ownership.protections import open_protections
from services.leads.ownership.records import Protection
from services.leads.reception.follow_ups import plan

__all__ = ["PARAMETERS", "stages"]

NO_INTERACTION = Parameter("churn.no_interaction", 30, "days", "L-56", calendar="dates")
ESCALATION = Parameter("churn.escalation", 24, "h", "L-56")
PARAMETERS = [NO_INTERACTION, ESCALATION]
#: The stages in which a silence is a risk: who has bought, or is cultivated or lost, is not waited for.
WAITED_FOR = ("registered", "visited", "interested")


def last_contact(work: Work, stage: CustomerStage) -> datetime:
    """When the customer last took part in a contact; the beginning of the stage where they never did."""
    of_customer = sa.select(sa.func.max(Interaction.at)).where(Interaction.uid == stage.uid, took_part())
    return work.session.scalar(of_customer.where(standing(Interaction))) or stage.since


def _silent(stage: CustomerStage, work: Work) -> Obstacle | None:
    """Neither a contact nor another stage for so long."""
    days = int(work.parameter(NO_INTERACTION))
    since = max(stage.since, last_contact(work, stage))
    ends = CALENDARS[NO_INTERACTION.calendar].add(since, NO_INTERACTION.length(days))
    if work.now >= ends:
        return None
    return Obstacle("not_silent_yet", {"days": days, "on": ends.astimezone(ZONE).date().isoformat()})


@stages.change(WAITED_FOR, by=[Role.SYSTEM])
def notice_silence(stage: CustomerStage, work: Work) -> None:
    """So many days on end without a contact are told (L-56)."""
    work.emit(
        ChurnRiskDetected,
        stage,
        days=int(work.parameter(NO_INTERACTION)),
        last_contact_at=last_contact(work, stage),
        agent=owner_of(work, stage),
    )


@stages.move("interested", "dormant", by=SALES, guard=_silent)
def note_silence(stage: CustomerStage, work: Work) -> None:
    """The silence is confirmed: the customer is dormant, and a follow-up is dispatched at once (X-72, L-57)."""
    change_stage(stage, LifecycleStage.DORMANT, work)
    assert stage.project_id is not None
    work.perform(
        plan,
        uid=stage.uid,
        project_id=stage.project_id,
        cause=FollowUpCause.SILENCE,
        agent=owner_of(work, stage),
    )


def _whose(stage: CustomerStage, work: Work) -> tuple[str, str | None]:
    """Whose customer it is turns to them; where nobody's, the site's lead finds somebody (L-56)."""
    owner = owner_of(work, stage)
    return (Role.SALES_AGENT if owner else Role.SITE_SALES_LEAD), owner


clock(
    stages,
    SILENCE,
    limit=NO_INTERACTION,
    starts=WAITED_FOR,
    stops=(*(one for one in COUNTED if one not in WAITED_FOR), "merged"),
    then=notice_silence,
    alarm=Alarm(
        "no_interaction",
        "L-56",
        whom=_whose,
        ladder=lambda stage, step: Role.SITE_SALES_LEAD if step == 1 else None,
        every=lambda stage: ESCALATION,
    ),
)


def owner_of(work: Work, stage: CustomerStage) -> str | None:
    """Whose customer it is now; nobody's, when no protection is open (D-18)."""
    return next((one.agent for one in open_protections(work, stage.uid, stage.project_id)), None)


@stages.mark
def in_pool() -> Any:
    """Customers who have not bought and whom nobody protects any more: any agent of the site serves them (L-58)."""
    of_customer = Protection.uid == CustomerStage.uid, Protection.project_id == CustomerStage.project_id
    expired, held = (sa.exists().where(*of_customer, Protection.state == one) for one in ("expired", "open"))
    return sa.and_(CustomerStage.state.in_((*WAITED_FOR, LifecycleStage.DORMANT)), expired, ~held)
