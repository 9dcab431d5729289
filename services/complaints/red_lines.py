"""Red lines: indicators that design and construction have to keep, by edition, and their checks (X-111, X-116)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.places import place_of
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.defects import CRM, DefectCase
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import RedLinePublished
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    DefectId,
    Discipline,
    Files,
    HomeId,
    LongText,
    Number,
    ProjectId,
    Reason,
    RedLineId,
    ShortText,
    Title,
    User,
)
from services.contracts.vocabulary.lessons import DevelopmentNode, RedLineCheckStage

PUBLISHING = [Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE]
CHECKING = [
    Role.DISCIPLINE,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.INSPECTION_ENGINEER,
    Role.MAINTENANCE_LEAD,
]


class RedLine(Record):
    """One edition of an indicator, e.g. of the habitat red line (人居紅線); a change is another edition (X-111)."""

    number: Mapped[Number]
    edition: Mapped[int]
    replaces: Mapped[RedLineId | None]
    title: Mapped[Title]
    discipline: Mapped[Discipline]
    stage: Mapped[DevelopmentNode]
    standard: Mapped[LongText]
    measurable_limit: Mapped[ShortText]
    check_method: Mapped[LongText]
    check_stage: Mapped[RedLineCheckStage]
    is_mandatory: Mapped[bool]
    defect_ids: Mapped[list[DefectId]]
    reason: Mapped[Reason | None]


red_lines = Process(
    RedLine,
    key="red_line_id",
    numbered="RL",
    readers=["*"],
    listed=["number", "edition", "title", "discipline", "stage", "measurable_limit", "check_stage", "is_mandatory"],
    filters=["discipline", "stage", "check_stage", "is_mandatory"],
    search=["number", "title", "standard"],
)


@red_lines.create("draft", by=[*CRM, Role.DISCIPLINE])
def draft(
    title: Title,
    discipline: Discipline,
    stage: DevelopmentNode,
    standard: LongText,
    measurable_limit: ShortText,
    check_method: LongText,
    check_stage: RedLineCheckStage,
    work: Work,
    is_mandatory: bool = True,
    defect_ids: list[DefectId] | None = None,
) -> RedLine:
    """Propose an indicator: what is measured, its limit, how and when it is checked (X-111)."""
    for defect_id in defect_ids or []:
        work.get(DefectCase, defect_id, field="defect_ids")
    return RedLine(
        edition=1,
        title=title,
        discipline=discipline,
        stage=stage,
        standard=standard,
        measurable_limit=measurable_limit,
        check_method=check_method,
        check_stage=check_stage,
        is_mandatory=is_mandatory,
        defect_ids=defect_ids or [],
    )


@red_lines.create("draft", by=[*CRM, Role.DISCIPLINE])
def revise(
    replaces: RedLineId,
    standard: LongText,
    measurable_limit: ShortText,
    reason: Reason,
    work: Work,
    check_method: LongText | None = None,
    check_stage: RedLineCheckStage | None = None,
    is_mandatory: bool | None = None,
) -> RedLine:
    """Propose the next edition of a published indicator, which holds until the new one is published (X-111, X-116)."""
    present = work.get(RedLine, replaces, field="replaces", lock=True)
    if present.state != "published":
        raise ValidationFailed.of("replaces", "not_published", number=present.number)
    if work.first(RedLine, RedLine.replaces == replaces, RedLine.state != "retired") is not None:
        raise ValidationFailed.of("replaces", "taken")
    return RedLine(
        edition=present.edition + 1,
        replaces=replaces,
        title=present.title,
        discipline=present.discipline,
        stage=present.stage,
        standard=standard,
        measurable_limit=measurable_limit,
        check_method=check_method or present.check_method,
        check_stage=check_stage or present.check_stage,
        is_mandatory=present.is_mandatory if is_mandatory is None else is_mandatory,
        defect_ids=list(present.defect_ids),
        reason=reason,
    )


@red_lines.move("draft", "published", by=PUBLISHING, emits=[RedLinePublished])
def publish(line: RedLine, work: Work) -> None:
    """Design and construction standards incorporate it; the edition before ends (X-111)."""
    if line.replaces is not None:
        former = work.get(RedLine, line.replaces, lock=True)
        if former.state == "published":
            work.perform(replace, former)


@red_lines.move("published", "replaced", by=[Role.SYSTEM])
def replace(line: RedLine) -> None:
    """A later edition holds from now on; what was checked against this one keeps it (X-116)."""


@red_lines.move(("draft", "published"), "retired", by=PUBLISHING)
def retire(line: RedLine, reason: Reason) -> None:
    """It holds no more (X-111)."""
    line.reason = reason


class RedLineCheck(Record):
    """One project, home or area held against one edition of a red line (X-111, X-116)."""

    number: Mapped[Number]
    red_line_id: Mapped[RedLineId]
    edition: Mapped[int]
    measurable_limit: Mapped[ShortText]
    check_stage: Mapped[RedLineCheckStage]
    home_id: Mapped[HomeId | None]
    area: Mapped[ShortText | None]
    measured: Mapped[ShortText]
    evidence: Mapped[Files | None]
    checked_by: Mapped[User]
    exception_grounds: Mapped[Reason | None]
    rectification: Mapped[LongText | None]


checks = Process(
    RedLineCheck,
    numbered="RC",
    readers=[*CHECKING, *CRM, Role.RESPONSIBLE_LEADER, Role.AUDITOR],
    listed=["number", "red_line_id", "edition", "check_stage", "home_id", "area", "measured", "measurable_limit"],
    filters=["red_line_id", "project_id", "home_id", "check_stage"],
    search=["number", "area"],
)
#: (ext) X-111 asks for an approval of exceptions and names nobody: the responsible leader (X-11).
exception = ApprovalRule(
    "red_line_exception",
    "X-111",
    Role.RESPONSIBLE_LEADER,
    ("number", "red_line_id", "edition", "measurable_limit", "measured", "home_id", "area", "exception_grounds"),
)


@checks.create("met", by=CHECKING)
def confirm(
    red_line_id: RedLineId,
    check_stage: RedLineCheckStage,
    measured: ShortText,
    work: Work,
    project_id: ProjectId | None = None,
    home_id: HomeId | None = None,
    area: ShortText | None = None,
    evidence: Files | None = None,
) -> RedLineCheck:
    """Checked, and the limit is kept (X-111)."""
    return _checked(work, red_line_id, check_stage, measured, project_id, home_id, area, evidence)


@checks.create("unmet", by=CHECKING)
def object_to(
    red_line_id: RedLineId,
    check_stage: RedLineCheckStage,
    measured: ShortText,
    evidence: Files,
    work: Work,
    project_id: ProjectId | None = None,
    home_id: HomeId | None = None,
    area: ShortText | None = None,
) -> RedLineCheck:
    """Checked, and the limit is not kept: it is rectified, or an exception is approved (X-111)."""
    return _checked(work, red_line_id, check_stage, measured, project_id, home_id, area, evidence)


def _checked(
    work: Work,
    red_line_id: str,
    check_stage: RedLineCheckStage,
    measured: str,
    project_id: str | None,
    home_id: str | None,
    area: str | None,
    evidence: list[str] | None,
) -> RedLineCheck:
    line = work.get(RedLine, red_line_id, field="red_line_id")
    if line.state != "published":
        raise ValidationFailed.of("red_line_id", "not_published", number=line.number)
    return RedLineCheck(
        red_line_id=line.id,
        edition=line.edition,
        measurable_limit=line.measurable_limit,
        check_stage=check_stage,
        home_id=home_id,
        area=area,
        measured=measured,
        evidence=evidence,
        checked_by=work.actor.user,
        **place_of(work, home_id, project_id),
    )


@checks.move("unmet", "met", by=CHECKING)
def rectify(check: RedLineCheck, rectification: LongText, measured: ShortText) -> None:
    """It was rectified and measured again: the limit is kept (X-111)."""
    check.rectification, check.measured = rectification, measured


@checks.move("unmet", "exception_submitted", by=CHECKING, submits=exception)
def request_exception(check: RedLineCheck, exception_grounds: Reason) -> None:
    """Ask that the limit need not be kept here (X-111)."""
    check.exception_grounds = exception_grounds


@checks.move("exception_submitted", "excepted", approves=exception)
def approve_exception(check: RedLineCheck, comment: Reason = "") -> None:
    """Let it be, here only (X-111)."""


@checks.move("exception_submitted", "unmet", rejects=exception)
def refuse_exception(check: RedLineCheck, reason: Reason) -> None:
    """It has to be rectified (X-111)."""
