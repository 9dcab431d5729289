"""Published by complaints: what the whole company can learn from its cases (domain 4.3, X-110 to X-112)."""

from __future__ import annotations

from services.contracts.events import Event
from services.contracts.vocabulary.common import (
    CompanyId,
    Day,
    DefectId,
    Details,
    HotspotReportId,
    LongText,
    Number,
    ProjectId,
    RedLineId,
    SensitivePointId,
    ShortText,
    Title,
)
from services.contracts.vocabulary.lessons import CrmStage, DevelopmentNode, RedLineCheckStage, SensitivePointKind


class ComplaintHotspotReported(Event, subject="report_id"):
    """What customers complain of most, for those whose work can change it (C-101)."""

    report_id: HotspotReportId
    number: Number
    company_id: CompanyId | None = None
    project_id: ProjectId | None = None
    period_from: Day
    period_until: Day
    topics: list[Details]
    case_count: int


class DefectCasePublished(Event, subject="defect_id"):
    """A defect with its problem and its harm, in professional language (X-112)."""

    defect_id: DefectId
    number: Number
    title: Title
    topic: ShortText
    description: LongText
    problem: LongText
    harm: LongText
    prevention: LongText | None = None
    red_line_proposal: LongText | None = None


class RedLinePublished(Event, subject="red_line_id"):
    """An indicator that every project has to keep from now on; an earlier edition ends (X-111)."""

    red_line_id: RedLineId
    number: Number
    edition: int
    title: Title
    discipline: ShortText
    stage: DevelopmentNode
    standard: LongText
    measurable_limit: ShortText
    check_stage: RedLineCheckStage
    is_mandatory: bool
    replaces: RedLineId | None = None


class SensitivePointPublished(Event, subject="point_id"):
    """What affects how customers feel or use the product (X-110)."""

    point_id: SensitivePointId
    number: Number
    kind: SensitivePointKind
    stage: CrmStage
    node: DevelopmentNode
    title: Title
    operation_standard: LongText


class SensitivePointUpdated(Event, subject="point_id", snapshot_of="complaints/sensitive_point"):
    """A sensitive point as it stands: the other services remind of those that are published, until they are retired."""

    point_id: SensitivePointId
    record_version: int
    number: Number
    state: ShortText
    title: Title
    kind: SensitivePointKind
    stage: CrmStage
    is_group_risk: bool
    operation_standard: LongText | None = None
