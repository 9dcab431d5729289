"""What the rotation adds to the service."""

from __future__ import annotations

from typing import Any

from services.chassis.process import Process
from services.leads.rotation import facts, figures, notices, presentation, readiness
from services.leads.rotation.ring import make_ups, rosters, slots

PROCESSES: list[Process[Any]] = [
    rosters,
    slots,
    figures.receptions,
    make_ups,
    notices.deputy_notices,
    readiness.readiness_checks,
    figures.fact_changes,
    facts.fact_receipts,
    presentation.presentation_checks,
]
PARAMETERS = [notices.NOTICE_HOUR, notices.NOTICE_STEP, facts.READ_BACK, presentation.FINDING_DUE]
