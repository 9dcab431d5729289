"""The limits of a case (C-20 to C-22, C-27) and the ladder after a missed one (C-34)."""

from __future__ import annotations

from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.complaints.cases.case import BEFORE_NEGOTIATION, Case, cases
from services.complaints.cases.levels import rung
from services.complaints.cases.supervision import miss_response, miss_solution, note_breach
from services.contracts.events.complaints import ComplaintResponseOverdue
from services.contracts.roles import Role
from services.contracts.vocabulary.complaints import ServiceTier

HIGH_VALUE_RESPONSE = Parameter("sla.high_value_response", 1, "h", "C-20")
RESPONSE = Parameter("complaint.alert_no_response", 2, "h", "C-22")
SOLUTION = Parameter("sla.ordinary_solution", 24, "h", "C-21")
HIGH_VALUE_ESCALATION = Parameter("complaint.escalation_high_value", 2, "h", "C-34")
ESCALATION = Parameter("complaint.escalation", 24, "h", "C-34")
PARAMETERS = [HIGH_VALUE_RESPONSE, RESPONSE, SOLUTION, HIGH_VALUE_ESCALATION, ESCALATION]


def is_high_value(case: Case) -> bool:
    return case.tier == ServiceTier.HIGH_VALUE


def escalation(case: Case) -> Parameter:
    """How long each rung of the ladder has (C-34)."""
    return HIGH_VALUE_ESCALATION if is_high_value(case) else ESCALATION


def _alarm(rule: str, source: str) -> Alarm:
    """To the dedicated adviser or the handler, then up the ladder."""
    return Alarm(
        rule,
        source,
        to=lambda case: Role.COMPLAINT_HANDLER,
        user=lambda case: case.adviser or case.handler,
        ladder=rung,
        every=escalation,
    )


clock(
    cases,
    "first_response",
    limit=lambda case: HIGH_VALUE_RESPONSE if is_high_value(case) else RESPONSE,
    starts="registered",
    since="counted_from",
    stops="responded",
    breach=ComplaintResponseOverdue,
    alarm=_alarm("complaint_not_responded", "C-22"),
    then=miss_response,
)
clock(
    cases,
    "solution",
    limit=lambda case: SOLUTION if case.solution_fed_back_at is None else None,
    starts="registered",
    since="counted_from",
    stops="negotiating",
    alarm=_alarm("solution_not_fed_back", "C-21"),
    then=miss_solution,
)
clock(
    cases,
    "next_answer",
    until="next_answer_on",
    starts=BEFORE_NEGOTIATION,
    stops="negotiating",
    alarm=_alarm("next_answer_missed", "C-27"),
    then=note_breach,
)
