"""Supervision orders: what a supervisor wants done about a case, and until when (C-32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import views
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.reports import Row, during, number_of, period, report
from services.chassis.tables import Clock
from services.chassis.work import Work
from services.complaints.cases.case import HANDLING, OPEN, READERS, Case
from services.complaints.cases.figures import READERS as BOARD_READERS
from services.complaints.cases.levels import HIGHEST, supervisors
from services.complaints.cases.limits import ESCALATION
from services.contracts.errors import Forbidden, ValidationFailed
from services.contracts.roles import COMPETENT_DEPARTMENT, Role, SwitchedRole
from services.contracts.vocabulary.common import (
    CaseId,
    Count,
    Day,
    LongText,
    Moment,
    Number,
    ProjectId,
    Reason,
    RoleKey,
    User,
)
from services.contracts.vocabulary.complaints import CaseLevel

ORDERING: list[Role | SwitchedRole] = [
    Role.COMPLAINT_SUPERVISOR,
    COMPETENT_DEPARTMENT,
    Role.COMPANY_MANAGER,
    Role.GROUP_CENTRE,
    Role.PUBLIC_RELATIONS,
]
SUBJECT = "supervision_order"


class SupervisionOrder(Record):
    """One order about a case; it is a task of whom it names, until it is done and confirmed (C-32, X-48)."""

    number: Mapped[Number]
    case_id: Mapped[CaseId]
    level: Mapped[CaseLevel]
    department: Mapped[RoleKey]
    instruction: Mapped[LongText]
    issued_by: Mapped[User]
    assignee: Mapped[User | None]
    due_at: Mapped[Moment]
    result: Mapped[LongText | None]
    done_by: Mapped[User | None]
    confirmed_by: Mapped[User | None]
    reason: Mapped[Reason | None]


orders = Process(
    SupervisionOrder,
    numbered="SO",
    readers=READERS,
    listed=["number", "case_id", "level", "instruction", "assignee", "due_at", "done_by"],
    filters=["project_id", "case_id", "level", "assignee", "issued_by", "due_at", "created_at"],
    search=["number", "instruction"],
)


@orders.create("issued", by=ORDERING)
def issue(
    case_id: CaseId, instruction: LongText, due_at: Moment, work: Work, assignee: User | None = None
) -> SupervisionOrder:
    """The supervisor of the case's level, or of a higher one, orders something until a time (C-32)."""
    case = work.get(Case, case_id, field="case_id")
    if case.state not in OPEN:
        raise ValidationFailed.of("case_id", "case_not_open", number=case.number)
    if due_at <= work.now:
        raise ValidationFailed.of("due_at", "in_the_past")
    if not _supervises(work, case.level, case.department, case):
        raise Forbidden(code="other_level", level=case.level)
    order = SupervisionOrder(
        case_id=case_id,
        level=case.level,
        department=case.department,
        instruction=instruction,
        issued_by=work.actor.user,
        assignee=assignee or case.handler,
        due_at=due_at,
        project_id=case.project_id,
        company_id=case.company_id,
    )
    work.begin_life(orders, order, "issued")
    _give(work, order)
    return order


def _supervises(work: Work, level: int, department: str, record: Record) -> bool:
    responsible = {role for one in range(level, HIGHEST + 1) for role in supervisors(one, department)}
    return work.actor.covers(responsible, record.company_id, record.project_id)


def _of_level(order: SupervisionOrder, work: Work) -> Obstacle | None:
    if work.actor.user == order.issued_by or _supervises(work, order.level, order.department, order):
        return None
    return Obstacle("other_level", {"level": order.level})


def _give(work: Work, order: SupervisionOrder) -> None:
    work.task(SUBJECT, order, role=Role.COMPLAINT_HANDLER, assignee=order.assignee, due_at=order.due_at)


@orders.move("issued", "done", by=HANDLING)
def report_done(order: SupervisionOrder, result: LongText, work: Work) -> None:
    """Say what was done; the task is done with it (C-32)."""
    order.result, order.done_by = result, work.actor.user
    work.end_tasks(order, "done", subject=SUBJECT, result=result)


@orders.move("done", "confirmed", by=ORDERING, guard=_of_level)
def confirm(order: SupervisionOrder, work: Work) -> None:
    """The supervisor is satisfied (C-32, X-48)."""
    order.confirmed_by = work.actor.user
    work.end_tasks(order, "confirmed", subject=SUBJECT)


@orders.move("done", "issued", by=ORDERING, guard=_of_level)
def send_back(order: SupervisionOrder, reason: Reason, work: Work, due_at: Moment | None = None) -> None:
    """Not done as it should be; the time goes on, or there is more of it (C-32)."""
    order.reason, order.done_by, order.due_at = reason, None, due_at or order.due_at
    _give(work, order)


@orders.move("issued", "cancelled", by=ORDERING, guard=_of_level)
def cancel(order: SupervisionOrder, reason: Reason, work: Work) -> None:
    """The order is no longer needed, and why."""
    order.reason = reason
    work.end_tasks(order, "dropped", subject=SUBJECT)


def next_level(order: SupervisionOrder, step: int = 0) -> str | None:
    """Who hears of an overdue order: the supervisor of the next level, then those above it (C-32, C-34)."""
    level = order.level + 1 + step
    if level > HIGHEST and step:
        return None
    return supervisors(min(level, HIGHEST), order.department)[0]


clock(
    orders,
    "order",
    until="due_at",
    starts="issued",
    stops="done",
    alarm=Alarm(
        "supervision_order_overdue",
        "C-32",
        to=lambda order: str(next_level(order)),
        ladder=next_level,
        every=lambda order: ESCALATION,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Ordered(Row):
    """The orders that were issued at one level in the period."""

    level: CaseLevel
    orders: Count
    issued: Count
    to_confirm: Count
    overdue: Count


@report(orders, Ordered, by=BOARD_READERS, along="level", counts=("orders", "issued", "to_confirm", "overdue"))
def supervision_orders(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[Ordered]:
    """Supervision orders of each level: all, still to do, to be confirmed, and those that were late (C-32, C-123)."""
    begin, end = period(work, since, until)
    late = sa.exists().where(
        Clock.resource == orders.name, Clock.record_id == SupervisionOrder.id, Clock.breached_at.is_not(None)
    )

    found = (
        sa.select(
            SupervisionOrder.level,
            sa.func.count(),
            number_of(SupervisionOrder.state == "issued"),
            number_of(SupervisionOrder.state == "done"),
            number_of(late),
        )
        .where(*views.seen(work, orders), SupervisionOrder.created_at >= begin, SupervisionOrder.created_at < end)
        .where(*([SupervisionOrder.project_id == project_id] if project_id else []))
        .group_by(SupervisionOrder.level)
        .order_by(SupervisionOrder.level)
    )
    for level, all_of_it, issued, done, overdue in work.session.execute(found):
        behind = {"level": level, "created_at": during(begin, end)}
        yield Ordered(
            level=level,
            orders=all_of_it,
            issued=int(issued or 0),
            to_confirm=int(done or 0),
            overdue=int(overdue or 0),
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={
                "issued": {"state": ["issued"]},
                "to_confirm": {"state": ["done"]},
                "overdue": {"breached": "order"},
            },
        )
