"""Sensitive points of repairs, for whoever takes one in or decides how it is done (X-110)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.chassis.advice import Caution, advises
from services.chassis.reminders import reminders
from services.chassis.work import Work
from services.contracts.vocabulary.lessons import CrmStage
from services.maintenance.work_orders import orders
from services.maintenance.work_orders.intake import report, triage

__all__ = ["orders"]

OF_REPAIRS = {"state": "published", "stage": CrmStage.MAINTENANCE}


@advises(report)
@advises(triage)
def remind(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Each with the standard by which it is worked (X-110)."""
    shown = "title", "operation_standard"
    yield from reminders(work, "complaints/sensitive_point", "sensitive_point_here", *shown, **OF_REPAIRS)
