"""What every benchmark gives back: the rounds of each contender, and whether the target is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

ANJU = "anju"


class Void(RuntimeError):
    """A run that lost or doubled a message says nothing about speed."""


@dataclass(frozen=True)
class Plan:
    """How much is measured. `say` shows progress to a person; `seed` makes the order of contenders repeatable."""

    rounds: int = 5
    short: bool = False
    seed: int = 1
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Figure:
    """One line of the table: for each contender one value per interleaved round, Anju's own among them."""

    name: str
    unit: str
    rounds: dict[str, list[float]]
    target: str
    met: bool
    notes: tuple[str, ...] = field(default=())

    def median(self, contender: str = ANJU) -> float:
        """The middle of a contender's rounds, in `unit`."""
        return statistics.median(self.rounds[contender])

    def spread(self, contender: str = ANJU) -> tuple[float, float]:
        """The smallest and the largest round of a contender."""
        return min(self.rounds[contender]), max(self.rounds[contender])
