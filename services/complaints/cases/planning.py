"""The plan: drafted, consulted, submitted and decided, for as many rounds as it takes (C-44 to C-47)."""

from __future__ import annotations

from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.cases import evidence as proofs
from services.complaints.cases import plans
from services.complaints.cases.case import HANDLING, Case, cases, plan_approval
from services.complaints.principles import in_force
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintPlanApproved, ComplaintPlanRejected
from services.contracts.vocabulary.common import Files, LongText, Money, Reason


@cases.move("analysed", "plan_drafted", by=HANDLING)
def draft_plan(
    case: Case,
    plan: LongText,
    work: Work,
    amount_proposed: Money | None = None,
    repair_part: LongText | None = None,
    consultation: LongText | None = None,
    consultation_result: LongText | None = None,
) -> None:
    """Write the plan, and what the customer said of it in a preliminary consultation (C-44)."""
    _write(case, plan, amount_proposed, repair_part, consultation, consultation_result)
    plans.begin(work, case)


@cases.change("plan_drafted", by=HANDLING)
def revise_plan(
    case: Case,
    plan: LongText,
    work: Work,
    amount_proposed: Money | None = None,
    repair_part: LongText | None = None,
    consultation: LongText | None = None,
    consultation_result: LongText | None = None,
) -> None:
    """Correct the draft, or write the next version; after a rejection the customer is consulted anew (C-46, C-50)."""
    earlier = plans.current(work, case)
    if earlier.state == "rejected" and not consultation:
        raise ValidationFailed.of("consultation", "consult_again")
    _write(case, plan, amount_proposed, repair_part, consultation, consultation_result)
    if earlier.state == "drafted":
        for name in plans.CONTENT:
            setattr(earlier, name, getattr(case, name))
    else:
        plans.begin(work, case)


def _write(
    case: Case,
    plan: str,
    amount_proposed: Money | None,
    repair_part: str | None,
    consultation: str | None,
    consultation_result: str | None,
) -> None:
    if repair_part and case.home_id is None:
        raise ValidationFailed.of("repair_part", "home_needed")
    case.plan, case.amount_proposed, case.repair_part = plan, amount_proposed, repair_part
    case.consultation, case.consultation_result = consultation, consultation_result
    case.approver = None


def _not_tried_before(case: Case, work: Work) -> Obstacle | None:
    if plans.current(work, case).state == "drafted":
        return None
    return Obstacle("plan_to_revise", {"plan_version": case.plan_version})


@cases.move("plan_drafted", "plan_submitted", by=HANDLING, submits=plan_approval, guard=_not_tried_before)
def submit_plan(case: Case, work: Work, evidence: Files | None = None) -> None:
    """Submit this version to whom the authority matrix names; an amount needs evidence (C-45, X-45, C-11)."""
    proofs.collect(case, evidence)
    proofs.need(proofs.of_case(case), case.amount_proposed)
    plans.follow(work, case, "submitted", submitted_by=work.actor.user, submitted_at=work.now)


@cases.move("plan_submitted", "plan_approved", approves=plan_approval, emits=[ComplaintPlanApproved])
def approve_plan(case: Case, work: Work, comment: Reason = "") -> None:
    """Approve the plan; only an approved one may be presented (C-47)."""
    case.approver = work.actor.user
    _decided(work, case, "approved", comment)


@cases.move("plan_submitted", "plan_drafted", rejects=plan_approval, emits=[ComplaintPlanRejected])
def reject_plan(case: Case, reason: Reason, work: Work) -> None:
    """Reject the plan with a reason; a new plan and a new consultation follow (C-46)."""
    _decided(work, case, "rejected", reason)


def _decided(work: Work, case: Case, verdict: str, reason: str) -> None:
    """The decision, with the edition of the group's principles that it refers to (C-92)."""
    principles = in_force(work)
    plans.follow(
        work,
        case,
        verdict,
        decided_by=work.actor.user,
        decided_at=work.now,
        decision_reason=reason or None,
        principles_id=principles.id if principles is not None else None,
    )
