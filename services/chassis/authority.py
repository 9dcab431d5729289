"""Who decides: the authority matrix, which is data (X-45), and the deputies of absent approvers (X-44)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.actors import EVERYBODY, Actor
from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.contracts.errors import ValidationFailed
from services.contracts.fields import PERSON, Field
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.work import Work

Code = Annotated[str, Field(max_length=60)]
User = Annotated[str, Field(max_length=80, to=PERSON)]
Money = Annotated[Decimal, Field("money")]


@dataclass(frozen=True)
class ApprovalRule:
    """What needs approval: `kind` keys the matrix, `source` is the X-36 row, `snapshot` names the frozen fields.

    `jointly` names the roles that have to consent too, each by another person (X-36.9).
    """

    kind: str
    source: str
    approver: Role
    snapshot: Sequence[str]
    level: Callable[[Any], int | None] = lambda record: None
    amount: Callable[[Any], Decimal | None] = lambda record: None
    group: Callable[[Any], bool] = lambda record: False
    jointly: Sequence[Role] = ()


class AuthorityRule(Record):
    """A row of the authority matrix: the narrowest row that fits an object names its approver (X-45)."""

    kind: Mapped[Code]
    level: Mapped[int | None]
    is_group: Mapped[bool | None]
    amount_from: Mapped[Money | None]
    amount_below: Mapped[Money | None]
    approver_role: Mapped[Role]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


matrix = Process(
    AuthorityRule, readers=[Role.ADMINISTRATOR, Role.AUDITOR], title="kind", listed=list(AuthorityRule.__fields__)
)


@matrix.create("in_force", by=[Role.ADMINISTRATOR])
def add(
    kind: Code,
    approver_role: Role,
    valid_from: date,
    level: int | None = None,
    is_group: bool | None = None,
    amount_from: Money | None = None,
    amount_below: Money | None = None,
) -> AuthorityRule:
    """Add a row to the authority matrix (X-45)."""
    if amount_from is not None and amount_below is not None and amount_from >= amount_below:
        raise ValidationFailed.of("amount_below", "range_order")
    return AuthorityRule(
        kind=kind,
        level=level,
        is_group=is_group,
        amount_from=amount_from,
        amount_below=amount_below,
        approver_role=approver_role,
        valid_from=valid_from,
    )


@matrix.move("in_force", "ended", by=[Role.ADMINISTRATOR])
def end(rule: AuthorityRule, valid_until: date) -> None:
    """End a row; what it decided before stays as it was."""
    rule.valid_until = valid_until


class Absence(Record):
    """While an approver is away, the deputy decides in their place (X-44)."""

    user: Mapped[User]
    role: Mapped[Role]
    scopes: Mapped[list[Code]]
    deputy: Mapped[User]
    away_from: Mapped[datetime]
    away_until: Mapped[datetime]


absences = Process(Absence, readers=[EVERYBODY], title="user")


@absences.create("announced", by=[EVERYBODY])
def announce(role: Role, deputy: User, away_from: datetime, away_until: datetime, work: Work) -> Absence:
    """Name a deputy for one of your own roles (X-44)."""
    if role not in work.actor.roles:
        raise ValidationFailed.of("role", "not_your_role")
    if deputy == work.actor.user:
        raise ValidationFailed.of("deputy", "own_deputy")
    if away_until <= away_from:
        raise ValidationFailed.of("away_until", "range_order")
    return Absence(
        user=work.actor.user,
        role=role,
        scopes=list(work.actor.roles[role]),
        deputy=deputy,
        away_from=away_from,
        away_until=away_until,
    )


@absences.move("announced", "called_off", by=[EVERYBODY], guard=lambda absence, work: _own_absence(absence, work))
def call_off(absence: Absence) -> None:
    """The approver is back early."""


def _own_absence(absence: Absence, work: Work) -> Obstacle | None:
    return None if work.actor.user == absence.user else Obstacle("not_yours")


def approver_of(work: Work, rule: ApprovalRule, record: Any) -> str:
    """The role that the authority matrix names for this object: the narrowest row in force, else the rule's own."""
    level, amount, group = rule.level(record), rule.amount(record), rule.group(record)
    today = work.today
    rows = work.session.scalars(
        sa.select(AuthorityRule).where(
            AuthorityRule.kind == rule.kind,
            AuthorityRule.valid_from <= today,
            sa.or_(AuthorityRule.valid_until.is_(None), AuthorityRule.valid_until > today),
        )
    )
    fitting = [
        row
        for row in rows
        if row.level in (None, level)
        and row.is_group in (None, group)
        and (row.amount_from is None or (amount is not None and amount >= row.amount_from))
        and (row.amount_below is None or (amount is not None and amount < row.amount_below))
        and row.company_id in (None, record.company_id)
    ]
    if not fitting:
        return str(rule.approver)

    def narrowness(row: AuthorityRule) -> tuple[int, Any]:
        named = (row.company_id, row.level, row.is_group, row.amount_from, row.amount_below)
        return sum(one is not None for one in named), row.created_at

    return str(max(fitting, key=narrowness).approver_role)


def absent_for(
    work: Work, role: str, company_id: str | None, project_id: str | None, *, besides: str | None = None
) -> str | None:
    """The absent holder of a role there whom the actor stands in for today, unless that is `besides` (X-44)."""
    standing = sa.select(Absence).where(
        Absence.deputy == work.actor.user,
        Absence.role == role,
        Absence.user != (besides or ""),
        Absence.state == "announced",
        Absence.away_from <= work.now,
        Absence.away_until > work.now,
    )
    for absence in work.session.scalars(standing):
        absent = Actor(absence.user, absence.user, {absence.role: tuple(absence.scopes)})
        if absent.covers([role], company_id, project_id):
            return absence.user
    return None
