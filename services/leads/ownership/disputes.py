"""Disputed splits: both sides with their evidence, the sales director's decision, one appeal (L-49, X-36.11)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.authority import ApprovalRule
from services.chassis.moves import Obstacle
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from services.contracts.vocabulary.common import (
    CustomerUid,
    Files,
    HomeId,
    LongText,
    Number,
    Percent,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.sales import SplitDecisionId
from services.leads.homes import Home
from services.leads.ownership.decisions import (
    READERS,
    STANDING,
    Shares,
    hold,
    override,
    release,
    split_decisions,
    standing_decision,
)
from services.leads.ownership.readers import of_agent
from services.leads.ownership.records import SplitDecision

PARTIES = [Role.SALES_AGENT, Role.SITE_SALES_LEAD]
PENDING = ("open", "submitted", "appealed")


class SplitDispute(Record):
    """What one agent claims of a deal and what the others say; the shares are those that are proposed for it (L-49)."""

    number: Mapped[Number]
    decision_id: Mapped[SplitDecisionId]
    deal_id: Mapped[ShortText]
    deal_number: Mapped[ShortText]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    claimant: Mapped[User]
    respondents: Mapped[list[User]]
    claim: Mapped[LongText]
    evidence: Mapped[Files | None]
    statement: Mapped[LongText | None]
    counter_evidence: Mapped[Files | None]
    first_agent: Mapped[User | None]
    first_share: Mapped[Percent | None]
    second_agent: Mapped[User | None]
    appeal_claim: Mapped[LongText | None]
    appeal_evidence: Mapped[Files | None]
    reason: Mapped[Reason | None]


_as_party = of_agent(SplitDispute, READERS, "claimant", "first_agent", "second_agent")


def _attributed_to(user: str) -> Any:
    """The decisions that name an agent: who is in one may speak about what is disputed of it (L-49)."""
    named = SplitDecision.first_agent == user, SplitDecision.second_agent == user, SplitDecision.closer == user
    return sa.select(SplitDecision.id).where(sa.or_(*named))


disputes = Process(
    SplitDispute,
    key="dispute_id",
    numbered="DP",
    readers=READERS,
    listed=[
        *("number", "deal_number", "home_id", "claimant", "respondents"),
        *("first_agent", "first_share", "second_agent"),
    ],
    filters=["project_id", "decision_id", "deal_id", "home_id", "uid", "claimant"],
    search=["number", "deal_number", "claim"],
    own=lambda actor, now: sa.or_(_as_party(actor, now), SplitDispute.decision_id.in_(_attributed_to(actor.user))),
)
CASE = ("number", "deal_number", "home_id", "claimant", "claim", "evidence", "respondents", "statement")
PROPOSED = ("counter_evidence", "first_agent", "first_share", "second_agent")
#: X-36.11: the site sales lead submits, the sales director decides; refused, the result of the rules stands.
dispute_approval = ApprovalRule("split_dispute", "X-36.11", Role.SALES_DIRECTOR, snapshot=(*CASE, *PROPOSED))
#: The second and last level: whoever cannot accept the director's decision goes to the company manager.
appeal_approval = ApprovalRule(
    "split_appeal",
    "X-36.11",
    Role.COMPANY_MANAGER,
    snapshot=(*CASE, *PROPOSED, "appeal_claim", "appeal_evidence"),
)


@disputes.create("open", by=PARTIES)
def raise_claim(
    decision_id: SplitDecisionId,
    claim: LongText,
    work: Work,
    claimant: User | None = None,
    evidence: Files | None = None,
) -> SplitDispute:
    """Dispute a split: the commission is held from now on (L-49). An agent claims for nobody but themselves."""
    decision = work.get(SplitDecision, decision_id, field="decision_id", lock=True)
    if decision.state not in STANDING:
        raise ValidationFailed.of("decision_id", "split_not_standing", number=decision.number)
    earlier = work.first(SplitDispute, SplitDispute.deal_id == decision.deal_id, SplitDispute.state != "withdrawn")
    if earlier is not None:
        code = "disputed_already" if earlier.state in PENDING else "dispute_decided"
        raise ValidationFailed.of("decision_id", code, number=earlier.number)
    leads = work.actor.covers([Role.SITE_SALES_LEAD], decision.company_id, decision.project_id)
    claimant = (claimant if leads else None) or work.actor.user
    named = dict.fromkeys((decision.first_agent, decision.second_agent, decision.closer))
    work.perform(hold, decision)
    return SplitDispute(
        decision_id=decision.id,
        deal_id=decision.deal_id,
        deal_number=decision.deal_number,
        home_id=decision.home_id,
        uid=decision.uid,
        claimant=claimant,
        respondents=[one for one in named if one not in (None, claimant)],
        claim=claim,
        evidence=evidence,
        project_id=decision.project_id,
        company_id=decision.company_id,
    )


def _other_side(dispute: SplitDispute, work: Work) -> Obstacle | None:
    other = work.actor.user != dispute.claimant and (_leads(dispute, work) or work.actor.user in dispute.respondents)
    return None if other else Obstacle("not_yours")


def _party(dispute: SplitDispute, work: Work) -> Obstacle | None:
    parties = (dispute.claimant, *dispute.respondents, dispute.first_agent, dispute.second_agent)
    return None if _leads(dispute, work) or work.actor.user in parties else Obstacle("not_yours")


def _leads(dispute: SplitDispute, work: Work) -> bool:
    return work.actor.covers([Role.SITE_SALES_LEAD], dispute.company_id, dispute.project_id)


@disputes.change("open", by=PARTIES, guard=_other_side)
def answer(dispute: SplitDispute, statement: LongText, work: Work, counter_evidence: Files | None = None) -> None:
    """The other side says how it was, with its own evidence (L-49)."""
    dispute.statement, dispute.counter_evidence = statement, counter_evidence


@disputes.move("open", "submitted", by=[Role.SITE_SALES_LEAD], submits=dispute_approval)
def submit(dispute: SplitDispute, first_agent: User, first_share: Percent, second_agent: User | None = None) -> None:
    """Put it before the sales director with the shares that are proposed; the second agent has the rest (X-36.11)."""
    _propose(dispute, first_agent, first_share, second_agent)


@disputes.move("submitted", "granted", approves=dispute_approval)
def grant(dispute: SplitDispute, work: Work, comment: Reason = "") -> None:
    """The proposed shares take the place of the rules' result, and may be paid (L-49)."""
    _impose(dispute, work, comment)


@disputes.move("submitted", "dismissed", rejects=dispute_approval)
def dismiss(dispute: SplitDispute, reason: Reason, work: Work) -> None:
    """The result of the rules stands unchanged, and may be paid (X-36.11)."""
    dispute.reason = reason
    _let_stand(dispute, work)


@disputes.move("open", "withdrawn", by=PARTIES, guard=lambda dispute, work: _own_claim(dispute, work))
def withdraw(dispute: SplitDispute, reason: Reason, work: Work) -> None:
    """The claim is taken back: the decision stands (L-49)."""
    dispute.reason = reason
    _let_stand(dispute, work)


def _own_claim(dispute: SplitDispute, work: Work) -> Obstacle | None:
    return None if _leads(dispute, work) or work.actor.user == dispute.claimant else Obstacle("not_yours")


@disputes.move(PENDING, "withdrawn", by=[Role.SYSTEM])
def lapse(dispute: SplitDispute, reason: Reason) -> None:
    """The deal has come to nothing: there is no commission to decide about (L-74)."""
    dispute.reason = reason


@split_decisions.followed("annul")
def on_annulled(decision: SplitDecision, work: Work) -> None:
    """What is disputed of a deal that is off need not be decided any more (L-49, L-74)."""
    for dispute in work.all(SplitDispute, SplitDispute.deal_id == decision.deal_id, SplitDispute.state.in_(PENDING)):
        work.perform(lapse, dispute, reason=decision.number)


@disputes.move(("granted", "dismissed"), "appealed", by=PARTIES, guard=_party, submits=appeal_approval)
def appeal(
    dispute: SplitDispute,
    appeal_claim: LongText,
    first_agent: User,
    first_share: Percent,
    work: Work,
    second_agent: User | None = None,
    appeal_evidence: Files | None = None,
) -> None:
    """Ask the company manager for another outcome, once; the commission is held again (L-49)."""
    decision = _standing(dispute, work)
    _propose(dispute, first_agent, first_share, second_agent)
    dispute.appeal_claim, dispute.appeal_evidence = appeal_claim, appeal_evidence
    work.perform(hold, decision)


@disputes.move("appealed", "appeal_granted", approves=appeal_approval)
def grant_appeal(dispute: SplitDispute, work: Work, comment: Reason = "") -> None:
    """The shares that the appeal asked for are the last word (L-49)."""
    _impose(dispute, work, comment)


@disputes.move("appealed", "appeal_dismissed", rejects=appeal_approval)
def dismiss_appeal(dispute: SplitDispute, reason: Reason, work: Work) -> None:
    """What was decided before is the last word (L-49)."""
    dispute.reason = reason
    _let_stand(dispute, work)


def _propose(dispute: SplitDispute, first_agent: str, first_share: int, second_agent: str | None) -> None:
    if first_share < 100 and second_agent is None:
        raise ValidationFailed.of("second_agent", "required")
    if second_agent == first_agent:
        raise ValidationFailed.of("second_agent", "same_agent")
    dispute.first_agent, dispute.first_share = first_agent, first_share
    dispute.second_agent = second_agent if first_share < 100 else None


def _impose(dispute: SplitDispute, work: Work, comment: str) -> None:
    dispute.reason = comment or None
    share = dispute.first_share or 0
    shares: Shares = [(dispute.first_agent, share), (dispute.second_agent, 100 - share)]
    override(work, _standing(dispute, work), shares, f"{dispute.number} {comment}".strip())


def _let_stand(dispute: SplitDispute, work: Work) -> None:
    work.perform(release, _standing(dispute, work))


def _standing(dispute: SplitDispute, work: Work) -> SplitDecision:
    """What is decided of the deal now: whoever withholds a share of the home is done, or waits (L-45)."""
    work.get(Home, dispute.home_id, lock=True)
    decision = standing_decision(work, dispute.deal_id)
    if decision is None:
        raise ValidationFailed.of("id", "split_not_standing", number=dispute.deal_number)
    return decision
