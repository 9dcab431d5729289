"""Enquiries: answered at once by the bot or by a human in time; what the bot knows; who is on duty (C-110 to C-117)."""

from typing import Any

from services.chassis.process import Process

# In the order of an enquiry's life, which is the order in which its states are listed.
# isort: off
from services.complaints.enquiries.enquiry import Enquiry, enquiries
from services.complaints.enquiries import handling, desk, limits, intake, routing
from services.complaints.enquiries.knowledge import KnowledgeEntry, knowledge
from services.complaints.enquiries import invalidation
from services.complaints.enquiries import roster
from services.complaints.enquiries.roster import DutyShift, duty_shifts
from services.complaints.enquiries.missed import ContactHour, MissedContact, contact_hours, missed_contacts

PARAMETERS = [*intake.PARAMETERS, *roster.PARAMETERS]
PROCESSES: list[Process[Any]] = [enquiries, knowledge, invalidation.facts, duty_shifts, missed_contacts, contact_hours]

__all__ = [
    "PARAMETERS",
    "PROCESSES",
    "ContactHour",
    "DutyShift",
    "Enquiry",
    "KnowledgeEntry",
    "MissedContact",
    "desk",
    "handling",
    "intake",
    "limits",
    "routing",
]
