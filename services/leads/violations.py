"""What agents may not do on the sales floor: recorded with a proposed sanction, decided by X-36.11 (L-31, L-32, L-37,
L-38)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa

from services.chassis import approvals, views
from services.chassis.actors import SYSTEM
from services.chassis.authority import ApprovalRule
from services.chassis.process import Process
from services.chassis.reports import Row, dates, number_of, report
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads_sales import SalesViolationRecorded
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, Files, HomeId, LongText, ProjectId, Reason, ShortText, User
from services.contracts.vocabulary.rotation import ReceptionId
from services.contracts.vocabulary.sales import Sanction, ViolationKind
from services.leads.homes import Home
from services.leads.ownership.decisions import forfeit
from services.leads.ownership.readers import of_agent
from services.leads.ownership.records import SplitDecision
from services.leads.penalties import SNATCH_COMMISSION, SNATCH_FINE, Violation
from services.leads.projects import project_of
from services.leads.rotation.records import Reception

#: Who sees what others did.
MANAGING = [Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR, Role.CUSTOMER_AFFAIRS, Role.AUDITOR]

#: What each violation costs where it is no repeated or serious case of taking a colleague's customer (L-37).
SANCTIONS = {
    ViolationKind.SNATCHING: Sanction.FINE_AND_COMMISSION,
    ViolationKind.REGISTER_ALTERATION: Sanction.DECIDED_BY_CASE,
    ViolationKind.DRESS: Sanction.TURN_CANCELLED,
}


violations = Process(
    Violation,
    numbered="SV",
    readers=[Role.SALES_AGENT, *MANAGING],
    listed=["number", "occurred_on", "agent", "kind", "proposal", "decided", "fine", "home_id"],
    filters=["project_id", "agent", "kind", "occurred_on", "proposal", "decided", "reception_id", "deal_id"],
    search=["number", "evidence"],
    own=of_agent(Violation, [Role.SALES_AGENT, *MANAGING], "agent"),
)

FINDING = ("number", "occurred_on", "agent", "kind", "is_serious", "evidence", "files", "home_id", "deal_id")
#: X-36.11: the site sales lead proposes, the sales director decides.
penalty = ApprovalRule(
    "violation", "X-36.11", Role.SALES_DIRECTOR, snapshot=(*FINDING, "proposal", "fine", "commission_share")
)
#: The second row for a finding that is decided already: refused, what was decided stands unchanged (L-38, X-36.11).
second_row = ApprovalRule(
    "violation_second_row", "X-36.11", Role.SALES_DIRECTOR, snapshot=(*FINDING, "proposal", "decided")
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
    home_id = _home_of(work, project_id, home_id, deal_id)
    _received_by(work, project_id, agent, reception_id)
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
    forfeit(work, violation)
    _escalate_second(work, _snatchings(work, violation.agent), confirmed=violation)


@violations.move("proposed", "unfounded", rejects=penalty)
def reject(violation: Violation, reason: Reason, work: Work) -> None:
    """There was no violation, or it cannot be shown."""
    work.alone("violation", violation.agent)
    violation.reason, violation.fine, violation.commission_share = reason, None, None
    _escalate_second(work, [one for one in _snatchings(work, violation.agent) if one is not violation])


@violations.move("proposed", "proposed", by=[Role.SYSTEM], submits=penalty)
def escalate(violation: Violation, work: Work) -> None:
    """The finding before it was confirmed: two in a row, so the second row of the table is proposed instead (L-38)."""
    approvals.withdraw_open(work, violations, violation)
    _propose(work, violation, Sanction.COMMISSION_AND_DISMISSAL)


@violations.change("confirmed", by=[Role.SYSTEM], submits=second_row)
def reconsider(violation: Violation) -> None:
    """The finding before it was confirmed later: the second row is proposed; what was decided stands until then
    (L-38)."""
    violation.proposal = Sanction.COMMISSION_AND_DISMISSAL


@violations.move("confirmed", "confirmed", approves=second_row)
def raise_sanction(violation: Violation, work: Work, comment: Reason = "") -> None:
    """Two in a row: the second row of the table instead of what was decided before (L-38, X-36.11)."""
    was = violation.commission_share or 0
    violation.decided = violation.proposal
    _cost(work, violation, violation.decided)
    violation.commission_share = max(was, violation.commission_share or 0) or None
    forfeit(work, violation, already=was)


@violations.change("confirmed", rejects=second_row)
def keep_sanction(violation: Violation, reason: Reason) -> None:
    """The finding stays confirmed, with the sanction that was decided (X-36.11)."""
    violation.reason = reason


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
                work.perform(escalate if second.state == "proposed" else reconsider, second)


def _home_of(work: Work, project_id: ProjectId, home_id: HomeId | None, deal_id: ShortText | None) -> HomeId | None:
    """The home that it is about, which is that of the deal; both belong to the project where it happened."""
    if deal_id is None:
        if home_id is not None and work.get(Home, home_id, field="home_id").project_id != project_id:
            raise ValidationFailed.of("home_id", "home_of_another_project")
        return home_id
    decision = work.first(SplitDecision, deal_number=deal_id, project_id=project_id)
    if decision is None:
        raise ValidationFailed.of("deal_id", "unknown_deal", number=deal_id)
    if home_id not in (None, decision.home_id):
        raise ValidationFailed.of("home_id", "home_of_another_deal", number=deal_id)
    return decision.home_id


def _received_by(work: Work, project_id: ProjectId, agent: User, reception_id: ReceptionId | None) -> None:
    """The reception that it is about is one of the agent's in the project."""
    if reception_id is None:
        return
    reception = work.get(Reception, reception_id, field="reception_id")
    if (reception.project_id, reception.agent) != (project_id, agent):
        raise ValidationFailed.of("reception_id", "reception_of_another", number=reception.number, agent=agent)


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
    decided: Sanction | None
    violations: Count
    confirmed: Count
    unfounded: Count


@report(violations, ViolationsOf, by=MANAGING, along="kind", counts=("violations", "confirmed", "unfounded"))
def violations_by_kind(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[ViolationsOf]:
    """Violations of the period by kind, agent and sanction, proposed and decided, and what became of them (L-172)."""
    first, last = dates(work, since, until)
    of = [Violation.project_id == project_id] if project_id else []
    within = Violation.occurred_on >= first, Violation.occurred_on <= last
    kept = Violation.kind, Violation.agent, Violation.proposal, Violation.decided
    ended = [number_of(Violation.state == state) for state in ("confirmed", "unfounded")]
    found = sa.select(*kept, sa.func.count(), *ended).where(*views.seen(work, violations), *within, *of)
    for kind, agent, proposal, decided, number, confirmed, unfounded in work.session.execute(
        found.group_by(*kept).order_by(*kept)
    ):
        of_row = {"kind": kind, "agent": agent, "proposal": proposal, "decided": decided}
        yield ViolationsOf(
            **of_row,
            violations=number,
            confirmed=int(confirmed),
            unfounded=int(unfounded),
            behind={
                **of_row,
                "occurred_on": {"from": first, "to": last},
                **({"project_id": project_id} if project_id else {}),
            },
            narrowed={"confirmed": {"state": ["confirmed"]}, "unfounded": {"state": ["unfounded"]}},
        )
