"""The library of sensitive points: what affects how customers feel or use the product (X-110)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.complaints.defects import CRM, DefectCase
from services.complaints.red_lines import RedLine
from services.contracts.events.complaints import SensitivePointPublished, SensitivePointUpdated
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    DefectId,
    Discipline,
    LongText,
    Number,
    Reason,
    RedLineId,
    ShortText,
    Title,
    User,
)
from services.contracts.vocabulary.lessons import (
    CrmStage,
    DevelopmentNode,
    SensitivePointImpact,
    SensitivePointKind,
    SensitivePointSource,
)


class SensitivePoint(Record):
    """One point: what it is, what the customer feels, and by which standard it is worked (X-110)."""

    number: Mapped[Number]
    title: Mapped[Title]
    kind: Mapped[SensitivePointKind]
    impact: Mapped[SensitivePointImpact]
    node: Mapped[DevelopmentNode]
    discipline: Mapped[Discipline]
    description: Mapped[LongText]
    customer_feeling: Mapped[LongText | None]
    operation_standard: Mapped[LongText | None]
    stage: Mapped[CrmStage]
    source: Mapped[SensitivePointSource]
    is_group_risk: Mapped[bool]
    defect_id: Mapped[DefectId | None]
    red_line_id: Mapped[RedLineId | None]
    process_node: Mapped[ShortText | None]
    reviewed_by: Mapped[User | None]
    reason: Mapped[Reason | None]


points = Process(
    SensitivePoint,
    key="point_id",
    numbered="SP",
    readers=["*"],
    listed=["number", "title", "kind", "impact", "node", "discipline", "stage", "source"],
    filters=["kind", "impact", "node", "discipline", "stage", "source", "is_group_risk", "defect_id", "red_line_id"],
    search=["number", "title", "description"],
    snapshot=SensitivePointUpdated,
)


@points.create("draft", by=[*CRM, Role.DISCIPLINE])
def draft(
    title: Title,
    kind: SensitivePointKind,
    impact: SensitivePointImpact,
    node: DevelopmentNode,
    discipline: Discipline,
    description: LongText,
    stage: CrmStage,
    source: SensitivePointSource,
    work: Work,
    customer_feeling: LongText | None = None,
    operation_standard: LongText | None = None,
    is_group_risk: bool = False,
    defect_id: DefectId | None = None,
    red_line_id: RedLineId | None = None,
    process_node: ShortText | None = None,
) -> SensitivePoint:
    """Write down a point; `is_group_risk` marks what may become a group complaint (X-110, C-74)."""
    if defect_id is not None:
        work.get(DefectCase, defect_id, field="defect_id")
    if red_line_id is not None:
        work.get(RedLine, red_line_id, field="red_line_id")
    return SensitivePoint(
        title=title,
        kind=kind,
        impact=impact,
        node=node,
        discipline=discipline,
        description=description,
        customer_feeling=customer_feeling,
        operation_standard=operation_standard,
        stage=stage,
        source=source,
        is_group_risk=is_group_risk,
        defect_id=defect_id,
        red_line_id=red_line_id,
        process_node=process_node,
    )


@points.move("draft", "reviewed", by=[Role.DISCIPLINE, Role.GROUP_CENTRE])
def review(point: SensitivePoint, customer_feeling: LongText, operation_standard: LongText, work: Work) -> None:
    """Worked through with its discipline: each operation node has an operating standard (X-110)."""
    point.customer_feeling, point.operation_standard = customer_feeling, operation_standard
    point.reviewed_by = work.actor.user


def _by_another(point: SensitivePoint, work: Work) -> Obstacle | None:
    return Obstacle("own_submission") if work.actor.user == point.reviewed_by else None


@points.move(
    "reviewed",
    "published",
    by=[Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE],
    emits=[SensitivePointPublished],
    guard=_by_another,
)
def publish(point: SensitivePoint) -> None:
    """Everyone works by it from now on (X-110). Nobody publishes what they reviewed themselves."""


@points.move("published", "retired", by=[Role.CUSTOMER_AFFAIRS, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE])
def retire(point: SensitivePoint, reason: Reason) -> None:
    """It holds no more, or a standard has absorbed it; the reason says which (X-110)."""
    point.reason = reason
