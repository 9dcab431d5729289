"""Published by complaints: what is said in public, and what the group centre is asked (domain 4.3)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary import CaseId, LongText, Number


class ComplaintAppealed(Event, subject="case_id"):
    """A customer turns to the group centre, not satisfied with how the local company received the complaint (C-90)."""

    case_id: CaseId
    number: Number
    reason: LongText
