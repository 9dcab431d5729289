"""The rules of ownership: the worked examples to the letter, the edges of each window, and any history (L-50)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.calendars import ZONE, end_of
from services.contracts.vocabulary.sales import OwnershipBasis, SplitRule
from services.leads.ownership.rules import (
    INSTANT,
    Contact,
    Deal,
    Decision,
    Fate,
    Figures,
    Shares,
    Transfer,
    decide,
    runs,
    windows,
)

pytestmark = pytest.mark.unit


def on(day: int, hour: int = 10, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE).astimezone(UTC)


def call(agent: str, day: int, hour: int = 10) -> Contact:
    return Contact(entry=f"c{agent}{day}.{hour}", at=on(day, hour), is_visit=False, agent=agent)


def visit(agent: str, day: int, hour: int = 10, *, named: bool = False, deputy: str | None = None) -> Contact:
    at = on(day, hour)
    entry = f"v{agent}{day}.{hour}"
    return Contact(entry=entry, at=at, is_visit=True, agent=agent, deputy=deputy, named=agent if named else None)


def decided(
    history: list[Contact],
    closer: str,
    day: int,
    *,
    figures: Figures = Figures(),
    transfers: tuple[Transfer, ...] = (),
    shares: Shares = Shares(),
) -> tuple[str, dict[str, int]]:
    """The rule and the shares of a deal at the end of a day."""
    decision = decide(history, transfers, Deal(closer=closer, at=on(day, 20)), lambda at: figures, shares)
    return decision.rule.value, dict(decision.shares)


FIRST_AND_BACK = [visit("A", 1), visit("B", 15)]
CALLED = [call("A", 1), visit("B", 4)]
CALLED_NAMING = [call("A", 1), visit("A", 4, named=True, deputy="B")]
RETURNED = [visit("A", 1), visit("A", 14), visit("B", 20)]
CALLED_THEN_TWO = [call("A", 1), visit("B", 3), visit("C", 5)]
FIFTEEN = Figures(fifteen_days=True)


@pytest.mark.requirement("L-50", "L-41", "L-43")
@pytest.mark.parametrize(
    ("history", "closer", "day", "rule", "shares"),
    [
        (FIRST_AND_BACK, "B", 16, "r1", {"A": 100}),
        (FIRST_AND_BACK, "B", 17, "r3", {"B": 100}),
        (CALLED, "B", 6, "r2", {"A": 50, "B": 50}),
        (CALLED, "B", 7, "r4", {"B": 100}),
        (CALLED_NAMING, "B", 5, "r5", {"A": 100}),
        (RETURNED, "B", 21, "r1", {"A": 100}),
        (RETURNED, "B", 22, "r3", {"B": 100}),
        (CALLED_THEN_TWO, "C", 5, "r8", {"A": 50, "B": 50}),
    ],
)
def test_the_worked_examples(history: list[Contact], closer: str, day: int, rule: str, shares: dict[str, int]) -> None:
    assert decided(history, closer, day) == (rule, shares)


@pytest.mark.requirement("L-50")
def test_in_the_other_reading_the_claim_lapses_fifteen_days_after_the_latest_visit() -> None:
    assert decided(RETURNED, "B", 22, figures=FIFTEEN) == ("r1", {"A": 100})
    assert decided(RETURNED, "B", 29, figures=FIFTEEN) == ("r1", {"A": 100})
    assert decided(RETURNED, "B", 30, figures=FIFTEEN) == ("r3", {"B": 100})
    last = windows(RETURNED[:2], [], lambda at: FIFTEEN)[-1]
    assert (last.ends_on, last.due_on) == (date(2026, 5, 29), date(2026, 5, 21))


@pytest.mark.requirement("L-43")
@pytest.mark.parametrize(
    ("history", "closer", "day", "rule", "shares"),
    [
        ([call("A", 1), visit("B", 3)], "A", 5, "r6", {"A": 100}),  # before R1 of B's visit
        ([visit("A", 1, named=True)], "A", 30, "r5", {"A": 100}),  # whatever the state of the window
        ([visit("A", 1, named=True), visit("B", 2)], "B", 3, "r1", {"A": 100}),  # the last intake named nobody
        ([visit("A", 1, named=True)], "C", 3, "r1", {"A": 100}),  # neither A nor the deputy of that visit
        ([visit("A", 1, named=True)], "C", 30, "r3", {"C": 100}),
        ([visit("A", 1), visit("B", 3), visit("C", 4)], "C", 5, "r1", {"A": 100}),  # R7: the earliest
        ([visit("A", 1), visit("B", 3)], "C", 17, "r1", {"B": 100}),  # R7: once the earlier has lapsed
        ([visit("A", 1), visit("B", 3), visit("A", 14)], "C", 17, "r1", {"A": 100}),  # R7: since the first, unbroken
        ([visit("A", 1), visit("B", 10), visit("A", 17)], "C", 18, "r1", {"B": 100}),  # R7: A began anew after a lapse
        ([visit("A", 1), call("B", 3), visit("C", 4)], "C", 5, "r1", {"A": 100}),  # B's call opened nothing
        ([call("A", 1), visit("B", 3, named=True)], "C", 5, "r1", {"B": 100}),  # no R8: B was named
        ([call("A", 1), visit("A", 3)], "C", 5, "r1", {"A": 100}),
        ([call("A", 1)], "B", 5, "r2", {"A": 50, "B": 50}),
        ([call("A", 1), call("B", 2)], "B", 3, "r2", {"A": 50, "B": 50}),  # of two calls the first
        ([visit("A", 1)], "A", 5, "r1", {"A": 100}),  # the agent's own window
        ([visit("A", 1)], "A", 30, "r3", {"A": 100}),
        ([], "A", 5, "r3", {"A": 100}),
    ],
)
def test_the_rules_in_their_order(
    history: list[Contact], closer: str, day: int, rule: str, shares: dict[str, int]
) -> None:
    assert decided(history, closer, day) == (rule, shares)


def test_a_company_can_change_the_shares() -> None:
    assert decided(FIRST_AND_BACK, "B", 16, shares=Shares(visit=70)) == ("r1", {"A": 70, "B": 30})
    assert decided(CALLED, "B", 6, shares=Shares(call=40)) == ("r2", {"A": 40, "B": 60})
    assert decided(CALLED_THEN_TWO, "C", 5, shares=Shares(call=40)) == ("r8", {"A": 40, "B": 60})
    assert decided(CALLED, "B", 6, shares=Shares(call=0)) == ("r2", {"B": 100})


@pytest.mark.requirement("L-41")
@pytest.mark.parametrize(
    ("contacts", "basis", "days"),
    [
        ([call("A", 1, 23)], OwnershipBasis.CALL, 5),
        ([visit("A", 1, 23)], OwnershipBasis.FIRST_VISIT, 15),
        ([visit("A", 1, 9), visit("A", 1, 23)], OwnershipBasis.RETURN_VISIT, 7),
        ([visit("A", 1), visit("A", 30)], OwnershipBasis.RETURN_VISIT, 7),  # after a lapse as well
    ],
)
def test_a_window_ends_at_midnight_of_its_last_day(contacts: list[Contact], basis: OwnershipBasis, days: int) -> None:
    last = windows(contacts, [], lambda at: Figures())[-1]
    assert (last.basis, last.ends_on - last.starts_on) == (basis, timedelta(days=days))
    end = end_of(last.ends_on)
    assert [last.holds(moment) for moment in (end - INSTANT, end, end + INSTANT)] == [True, False, False]


def fates(contacts: list[Contact], *transfers: Transfer) -> dict[str, tuple[str, Fate | None]]:
    found = windows(contacts, transfers, lambda at: Figures())
    return {f"{one.contact.entry} {one.agent}": (one.basis.value, one.fate) for one in found}


@pytest.mark.requirement("L-42")
def test_what_becomes_of_windows() -> None:
    assert fates([visit("A", 1), call("B", 2), visit("A", 3)]) == {
        "vA1.10 A": ("first_visit", Fate.CONTINUED),
        "vA3.10 A": ("return_visit", None),
    }
    named = [call("A", 1), visit("B", 2), visit("A", 3, named=True, deputy="B")]
    assert fates(named)["vB2.10 B"] == ("first_visit", Fate.CEDED)
    assert "vA3.10 B" not in fates(named)  # the deputy has no claim
    stranger = [visit("B", 2), visit("A", 3, named=True)]
    assert fates(stranger)["vB2.10 B"] == ("first_visit", None)  # nobody goes back to whom they never met
    given = Transfer(at=on(3), giver="A", taker="N")
    assert fates([visit("A", 1), visit("N", 5)], given) == {
        "vA1.10 A": ("first_visit", Fate.TRANSFERRED),
        "vA1.10 N": ("first_visit", Fate.CONTINUED),
        "vN5.10 N": ("return_visit", None),
    }
    assert decided([visit("A", 1)], "C", 16, transfers=(given,)) == ("r1", {"N": 100})
    assert decided([visit("A", 1, named=True)], "N", 20, transfers=(given,)) == ("r5", {"N": 100})


@pytest.mark.requirement("L-42")
def test_windows_without_a_break_are_one_protection() -> None:
    found = windows([call("A", 1), visit("A", 4), visit("A", 19), visit("A", 28)], [], lambda at: Figures())
    first, second = runs(found, [], on(29))
    assert (first.state, first.entries) == (Fate.EXPIRED, ["cA1.10", "vA4.10", "vA19.10"])
    assert (second.state, second.entries) == (Fate.OPEN, ["vA28.10"])
    (sold, after) = runs(windows([visit("A", 1), visit("A", 9)], [], lambda at: Figures()), [on(5)], on(10))
    assert [sold.state, after.state] == [Fate.CONSUMED, Fate.OPEN]


agents = st.sampled_from("ABC")
contact = st.builds(
    lambda number, day, hour, agent, other, shape: Contact(
        entry=f"{number}",
        at=on(1, hour) + timedelta(days=day),
        is_visit=shape != "call",
        agent=agent,
        deputy=other if shape == "deputised" and other != agent else None,
        named=agent if shape in ("named", "deputised") else None,
    ),
    st.integers(0, 10_000),
    st.integers(0, 30),
    st.integers(0, 23),
    agents,
    agents,
    st.sampled_from(["call", "visit", "named", "deputised"]),
)
histories = st.lists(contact, max_size=8, unique_by=lambda one: one.entry)
transfers = st.lists(
    st.builds(
        lambda day, giver, taker: Transfer(at=on(1) + timedelta(days=day), giver=giver, taker=taker),
        st.integers(0, 30),
        agents,
        st.sampled_from("DE"),
    ),
    max_size=2,
)


@pytest.mark.requirement("L-43", "L-44")
@settings(max_examples=100, deadline=None)
@given(histories, transfers, agents, st.integers(0, 40), st.booleans(), st.integers(0, 2**32))
def test_any_history_has_one_rule_and_shares_of_100_in_whatever_order_it_is_told(
    history: list[Contact], moved: list[Transfer], closer: str, day: int, fifteen: bool, seed: int
) -> None:
    figures, deal = Figures(fifteen_days=fifteen), Deal(closer=closer, at=on(1, 12) + timedelta(days=day))
    decision = _decide(history, moved, deal, figures)
    assert sum(share for _, share in decision.shares) == 100
    assert decision.rule in SplitRule
    assert decision.rule != SplitRule.OVERRIDE
    mixed, mixed_moves = history[:], moved[:]
    random.Random(seed).shuffle(mixed)
    random.Random(seed).shuffle(mixed_moves)
    assert _decide(mixed, mixed_moves, deal, figures) == decision
    found = windows(history, moved, lambda at: figures)
    assert windows(mixed, mixed_moves, lambda at: figures) == found
    open_now: dict[str, int] = {}
    for run in runs(found, [], on(1) + timedelta(days=31)):
        open_now[run.last.agent] = open_now.get(run.last.agent, 0) + (run.state == Fate.OPEN)
    assert all(number <= 1 for number in open_now.values())


def _decide(history: list[Contact], moved: list[Transfer], deal: Deal, figures: Figures) -> Decision:
    return decide(history, moved, deal, lambda at: figures, Shares())
