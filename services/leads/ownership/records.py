"""The records of ownership: the protection of an agent, and the split of a deal (L-40, L-44)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.records import Record
from services.contracts.vocabulary.common import (
    Count,
    CustomerUid,
    Day,
    Details,
    HomeId,
    LifecycleStage,
    LongText,
    Moment,
    Number,
    Percent,
    Reason,
    ShortText,
    User,
)
from services.contracts.vocabulary.sales import (
    CallEntryId,
    Decider,
    OwnershipBasis,
    SplitDecisionId,
    SplitRule,
    VisitEntryId,
)


class Protection(Record):
    """Whose customer somebody is in a project, on what contact, from when and to when (L-40).

    It is worked out from the registers; `due_on` is by when the next visit is owed, `successor` has the customer now.
    """

    __table_args__ = (sa.Index(None, "uid", "project_id"), sa.Index(None, "agent", "state"))

    number: Mapped[Number]
    uid: Mapped[CustomerUid]
    agent: Mapped[User]
    basis: Mapped[OwnershipBasis]
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    due_on: Mapped[Day]
    held_since: Mapped[Moment]
    last_contact_at: Mapped[Moment]
    stage: Mapped[LifecycleStage | None]
    opened_by_call: Mapped[CallEntryId | None]
    opened_by_visit: Mapped[VisitEntryId | None]
    entries: Mapped[list[ShortText]]
    successor: Mapped[User | None]

    @property
    def call_ends_on(self) -> date | None:
        """The end of a window that a call opened."""
        return self.ends_on if self.basis == OwnershipBasis.CALL else None

    @property
    def visit_ends_on(self) -> date | None:
        """The end of a window that a visit opened."""
        return None if self.basis == OwnershipBasis.CALL else self.ends_on


class SplitDecision(Record):
    """Whose performance a deal is; what it says is never changed, another decision takes its place (L-44).

    The shares of two agents and of the company, which has what a violation cost an agent, come to 100 (L-45).
    """

    __table_args__ = (sa.Index(None, "deal_id"), sa.Index(None, "uid", "project_id"))

    number: Mapped[Number]
    deal_id: Mapped[ShortText]
    deal_number: Mapped[ShortText]
    home_id: Mapped[HomeId]
    uid: Mapped[CustomerUid]
    deal_at: Mapped[Moment]
    closer: Mapped[User]
    rule_code: Mapped[SplitRule]
    first_agent: Mapped[User | None]
    first_share: Mapped[Percent]
    second_agent: Mapped[User | None]
    second_share: Mapped[Percent]
    company_share: Mapped[Percent]
    considered: Mapped[list[Details]]
    decider: Mapped[Decider]
    decided_by: Mapped[User]
    forfeited: Mapped[list[User]]
    supersedes_id: Mapped[SplitDecisionId | None]
    reason: Mapped[Reason | None]

    @property
    def shares(self) -> list[dict[str, object]]:
        """Who has how many per cent; nobody's name stands for the company."""
        both = ((self.first_agent, self.first_share), (self.second_agent, self.second_share))
        agents: list[dict[str, object]] = [{"agent": agent, "share": share} for agent, share in both if agent and share]
        return [*agents, {"agent": None, "share": self.company_share}] if self.company_share else agents


class OwnershipException(Record):
    """One agent's customers, or one of them, become another's: the agent leaves or is reassigned (X-36.11)."""

    __table_args__ = (sa.Index(None, "project_id", "giver"),)

    number: Mapped[Number]
    giver: Mapped[User]
    taker: Mapped[User]
    uid: Mapped[CustomerUid | None]
    why: Mapped[LongText]
    granted_at: Mapped[Moment | None]
    moved: Mapped[Count]
    reason: Mapped[Reason | None]
