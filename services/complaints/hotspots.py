"""Hot-spots: what customers complain of most, told to those whose work can change it (C-101, C-102)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import views
from services.chassis.actors import GROUP
from services.chassis.calendars import end_of
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.reports import Row, dates, during, report
from services.chassis.work import Work
from services.complaints.cases import Case, cases
from services.complaints.cases.case import READERS
from services.complaints.cases.figures import READERS as MANAGERS
from services.complaints.feedback import send
from services.contracts import glossary
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintHotspotReported
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CompanyId,
    Count,
    Day,
    Details,
    Discipline,
    ExecutingDepartment,
    Number,
    ProjectId,
    ShortText,
)
from services.contracts.vocabulary.complaints import CaseCategory
from services.contracts.vocabulary.lessons import CaseTopic, FeedbackKind, HotspotDimension

#: (ext) The catalogue gives no figures: the ten first topics are reported, and two projects are several.
TOPICS = Parameter("hotspot.topics", 10, "topics", "C-101")
SEVERAL = Parameter("hotspot.several_projects", 2, "projects", "C-102")
PARAMETERS = [TOPICS, SEVERAL]
REPORTING = [Role.CUSTOMER_AFFAIRS, Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE, Role.GROUP_CENTRE]
#: Those whose product has to change (C-101).
RECIPIENTS = (Discipline.DESIGN, Discipline.ENGINEERING)
ALONG = {
    HotspotDimension.PROJECT: Case.project_id,
    HotspotDimension.SUPPLIER: Case.supplier,
    HotspotDimension.UNIT_TYPE: Case.unit_type,
}
#: A case that goes on as another one is counted once.
COUNTED = tuple(state for state in cases.states if state != "reopened")


class HotspotReport(Record):
    """One ranking as it was issued: its period, what was counted, and what was repeated across projects."""

    number: Mapped[Number]
    period_from: Mapped[Day]
    period_until: Mapped[Day]
    dimension: Mapped[HotspotDimension | None]
    topics: Mapped[list[Details]]
    repeated: Mapped[list[Details]]
    case_count: Mapped[int]
    sent_to: Mapped[list[Discipline]]


reports = Process(
    HotspotReport,
    key="report_id",
    numbered="HR",
    readers=[*READERS, Role.DISCIPLINE, Role.MARKETING],
    listed=["number", "period_from", "period_until", "dimension", "case_count", "sent_to"],
    filters=["project_id", "period_from", "period_until", "dimension"],
)


def ranking(
    work: Work,
    since: date,
    until: date,
    by: HotspotDimension | None = None,
    *,
    project_id: str | None = None,
    company_id: str | None = None,
) -> list[dict[str, Any]]:
    """What was complained of from one date to another, the most frequent first: within what the actor may see (C-101).

    A row has the category, the topic where one is known, what it is ranked by, the cases and the homes.
    """
    along = ALONG[HotspotDimension(by)] if by else None
    columns = [Case.category, Case.topic, *([along] if along is not None else [])]
    number, homes = sa.func.count(Case.id), sa.func.count(sa.distinct(Case.home_id))
    found = sa.select(*columns, number, homes).where(
        *views.seen(work, cases),
        Case.received_at >= end_of(since - timedelta(days=1)),
        Case.received_at < end_of(until),
        Case.state.in_(COUNTED),
    )
    if along is not None:
        found = found.where(along.is_not(None))
    if project_id is not None:
        found = found.where(Case.project_id == project_id)
    if company_id is not None:
        found = found.where(Case.company_id == company_id)
    rows = work.session.execute(found.group_by(*columns).order_by(number.desc(), *columns))
    names = ["category", "topic", *([str(by)] if by else []), "cases", "homes"]
    return [dict(zip(names, row, strict=True)) for row in rows]


def repeated(work: Work, since: date, until: date, *, company_id: str | None = None) -> list[dict[str, Any]]:
    """The same defect in several projects, the most widespread first (C-102)."""
    spread: dict[tuple[str, str], dict[str, Any]] = {}
    for row in ranking(work, since, until, HotspotDimension.PROJECT, company_id=company_id):
        if row["topic"] is None:
            continue
        one = spread.setdefault(
            (row["category"], row["topic"]),
            {"category": row["category"], "topic": row["topic"], "projects": [], "cases": 0},
        )
        one["projects"].append(row["project"])
        one["cases"] += row["cases"]
    several = [one for one in spread.values() if len(one["projects"]) >= int(work.parameter(SEVERAL))]
    return sorted(several, key=lambda one: (-len(one["projects"]), -one["cases"], one["topic"]))


@reports.create("issued", by=REPORTING, emits=[ComplaintHotspotReported])
def issue(
    period_from: Day,
    period_until: Day,
    work: Work,
    dimension: HotspotDimension | None = None,
    project_id: ProjectId | None = None,
    company_id: CompanyId | None = None,
) -> HotspotReport:
    """Rank what was complained of in a period and send it to design and engineering, who answer (C-101, C-105)."""
    if period_until < period_from:
        raise ValidationFailed.of("period_until", "range_order")
    if project_id is not None:
        company_id = work.need_replica("leads/project", project_id, field="project_id")["company_id"]
    elif company_id is None and GROUP not in work.actor.scopes(REPORTING):
        raise ValidationFailed.of("company_id", "required")
    topics = ranking(work, period_from, period_until, dimension, project_id=project_id, company_id=company_id)
    if not topics:
        raise ValidationFailed.of("period_until", "nothing_to_report")
    report = HotspotReport(
        period_from=period_from,
        period_until=period_until,
        dimension=dimension,
        topics=topics[: int(work.parameter(TOPICS))],
        repeated=repeated(work, period_from, period_until, company_id=company_id),
        case_count=sum(row["cases"] for row in topics),
        sent_to=list(RECIPIENTS),
        project_id=project_id,
        company_id=company_id,
    )
    work.begin_life(reports, report, "issued")
    _send(work, report)
    return report


def _send(work: Work, report: HotspotReport) -> None:
    for discipline in RECIPIENTS:
        work.perform(
            send,
            kind=FeedbackKind.DEFECT,
            title=f"{report.number} {report.period_from} - {report.period_until}",
            content="\n".join(map(_line, report.topics)),
            department=ExecutingDepartment.DISCIPLINE,
            discipline=discipline,
            project_id=report.project_id,
            company_id=report.company_id,
            hotspot_report_id=report.id,
        )


def _line(row: dict[str, Any]) -> str:
    choice, value = ("case_topic", row["topic"]) if row["topic"] else ("case_category", row["category"])
    along = [str(row[name]) for name in HotspotDimension if name in row]
    name = glossary.term("complaints", "choices", choice, value, language="zh") or value
    return " ".join([name, *along, str(row["cases"])])


@dataclass(frozen=True, kw_only=True)
class Hotspot(Row):
    """One topic, of one project, supplier or unit type where it is ranked by that."""

    category: CaseCategory
    topic: CaseTopic | None
    project_id: ProjectId | None
    supplier: ShortText | None
    unit_type: ShortText | None
    cases: Count
    homes: Count


@report(
    cases,
    Hotspot,
    by=[*MANAGERS, Role.CUSTOMER_AFFAIRS],
    along=("category", "topic"),
    counts=("cases",),
    figures=("homes",),
)
def hotspots(
    work: Work,
    since: Day | None = None,
    until: Day | None = None,
    dimension: HotspotDimension | None = None,
    project_id: ProjectId | None = None,
) -> Iterator[Hotspot]:
    """What was complained of, the most frequent first, perhaps by project, supplier or unit type (C-101, C-122)."""
    first, last = dates(work, since, until)
    received = during(end_of(first - timedelta(days=1)), end_of(last))
    for row in ranking(work, first, last, dimension, project_id=project_id):
        place = {"project_id": project_id, **({ALONG[dimension].key: row[dimension]} if dimension else {})}
        known = {"category": row["category"], "topic": row["topic"]}
        yield Hotspot(
            **{"project_id": None, "supplier": None, "unit_type": None, **known, **place},
            cases=row["cases"],
            homes=row["homes"],
            behind={
                **known,
                **{name: value for name, value in place.items() if value is not None},
                "received_at": received,
                "state": list(COUNTED),
            },
        )
