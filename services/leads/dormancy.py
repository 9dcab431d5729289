"""Customers who have fallen silent: so many days without a contact, confirmed by whoever looks after them (X-72)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from services.chassis.calendars import ZONE
from services.chassis.parameters import Parameter
from services.chassis.process import Obstacle
from services.chassis.work import Work
from services.contracts.vocabulary import LifecycleStage
from services.leads.customers import CustomerStage, stages
from services.leads.customers.lifecycle import SALES, change_stage
from services.leads.interactions import Interaction

__all__ = ["PARAMETERS", "stages"]

DORMANT_AFTER = Parameter("customer.dormant_after", 30, "days", "X-72")
PARAMETERS = [DORMANT_AFTER]


def _silent(stage: CustomerStage, work: Work) -> Obstacle | None:
    """Neither a contact nor another stage for so long."""
    last = work.session.scalar(sa.select(sa.func.max(Interaction.at)).where(Interaction.uid == stage.uid))
    days = int(work.parameter(DORMANT_AFTER))
    silent_from = max(stage.since, last or stage.since) + timedelta(days=days)
    if work.now >= silent_from:
        return None
    return Obstacle("not_silent_yet", {"days": days, "on": silent_from.astimezone(ZONE).date().isoformat()})


@stages.move("interested", "dormant", by=SALES, guard=_silent)
def note_silence(stage: CustomerStage, work: Work) -> None:
    """Thirty days without a contact, confirmed (X-72)."""
    change_stage(stage, LifecycleStage.DORMANT, work)
