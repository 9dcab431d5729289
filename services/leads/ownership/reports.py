"""Figures of ownership: windows, deals by the rule that attributed them, and what owners brought (L-162, L-173)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.days import day_of
from services.chassis.parameters import Parameter
from services.chassis.registers import standing
from services.chassis.reports import Row, dates, during, number_of, period, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Count, Day, Percent, ProjectId, User
from services.contracts.vocabulary.sales import SplitRule
from services.leads.contracts import Contract, contracts
from services.leads.ownership.decisions import READERS, STANDING, split_decisions
from services.leads.ownership.protections import protections
from services.leads.ownership.records import Protection, SplitDecision
from services.leads.readers import FLOOR_READERS
from services.leads.reception.entries import VisitEntry

__all__ = ["contracts", "protections", "split_decisions"]

#: The share of the contracts that owners brought: where it stood before, and what it is to reach (L-173).
BASELINE = Parameter("referral.baseline", 10, "%", "L-173")
GOAL = Parameter("referral.goal", 30, "%", "L-173")
PARAMETERS = [BASELINE, GOAL]
#: A contract that ended before the handover is no sale.
IN_FORCE = ("signed", "fulfilled")
MANAGING = [role for role in FLOOR_READERS if role != Role.SALES_AGENT]


@dataclass(frozen=True, kw_only=True)
class ByAgent(Row):
    """What became of the protections of one agent whose window began in the period."""

    agent: User
    windows: Count
    open: Count
    expired: Count
    consumed: Count
    given_up: Count


@report(
    protections,
    ByAgent,
    by=FLOOR_READERS,
    along="agent",
    counts=("windows", "open", "expired", "consumed", "given_up"),
)
def protection_windows(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[ByAgent]:
    """Windows open, expired, consumed by a deal, and gone to another agent, by agent (L-162)."""
    first, last = dates(work, since, until)
    place = [Protection.project_id == project_id] if project_id else []
    found = (
        sa.select(Protection.agent, Protection.state, sa.func.count())
        .where(*views.seen(work, protections), *place, Protection.starts_on >= first, Protection.starts_on <= last)
        .group_by(Protection.agent, Protection.state)
        .order_by(Protection.agent)
    )
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for agent, state, number in work.session.execute(found):
        counted[agent][state] = number
    given_up = ["ceded", "transferred"]
    for agent, states in counted.items():
        yield ByAgent(
            agent=agent,
            windows=sum(states.values()),
            open=states.get("open", 0),
            expired=states.get("expired", 0),
            consumed=states.get("consumed", 0),
            given_up=sum(states.get(one, 0) for one in given_up),
            behind={"agent": agent, "starts_on": {"from": first, "to": last}, **_in(project_id)},
            narrowed={
                "open": {"state": "open"},
                "expired": {"state": "expired"},
                "consumed": {"state": "consumed"},
                "given_up": {"state": given_up},
            },
        )


@dataclass(frozen=True, kw_only=True)
class ByRule(Row):
    """The deals of the period that one rule attributed, and how many of them are held."""

    rule_code: SplitRule
    deals: Count
    held: Count


@report(split_decisions, ByRule, by=READERS, along="rule_code", counts=("deals", "held"))
def deals_by_rule(
    work: Work, since: Day | None = None, until: Day | None = None, project_id: ProjectId | None = None
) -> Iterator[ByRule]:
    """Deals by the rule that says whose performance they are, and those whose commission is held (L-162, L-49)."""
    begin, end = period(work, since, until)
    place = [SplitDecision.project_id == project_id] if project_id else []
    held = number_of(SplitDecision.state == "held")
    found = (
        sa.select(SplitDecision.rule_code, sa.func.count(), held)
        .where(*views.seen(work, split_decisions), *place, SplitDecision.state.in_(STANDING))
        .where(SplitDecision.deal_at >= begin, SplitDecision.deal_at < end)
        .group_by(SplitDecision.rule_code)
        .order_by(SplitDecision.rule_code)
    )
    for rule_code, deals, waiting in work.session.execute(found):
        yield ByRule(
            rule_code=rule_code,
            deals=deals,
            held=int(waiting),
            behind={
                "rule_code": rule_code,
                "state": list(STANDING),
                "deal_at": during(begin, end),
                **_in(project_id),
            },
            narrowed={"held": {"state": "held"}},
        )


@contracts.mark
def referred() -> Any:
    """Whether the buyer was recommended by somebody, as a referral or a visit of theirs in the project says that was
    made up to the day of the contract (L-173)."""
    said = sa.exists().where(
        VisitEntry.uid == Contract.uid,
        VisitEntry.project_id == Contract.project_id,
        VisitEntry.referrer_uid.is_not(None),
        day_of(VisitEntry.at) <= Contract.signed_on,
        standing(VisitEntry),
    )
    return sa.or_(Contract.referral_id.is_not(None), said)


@dataclass(frozen=True, kw_only=True)
class Brought(Row):
    """The contracts of one project that were signed in the period and not ended, how many of the buyers were
    recommended, and with what that compares."""

    project_id: ProjectId
    contracts: Count
    referred: Count
    referred_share: Percent
    baseline_share: Percent
    goal_share: Percent


@report(
    contracts,
    Brought,
    by=[*MANAGING, Role.MARKETING, Role.COMPANY_MANAGER, Role.GROUP_CENTRE],
    along="project_id",
    counts=("contracts", "referred"),
    figures=("referred_share", "baseline_share", "goal_share"),
)
def old_brings_new(work: Work, since: Day | None = None, until: Day | None = None) -> Iterator[Brought]:
    """Contracts with a referrer as a share of all contracts, by project, beside where it began and the goal (L-173)."""
    first, last = dates(work, since, until)
    compared = [int(work.parameter(one)) for one in (BASELINE, GOAL)]
    brought = number_of(referred())
    found = (
        sa.select(Contract.project_id, sa.func.count(), brought)
        .where(*views.seen(work, contracts), Contract.state.in_(IN_FORCE))
        .where(Contract.signed_on >= first, Contract.signed_on <= last)
        .group_by(Contract.project_id)
        .order_by(Contract.project_id)
    )
    for project_id, number, with_referrer in work.session.execute(found):
        yield Brought(
            project_id=project_id,
            contracts=number,
            referred=int(with_referrer),
            referred_share=round(100 * int(with_referrer) / number),
            baseline_share=compared[0],
            goal_share=compared[1],
            behind={"project_id": project_id, "state": list(IN_FORCE), "signed_on": {"from": first, "to": last}},
            narrowed={"referred": {"referred": True}},
        )


def _in(project_id: str | None) -> dict[str, str]:
    return {"project_id": project_id} if project_id else {}
