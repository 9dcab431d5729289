"""Who answers when the desk is closed: the duty roster behind the bot, so that a human is there at any hour (C-112)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped

from services.chassis.calendars import WorkingCalendar
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CompanyId, Moment, Number, ProjectId, Reason, User

LONGEST_SHIFT = Parameter("duty.longest_shift", 24, "h", "C-112")
PARAMETERS = [LONGEST_SHIFT]
PLANNERS = [Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE]


class DutyShift(Record):
    """One person from one moment to another, for a project, a company or the whole group."""

    number: Mapped[Number]
    user: Mapped[User]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    reason: Mapped[Reason | None]


duty_shifts = Process(
    DutyShift,
    numbered="DS",
    readers=[Role.HOTLINE_OPERATOR, Role.COMPLAINT_HANDLER, *PLANNERS, Role.COMPANY_MANAGER, Role.AUDITOR],
    listed=["number", "user", "starts_at", "ends_at", "project_id", "company_id"],
    filters=["project_id", "user", "starts_at", "ends_at"],
    search=["number", "user"],
)


@duty_shifts.create("planned", by=PLANNERS)
def plan(
    user: User,
    starts_at: Moment,
    ends_at: Moment,
    work: Work,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
) -> DutyShift:
    """Put somebody on duty: for a project, for a company, or for the whole group (C-112)."""
    if ends_at <= starts_at:
        raise ValidationFailed.of("ends_at", "range_order")
    longest = work.parameter(LONGEST_SHIFT)
    if ends_at > starts_at + LONGEST_SHIFT.length(longest):
        raise ValidationFailed.of("ends_at", "shift_too_long", hours=int(longest))
    if project_id is not None:
        company_id = work.need_replica("leads/project", project_id, field="project_id")["company_id"]
    _refuse_busy(work, "starts_at", user, starts_at, ends_at)
    return DutyShift(user=user, starts_at=starts_at, ends_at=ends_at, project_id=project_id, company_id=company_id)


@duty_shifts.change("planned", by=PLANNERS)
def swap(shift: DutyShift, user: User, reason: Reason, work: Work) -> None:
    """Somebody else takes the shift, who is not on duty then (C-112)."""
    _refuse_busy(work, "user", user, shift.starts_at, shift.ends_at, apart_from=shift.id)
    shift.user, shift.reason = user, reason


def _refuse_busy(
    work: Work, field: str, user: str, starts_at: Moment, ends_at: Moment, *, apart_from: str = ""
) -> None:
    work.alone("duty_shift", user)
    planned = DutyShift.user == user, DutyShift.state == "planned", DutyShift.id != apart_from
    if work.first(DutyShift, *planned, DutyShift.starts_at < ends_at, DutyShift.ends_at > starts_at) is not None:
        raise ValidationFailed.of(field, "already_on_duty", user=user)


@duty_shifts.move("planned", "cancelled", by=PLANNERS)
def cancel(shift: DutyShift, reason: Reason) -> None:
    """Nobody stands this shift."""
    shift.reason = reason


def is_off_hours(work: Work) -> bool:
    """Whether the desk is closed now: at night, at noon, at weekends and on public holidays."""
    opens, _ = WorkingCalendar().intervals(work.now)
    return opens > work.now


def on_duty(work: Work, about: Any) -> str | None:
    """Who is on duty now for a record's project, else for its company, else for the group; the earliest planned."""
    now = DutyShift.state == "planned", DutyShift.starts_at <= work.now, DutyShift.ends_at > work.now
    places = {(about.project_id, about.company_id), (None, about.company_id), (None, None)}
    for project_id, company_id in sorted(places, key=lambda place: place.count(None)):
        shift = work.first(DutyShift, *now, DutyShift.project_id == project_id, DutyShift.company_id == company_id)
        if shift is not None:
            return shift.user
    return None
