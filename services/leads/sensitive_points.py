"""Sensitive points of handovers, and what may become a group complaint, before a home is handed over (X-110, C-74)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.chassis.advice import Caution, advises
from services.chassis.reminders import reminders
from services.chassis.work import Work
from services.contracts.vocabulary.lessons import CrmStage
from services.leads.handovers import assess, handovers, plan

__all__ = ["handovers"]

POINTS = "complaints/sensitive_point"
SHOWN = ("title", "operation_standard")


@advises(plan)
@advises(assess)
def remind(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Risks of group complaints of every stage, then the other points of the handover (X-110, C-74)."""
    published = {"state": "published"}
    yield from reminders(work, POINTS, "group_risk_here", *SHOWN, **published, is_group_risk=True)
    of_handover = {**published, "stage": CrmStage.HANDOVER, "is_group_risk": False}
    yield from reminders(work, POINTS, "sensitive_point_here", *SHOWN, **of_handover)
