"""The limits of an enquiry that a human has to answer (C-20 to C-22, C-26), and how a settled one ends."""

from __future__ import annotations

from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.complaints.cases.limits import (
    ESCALATION,
    HIGH_VALUE_ESCALATION,
    HIGH_VALUE_RESPONSE,
    RESPONSE,
    SOLUTION,
)
from services.complaints.enquiries.desk import close, miss_response
from services.complaints.enquiries.enquiry import Enquiry, enquiries
from services.complaints.enquiries.handling import confirm
from services.contracts.roles import Role
from services.contracts.vocabulary.complaints import ServiceTier

SILENCE = Parameter("enquiry.silence", 24, "h", "C-117")
SETTLED = Parameter("enquiry.settled", 72, "h", "C-117")
#: The ladder after a missed limit (C-34).
LADDER = {1: Role.COMPLAINT_SUPERVISOR, 2: Role.CUSTOMER_CENTRE}


def _is_high_value(enquiry: Enquiry) -> bool:
    return enquiry.tier == ServiceTier.HIGH_VALUE


def _response(enquiry: Enquiry) -> Parameter | None:
    if enquiry.responded_at is not None:
        return None
    return HIGH_VALUE_RESPONSE if _is_high_value(enquiry) else RESPONSE


def _alarm(rule: str, source: str) -> Alarm:
    return Alarm(
        rule,
        source,
        to=lambda enquiry: Role.HOTLINE_OPERATOR,
        user=lambda enquiry: enquiry.adviser or enquiry.handler,
        ladder=lambda enquiry, step: LADDER.get(step),
        every=lambda enquiry: HIGH_VALUE_ESCALATION if _is_high_value(enquiry) else ESCALATION,
    )


# Counted from the question: what the bot said meanwhile takes nothing off (C-28).
clock(
    enquiries,
    "first_response",
    limit=_response,
    starts="escalated",
    stops="answered_by_human",
    since="asked_at",
    alarm=_alarm("enquiry_not_responded", "C-20"),
    then=miss_response,
)
clock(
    enquiries,
    "solution",
    limit=SOLUTION,
    starts="escalated",
    stops="answered_by_human",
    since="asked_at",
    alarm=_alarm("enquiry_not_answered", "C-21"),
)
clock(enquiries, "silence", limit=SILENCE, starts="answered_by_bot", stops=("confirmed", "escalated"), then=confirm)
clock(enquiries, "settled", limit=SETTLED, starts=("confirmed", "answered_by_human"), then=close)
