"""What becomes of a suspected group: confirmed and settled, or dismissed; and the review afterwards (C-71 to C-75)."""

from __future__ import annotations

from datetime import timedelta

from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING
from services.complaints.cases.levels import HIGHEST
from services.complaints.groups.group import DECIDING, LIVE, TELLING, GroupComplaint, groups, tell
from services.complaints.groups.members import attached_to, cases_of, group_members, level_with, release
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import GroupComplaintConfirmed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import LongText, PersonName, Phone, Reason, User

REVIEW_PERIOD = Parameter("complaint.group_review", 30, "days", "C-75")
ESCALATION = Parameter("complaint.group_review_escalation", 24, "h", "C-75")
PARAMETERS = [ESCALATION]


@groups.move("suspected", "confirmed", by=DECIDING, emits=[GroupComplaintConfirmed])
def confirm(
    group: GroupComplaint,
    cause: LongText,
    wording: LongText,
    spokesperson: User,
    work: Work,
    representative: PersonName | None = None,
    representative_phone: Phone | None = None,
) -> None:
    """It is a group complaint: its cases get the highest level, and the early warning goes out at once (C-72)."""
    group.cause, group.wording, group.spokesperson = cause, wording, spokesperson
    group.representative, group.representative_phone = representative, representative_phone
    group.level, group.confirmed_at = HIGHEST, work.now
    for case in cases_of(work, group):
        level_with(work, group, case)
    work.clear_alerts(groups.name, group.id, "decision")
    work.alert("major_group_complaint", group, role=Role.COMPANY_MANAGER, clock_name="warning")
    for role in (Role.GROUP_CENTRE, Role.PUBLIC_RELATIONS):
        work.task("major_group_complaint", group, role=role)
    tell(work, group, "confirmed", cause)


@groups.move("suspected", "dismissed", by=DECIDING)
def dismiss(group: GroupComplaint, reason: Reason, work: Work) -> None:
    """The cases have nothing to do with each other, and why; they are not proposed again (C-71)."""
    group.dismissed_for = reason
    for member in attached_to(work, group):
        release(work, member, reason)
        work.enter(group_members, member, "detached")
    work.clear_alerts(groups.name, group.id, "decision")
    tell(work, group, "dismissed", reason)


@groups.change(LIVE, by=TELLING)
def record_event(group: GroupComplaint, note: LongText, work: Work) -> None:
    """Enter into the timeline what happened: a meeting, a gathering, an answer (C-71)."""
    tell(work, group, "event", note)


@groups.change(("confirmed", "handling"), by=TELLING)
def change_speakers(
    group: GroupComplaint,
    work: Work,
    representative: PersonName | None = None,
    representative_phone: Phone | None = None,
    spokesperson: User | None = None,
) -> None:
    """Somebody else speaks for the homes, or for the company (C-71)."""
    group.representative = representative or group.representative
    group.representative_phone = representative_phone or group.representative_phone
    group.spokesperson = spokesperson or group.spokesperson
    tell(work, group, "speakers", f"{group.representative or '-'} / {group.spokesperson}")


def _all_agreed(group: GroupComplaint, work: Work) -> Obstacle | None:
    open_ones = [one.number for one in attached_to(work, group) if one.state == "attached"]
    if not open_ones:
        return None
    return Obstacle("members_open", {"count": len(open_ones), "numbers": ", ".join(open_ones[:5])})


@groups.move("handling", "settled", by=[*HANDLING, *DECIDING], guard=_all_agreed)
def settle(group: GroupComplaint, settlement: LongText, work: Work) -> None:
    """Every member has its agreement or a stated exception; now the review is due (C-73, C-75)."""
    group.settlement, group.settled_at = settlement, work.now
    work.clear_alerts(groups.name, group.id, "warning")
    due_at = work.now + timedelta(days=int(work.parameter(REVIEW_PERIOD)))
    work.task("review_group_complaint", group, role=Role.CUSTOMER_CENTRE, due_at=due_at)
    tell(work, group, "settled", settlement)


@groups.move("settled", "reviewed", by=[*HANDLING, *DECIDING])
def review(
    group: GroupComplaint,
    review_cause: LongText,
    prevention: LongText,
    work: Work,
    red_line_proposal: LongText | None = None,
    no_red_line_reason: Reason | None = None,
) -> None:
    """Where it came from, how it is prevented, and which red line is proposed, or why none (C-75)."""
    if bool(red_line_proposal) == bool(no_red_line_reason):
        raise ValidationFailed.of("red_line_proposal", "proposal_or_reason")
    group.review_cause, group.prevention, group.reviewed_at = review_cause, prevention, work.now
    group.red_line_proposal, group.no_red_line_reason = red_line_proposal, no_red_line_reason
    work.end_tasks(group, "done", subject="review_group_complaint")
    tell(work, group, "reviewed", prevention)


clock(
    groups,
    "group_review",
    limit=REVIEW_PERIOD,
    starts="settled",
    stops="reviewed",
    alarm=Alarm(
        "group_review_overdue",
        "C-75",
        to=lambda group: Role.CUSTOMER_CENTRE,
        ladder=lambda group, step: {1: Role.COMPANY_MANAGER, 2: Role.GROUP_CENTRE}.get(step),
        every=lambda group: ESCALATION,
    ),
)
