"""Compensation: what is paid to a customer, on what evidence, with whose approval and when (C-64, C-129)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import views
from services.chassis.authority import ApprovalRule
from services.chassis.calendars import ZONE
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.reports import Row, during, period, report
from services.chassis.work import Work
from services.complaints.cases import evidence as proofs
from services.complaints.cases.case import HANDLING, OPEN, READERS, SUPERVISING, Case
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import CompensationPaid
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    Count,
    CustomerUid,
    Day,
    Files,
    HomeId,
    LongText,
    Moment,
    Money,
    Number,
    PersonName,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.complaints import CaseCategory, ResponsibleParty

#: From the agreement on; before it nothing is owed, after the end nothing is added.
AGREED = OPEN[OPEN.index("agreed") :]
UNPAID = ("proposed", "submitted", "approved", "rejected")


class Compensation(Record):
    """One payment to one payee; the sum of those of a case stays within its agreement."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    case_number: Mapped[ShortText]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    category: Mapped[CaseCategory]
    responsible_party: Mapped[ResponsibleParty | None]
    cause: Mapped[LongText | None]
    basis: Mapped[LongText]
    evidence: Mapped[Files]
    amount: Mapped[Money]
    payee: Mapped[PersonName]
    approver: Mapped[User | None]
    approved_at: Mapped[Moment | None]
    paid_on: Mapped[Day | None]
    finance_ref: Mapped[ShortText | None]
    paid_by: Mapped[User | None]
    withdrawn_for: Mapped[Reason | None]


compensations = Process(
    Compensation,
    numbered="CM",
    readers=[*READERS, Role.FINANCE],
    listed=["number", "case_number", "payee", "amount", "category", "responsible_party", "approver", "paid_on"],
    filters=[
        *("case_id", "uid", "home_id", "company_id", "project_id", "category", "responsible_party"),
        *("created_at", "paid_on"),
    ],
    search=["number", "case_number", "payee", "finance_ref"],
)

#: X-36.13: the company manager, or whom the authority matrix names for the amount.
payment_approval = ApprovalRule(
    "compensation",
    "X-36.13",
    Role.COMPANY_MANAGER,
    snapshot=(
        *("number", "case_id", "case_number", "uid", "home_id", "category", "responsible_party", "cause"),
        *("basis", "evidence", "amount", "payee"),
    ),
    amount=lambda compensation: compensation.amount,
)


@compensations.create("proposed", by=HANDLING)
def propose(
    case_id: CaseId, basis: LongText, amount: Money, payee: PersonName, work: Work, evidence: Files | None = None
) -> Compensation:
    """Propose what to pay on the agreement of a case; its evidence is the case's, and what is added here (C-64)."""
    case = work.get(Case, case_id, field="case_id", lock=True)
    if case.state not in AGREED:
        raise ValidationFailed.of("case_id", "nothing_agreed", number=case.number)
    _within_agreement(work, case, amount)
    return Compensation(
        case_id=case.id,
        case_number=case.number,
        uid=case.uid,
        home_id=case.home_id,
        category=case.category,
        responsible_party=case.responsible_party,
        cause=case.cause,
        basis=basis,
        evidence=list(dict.fromkeys([*proofs.of_case(case), *(evidence or [])])),
        amount=amount,
        payee=payee,
        project_id=case.project_id,
        company_id=case.company_id,
    )


def _within_agreement(work: Work, case: Case, amount: Decimal, apart_from: str = "") -> None:
    """Refuse what exceeds the agreed amount together with the other payments of the case (C-51, C-64)."""
    if amount <= 0:
        raise ValidationFailed.of("amount", "not_positive")
    agreed = case.amount_agreed or Decimal(0)
    others = Compensation.case_id == case.id, Compensation.state != "withdrawn", Compensation.id != apart_from
    left = agreed - sum((one.amount for one in work.all(Compensation, *others)), Decimal(0))
    if amount > left:
        raise ValidationFailed.of("amount", "beyond_agreement", agreed=f"{agreed:.2f}", left=f"{max(left, 0):.2f}")


@compensations.move(("proposed", "rejected"), "proposed", by=HANDLING)
def revise(
    compensation: Compensation, basis: LongText, amount: Money, payee: PersonName, work: Work, evidence: Files
) -> None:
    """Correct the proposal, or propose anew after a rejection; each submission is kept as its own round (X-36.13)."""
    case = work.get(Case, compensation.case_id, lock=True)
    _within_agreement(work, case, amount, compensation.id)
    compensation.basis, compensation.amount, compensation.payee = basis, amount, payee
    compensation.evidence = evidence


@compensations.move("proposed", "submitted", by=HANDLING, submits=payment_approval)
def submit(compensation: Compensation) -> None:
    """Put it before whom the authority matrix names for the amount; not without evidence (X-36.13, C-11)."""
    proofs.need(compensation.evidence, compensation.amount)


@compensations.move("submitted", "approved", approves=payment_approval)
def approve(compensation: Compensation, work: Work, comment: Reason = "") -> None:
    """Let it be paid as submitted (X-36.13)."""
    compensation.approver, compensation.approved_at = work.actor.user, work.now


@compensations.move("submitted", "rejected", rejects=payment_approval)
def reject(compensation: Compensation, reason: Reason) -> None:
    """Not like this: it is proposed anew, or withdrawn (X-36.13)."""


@compensations.move("approved", "paid", by=[Role.FINANCE], emits=[CompensationPaid])
def pay(compensation: Compensation, paid_on: Day, finance_ref: ShortText, work: Work) -> None:
    """Finance has paid the approved amount, on a date and under a reference of its books (C-64)."""
    if paid_on > work.today:
        raise ValidationFailed.of("paid_on", "in_the_future")
    assert compensation.approved_at is not None
    approved_on = compensation.approved_at.astimezone(ZONE).date()
    if paid_on < approved_on:
        raise ValidationFailed.of("paid_on", "before_approval", approved_on=approved_on.isoformat())
    compensation.paid_on, compensation.finance_ref, compensation.paid_by = paid_on, finance_ref, work.actor.user


@compensations.move(UNPAID, "withdrawn", by=HANDLING)
def withdraw(compensation: Compensation, reason: Reason) -> None:
    """It will not be paid, and why; what was agreed is free for another proposal."""
    compensation.withdrawn_for = reason


def unpaid(work: Work, case_id: str) -> list[Compensation]:
    """The payments of a case that have been proposed and neither paid nor withdrawn."""
    return work.all(Compensation, Compensation.case_id == case_id, Compensation.state.in_(UNPAID))


@dataclass(frozen=True, kw_only=True)
class ByCause(Row):
    """Compensation of one category and responsible party that was proposed in the period."""

    category: CaseCategory
    responsible_party: ResponsibleParty | None
    compensations: Count
    paid: Count
    amount_paid: Money
    amount_open: Money


@report(
    compensations,
    ByCause,
    by=[*SUPERVISING, Role.FINANCE, Role.GROUP_CENTRE, Role.EXECUTIVE, Role.RESPONSIBLE_LEADER, Role.AUDITOR],
    along="category",
    counts=("compensations", "paid"),
    figures=("amount_paid", "amount_open"),
)
def compensation_by_cause(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[ByCause]:
    """What was paid and what is still to be paid, by what the complaint was about and who caused it (C-129)."""
    begin, end = period(work, since, until)
    found = (
        sa.select(Compensation.category, Compensation.responsible_party, Compensation.state, Compensation.amount)
        .where(*views.seen(work, compensations), Compensation.created_at >= begin, Compensation.created_at < end)
        .order_by(Compensation.category, Compensation.responsible_party)
    )
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in work.session.execute(found):
        groups[row.category, row.responsible_party].append(row)
    for (category, party), rows in groups.items():
        yield ByCause(
            category=category,
            responsible_party=party,
            compensations=len(rows),
            paid=sum(row.state == "paid" for row in rows),
            amount_paid=_sum(rows, ("paid",)),
            amount_open=_sum(rows, UNPAID),
            behind={"category": category, "responsible_party": party, "created_at": during(begin, end)},
            narrowed={"paid": {"state": "paid"}},
        )


def _sum(rows: list[Any], states: tuple[str, ...]) -> Decimal:
    return sum((row.amount for row in rows if row.state in states), Decimal("0.00"))
