"""Levels: how serious a case is, who supervises it, and what raises it (C-30 to C-33)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from services.chassis.calendars import end_of
from services.chassis.parameters import Parameter
from services.chassis.work import Work
from services.complaints.cases.case import Case, cases
from services.complaints.keywords import kinds_in
from services.contracts.events.complaints import ComplaintLevelRaised, CrisisWarningIssued
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Moment
from services.contracts.vocabulary.complaints import LevelTrigger
from services.contracts.vocabulary.enquiries import KeywordKind
from services.contracts.vocabulary.maintenance import Urgency

HIGHEST = 4
SERIOUS = 3
SERIOUS_CLAIM = Parameter("complaint.serious_claim", 100_000, "yuan", "C-30")
BREACHES = Parameter("complaint.breaches_to_raise", 2, "breaches", "C-31")
REJECTIONS = Parameter("complaint.rejections_to_raise", 2, "rejections", "C-31")
PARAMETERS = [SERIOUS_CLAIM, BREACHES, REJECTIONS]


def supervisors(level: int, department: str) -> list[str]:
    """Who supervises a level, the one who answers for it first (C-30)."""
    return {
        1: [str(Role.COMPLAINT_SUPERVISOR)],
        2: [department],
        3: [str(Role.COMPANY_MANAGER)],
    }.get(level, [str(Role.GROUP_CENTRE), str(Role.COMPANY_MANAGER), str(Role.PUBLIC_RELATIONS)])


def rung(case: Case, step: int) -> str | None:
    """The ladder after a missed limit: the supervisor of the level, then those of the levels above it (C-34)."""
    level = case.level + step - 1
    return supervisors(level, case.department)[0] if level <= HIGHEST else None


def urgency_of(level: int, *, danger: bool) -> Urgency:
    """How quickly somebody has to be there: keywords and level decide (C-29)."""
    if danger:
        return Urgency.EMERGENCY
    return Urgency.HIGH if level >= SERIOUS else Urgency.NORMAL


def signs(work: Work, claimed: Decimal | None, *texts: str | None) -> LevelTrigger | None:
    """Why these texts, or what is claimed, make a case serious (C-30)."""
    said = kinds_in(work, *texts)
    if KeywordKind.SAFETY in said:
        return LevelTrigger.SAFETY_KEYWORD
    if KeywordKind.MEDIA in said:
        return LevelTrigger.MEDIA_MENTION
    if claimed is not None and claimed >= work.parameter(SERIOUS_CLAIM):
        return LevelTrigger.LARGE_CLAIM
    return None


def listen(work: Work, case: Case, *texts: str | None) -> None:
    """Let what was said now raise the level: a safety word is a hidden danger and warns at once (C-31, C-33)."""
    trigger = signs(work, case.amount_claimed, *texts)
    if trigger is not None:
        lift(work, case, SERIOUS, trigger)
    if trigger == LevelTrigger.SAFETY_KEYWORD:
        warn(work, case)


def lift(work: Work, case: Case, level: int, trigger: LevelTrigger) -> None:
    """Raise a case to a level, at most the highest; its new supervisor is told (C-31). Never lowers it."""
    level = min(level, HIGHEST)
    if level <= case.level:
        return
    before, case.level, case.level_trigger = case.level, level, trigger
    supervise(work, case)
    work.emit(ComplaintLevelRaised, case, from_level=before, to_level=level)


def supervise(work: Work, case: Case) -> None:
    """Give the case to the supervisors of its level; those of an earlier one are relieved."""
    responsible = supervisors(case.level, case.department)
    case.supervisor_role = responsible[0]
    case.urgency = urgency_of(case.level, danger=case.crisis_at is not None)
    work.session.flush()
    work.clear_alerts(cases.name, case.id, "level")
    work.session.flush()
    if case.level > 1:
        work.alert("complaint_level_raised", case, role=responsible[0], clock_name="level")
        for role in responsible[1:]:
            work.task("complaint_level_raised", case, role=role)


def warn(work: Work, case: Case, instruction: str | None = None) -> None:
    """The early warning of a crisis or a hidden danger, once (C-33)."""
    if case.crisis_at is not None:
        return
    case.crisis_at, case.urgency = work.now, Urgency.EMERGENCY
    work.alert("crisis_warning", case, role=Role.COMPANY_MANAGER, clock_name="crisis")
    for role in (Role.GROUP_CENTRE, Role.PUBLIC_RELATIONS):
        work.task("crisis_warning", case, role=role)
    work.emit(CrisisWarningIssued, case, instruction=instruction)


def calm(work: Work, case: Case) -> None:
    """The case has ended: its warnings are over."""
    for name in ("level", "crisis"):
        work.clear_alerts(cases.name, case.id, name)


def begin_of_days_ago(work: Work, days: int) -> Moment:
    """When the calendar date began that lies some days back: day 0 is today (domain 0.2)."""
    return end_of(work.today - timedelta(days=days + 1))


def rejected_by_customer(work: Work, case: Case) -> None:
    """The customer has turned down an offer or a result; the second time raises the level (C-31)."""
    case.rejections += 1
    if case.rejections == int(work.parameter(REJECTIONS)):
        lift(work, case, case.level + 1, LevelTrigger.CUSTOMER_REJECTION)
