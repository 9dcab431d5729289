"""Whose performance a deal is: decided when it is made, and kept with what was considered (L-43 to L-45)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from services.chassis.calendars import end_of
from services.chassis.process import Process
from services.chassis.work import Work
from services.contracts.events.leads_sales import CommissionSplitDecided
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerUid, Details, HomeId, Moment, Percent, Reason, ShortText, User
from services.contracts.vocabulary.sales import Decider, SplitDecisionId, SplitRule
from services.leads.homes import Home
from services.leads.ownership import rules
from services.leads.ownership.figures import figures_at, shares_at
from services.leads.ownership.history import History, deals_of, history_of, take_turns
from services.leads.ownership.protections import reconcile
from services.leads.ownership.readers import of_agent
from services.leads.ownership.records import SplitDecision
from services.leads.ownership.rules import Considered, Deal
from services.leads.penalties import Violation, withheld
from services.leads.readers import FLOOR_READERS

STANDING = ("payable", "held")
Shares = list[tuple[str | None, int]]

READERS = [*FLOOR_READERS, Role.FINANCE, Role.COMPANY_MANAGER]

split_decisions = Process(
    SplitDecision,
    key="decision_id",
    numbered="SD",
    readers=READERS,
    listed=["number", "deal_number", "home_id", "rule_code", "first_agent", "first_share", "second_agent", "decider"],
    filters=[
        *("project_id", "deal_id", "home_id", "uid", "rule_code", "decider"),
        *("first_agent", "second_agent", "closer", "deal_at"),
    ],
    search=["number", "deal_number"],
    own=of_agent(SplitDecision, READERS, "first_agent", "second_agent", "closer"),
)


@split_decisions.create("payable", by=[Role.SYSTEM], emits=[CommissionSplitDecided])
def decide(
    deal_id: ShortText,
    deal_number: ShortText,
    home_id: HomeId,
    uid: CustomerUid,
    deal_at: Moment,
    closer: User,
    rule_code: SplitRule,
    first_share: Percent,
    second_share: Percent,
    company_share: Percent,
    decider: Decider,
    decided_by: User,
    considered: list[Details],
    forfeited: list[User],
    work: Work,
    first_agent: User | None = None,
    second_agent: User | None = None,
    supersedes_id: SplitDecisionId | None = None,
    reason: Reason | None = None,
) -> SplitDecision:
    """Keep the rule, the windows that were considered, the shares and who decided (L-44)."""
    home = work.get(Home, home_id)
    return SplitDecision(
        deal_id=deal_id,
        deal_number=deal_number,
        home_id=home_id,
        uid=uid,
        deal_at=deal_at,
        closer=closer,
        rule_code=rule_code,
        first_agent=first_agent,
        first_share=first_share,
        second_agent=second_agent,
        second_share=second_share,
        company_share=company_share,
        considered=considered,
        decider=decider,
        decided_by=decided_by,
        forfeited=forfeited,
        supersedes_id=supersedes_id,
        reason=reason,
        project_id=home.project_id,
        company_id=home.company_id,
    )


@split_decisions.move("payable", "held", by=[Role.SYSTEM], emits=[CommissionSplitDecided])
def hold(decision: SplitDecision) -> None:
    """It is disputed: nothing is paid until that is decided, and whoever pays is told (L-49)."""


@split_decisions.move("held", "payable", by=[Role.SYSTEM], emits=[CommissionSplitDecided])
def release(decision: SplitDecision) -> None:
    """The dispute is decided and the decision stands (L-49)."""


@split_decisions.move(STANDING, "superseded", by=[Role.SYSTEM])
def supersede(decision: SplitDecision) -> None:
    """Another decision about the same deal has taken its place (L-44)."""


@split_decisions.move(STANDING, "void", by=[Role.SYSTEM], emits=[CommissionSplitDecided])
def annul(decision: SplitDecision) -> None:
    """The deal has come to nothing: the reservation was cancelled or the contract ended (L-74)."""


def decide_deal(
    work: Work, *, deal_id: str, deal_number: str, home: Home, uid: str, closer: str, at: datetime
) -> SplitDecision:
    """Attribute a deal by the rules, and consume what it was made inside (L-42, L-43)."""
    project_id = str(home.project_id)
    take_turns(work, uid, project_id)
    work.session.flush()
    known = history_of(work, uid, project_id)
    deal, shares = Deal(closer=closer, at=at), shares_at(work, at, home.company_id)
    decided = rules.decide(known.contacts, known.transfers, deal, partial(figures_at, work), shares)
    kept, forfeited = _penalised(list(decided.shares), withheld(work, home.id))
    decision: SplitDecision = work.perform(
        decide,
        deal_id=deal_id,
        deal_number=deal_number,
        home_id=home.id,
        uid=uid,
        deal_at=at,
        closer=closer,
        rule_code=decided.rule,
        considered=[_row(one, known) for one in decided.considered],
        decider=Decider.SYSTEM,
        decided_by=work.actor.user,
        forfeited=forfeited,
        **_columns(kept),
    )
    reconcile(work, uid, project_id)
    return decision


def moment_of(work: Work, day: Any) -> datetime:
    """The moment of a deal of which only the day is known: its end, or now."""
    return min(end_of(day) - rules.INSTANT, work.now)


def standing_decision(work: Work, deal_id: str) -> SplitDecision | None:
    """The decision about a deal that no other has taken the place of."""
    return work.first(SplitDecision, SplitDecision.deal_id == deal_id, SplitDecision.state.in_(STANDING))


def override(work: Work, decision: SplitDecision, shares: Shares, reason: str) -> SplitDecision:
    """What people decided takes the place of what the rules said, and may be paid (X-36.11)."""
    work.get(Home, decision.home_id, lock=True)
    kept, forfeited = _penalised(shares, withheld(work, decision.home_id))
    how = {"rule_code": SplitRule.OVERRIDE, "decider": Decider.OVERRIDE}
    return _instead(work, decision, kept, forfeited, reason, **how)


def forfeit(work: Work, violation: Violation, *, already: int = 0) -> None:
    """A confirmed finding costs its agent a part of their share, as a rule the whole: the company has it, nobody else
    does (L-45). `already` is how many per cent were withheld for it before.

    It is a penalty and not the attribution, so the others keep what they have. At most one split of a home stands; what
    is decided later about the home finds the violation by `withheld`.
    """
    percent = violation.commission_share or 0
    if violation.home_id is None or percent <= already:
        return
    # Whoever sells the home, or decides a dispute, holds it: they are done, or wait and find the violation confirmed.
    work.get(Home, violation.home_id, lock=True)
    decision = work.first(SplitDecision, SplitDecision.home_id == violation.home_id, SplitDecision.state.in_(STANDING))
    if decision is None:
        return
    decision = work.get(SplitDecision, decision.id, lock=True)  # somebody may be disputing it
    shares: Shares = [(decision.first_agent, decision.first_share), (decision.second_agent, decision.second_share)]
    kept, forfeited = _penalised(shares, [(violation.agent, 100 * (percent - already) // (100 - already))])
    if forfeited:
        how = {"rule_code": decision.rule_code, "decider": decision.decider}
        was_held = decision.state == "held"
        made = _instead(work, decision, kept, [*decision.forfeited, *forfeited], decision.reason, **how)
        if was_held:
            work.perform(hold, made)


def end_deal(work: Work, deal_id: str) -> None:
    """The deal is off: its split is void, and the windows that it consumed go on while their days last (L-74)."""
    decision = standing_decision(work, deal_id)
    if decision is not None:
        take_turns(work, decision.uid, str(decision.project_id))
        work.perform(annul, decision)
        reconcile(work, decision.uid, str(decision.project_id))


def serving_agent(work: Work, referrer_uid: str, project_id: str) -> str | None:
    """Who served an owner, and is handed whom the owner recommends: the agent of the latest deal; who only looked is no
    owner (L-47)."""
    deals = sorted(deals_of(work, referrer_uid, project_id), key=lambda one: one.deal_at)
    return (deals[-1].first_agent or deals[-1].closer) if deals else None


def _instead(
    work: Work, decision: SplitDecision, shares: Shares, forfeited: list[str], reason: str | None, **how: Any
) -> SplitDecision:
    work.perform(supersede, decision)
    same = ("deal_id", "deal_number", "home_id", "uid", "deal_at", "closer", "considered")
    made: SplitDecision = work.perform(
        decide,
        **{name: getattr(decision, name) for name in same},
        **_columns(shares),
        **how,
        decided_by=work.actor.user,
        forfeited=forfeited,
        supersedes_id=decision.id,
        reason=reason,
    )
    return made


def _penalised(shares: Shares, costs: list[tuple[str, int]]) -> tuple[Shares, list[str]]:
    """What is left of the shares when so many per cent of an agent's are withheld, and who lost something by it."""
    lost = sorted({agent for agent, _ in costs} & {agent for agent, share in shares if agent and share})
    for violator, percent in costs:
        shares = [(agent, share * (100 - percent) // 100 if agent == violator else share) for agent, share in shares]
    return shares, lost


def _columns(shares: Shares) -> dict[str, Any]:
    """Two agents and the company; what nobody has is the company's, so that they come to 100."""
    agents = [(agent, share) for agent, share in shares if agent is not None and share]
    first, second = (*agents, (None, 0), (None, 0))[:2]
    return {
        "first_agent": first[0],
        "first_share": first[1],
        "second_agent": second[0],
        "second_share": second[1],
        "company_share": 100 - first[1] - second[1],
    }


def _row(one: Considered, known: History) -> dict[str, Any]:
    """A window as the decision keeps it."""
    window = one.window
    return {
        "agent": window.agent,
        "basis": window.basis.value,
        "entry": known.entries[window.contact.entry].number,
        "starts_on": window.starts_on.isoformat(),
        "ends_on": window.ends_on.isoformat(),
        "standing": one.standing.value,
        "is_decisive": one.is_decisive,
    }
