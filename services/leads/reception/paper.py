"""The three paper registers of the sales site, in the paper's order, with what corrects what (L-20 to L-22, X-311)."""

from __future__ import annotations

from services.chassis.extracts import extract
from services.contracts.vocabulary.sales import VisitKind
from services.leads.readers import FLOOR_READERS
from services.leads.reception.recognition import call_entries, visit_entries

__all__ = ["call_entries", "visit_entries"]

CORRECTED = ("corrects_id", "correction_reason", "created_by", "created_at")
VISIT = (
    *("number", "at", "project_id", "uid", "place", "agent", "deputy", "named_agent", "how_named"),
    *("been_before", "has_called", "is_recommended", "referrer_uid", "party_size", "needs"),
    *("objection_topic", "objection", "objection_strength", "duration", "next_step"),
)

extract(
    call_entries,
    "incoming_call_register",
    columns=(
        *("number", "at", "project_id", "uid", "source", "topic", "needs", "agent", "is_invited", "appointment_at"),
        *CORRECTED,
    ),
    holding={},
    by=FLOOR_READERS,
)
for name, kind in (("visit_register", VisitKind.FIRST), ("return_visit_register", VisitKind.RETURN)):
    extract(visit_entries, name, columns=(*VISIT, *CORRECTED), holding={"kind": kind}, by=FLOOR_READERS)
