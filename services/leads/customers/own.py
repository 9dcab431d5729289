"""Whose customer somebody is to an agent who looks for them: what X-393 lets an agent see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from services.leads.ownership.records import Protection, SplitDecision
from services.leads.reception.entries import CallEntry, VisitEntry

#: What other registers add: the UIDs of those whom an agent was given there.
GIVEN: list[Callable[[str], Any]] = []


def given_to(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """Declare that a register gives customers to agents: a function from an agent to a selection of UIDs."""
    GIVEN.append(function)
    return function


def held_by(agent: str) -> Any:
    """The UIDs of those who are an agent's now: the owning agent sees their telephone in full (X-65)."""
    return sa.select(Protection.uid).where(Protection.agent == agent, Protection.state == "open")


def customers_of(agent: str) -> Any:
    """The UIDs of an agent's own customers: protected now, in their entries, bought through them, or
    given to them (X-393).

    Each part is answered by the index of the column that names the agent.
    """
    parts: list[Any] = [held_by(agent), sa.select(CallEntry.uid).where(CallEntry.agent == agent)]
    parts += [sa.select(VisitEntry.uid).where(column == agent) for column in (VisitEntry.agent, VisitEntry.deputy)]
    named = (SplitDecision.closer, SplitDecision.first_agent, SplitDecision.second_agent)
    parts += [sa.select(SplitDecision.uid).where(column == agent) for column in named]
    return sa.union(*parts, *(given(agent) for given in GIVEN))
