"""Both sides at one table: agreement, or another round (C-48 to C-50, C-63)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.chassis import approvals
from services.chassis.advice import Caution, advises
from services.chassis.work import Work
from services.complaints.cases import plans
from services.complaints.cases.case import HANDLING, Case, cases
from services.complaints.cases.levels import listen, rejected_by_customer
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintAgreed
from services.contracts.vocabulary.common import Day, Files, LongText, Money, PersonName


@cases.move("plan_approved", "negotiating", by=HANDLING)
def negotiate(case: Case, minutes: LongText, offers: LongText, attendance: LongText, work: Work) -> None:
    """Present the approved plan to the customer formally, with minutes, offers and attendance (C-48)."""
    case.minutes, case.offers, case.attendance = minutes, offers, attendance
    case.solution_fed_back_at = case.solution_fed_back_at or work.now
    case.next_answer_on = None
    plans.follow(work, case, "presented", minutes=minutes, offers=offers)


@advises(negotiate)
def remind(draft: Mapping[str, Any], work: Work) -> Iterator[Caution]:
    """Whoever meets the customer is reminded to keep the meeting safe (C-63)."""
    yield Caution("keep_it_calm")


@cases.move("negotiating", "agreed", by=HANDLING, emits=[ComplaintAgreed])
def agree(
    case: Case,
    agreement: LongText,
    signed_by: PersonName,
    signed_on: Day,
    work: Work,
    amount_agreed: Money | None = None,
    signature: Files | None = None,
) -> None:
    """Both sides agree and sign; without another amount that of the approved plan is agreed (C-49)."""
    if signed_on > work.today:
        raise ValidationFailed.of("signed_on", "in_the_future")
    approved = case.amount_proposed or Decimal(0)
    if amount_agreed is not None and amount_agreed > approved:
        raise ValidationFailed.of("amount_agreed", "beyond_plan", amount=f"{approved:.2f}")
    case.amount_agreed = case.amount_proposed if amount_agreed is None else amount_agreed
    case.agreement, case.signed_by, case.signed_on, case.signature = agreement, signed_by, signed_on, signature
    plans.follow(work, case, "agreed")
    approvals.withdraw_open(work, cases, case)


@cases.move("negotiating", "plan_drafted", by=HANDLING)
def fail_negotiation(case: Case, differences: LongText, work: Work) -> None:
    """No agreement is possible on this plan: note where the sides differ, then adjust it (C-50)."""
    case.differences = differences
    case.failed_rounds += 1
    plans.follow(work, case, "refused", differences=differences)
    approvals.withdraw_open(work, cases, case)
    rejected_by_customer(work, case)
    listen(work, case, differences)
