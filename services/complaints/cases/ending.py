"""How a case ends otherwise than by closing, and how a closed one goes on (C-57 to C-59)."""

from __future__ import annotations

from datetime import timedelta

from services.chassis.calendars import ZONE
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.complaints.cases import plans
from services.complaints.cases.case import HANDLING, OPEN, REGISTERS, SUPERVISING, Case, cases, external_consent
from services.complaints.cases.intake import DESK, register
from services.complaints.cases.levels import calm
from services.contracts.events.complaints import ComplaintReopened, ComplaintWithdrawn
from services.contracts.roles import COMPETENT_DEPARTMENT
from services.contracts.vocabulary.common import LongText, Reason
from services.contracts.vocabulary.complaints import ExternalForum

FAILED_ROUNDS = Parameter("complaint.failed_rounds", 3, "rounds", "C-58")
REOPEN_PERIOD = Parameter("complaint.reopen_period", 30, "days", "C-59")
PARAMETERS = [FAILED_ROUNDS, REOPEN_PERIOD]


@cases.move(OPEN[: OPEN.index("agreed")], "withdrawn", by=[*DESK, COMPETENT_DEPARTMENT], emits=[ComplaintWithdrawn])
def withdraw(case: Case, statement: LongText, work: Work) -> None:
    """The customer takes it back, with a statement; until there is an agreement (C-57)."""
    case.withdrawal_statement = statement
    plans.drop(work, case)
    calm(work, case)


def _enough_rounds(case: Case, work: Work) -> Obstacle | None:
    needed = int(work.parameter(FAILED_ROUNDS))
    if case.failed_rounds >= needed:
        return None
    return Obstacle("too_few_rounds", {"failed": case.failed_rounds, "needed": needed})


@cases.change("negotiating", by=HANDLING, submits=external_consent, guard=_enough_rounds)
def request_external(case: Case, external_forum: ExternalForum, external_grounds: LongText) -> None:
    """Ask the manager to let mediation, arbitration or a court resolve it, after enough failed rounds (C-58, D-08)."""
    case.external_forum, case.external_grounds = external_forum, external_grounds


@cases.move("negotiating", "external_resolution", approves=external_consent)
def approve_external(case: Case, work: Work, comment: Reason = "") -> None:
    """Consent: the matter leaves the rounds of plan and negotiation (C-58)."""
    plans.drop(work, case)
    calm(work, case)


@cases.change("negotiating", rejects=external_consent)
def reject_external(case: Case, reason: Reason) -> None:
    """No consent: the sides go on negotiating (C-58)."""


def _in_time(case: Case, work: Work) -> Obstacle | None:
    assert case.closed_at is not None
    days = int(work.parameter(REOPEN_PERIOD))
    last = case.closed_at.astimezone(ZONE).date() + timedelta(days=days)
    if work.today <= last or (case.repeat_fault_at is not None and case.repeat_fault_at >= case.closed_at):
        return None
    return Obstacle("reopen_period_over", {"days": days, "last": last.isoformat()})


@cases.move(
    "closed",
    "reopened",
    by=[*DESK, *SUPERVISING],
    emits=[ComplaintReopened],
    guard=_in_time,
    takes=list(REGISTERS.values()),
)
def reopen(case: Case, reason: Reason, work: Work) -> None:
    """Go on as a new case that names the old one: within the period, or because the fault came back (C-59)."""
    successor = work.perform(
        register,
        kind=case.kind,
        uid=case.uid,
        home_id=case.home_id,
        project_id=case.project_id,
        category=case.category,
        channel=case.channel,
        description=reason,
        suggested_level=case.level,
        handler=case.handler,
        counterpart=case.counterpart,
        legal_basis=case.legal_basis,
        amount_claimed=case.amount_claimed,
        lawyer=case.lawyer,
        separate_reason=case.number,
    )
    successor.continues, case.continued_as = case.id, successor.id
