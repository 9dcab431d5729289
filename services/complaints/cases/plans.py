"""Every round of a plan: what was proposed, how it was decided, and what the customer said before and after."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases.case import READERS, Case
from services.contracts.vocabulary.common import CaseId, LongText, Moment, Money, Number, PrinciplesId, Reason, User


class Plan(Record):
    """One version of a case's plan (C-44 to C-50). It is written by the case's own moves."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    plan_version: Mapped[int]
    plan: Mapped[LongText]
    amount_proposed: Mapped[Money | None]
    repair_part: Mapped[LongText | None]
    consultation: Mapped[LongText | None]
    consultation_result: Mapped[LongText | None]
    drafted_by: Mapped[User]
    submitted_by: Mapped[User | None]
    submitted_at: Mapped[Moment | None]
    decided_by: Mapped[User | None]
    decided_at: Mapped[Moment | None]
    decision_reason: Mapped[Reason | None]
    principles_id: Mapped[PrinciplesId | None]
    minutes: Mapped[LongText | None]
    offers: Mapped[LongText | None]
    differences: Mapped[LongText | None]


plans = Process(
    Plan,
    readers=READERS,
    listed=["number", "plan", "amount_proposed", "submitted_by", "decided_by", "decision_reason", "differences"],
    filters=["case_id", "project_id", "decided_by", "submitted_by", "created_at"],
    search=["number", "plan"],
    life={
        "drafted": ("submitted", "dropped"),
        "submitted": ("approved", "rejected", "dropped"),
        "approved": ("presented", "dropped"),
        "presented": ("agreed", "refused", "dropped"),
    },
)
CONTENT = ("plan", "amount_proposed", "repair_part", "consultation", "consultation_result")


def current(work: Work, case: Case) -> Plan:
    """The version that the case stands at."""
    found = work.first(Plan, Plan.case_id == case.id, Plan.plan_version == case.plan_version)
    assert found is not None, f"{case.number} has no plan {case.plan_version}"
    return found


def begin(work: Work, case: Case) -> Plan:
    """Keep the case's plan as its next version."""
    case.plan_version += 1
    plan = Plan(
        number=f"{case.number} v{case.plan_version}",
        case_id=case.id,
        plan_version=case.plan_version,
        drafted_by=work.actor.user,
        project_id=case.project_id,
        company_id=case.company_id,
        **{name: getattr(case, name) for name in CONTENT},
    )
    work.begin_life(plans, plan, "drafted")
    return plan


def follow(work: Work, case: Case, state: str, **facts: object) -> None:
    """Bring the current version to a state, with what became known by it."""
    plan = current(work, case)
    for name, value in facts.items():
        setattr(plan, name, value)
    work.enter(plans, plan, state)


def drop(work: Work, case: Case) -> None:
    """The case ends otherwise; a version that is still on its way goes no further."""
    if case.plan_version and current(work, case).state not in plans.final:
        follow(work, case, "dropped")
