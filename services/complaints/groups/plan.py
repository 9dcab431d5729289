"""The plan of the whole group: approved once, and taken over by its cases (C-73)."""

from __future__ import annotations

from services.chassis import approvals
from services.chassis.moves import Obstacle
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, Case, cases
from services.complaints.cases.plans import begin, drop, follow
from services.complaints.groups.group import GroupComplaint, group_plan_approval, groups, tell
from services.complaints.groups.members import ATTACHED, GroupMember
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintPlanApproved
from services.contracts.vocabulary.common import Files, LongText, Money, Reason


def _not_submitted(group: GroupComplaint, work: Work) -> Obstacle | None:
    rounds = approvals.rounds(work, groups, group, group_plan_approval.kind)
    return Obstacle("approval_open", {"round": rounds[0].round}) if rounds and rounds[0].state == "submitted" else None


@groups.change("confirmed", by=HANDLING, guard=_not_submitted)
def draft_plan(
    group: GroupComplaint,
    plan: LongText,
    work: Work,
    amount_proposed: Money | None = None,
    plan_document: Files | None = None,
) -> None:
    """Write the one plan for all members, or its next version after a rejection (C-73)."""
    group.plan, group.amount_proposed, group.plan_document = plan, amount_proposed, plan_document
    group.plan_version += 1


def _written(group: GroupComplaint, work: Work) -> Obstacle | None:
    if not group.plan:
        return Obstacle("group_plan_missing")
    rounds = approvals.rounds(work, groups, group, group_plan_approval.kind)
    if rounds and rounds[0].snapshot["plan_version"] == group.plan_version:
        return Obstacle("plan_to_revise", {"plan_version": group.plan_version})
    return None


@groups.change("confirmed", by=HANDLING, submits=group_plan_approval, guard=_written)
def submit_plan(group: GroupComplaint, work: Work) -> None:
    """Submit the plan to whom the authority matrix names for group complaints (C-73, X-45)."""
    tell(work, group, "plan_submitted", f"v{group.plan_version}")


@groups.move("confirmed", "handling", approves=group_plan_approval)
def approve_plan(group: GroupComplaint, work: Work, comment: Reason = "") -> None:
    """Approve the plan, once for all members (C-73)."""
    group.approver = work.actor.user
    tell(work, group, "plan_approved", comment or None)


@groups.change("confirmed", rejects=group_plan_approval)
def reject_plan(group: GroupComplaint, reason: Reason, work: Work) -> None:
    """Reject the plan with a reason; another version follows (C-73)."""
    tell(work, group, "plan_rejected", reason)


def _approved_for(work: Work, case: Case) -> GroupComplaint | None:
    """The group of the case, if its plan is approved."""
    member = work.first(GroupMember, GroupMember.case_id == case.id, GroupMember.state.in_(ATTACHED))
    group = work.get(GroupComplaint, member.cluster_id) if member is not None else None
    return group if group is not None and group.state == "handling" else None


def _has_group_plan(case: Case, work: Work) -> Obstacle | None:
    return None if _approved_for(work, case) is not None else Obstacle("no_group_plan")


@cases.move(
    ("analysed", "plan_drafted"), "plan_approved", by=HANDLING, guard=_has_group_plan, emits=[ComplaintPlanApproved]
)
def adopt_group_plan(case: Case, work: Work, repair_part: LongText | None = None) -> None:
    """Go on with the plan that was approved for the group; it is not approved again (C-73)."""
    if repair_part and case.home_id is None:
        raise ValidationFailed.of("repair_part", "home_needed")
    group = _approved_for(work, case)
    assert group is not None
    drop(work, case)
    case.plan, case.amount_proposed, case.repair_part = group.plan, None, repair_part
    case.consultation, case.consultation_result, case.approver = None, None, group.approver
    begin(work, case)
    work.session.flush()
    follow(work, case, "submitted", submitted_by=work.actor.user, submitted_at=work.now)
    follow(work, case, "approved", decided_by=group.approver, decided_at=work.now, decision_reason=group.number)
