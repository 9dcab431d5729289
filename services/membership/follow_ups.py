"""Follow-up visits and calls: after a contract, a handover, a complaint or a repair (B-60 to B-66)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.calendars import ZONE
from services.chassis.clocks import Alarm, clock
from services.chassis.parameters import Parameter
from services.chassis.places import place_or_group
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintClosed
from services.contracts.events.leads import ContractSigned, HandoverCompleted
from services.contracts.events.maintenance import WorkOrderClosed
from services.contracts.events.membership import FollowUpCompleted, FollowUpIssueRaised
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Count,
    CustomerUid,
    Day,
    Details,
    HomeId,
    LongText,
    Moment,
    Number,
    ProjectId,
    Rating,
    Reason,
    SourceRef,
    User,
)
from services.contracts.vocabulary.membership import FollowUpForm, FollowUpIssueKind, FollowUpTheme
from services.membership.customer_managers import manager_of
from services.membership.places import READERS, owner_of

AFTER_CONTRACT = Parameter("follow_up.after_contract", 3, "days", "B-61")
AFTER_HANDOVER = Parameter("follow_up.after_handover", 7, "days", "B-62")
AFTER_COMPLAINT = Parameter("follow_up.after_complaint", 3, "days", "B-62")
AFTER_REPAIR = Parameter("follow_up.after_repair", 3, "days", "B-62")
LOW_SCORE = Parameter("follow_up.low_score", 3, "points", "B-63")
ESCALATION = Parameter("follow_up.escalation", 24, "h", "B-66")
PARAMETERS = [AFTER_CONTRACT, AFTER_HANDOVER, AFTER_COMPLAINT, AFTER_REPAIR, LOW_SCORE, ESCALATION]
DESK = [Role.CUSTOMER_MANAGER, Role.CUSTOMER_CENTRE, Role.HOTLINE_OPERATOR]
WAITING = ("scheduled", "rescheduled")
OPEN = (*WAITING, "in_progress", "unreachable")


class FollowUp(Record):
    """One conversation with a customer after something happened; `cause` says after what (B-62, B-63)."""

    __table_args__ = (
        sa.Index(
            "uq_follow_up_open",
            "theme",
            "cause",
            unique=True,
            sqlite_where=sa.text("state IN ('scheduled', 'rescheduled', 'in_progress', 'unreachable')"),
            postgresql_where=sa.text("state IN ('scheduled', 'rescheduled', 'in_progress', 'unreachable')"),
        ),
    )

    number: Mapped[Number]
    theme: Mapped[FollowUpTheme]
    form: Mapped[FollowUpForm]
    uid: Mapped[CustomerUid]
    home_id: Mapped[HomeId | None]
    cause: Mapped[SourceRef | None]
    due_on: Mapped[Day]
    assignee: Mapped[User | None]
    attempts: Mapped[Count]
    answers: Mapped[Details | None]
    score: Mapped[Rating | None]
    opinion: Mapped[LongText | None]
    completed_at: Mapped[Moment | None]
    kind: Mapped[FollowUpIssueKind | None]
    issue: Mapped[LongText | None]
    reason: Mapped[Reason | None]


follow_ups = Process(
    FollowUp,
    numbered="FU",
    readers=READERS,
    listed=["number", "theme", "uid", "home_id", "due_on", "assignee", "score"],
    filters=["project_id", "home_id", "uid", "theme", "form", "due_on", "assignee", "score", "completed_at"],
    search=["number", "home_id"],
)


@follow_ups.create("scheduled", by=DESK)
def schedule(
    theme: FollowUpTheme,
    uid: CustomerUid,
    due_on: Day,
    work: Work,
    home_id: HomeId | None = None,
    project_id: ProjectId | None = None,
    form: FollowUpForm = FollowUpForm.TELEPHONE,
    cause: SourceRef | None = None,
) -> FollowUp:
    """Plan a visit or a call until a date (B-60, B-66)."""
    work.need_replica("leads/customer", uid, field="uid")
    if due_on < work.today and not work.actor.is_system:
        raise ValidationFailed.of("due_on", "in_the_past")
    if cause is not None and _open_about(work, theme, cause):
        raise ValidationFailed.of("cause", "taken")
    return FollowUp(
        theme=theme,
        form=form,
        uid=uid,
        home_id=home_id,
        cause=cause,
        due_on=due_on,
        assignee=manager_of(work, home_id),
        attempts=0,
        **place_or_group(work, home_id, project_id),
    )


@follow_ups.move(WAITING, "in_progress", by=DESK)
def begin(follow_up: FollowUp) -> None:
    """Call, or be at the door (B-63)."""
    follow_up.attempts += 1


@follow_ups.move("in_progress", "completed", by=DESK, emits=[FollowUpCompleted])
def complete(follow_up: FollowUp, score: Rating, opinion: LongText, work: Work, answers: Details | None = None) -> None:
    """Answers, score and opinion are written down; a low score is alerted (B-63, Appendix C)."""
    follow_up.score, follow_up.opinion, follow_up.answers = score, opinion, answers
    follow_up.completed_at = work.now
    if score < work.parameter(LOW_SCORE):
        work.alert("low_satisfaction", follow_up, role=Role.CUSTOMER_MANAGER, user=follow_up.assignee)


@follow_ups.move("in_progress", "unreachable", by=DESK)
def miss(follow_up: FollowUp, reason: Reason) -> None:
    """The customer was not reached (B-63)."""
    follow_up.reason = reason


@follow_ups.move("unreachable", "rescheduled", by=DESK)
def reschedule(follow_up: FollowUp, due_on: Day, work: Work) -> None:
    """Try again until another date (B-63)."""
    if due_on < work.today:
        raise ValidationFailed.of("due_on", "in_the_past")
    follow_up.due_on = due_on


@follow_ups.move("completed", "issue_raised", by=DESK, emits=[FollowUpIssueRaised])
def raise_issue(follow_up: FollowUp, kind: FollowUpIssueKind, issue: LongText) -> None:
    """The customer brought something up: it becomes a complaint or a repair (B-63, B-64)."""
    follow_up.kind, follow_up.issue = kind, issue


clock(
    follow_ups,
    "due",
    until="due_on",
    starts=WAITING,
    stops=("in_progress", "completed"),
    alarm=Alarm(
        "follow_up_overdue",
        "B-66",
        to=lambda follow_up: Role.CUSTOMER_MANAGER,
        user=lambda follow_up: follow_up.assignee,
        ladder=lambda follow_up, step: Role.CUSTOMER_CENTRE if step == 1 else None,
        every=lambda follow_up: ESCALATION,
    ),
)


@follow_ups.reacts(ContractSigned)
def on_contract_signed(event: ContractSigned, work: Work) -> None:
    """A call about the service of the sale (B-61)."""
    _after(work, FollowUpTheme.SALES_SERVICE, AFTER_CONTRACT, event.contract_id, uid=event.uid, home_id=event.home_id)


@follow_ups.reacts(HandoverCompleted)
def on_handover_completed(event: HandoverCompleted, work: Work) -> None:
    """A call about the handover, once per home and owner (B-62, L-117)."""
    cause = f"{event.home_id}:{event.uid}"
    if not work.all(FollowUp, *_about(FollowUpTheme.HANDOVER, cause)):
        whom = {"uid": event.uid, "home_id": event.home_id}
        _plan(work, FollowUpTheme.HANDOVER, AFTER_HANDOVER, cause, event.at, **whom)


@follow_ups.reacts(ComplaintClosed)
def on_complaint_closed(event: ComplaintClosed, work: Work) -> None:
    """A call about how the complaint was handled (B-62)."""
    whom = {"uid": event.uid, "home_id": event.home_id, "project_id": event.project_id}
    _after(work, FollowUpTheme.COMPLAINT, AFTER_COMPLAINT, event.case_id, **whom)


@follow_ups.reacts(WorkOrderClosed)
def on_work_order_closed(event: WorkOrderClosed, work: Work) -> None:
    """A call about the repair, with whoever reported it or owns the home (B-62)."""
    uid = event.uid or owner_of(work, event.home_id)
    if uid is not None:
        _after(work, FollowUpTheme.REPAIR, AFTER_REPAIR, event.order_id, uid=uid, home_id=event.home_id)


def _after(work: Work, theme: FollowUpTheme, days: Parameter, cause: str, **whom: Any) -> None:
    """Schedule a call some days from what was told, unless one about the same thing is still open."""
    if not _open_about(work, theme, cause):
        _plan(work, theme, days, cause, work.told_at, **whom)


def _plan(work: Work, theme: FollowUpTheme, days: Parameter, cause: str, at: Moment, **whom: Any) -> None:
    if work.is_withdrawn("leads/customer", whom["uid"]):
        return
    due_on = at.astimezone(ZONE).date() + timedelta(days=int(work.parameter(days)))
    work.perform(schedule, theme=theme, cause=cause, due_on=due_on, **whom)


def _open_about(work: Work, theme: str, cause: str) -> bool:
    return any(one.state in OPEN for one in work.all(FollowUp, *_about(theme, cause)))


def _about(theme: str, cause: str) -> tuple[sa.ColumnElement[bool], ...]:
    return FollowUp.theme == theme, FollowUp.cause == cause
