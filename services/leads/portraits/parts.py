"""The registers and figures of the portraits, as the service lists them."""

from __future__ import annotations

from typing import Any

from services.chassis.process import Process
from services.leads.portraits import behaviour, classification, figures, matching, portrait
from services.leads.portraits.browsing import browsing_entries
from services.leads.portraits.changes import BATCH, tag_changes
from services.leads.portraits.content import content_rules
from services.leads.portraits.household import household_links
from services.leads.portraits.recounting import tags
from services.leads.portraits.screening import leads
from services.leads.portraits.tags import found

__all__ = ["PARAMETERS", "PROCESSES", "found"]

PROCESSES: list[Process[Any]] = [
    tags,
    behaviour.customer_tags,
    figures.tag_conflicts,
    browsing_entries,
    leads,
    household_links,
    content_rules,
    tag_changes,
]
PARAMETERS = [*portrait.PARAMETERS, *classification.PARAMETERS, *matching.PARAMETERS, BATCH]
