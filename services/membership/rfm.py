"""How recency, frequency and amount make a segment, and what makes somebody recommend us (B-83, B-84, B-56).

Nothing here asks a database: what is known of a customer goes in, where they stand comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from services.chassis.parameters import Parameter
from services.contracts.vocabulary.segments import Segment

if TYPE_CHECKING:
    from services.chassis.work import Work

#: (ext) The value that a customer has to be above, among those with an amount in the project: 50 is the median.
PERCENTILE = Parameter("rfm.value_percentile", 50, "%", "B-84")
RECENCY = Parameter("rfm.recency", 90, "days", "B-84")
CONTACTS = Parameter("rfm.contacts", 2, "contacts", "B-84")
PERIOD = Parameter("rfm.contacts_period", 180, "days", "B-84")
#: (ext) What the referral-willingness index is made of. A survey adds a weight of its own once customers are asked.
REFERRAL_HISTORY = Parameter("referral_index.history", 60, "points", "B-56")
REFERRAL_ACTIVITY = Parameter("referral_index.activity", 40, "points", "B-56")
#: (ext) With so many people brought, or so many contacts in the period, a part of the index is full.
FULL_HISTORY = Parameter("referral_index.full_history", 3, "customers", "B-56")
FULL_ACTIVITY = Parameter("referral_index.full_activity", 6, "contacts", "B-56")
PARAMETERS = [
    PERCENTILE,
    RECENCY,
    CONTACTS,
    PERIOD,
    REFERRAL_HISTORY,
    REFERRAL_ACTIVITY,
    FULL_HISTORY,
    FULL_ACTIVITY,
]

#: By whether the value is high, and the activity (B-83).
SEGMENTS = {
    (True, True): Segment.CORE,
    (True, False): Segment.POTENTIAL,
    (False, False): Segment.DORMANT,
    (False, True): Segment.ACTIVE,
}


@dataclass(frozen=True)
class Rules:
    """The figures in force."""

    recency: timedelta
    contacts: int
    period: timedelta
    history: int
    activity: int
    full_history: int
    full_activity: int


@dataclass(frozen=True)
class Known:
    """What membership has heard of a customer: `amounts` by project, contacts in the period, people they brought."""

    last_contact_at: datetime | None = None
    frequency: int = 0
    amounts: Mapping[str, Decimal] | None = None
    referrals: int = 0

    @property
    def monetary(self) -> Decimal:
        """The contract sums and what is expected, of all projects (B-84)."""
        return sum((self.amounts or {}).values(), Decimal("0.00"))


@dataclass(frozen=True)
class Standing:
    """Where a customer stands."""

    segment: Segment
    frequency: int
    monetary: Decimal
    referral_index: int


def rules_of(work: Work) -> Rules:
    """The figures as parameters have them now."""

    def length(one: Parameter) -> timedelta:
        return timedelta(days=float(work.parameter(one)))

    numbers = (int(work.parameter(one)) for one in (REFERRAL_HISTORY, REFERRAL_ACTIVITY, FULL_HISTORY, FULL_ACTIVITY))
    return Rules(length(RECENCY), int(work.parameter(CONTACTS)), length(PERIOD), *numbers)


def standing_of(known: Known, middles: Mapping[str, Decimal], rules: Rules, now: datetime) -> Standing:
    """The segment by value and activity, and the index (B-83, B-84, B-56)."""
    segment = SEGMENTS[is_valuable(known, middles), is_active(known, rules, now)]
    return Standing(segment, known.frequency, known.monetary, index_of(known, rules))


def middle_of(amounts: Sequence[Decimal], percentile: int) -> Decimal:
    """What so many per cent of the amounts stay below; between two of them in proportion, so that 50 is the median."""
    ordered = sorted(amounts)
    place, beyond = divmod(percentile * (len(ordered) - 1), 100)
    after = ordered[min(place + 1, len(ordered) - 1)]
    return ordered[place] + (after - ordered[place]) * beyond / 100


def is_valuable(known: Known, middles: Mapping[str, Decimal]) -> bool:
    """Above what the middle customer of a project spends there, in any project (B-84)."""
    return any(amount > middles[project] for project, amount in (known.amounts or {}).items() if project in middles)


def is_active(known: Known, rules: Rules, now: datetime) -> bool:
    """Met lately, and more than once in the period (B-84)."""
    is_recent = known.last_contact_at is not None and now - known.last_contact_at <= rules.recency
    return is_recent and known.frequency >= rules.contacts


def index_of(known: Known, rules: Rules) -> int:
    """0 to 100: how much of each part is there, by the weights of the parts (B-56)."""
    weights = rules.history + rules.activity
    reached = rules.history * _part(known.referrals, rules.full_history)
    reached += rules.activity * _part(known.frequency, rules.full_activity)
    return round(100 * reached / weights) if weights else 0


def _part(number: int, full: int) -> float:
    return min(number, full) / full if full else 1.0
