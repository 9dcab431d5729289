"""What agents may not do on the sales floor: recorded with a proposed sanction, decided by X-36.11 (L-31, L-32, L-37,
L-38)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis import approvals, views
from services.chassis.actors import SYSTEM, Actor
from services.chassis.authority import ApprovalRule
from services.chassis.parameters import Parameter
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.reports import Row, dates, report
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import SalesViolationRecorded
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    Count,
    Day,
    Files,
    HomeId,
    LongText,
    Money,
    Number,
    Percent,
    ProjectId,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.rotation import ReceptionId
from services.contracts.vocabulary.sales import Sanction, ViolationKind
from services.leads.ownership.decisions import forfeit
from services.leads.projects import project_of

SNATCH_FINE = Parameter("penalty.snatch_fine", 500, "yuan", "L-37")
SNATCH_COMMISSION = Parameter("penalty.snatch_commission", 100, "%", "L-37")
PARAMETERS = [SNATCH_FINE, SNATCH_COMMISSION]
#: Who sees what others did.
MANAGING = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR]

#: What each violation costs where it is no repeated or serious case of taking a colleague's customer (L-37).
SANCTIONS = {
    ViolationKind.SNATCHING: Sanction.FINE_AND_COMMISSION,
    ViolationKind.REGISTER_ALTERATION: Sanction.DECIDED_BY_CASE,
    ViolationKind.DRESS: Sanction.TURN_CANCELLED,
}


class Violation(Record):
    """One finding about one agent. `fine` and `commission_share`, the part of the home's commission that is withheld,
    are what the sanction that is proposed or decided costs (L-37)."""

    __table_args__ = (sa.Index(None, "agent", "created_at"),)

    number: Mapped[Number]
    occurred_on: Mapped[Day]
    agent: Mapped[User]
    kind: Mapped[ViolationKind]
    is_serious: Mapped[bool]
    evidence: Mapped[LongText]
    files: Mapped[Files]
    home_id: Mapped[HomeId | None]
    deal_id: Mapped[ShortText | None]
    reception_id: Mapped[ReceptionId | None]
    proposal: Mapped[Sanction]
    decided: Mapped[Sanction | None]
    fine: Mapped[Money | None]
    commission_share: Mapped[Percent | None]
    reason: Mapped[Reason | None]


def _concerns(actor: Actor, now: datetime) -> Any:
    """Agents see what they are said to have done, and nothing about others (X-312)."""
    return sa.or_(Violation.agent == actor.user, sa.true() if actor.scopes(MANAGING) else sa.false())


violations = Process(
    Violation,
    numbered="SV",
    readers=[Role.SALES_AGENT, *MANAGING],
    listed=["number", "occurred_on", "agent", "kind", "proposal", "decided", "fine", "home_id"],
    filters=["project_id", "agent", "kind", "occurred_on", "proposal", "decided", "reception_id", "deal_id"],
    search=["number", "evidence"],
    own=_concerns,
)

#: X-36.11: the site sales lead proposes, the sales director decides.
penalty = ApprovalRule(
    "violation",
    "X-36.11",
    Role.SALES_DIRECTOR,
    snapshot=(
        *("number", "occurred_on", "agent", "kind", "is_serious", "evidence", "files", "home_id", "deal_id"),
        *("proposal", "fine", "commission_share"),
    ),
)


@violations.create("proposed", by=[Role.SITE_SALES_LEAD], submits=penalty, emits=[SalesViolationRecorded])
def record(
    project_id: ProjectId,
    agent: User,
    kind: ViolationKind,
    occurred_on: Day,
    evidence: LongText,
    work: Work,
    is_serious: bool = False,
    home_id: HomeId | None = None,
    deal_id: ShortText | None = None,
    reception_id: ReceptionId | None = None,
    files: Files | None = None,
) -> Violation:
    """Write down what an agent did, with the sanction of the table for it; the sales director decides (L-37)."""
    project = project_of(work, project_id)
    if occurred_on > work.today:
        raise ValidationFailed.of("occurred_on", "in_the_future")
    if agent == work.actor.user:
        raise ValidationFailed.of("agent", "about_yourself")
    work.alone("violation", agent)
    found = Violation(
        occurred_on=occurred_on,
        agent=agent,
        kind=kind,
        is_serious=is_serious,
        evidence=evidence,
        files=files or [],
        home_id=home_id,
        deal_id=deal_id,
        reception_id=reception_id,
        project_id=project.id,
        company_id=project.company_id,
    )
    earlier = _snatchings(work, agent)
    is_repeated = bool(earlier) and earlier[-1].state == "confirmed"
    _propose(work, found, sanction_for(kind, is_serious=is_serious, is_repeated=is_repeated))
    return found


@violations.move("proposed", "confirmed", approves=penalty)
def confirm(violation: Violation, work: Work, decided: Sanction | None = None, comment: Reason = "") -> None:
    """The finding stands, with the proposed sanction or another one (L-37)."""
    work.alone("violation", violation.agent)
    violation.decided = decided or violation.proposal
    _cost(work, violation, violation.decided)
    if violation.kind == ViolationKind.SNATCHING:
        forfeit(work, violation.agent, deal_number=violation.deal_id, home_id=violation.home_id)
    _escalate_second(work, _snatchings(work, violation.agent), confirmed=violation)


@violations.move("proposed", "unfounded", rejects=penalty)
def reject(violation: Violation, reason: Reason, work: Work) -> None:
    """There was no violation, or it cannot be shown."""
    work.alone("violation", violation.agent)
    violation.reason, violation.fine, violation.commission_share = reason, None, None
    _escalate_second(work, [one for one in _snatchings(work, violation.agent) if one is not violation])


@violations.move(("proposed", "confirmed"), "proposed", by=[Role.SYSTEM], submits=penalty)
def escalate(violation: Violation, work: Work) -> None:
    """The finding before it was confirmed too: two in a row, so the second row of the table is proposed (L-38)."""
    approvals.withdraw_open(work, violations, violation)
    violation.decided = None
    _propose(work, violation, Sanction.COMMISSION_AND_DISMISSAL)


def sanction_for(kind: ViolationKind, *, is_serious: bool, is_repeated: bool) -> Sanction:
    """The row of the table (L-37): taking a customer twice in a row, or with serious consequence, is the second one."""
    if kind == ViolationKind.SNATCHING and (is_serious or is_repeated):
        return Sanction.COMMISSION_AND_DISMISSAL
    return SANCTIONS.get(kind, Sanction.RECORDED)


def _snatchings(work: Work, agent: User) -> list[Violation]:
    """The findings of that kind that stand about the agent, in the order of the register."""
    found = work.all(Violation, Violation.state != "unfounded", agent=agent, kind=ViolationKind.SNATCHING)
    return sorted(found, key=lambda one: (one.created_at, one.number))


def _escalate_second(work: Work, findings: list[Violation], *, confirmed: Violation | None = None) -> None:
    """What stands right after a confirmed finding is the second one in a row, whichever was decided first (L-38)."""
    second_row = Sanction.COMMISSION_AND_DISMISSAL
    for first, second in pairwise(findings):
        is_first_confirmed = first is confirmed or first.state == "confirmed"
        if is_first_confirmed and second is not confirmed and second_row not in (second.proposal, second.decided):
            # Nobody decides what they submitted: it is the rule that submits this one, not whoever confirmed the first.
            with work.acting_as(SYSTEM):
                work.perform(escalate, second)


def _propose(work: Work, violation: Violation, sanction: Sanction) -> None:
    violation.proposal = sanction
    _cost(work, violation, sanction)


def _cost(work: Work, violation: Violation, sanction: Sanction) -> None:
    """The figures of the table for a sanction."""
    is_fined = sanction == Sanction.FINE_AND_COMMISSION
    is_withheld = sanction in (Sanction.FINE_AND_COMMISSION, Sanction.COMMISSION_AND_DISMISSAL)
    violation.fine = work.parameter(SNATCH_FINE) if is_fined else None
    violation.commission_share = int(work.parameter(SNATCH_COMMISSION)) if is_withheld else None


@dataclass(frozen=True, kw_only=True)
class ViolationsOf(Row):
    """What stands about one agent, by kind and sanction."""

    agent: User
    kind: ViolationKind
    proposal: Sanction
    violations: Count
    confirmed: Count
    unfounded: Count


@report(violations, ViolationsOf, by=MANAGING, along="kind", counts=("violations", "confirmed", "unfounded"))
def violations_by_kind(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[ViolationsOf]:
    """Violations of the period by kind, agent and proposed sanction, and what was decided (L-172)."""
    first, last = dates(work, since, until)
    of = [Violation.project_id == project_id] if project_id else []
    within = Violation.occurred_on >= first, Violation.occurred_on <= last
    found = sa.select(Violation.kind, Violation.agent, Violation.proposal, Violation.state)
    rows = work.session.execute(found.where(*views.seen(work, violations), *within, *of)).all()
    states = Counter(tuple(row) for row in rows)
    for kind, agent, proposal in sorted({(row.kind, row.agent, row.proposal) for row in rows}):
        behind = {"kind": kind, "agent": agent, "proposal": proposal, "occurred_on": {"from": first, "to": last}}
        confirmed, unfounded = (states[kind, agent, proposal, state] for state in ("confirmed", "unfounded"))
        yield ViolationsOf(
            agent=agent,
            kind=kind,
            proposal=proposal,
            violations=confirmed + unfounded + states[kind, agent, proposal, "proposed"],
            confirmed=confirmed,
            unfounded=unfounded,
            behind=behind | ({"project_id": project_id} if project_id else {}),
            narrowed={"confirmed": {"state": ["confirmed"]}, "unfounded": {"state": ["unfounded"]}},
        )
