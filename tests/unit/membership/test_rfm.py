"""Segments and the referral-willingness index by their rules, figure by figure (B-83, B-84, B-56)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.contracts.vocabulary.segments import Segment
from services.membership.rfm import (
    CONTACTS,
    FULL_ACTIVITY,
    FULL_HISTORY,
    PERIOD,
    RECENCY,
    REFERRAL_ACTIVITY,
    REFERRAL_HISTORY,
    Known,
    Rules,
    index_of,
    middle_of,
    standing_of,
)

pytestmark = pytest.mark.unit
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RULES = Rules(
    timedelta(days=int(RECENCY.default)),
    int(CONTACTS.default),
    timedelta(days=int(PERIOD.default)),
    *(int(one.default) for one in (REFERRAL_HISTORY, REFERRAL_ACTIVITY, FULL_HISTORY, FULL_ACTIVITY)),
)
MIDDLES = {"P01": Decimal(2_000_000), "P02": Decimal(900_000)}
RICH, POOR = {"P01": Decimal("2000000.01")}, {"P01": Decimal(2_000_000)}
LIVELY, QUIET = Known(NOW - timedelta(days=90), 2), Known(NOW - timedelta(days=90) - SECOND, 2)


@pytest.mark.requirement("B-83", "B-84")
@pytest.mark.parametrize(
    ("known", "amounts", "segment"),
    [
        (LIVELY, RICH, Segment.CORE),
        (QUIET, RICH, Segment.POTENTIAL),
        (QUIET, POOR, Segment.DORMANT),
        (LIVELY, POOR, Segment.ACTIVE),
        (replace(LIVELY, frequency=1), RICH, Segment.POTENTIAL),
        (Known(None, 2), RICH, Segment.POTENTIAL),
        (Known(), {}, Segment.DORMANT),
        (LIVELY, None, Segment.ACTIVE),
        (LIVELY, {"P01": Decimal(1_000_000), "P02": Decimal(900_001)}, Segment.CORE),
        (LIVELY, {"P01": Decimal(1_900_000), "P02": Decimal(900_000)}, Segment.ACTIVE),
        (LIVELY, {"P03": Decimal(9_000_000)}, Segment.ACTIVE),
    ],
)
def test_value_is_above_the_middle_and_activity_is_lately_and_twice(
    known: Known, amounts: dict[str, Decimal] | None, segment: Segment
) -> None:
    standing = standing_of(replace(known, amounts=amounts), MIDDLES, RULES, NOW)
    assert standing.segment == segment
    assert standing.monetary == sum((amounts or {}).values())


@pytest.mark.requirement("B-84")
@pytest.mark.parametrize(
    ("amounts", "percentile", "middle"),
    [
        ("3", 50, "3"),
        ("3 1", 50, "2"),
        ("9 1 2", 50, "2"),
        ("4 1 3 2.5", 50, "2.75"),
        ("1 2 3 4 5", 75, "4"),
        ("1 2 3 4", 75, "3.25"),
        ("5 1 3", 0, "1"),
        ("5 1 3", 100, "5"),
    ],
)
def test_the_middle_is_between_two_amounts_where_it_falls_there(amounts: str, percentile: int, middle: str) -> None:
    assert middle_of([Decimal(one) for one in amounts.split()], percentile) == Decimal(middle)


@pytest.mark.parametrize(
    ("referrals", "frequency", "index"),
    [(0, 0, 0), (1, 0, 20), (3, 0, 60), (9, 0, 60), (0, 3, 20), (0, 6, 40), (0, 60, 40), (2, 2, 53), (3, 6, 100)],
)
def test_the_index_is_made_of_who_was_brought_and_of_contacts_by_their_weights(
    referrals: int, frequency: int, index: int
) -> None:
    known = Known(NOW, frequency, referrals=referrals)
    assert index_of(known, RULES) == index
    assert index_of(known, replace(RULES, history=0, activity=0)) == 0
    assert index_of(known, replace(RULES, activity=0)) == round(100 * min(referrals, 3) / 3)
