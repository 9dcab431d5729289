"""Defect cases: a defect, its problem and its harm, in professional language, until a standard has it (X-112)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.cases import Case, CaseRepair, Compensation
from services.complaints.cases.lessons import settle_lesson
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import DefectCasePublished
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CaseId,
    Count,
    Files,
    LongText,
    Money,
    Number,
    ProjectId,
    ShortText,
    Title,
    User,
    WorkOrderId,
)
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.lessons import CaseTopic, TranslatingDiscipline

CRM = [
    Role.COMPLAINT_HANDLER,
    Role.COMPLAINT_SUPERVISOR,
    Role.PROJECT_DEPARTMENT,
    Role.CUSTOMER_AFFAIRS,
    Role.CUSTOMER_CENTRE,
    Role.GROUP_CENTRE,
]


class DefectCase(Record):
    """One defect as the whole group can learn from it; it is no company's own (X-63, X-112)."""

    __table_args__ = (
        sa.Index(
            "uq_defect_case_case",
            "case_id",
            unique=True,
            sqlite_where=sa.text("case_id IS NOT NULL"),
            postgresql_where=sa.text("case_id IS NOT NULL"),
        ),
    )

    number: Mapped[Number]
    title: Mapped[Title]
    category: Mapped[CaseCategory]
    topic: Mapped[CaseTopic | None]
    case_id: Mapped[CaseId | None]
    order_id: Mapped[WorkOrderId | None]
    found_in: Mapped[ProjectId | None]
    description: Mapped[LongText]
    problem: Mapped[LongText]
    harm: Mapped[LongText]
    photos: Mapped[Files | None]
    frequency: Mapped[Count]
    cost: Mapped[Money | None]
    design_wording: Mapped[LongText | None]
    design_by: Mapped[User | None]
    cost_wording: Mapped[LongText | None]
    cost_by: Mapped[User | None]
    engineering_wording: Mapped[LongText | None]
    engineering_by: Mapped[User | None]
    prevention: Mapped[LongText | None]
    red_line_proposal: Mapped[LongText | None]
    absorbed_into: Mapped[ShortText | None]
    used_in: Mapped[list[ProjectId]]


defects = Process(
    DefectCase,
    key="defect_id",
    numbered="DC",
    readers=["*"],
    listed=["number", "title", "category", "topic", "harm", "frequency", "found_in"],
    filters=["category", "topic", "case_id", "found_in"],
    search=["number", "title", "description", "problem"],
    announces=[DefectCasePublished],
)


@defects.create("drafted", by=[*CRM, Role.MAINTENANCE_LEAD])
def draft(
    title: Title,
    category: CaseCategory,
    description: LongText,
    problem: LongText,
    harm: LongText,
    work: Work,
    topic: CaseTopic | None = None,
    order_id: WorkOrderId | None = None,
    found_in: ProjectId | None = None,
    photos: Files | None = None,
    frequency: Count = 1,
    cost: Money | None = None,
    prevention: LongText | None = None,
    red_line_proposal: LongText | None = None,
) -> DefectCase:
    """Write down a defect, the problem that it is and the harm that it does (C-103, X-112)."""
    if found_in is not None:
        work.need_replica("leads/project", found_in, field="found_in")
    return _drafted(
        work,
        DefectCase(
            title=title,
            category=category,
            topic=topic,
            order_id=order_id,
            found_in=found_in,
            description=description,
            problem=problem,
            harm=harm,
            photos=photos,
            frequency=frequency,
            cost=cost,
            prevention=prevention,
            red_line_proposal=red_line_proposal,
        ),
    )


@defects.create("drafted", by=CRM)
def convert(
    case_id: CaseId,
    harm: LongText,
    work: Work,
    title: Title | None = None,
    topic: CaseTopic | None = None,
    prevention: LongText | None = None,
    red_line_proposal: LongText | None = None,
) -> DefectCase:
    """Make a defect case of a closed case in one step: what the case knows is taken over (C-104)."""
    case = work.get(Case, case_id, field="case_id", lock=True)
    if case.state not in ("closed", "reopened"):
        raise ValidationFailed.of("case_id", "case_not_closed", number=case.number)
    if work.first(DefectCase, DefectCase.case_id == case_id) is not None:
        raise ValidationFailed.of("case_id", "taken")
    known_topic = topic or case.topic
    repairs = work.all(CaseRepair, CaseRepair.case_id == case_id)
    paid = [one.cost for one in repairs if one.cost is not None]
    compensated = work.all(Compensation, Compensation.case_id == case_id, Compensation.state == "paid")
    paid += [one.amount for one in compensated]
    settle_lesson(work, case)
    return _drafted(
        work,
        DefectCase(
            title=title or case.description[:120],
            category=case.category,
            topic=known_topic,
            case_id=case_id,
            order_id=repairs[0].id if repairs else None,
            found_in=case.project_id,
            description=case.description,
            problem=case.cause or case.description,
            harm=harm,
            photos=case.evidence,
            frequency=_alike(work, case.category, known_topic),
            cost=sum(paid) if paid else None,
            prevention=prevention or case.corrective_action,
            red_line_proposal=red_line_proposal,
        ),
    )


def _alike(work: Work, category: str, topic: str | None) -> int:
    """How many cases there are of the same topic, or of the category where the topic is not known."""
    same = Case.topic == topic if topic else Case.category == category
    return work.session.scalar(sa.select(sa.func.count(Case.id)).where(same, Case.state != "reopened")) or 1


def _drafted(work: Work, defect: DefectCase) -> DefectCase:
    work.begin_life(defects, defect, "drafted")
    work.task("word_defect_case", defect, role=Role.DISCIPLINE)
    return defect


@defects.change("drafted", by=[Role.DISCIPLINE])
def word(defect: DefectCase, discipline: TranslatingDiscipline, wording: LongText, work: Work) -> None:
    """Design, cost and engineering each say it in their own professional language (C-103)."""
    setattr(defect, f"{discipline}_wording", wording)
    setattr(defect, f"{discipline}_by", work.actor.user)


def _worded(defect: DefectCase, work: Work) -> Obstacle | None:
    missing = [one.value for one in TranslatingDiscipline if not getattr(defect, f"{one}_wording")]
    return Obstacle("wording_missing", {"disciplines": ", ".join(missing)}) if missing else None


@defects.move("drafted", "translated", by=CRM, guard=_worded)
def translate(defect: DefectCase, prevention: LongText, work: Work, red_line_proposal: LongText | None = None) -> None:
    """All three have worded it; how it is prevented, and which red line it deserves, is known (C-103, X-112)."""
    defect.prevention = prevention
    defect.red_line_proposal = red_line_proposal or defect.red_line_proposal
    work.end_tasks(defect, "done", subject="word_defect_case")


@defects.move("translated", "published", by=[Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE])
def publish(defect: DefectCase, work: Work) -> None:
    """Let everyone learn from it; early involvement gets it for reference (X-112, X-113)."""
    work.emit(DefectCasePublished, defect, topic=str(defect.topic or defect.category))


@defects.change(("published", "absorbed"), by=[*CRM, Role.DISCIPLINE])
def note_use(defect: DefectCase, used_in: ProjectId, work: Work) -> None:
    """A project has been looked at for it (X-112)."""
    work.need_replica("leads/project", used_in, field="used_in")
    if used_in not in defect.used_in:
        defect.used_in = [*defect.used_in, used_in]


@defects.move("published", "absorbed", by=[*CRM, Role.DISCIPLINE])
def absorb(defect: DefectCase, absorbed_into: ShortText) -> None:
    """A standard holds it from now on (X-112)."""
    defect.absorbed_into = absorbed_into
