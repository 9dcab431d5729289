"""How much somebody wants to buy and how much they can, estimated from what is known (L-11, L-12)."""

from __future__ import annotations

from decimal import Decimal

from services.chassis.parameters import Parameter
from services.leads.portraits.standard import (
    HIGH,
    IN_FULL,
    LOW,
    MEDIUM,
    PURCHASE_TIMES,
    WITHIN_A_QUARTER,
    WITHIN_HALF_A_YEAR,
)

#: (ext) The catalogue gives no figures.
INTENT_VISITS = Parameter("portrait.intention_visits", 2, "visits", "L-12")
CAPABLE_HIGH = Parameter("portrait.capability_high", 500, "wan_yuan", "L-12")
CAPABLE_MEDIUM = Parameter("portrait.capability_medium", 200, "wan_yuan", "L-12")
PARAMETERS = [INTENT_VISITS, CAPABLE_HIGH, CAPABLE_MEDIUM]


def intention(purchase_time: str | None, visits: int, *, many: int) -> str | None:
    """From when they want to buy and how often they came; unknown for somebody of whom neither is known."""
    if purchase_time not in PURCHASE_TIMES:
        return None if not visits else HIGH if visits >= many else MEDIUM
    when = PURCHASE_TIMES.index(purchase_time)
    if when <= PURCHASE_TIMES.index(WITHIN_A_QUARTER) or visits >= many:
        return HIGH
    return MEDIUM if when <= PURCHASE_TIMES.index(WITHIN_HALF_A_YEAR) or visits else LOW


def capability(budget: str | None, method: str | None, *, high: int, medium: int) -> str | None:
    """From the budget; who pays in full is capable of more than the same budget with a loan."""
    if budget is None:
        return None
    amount = Decimal(budget)
    if amount >= high or (method == IN_FULL and amount >= medium):
        return HIGH
    return MEDIUM if amount >= medium else LOW
