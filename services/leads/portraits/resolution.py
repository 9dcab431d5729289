"""Which of several statements about a customer holds (L-06)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.contracts.vocabulary.portrait import TagSource


class Statement(Protocol):
    """What somebody said about a customer with a tag."""

    value: Any
    source: Any
    at: Any
    confirmed_at: Any


S = TypeVar("S", bound=Statement)
#: (ext) What somebody of ours observed stands between what the customer said and what was computed.
RANKS = {TagSource.SELF_DECLARED: 2, TagSource.DERIVED: 0}
OBSERVED, CONFIRMED = 1, 3


def order(statement: Statement) -> tuple[int, datetime]:
    """The newest confirmed by a human goes before what was self-declared, and that before what was derived (L-06)."""
    if statement.confirmed_at is not None:
        return CONFIRMED, statement.confirmed_at
    return RANKS.get(TagSource(statement.source), OBSERVED), statement.at


def prevailing(statements: Iterable[S]) -> S:
    """The statement that holds of those about one single-valued tag."""
    return max(statements, key=order)


def holding(statements: Iterable[S], *, several: bool) -> list[S]:
    """The statements that hold: one; of a tag with several values the strongest for each value."""
    if not several:
        return [prevailing(statements)]
    by_value: dict[Any, list[S]] = {}
    for one in statements:
        by_value.setdefault(one.value, []).append(one)
    return [prevailing(by_value[value]) for value in sorted(by_value)]


def differ(statements: Iterable[Statement]) -> bool:
    """Whether they contradict each other."""
    return len({one.value for one in statements}) > 1


def outlives(earlier: Statement, *, confirmed: bool) -> bool:
    """Whether a statement stays beside a newer one of its source: what a human confirmed yields to nothing less."""
    return earlier.confirmed_at is not None and not confirmed
