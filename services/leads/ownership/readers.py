"""What agents see of ownership: their own, while everybody else of the floor sees what is in their scope (X-393)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.chassis.actors import Actor, Roles, within
from services.contracts.roles import Role


def of_agent(record: Any, readers: Roles, *names: str) -> Callable[[Actor, datetime], Any]:
    """The condition of a register whose columns name agents: whoever reads it only as an agent sees what names them."""
    others = [role for role in readers if role != Role.SALES_AGENT]

    def own(actor: Actor, now: datetime) -> Any:
        return sa.or_(within(actor, others, record), *(getattr(record, name) == actor.user for name in names))

    return own
