"""Sensitive points of the club and of care, for whoever plans a visit, a call or an attention (X-110)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.chassis.advice import Caution, advises
from services.chassis.reminders import reminders
from services.chassis.work import Work
from services.contracts.vocabulary.lessons import CrmStage
from services.membership.care import care_tasks, plan
from services.membership.follow_ups import schedule

__all__ = ["care_tasks"]

OF_THE_CLUB = {"state": "published", "stage": CrmStage.CLUB}


@advises(plan)
@advises(schedule)
def remind(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Each with the standard by which it is worked (X-110)."""
    shown = "title", "operation_standard"
    yield from reminders(work, "complaints/sensitive_point", "sensitive_point_here", *shown, **OF_THE_CLUB)
