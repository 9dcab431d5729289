"""Who receives: each row of the rotation's table, and that turns stay fair whatever happens (L-25, L-27, D-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts import glossary
from services.contracts.vocabulary.rotation import Assignment, SlotState, TurnBlock
from services.leads.rotation.turns import FREE, Decision, Intake, Place, decide

pytestmark = pytest.mark.unit


def ring(*agents: str) -> list[Place]:
    """`a` is free, `a:receiving` in that state, `a!unready` blocked by that; the first is at the head."""
    places = []
    for position, one in enumerate(agents, start=1):
        name, _, block = one.partition("!")
        agent, _, state = name.partition(":")
        places.append(Place(agent, position, state or "queued", TurnBlock(block) if block else None))
    return places


def decided(places: Sequence[Place], named: str | None = None, *, is_brought: bool = False, owed: Any = ()) -> Decision:
    found = decide(places, Intake(named, is_brought), owed)
    assert found is not None
    return found


def codes(decision: Decision) -> list[str]:
    return [one["code"] for one in decision.why]


@pytest.mark.requirement("L-25", "L-27")
def test_who_names_nobody_is_received_in_turn_and_uses_it() -> None:
    found = decided(ring("a:off", "b:receiving", "c", "d"))
    assert (found.agent, found.assignment, found.is_counted) == ("c", Assignment.IN_TURN, True)
    assert found.why[0] == {"code": "turn_in_ring", "params": {"place": 3}}
    assert {one["code"]: one["params"]["agents"] for one in found.why[1:]} == {
        "turn_passed_off": ["a"],
        "turn_passed_receiving": ["b"],
    }


@pytest.mark.requirement("L-25")
def test_the_customer_of_an_agent_who_is_there_is_given_back_and_no_turn_is_used() -> None:
    found = decided(ring("a:up", "b", "c"), "b")
    assert (found.agent, found.assignment, found.is_counted) == ("b", Assignment.IDENTIFIED, False)
    assert (found.for_agent, found.owes_make_up) == (None, False)
    assert codes(found) == ["turn_named", "turn_given_back"]
    assert codes(decided(ring("a:up", "b"), "a")) == ["turn_named"], "nobody gives their own customer back"


@pytest.mark.requirement("L-25", "X-33")
@pytest.mark.parametrize(
    ("named", "cause"),
    [
        ("b:off", "off"),
        ("b:receiving", "receiving"),
        ("b:deputising", "receiving"),
        ("b:cancelled_for_round", "cancelled_for_round"),
        ("b!unready", "unready"),
        ("b!unacknowledged", "unacknowledged"),
    ],
)
def test_somebody_stands_in_for_a_named_agent_who_cannot(named: str, cause: str) -> None:
    found = decided(ring("a:off", named, "c", "d"), "b")
    assert (found.agent, found.for_agent, found.assignment) == ("c", "b", Assignment.DEPUTISED)
    assert (found.is_counted, found.owes_make_up) == (False, True)
    assert found.why[0] == {"code": f"turn_named_{cause}", "params": {"agent": "b"}}
    assert found.why[1] == {"code": "turn_in_ring", "params": {"place": 3}}
    assert codes(decided(ring("a", "c"), "stranger"))[0] == "turn_named_off", "who is not in the ring is off"


@pytest.mark.requirement("L-25")
def test_an_old_customer_who_brings_a_new_one_is_one_reception_whoever_receives() -> None:
    """D-03: handed over first; whoever really receives the pair has one reception counted, the giver loses nothing."""
    handed = decided(ring("a:up", "b"), "b", is_brought=True)
    assert (handed.agent, handed.is_counted) == ("b", True)
    stood_in = decided(ring("a:up", "b:off"), "b", is_brought=True)
    assert (stood_in.agent, stood_in.for_agent, stood_in.is_counted) == ("a", "b", True)
    assert not stood_in.owes_make_up, "a turn that is counted is not made up for"
    unnamed = decided(ring("a:up", "b"), is_brought=True)
    assert (unnamed.agent, unnamed.is_counted) == ("a", True)
    for one in (handed, stood_in, unnamed):
        assert codes(one).count("turn_counted_once") == 1


@pytest.mark.requirement("L-25")
def test_a_make_up_turn_takes_the_next_new_customer_and_no_named_one() -> None:
    places = ring("a:up", "b", "c:receiving", "d")
    assert decided(places, owed=["d", "b"]).agent == "d"
    assert decided(places, owed=["d"]).assignment == Assignment.MAKE_UP
    assert decided(places, owed=["c", "b"]).agent == "b", "the oldest one's owner is busy: it stays owed"
    assert decided(places, owed=["c"]).assignment == Assignment.IN_TURN
    assert decided(places, "b", owed=["d"]).agent == "b"
    assert decided(ring("a", "b:off", "d"), "b", owed=["d"]).agent == "a", "standing in is no new customer"


@pytest.mark.requirement("L-29", "L-30")
def test_who_is_not_ready_or_has_not_read_is_passed_over_and_named() -> None:
    found = decided(ring("a!unready", "b!unacknowledged", "c"))
    assert found.agent == "c"
    assert [(one.agent, one.hindrance) for one in found.passed] == [("a", "unready"), ("b", "unacknowledged")]
    assert decide(ring("a!unready", "b:off"), Intake()) is None
    assert decide(ring("a:off", "b!unready"), Intake("a")) is None


def test_every_reason_has_its_sentence_in_both_languages() -> None:
    causes = [*(str(state) for state in SlotState if state not in (*FREE, SlotState.DEPUTISING)), *map(str, TurnBlock)]
    said = ["turn_in_ring", "turn_make_up", "turn_named", "turn_given_back", "turn_counted_once"]
    said += [f"turn_{kind}_{cause}" for kind in ("named", "passed") for cause in causes]
    for code in said:
        for language in glossary.LANGUAGES:
            assert glossary.term("errors", code, language=language), code


@dataclass
class Floor:
    """A sales site in memory that does what the service does with each decision."""

    states: dict[str, str]
    positions: dict[str, int]
    blocks: dict[str, TurnBlock | None]
    owed: list[str] = field(default_factory=list)
    open: dict[str, Decision] = field(default_factory=dict)
    turns: list[str] = field(default_factory=list)
    #: Who has had a turn of the ring while this agent stood there and could have received.
    passed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, size: int) -> Floor:
        agents = [f"a{number}" for number in range(size)]
        return cls(dict.fromkeys(agents, "queued"), {a: i for i, a in enumerate(agents)}, dict.fromkeys(agents))

    def places(self) -> list[Place]:
        return [Place(a, self.positions[a], self.states[a], self.blocks[a]) for a in self.states]

    def arrive(self, named: str | None, is_brought: bool) -> None:
        found = decide(self.places(), Intake(named, is_brought), self.owed)
        if found is None:
            assert not [one for one in self.places() if one.hindrance is None and one.agent != named]
            return
        assert self.states[found.agent] in FREE
        assert self.blocks[found.agent] is None
        if found.assignment == Assignment.MAKE_UP:
            self.owed.remove(found.agent)
        if found.owes_make_up:
            self.owed.append(found.agent)
        if found.assignment == Assignment.IN_TURN:
            self.turns.append(found.agent)
            for other in self.able() - {found.agent}:
                assert found.agent not in self.passed[other], f"{found.agent} twice while {other} stood there"
                self.passed[other].add(found.agent)
        self.states[found.agent], self.open[found.agent] = "receiving", found
        self.passed[found.agent].clear()

    def able(self) -> set[str]:
        return {place.agent for place in self.places() if place.hindrance is None}

    def finish(self, agent: str) -> None:
        if (found := self.open.pop(agent, None)) is not None:
            self.states[agent] = "queued"
            if found.is_counted or found.for_agent:
                self.positions[agent] = max(self.positions.values()) + 1

    def come_and_go(self, agent: str) -> None:
        if agent not in self.open:
            self.states[agent] = "off" if self.states[agent] in FREE else "queued"
            self.passed[agent].clear()

    def prepare(self, agent: str) -> None:
        self.blocks[agent] = None if self.blocks[agent] else TurnBlock.UNREADY
        self.passed[agent].clear()


AGENT = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("arrive"), st.none(), st.booleans()),
    st.tuples(st.just("arrive"), AGENT, st.booleans()),
    st.tuples(st.just("finish"), AGENT),
    st.tuples(st.just("come_and_go"), AGENT),
    st.tuples(st.just("prepare"), AGENT),
)


@pytest.mark.requirement("L-25")
@given(st.integers(2, 6), st.lists(STEPS, max_size=60))
def test_nobody_has_a_second_turn_before_everybody_who_was_there_had_one(size: int, steps: list[Any]) -> None:
    """But for make-up turns, and what customers decide by naming somebody."""
    floor = Floor.of(size)
    for name, *values in steps:
        getattr(floor, name)(*(f"a{one % size}" if type(one) is int else one for one in values))


@given(st.integers(1, 6), st.integers(1, 40))
def test_a_full_ring_is_served_round_by_round(size: int, customers: int) -> None:
    floor = Floor.of(size)
    for _ in range(customers):
        floor.arrive(None, False)
        (busy,) = floor.open
        floor.finish(busy)
    turns = [floor.turns.count(agent) for agent in floor.states]
    assert max(turns) - min(turns) <= 1
