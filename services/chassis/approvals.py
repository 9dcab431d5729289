"""One approval engine for every object that needs a decision (X-43..X-45, X-36).

`draft -> submitted -> approved | rejected` with as many rounds as it takes. Each round is one `Approval`: what was
submitted (a snapshot with its hash), who has to decide (from the authority matrix, which is data), who decided, when
and why. Nobody decides what they submitted; an absent approver's deputy may decide in their place. Where several roles
decide jointly (X-36.9) the round is approved by the last consent, and rejected by the first rejection.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import authority
from services.chassis.actors import EVERYBODY, GROUP, Actor, within
from services.chassis.authority import Absence, ApprovalRule, Code, Money, User, approver_of
from services.chassis.clocks import Alarm, clock
from services.chassis.moves import Obstacle
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record, plain
from services.contracts.errors import DecidedAlready, Forbidden, OwnSubmission, ValidationFailed
from services.contracts.fields import Field, to_wire
from services.contracts.masks import masked
from services.contracts.roles import Role

if TYPE_CHECKING:
    from services.chassis.work import Work

Note = Annotated[str, Field(max_length=2000, multiline=True)]
Snapshot = Annotated[dict[str, Any], Field("json")]
Hash = Annotated[str, Field(max_length=64)]
Consent = Annotated[dict[str, Any], Field("json")]

APPROVAL_WAITING = Parameter("approval.waiting", 24, "h", "X-44")


class Approval(Record):
    """One round: what was submitted, who decides, what was decided, when and why.

    `consents` tells, where several roles decide jointly, who has consented so far, for which role, when and why.
    """

    kind: Mapped[Code]
    resource: Mapped[Code]
    record_id: Mapped[Code]
    record_number: Mapped[Code]
    title: Mapped[Annotated[str, Field(max_length=200)]]
    round: Mapped[int]
    submitted_by: Mapped[User]
    submitted_at: Mapped[datetime]
    approver_role: Mapped[Role]
    jointly: Mapped[list[Role]]
    consents: Mapped[list[Consent]]
    level: Mapped[int | None]
    amount: Mapped[Money | None]
    snapshot: Mapped[Snapshot]
    snapshot_hash: Mapped[Hash]
    approve_command: Mapped[Code]
    reject_command: Mapped[Code]
    decided_by: Mapped[User | None]
    decided_for: Mapped[User | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[Note | None]


approvals = Process(
    Approval,
    readers=[EVERYBODY],
    title="title",
    listed=["kind", "record_number", "title", "round", "submitted_by", "submitted_at", "approver_role", "decided_by"],
    filters=["kind", "resource", "record_id", "submitted_by", "decided_by", "approver_role"],
    search=["record_number", "title"],
    own=lambda actor, now: sa.or_(
        Approval.submitted_by == actor.user,
        _decided_or_joined(actor.user),
        Approval.approver_role.in_([str(role) for role in actor.roles]),
        *(_joins(str(role)) for role in actor.roles),
        Approval.id.in_(_deputised(actor, now)),
    ),
    life={"submitted": ("approved", "rejected", "withdrawn")},
)


@approvals.narrow(Field(name="decider", max_length=80), is_offered=False)
def _decided_by(users: list[str]) -> Any:
    return sa.or_(sa.false(), *map(_decided_or_joined, users))


def _decided_or_joined(user: str) -> Any:
    """The rounds that somebody decided, or consented to before another one did (X-36.9)."""
    consented = sa.cast(Approval.consents, sa.Text).contains(f'"user": {json.dumps(user)}', autoescape=True)
    return sa.or_(Approval.decided_by == user, consented)


def _joins(role: Any) -> Any:
    """The approvals that a role has to consent to as well; the name of the role, or a column that holds it."""
    return _names(Approval.jointly, role)


def _names(texts: Any, text: Any) -> Any:
    """Whether a list of texts, in a column, has this one."""
    return sa.cast(texts, sa.Text).contains(sa.literal('"').concat(text).concat('"'))


def _deputised(actor: Actor, now: datetime) -> Any:
    """The approvals that wait and that the actor may decide for somebody who is away, where that one may."""
    reached = sa.or_(
        _names(Absence.scopes, GROUP),
        _names(Absence.scopes, sa.literal("company:").concat(Approval.company_id)),
        _names(Absence.scopes, sa.literal("project:").concat(Approval.project_id)),
        sa.and_(Approval.company_id.is_(None), Approval.project_id.is_(None)),
    )
    return sa.select(Approval.id).where(
        Approval.state == "submitted",
        sa.exists().where(
            Absence.deputy == actor.user,
            sa.or_(Absence.role == Approval.approver_role, _joins(Absence.role)),
            Absence.state == "announced",
            Absence.away_from <= now,
            Absence.away_until > now,
            reached,
        ),
    )


def put_before(actor: Actor, now: datetime, resource: str) -> Any:
    """The ids of the records of a resource that wait, or waited, for this actor's decision."""
    assert approvals.own is not None
    reached = sa.or_(within(actor, [EVERYBODY], Approval), Approval.id.in_(_deputised(actor, now)))
    return sa.select(Approval.record_id).where(Approval.resource == resource, reached, approvals.own(actor, now))


clock(
    approvals,
    "decision",
    limit=APPROVAL_WAITING,
    starts="submitted",
    alarm=Alarm("approval_waiting", "X-44", to=lambda approval: awaited(approval)[0]),
)


def frozen(rule: ApprovalRule, record: Any) -> tuple[dict[str, Any], str]:
    """What is approved, as it stands now, and its hash; masked fields are masked in both (X-65)."""
    fields = record.__fields__
    snapshot = {name: masked(fields.get(name), to_wire(plain(getattr(record, name)))) for name in rule.snapshot}
    canonical = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return snapshot, hashlib.sha256(canonical.encode()).hexdigest()


def rounds(work: Work, process: Process[Any], record: Any, kind: str) -> list[Approval]:
    """All rounds of an object, the latest first."""
    found = sa.select(Approval).where(
        Approval.resource == process.name, Approval.record_id == record.id, Approval.kind == kind
    )
    return list(work.session.scalars(found.order_by(Approval.round.desc())))


def open_round(work: Work, process: Process[Any], rule: ApprovalRule, record: Any) -> Approval:
    """Submit the object as it stands: a new round for the approver that the matrix names."""
    earlier = rounds(work, process, record, rule.kind)
    for one in earlier:
        if one.state == "submitted":
            raise DecidedAlready(code="approval_open", round=one.round)
    snapshot, digest = frozen(rule, record)
    decisions = {move.verdict: move.command for move in process.moves.values() if move.decides is rule}
    approval = Approval(
        kind=rule.kind,
        resource=process.name,
        record_id=record.id,
        record_number=str(getattr(record, process.title)),
        title=str(getattr(record, process.title)),
        round=len(earlier) + 1,
        submitted_by=work.actor.user,
        submitted_at=work.now,
        approver_role=approver_of(work, rule, record),
        jointly=list(rule.jointly),
        level=rule.level(record),
        amount=rule.amount(record),
        snapshot=snapshot,
        snapshot_hash=digest,
        approve_command=decisions["approved"],
        reject_command=decisions["rejected"],
        company_id=record.company_id,
        project_id=record.project_id,
    )
    work.begin_life(approvals, approval, "submitted")
    return approval


def obstacle(work: Work, process: Process[Any], rule: ApprovalRule, record: Any) -> Obstacle | None:
    """Why this actor may not decide now; None when they may."""
    open_one = next((one for one in rounds(work, process, record, rule.kind) if one.state == "submitted"), None)
    if open_one is None:
        return Obstacle("nothing_submitted")
    if open_one.submitted_by == work.actor.user:
        return Obstacle("own_submission")
    if _has_consented(work, open_one):
        return Obstacle("consented_already")
    if _entitled(work, open_one) is None:
        return Obstacle("not_the_approver", {"role": awaited(open_one)[0]})
    return None


def awaited(approval: Approval) -> list[str]:
    """The roles that the round still waits for, the one that the matrix names first."""
    roles = [str(approval.approver_role), *map(str, approval.jointly)]
    for one in approval.consents:
        roles.remove(one["role"])
    return roles


def consent(work: Work, process: Process[Any], rule: ApprovalRule, record: Any, comment: str) -> bool:
    """Keep the actor's consent if others still have to consent after it, and say whether they do (X-36.9)."""
    if not rule.jointly:
        return False
    open_one = _submitted(work, process, rule, record)
    role, absent = _deciding(work, open_one)
    if len(awaited(open_one)) == 1:
        return False
    _add_consent(work, open_one, role, absent, comment)
    return True


def decide(work: Work, process: Process[Any], rule: ApprovalRule, record: Any, verdict: str, reason: str) -> Approval:
    """Record a decision. Raises OwnSubmission, Forbidden or DecidedAlready."""
    open_one = _submitted(work, process, rule, record)
    role, absent = _deciding(work, open_one)
    if verdict == "rejected" and not reason.strip():
        raise ValidationFailed.of("reason", "required")
    if verdict == "approved" and rule.jointly:
        _add_consent(work, open_one, role, absent, reason)
    open_one.decided_by, open_one.decided_for, open_one.decided_at = work.actor.user, absent, work.now
    open_one.reason = reason or None
    work.enter(approvals, open_one, verdict)
    return open_one


def _submitted(work: Work, process: Process[Any], rule: ApprovalRule, record: Any) -> Approval:
    existing = rounds(work, process, record, rule.kind)
    open_one = next((one for one in existing if one.state == "submitted"), None)
    if open_one is None:
        last = existing[0] if existing else None
        raise DecidedAlready(by=last.decided_by if last else None, verdict=last.state if last else None)
    return open_one


def _deciding(work: Work, approval: Approval) -> tuple[str, str | None]:
    """The role in which the actor decides now, and the absent approver whom they stand for."""
    if approval.submitted_by == work.actor.user:
        raise OwnSubmission()
    if _has_consented(work, approval):
        raise Forbidden(code="consented_already")
    entitled = _entitled(work, approval)
    if entitled is None:
        raise Forbidden(code="not_the_approver", role=awaited(approval)[0])
    return entitled


def _has_consented(work: Work, approval: Approval) -> bool:
    return any(one["user"] == work.actor.user for one in approval.consents)


def _add_consent(work: Work, approval: Approval, role: str, absent: str | None, comment: str) -> None:
    given = {"role": role, "user": work.actor.user, "for": absent, "at": to_wire(work.now), "comment": comment or None}
    approval.consents = [*approval.consents, given]


def withdraw_open(work: Work, process: Process[Any], record: Any) -> None:
    """The object ended: a round that still waits is withdrawn with it."""
    waiting = sa.select(Approval).where(
        Approval.resource == process.name, Approval.record_id == record.id, Approval.state == "submitted"
    )
    for one in work.session.scalars(waiting):
        work.enter(approvals, one, "withdrawn")


def _entitled(work: Work, approval: Approval) -> tuple[str, str | None] | None:
    """The awaited role in which the actor may decide, their own or that of an absent approver; None when they may not.

    Somebody who holds several awaited roles decides in one of them: the others need other persons.
    """
    place = approval.company_id, approval.project_id
    roles = awaited(approval)
    for role in roles:
        if work.actor.covers([role], *place):
            return role, None
    for role in roles:
        absent = authority.absent_for(work, role, *place, besides=approval.submitted_by)
        if absent is not None:
            return role, absent
    return None
