"""Who receives a customer: a decision about the ring, the intake's answers and the make-up turns owed, and nothing else
(L-25, L-27, D-03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.contracts.vocabulary.rotation import Assignment, SlotState, TurnBlock

FREE = (SlotState.UP, SlotState.QUEUED)


@dataclass(frozen=True)
class Place:
    """An agent's place in the ring: the smallest position is at its head."""

    agent: str
    position: int
    state: str
    block: TurnBlock | None = None

    @property
    def hindrance(self) -> str | None:
        """What keeps the agent from receiving now, or None."""
        if self.state not in FREE:
            return str(SlotState.RECEIVING) if self.state == SlotState.DEPUTISING else self.state
        return self.block


@dataclass(frozen=True)
class Intake:
    """What the intake says that matters for the turn: whom they name, and whether an old customer brings them."""

    named: str | None = None
    is_brought: bool = False


@dataclass(frozen=True)
class Decision:
    """Who receives, by which right, whether it is their turn that is used up, and why.

    `for_agent` is whose customer it is where somebody stands in; `passed` are those who would have come before.
    """

    agent: str
    assignment: Assignment
    is_counted: bool
    why: tuple[dict[str, Any], ...]
    for_agent: str | None = None
    passed: tuple[Place, ...] = ()

    @property
    def owes_make_up(self) -> bool:
        """Whether the deputy may take a turn the same day in place of the one that was not counted."""
        return self.assignment == Assignment.DEPUTISED and not self.is_counted


def decide(ring: Iterable[Place], intake: Intake, owed: Sequence[str] = ()) -> Decision | None:
    """Who receives this customer; None where nobody can. `owed` are the agents with a make-up turn, oldest first."""
    places = sorted(ring, key=lambda place: place.position)
    if intake.named is not None:
        named = next((place for place in places if place.agent == intake.named), None)
        hindrance = named.hindrance if named else str(SlotState.OFF)
        if hindrance is None:
            return _given_back(places, intake)
        return _deputised(places, intake, hindrance)
    for agent in owed:
        if any(place.agent == agent and place.hindrance is None for place in places):
            why = (_said("turn_make_up", agent=agent), *_brought(intake))
            return Decision(agent, Assignment.MAKE_UP, True, why)
    return _in_turn(places, intake)


def _given_back(places: list[Place], intake: Intake) -> Decision:
    """Handed to the agent whom the customer named: no turn is used, unless they bring somebody new (D-03)."""
    assert intake.named is not None
    head = _head(places)
    given = [_said("turn_given_back", agent=head.agent)] if head is not None and head.agent != intake.named else []
    why = (_said("turn_named", agent=intake.named), *given, *_brought(intake))
    return Decision(intake.named, Assignment.IDENTIFIED, intake.is_brought, why)


def _deputised(places: list[Place], intake: Intake, hindrance: str) -> Decision | None:
    """Received by whoever comes next in the place of the named agent: no valid turn, but a make-up turn that day."""
    assert intake.named is not None
    next_one = _in_turn([place for place in places if place.agent != intake.named], intake, within=places)
    if next_one is None:
        return None
    why = (_said(f"turn_named_{hindrance}", agent=intake.named), *next_one.why)
    passed = *(place for place in places if place.agent == intake.named), *next_one.passed
    return Decision(next_one.agent, Assignment.DEPUTISED, intake.is_brought, why, intake.named, passed)


def _in_turn(places: list[Place], intake: Intake, within: list[Place] | None = None) -> Decision | None:
    """The first in the ring who can receive; `within` is the whole ring, by which places are counted."""
    chosen = _first_able(places)
    if chosen is None:
        return None
    passed = tuple(place for place in places if place.position < chosen.position)
    rank = (within or places).index(chosen) + 1
    why = (_said("turn_in_ring", place=rank), *_passed_over(passed), *_brought(intake))
    return Decision(chosen.agent, Assignment.IN_TURN, True, why, passed=passed)


def _first_able(places: list[Place]) -> Place | None:
    return next((place for place in places if place.hindrance is None), None)


def _head(places: list[Place]) -> Place | None:
    """Whose turn it would be."""
    return next((place for place in places if place.state in FREE), None)


def _passed_over(passed: Sequence[Place]) -> Iterator[dict[str, Any]]:
    """Those before the chosen one, by what keeps them."""
    by_cause = sorted(passed, key=lambda place: str(place.hindrance))
    for cause, found in groupby(by_cause, key=lambda place: str(place.hindrance)):
        yield _said(f"turn_passed_{cause}", agents=[place.agent for place in found])


def _brought(intake: Intake) -> Iterator[dict[str, Any]]:
    if intake.is_brought:
        yield _said("turn_counted_once")


def _said(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params}
