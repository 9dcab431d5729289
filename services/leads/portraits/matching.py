"""Homes that are on sale, ranked by how well they fit what a customer wants (L-16, X-308)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.chassis import views
from services.chassis.parameters import Parameter
from services.chassis.reports import Row, report
from services.chassis.work import Work
from services.contracts.roles import Role
from services.contracts.vocabulary.common import Area, CustomerUid, HomeId, Money, Percent, ProjectId, ShortText
from services.leads.customers.customer import known_customer
from services.leads.homes import Home, Orientation, homes
from services.leads.portraits.standard import HIGH_FLOOR, LOW_FLOOR, MIDDLE_FLOOR

#: (ext) The catalogue names what homes are ranked by, and no weights.
WEIGHTS = {
    "budget": Parameter("matching.budget", 40, "points", "L-16"),
    "area": Parameter("matching.area", 25, "points", "L-16"),
    "unit_type": Parameter("matching.unit_type", 20, "points", "L-16"),
    "floor": Parameter("matching.floor", 5, "points", "L-16"),
    "orientation": Parameter("matching.orientation", 10, "points", "L-16"),
}
#: How far above the budget, and beside the area wanted, a home still counts for something.
OVER_BUDGET = Parameter("matching.over_budget", 10, "%", "L-16")
BESIDE_AREA = Parameter("matching.beside_area", 20, "%", "L-16")
#: From which storey on a floor is a middle and a high one.
MIDDLE_FROM = Parameter("matching.middle_floor_from", 7, "floors", "L-16")
HIGH_FROM = Parameter("matching.high_floor_from", 18, "floors", "L-16")
PARAMETERS = [*WEIGHTS.values(), OVER_BUDGET, BESIDE_AREA, MIDDLE_FROM, HIGH_FROM]
LOWEST, WHOLE = 0.0, 1.0
BUDGET_UNIT = 10_000  #: yuan; budgets are kept in ten thousands


@dataclass(frozen=True)
class Figures:
    """The parameters in force."""

    weights: Mapping[str, int]
    over_budget: int
    beside_area: int
    middle_from: int
    high_from: int


@dataclass(frozen=True)
class Fit:
    """How well a home fits, whole and by what is known of the wishes; each from 0 to 100."""

    score: int
    parts: dict[str, int]


def fit_of(home: Home, holds: Mapping[str, Any], figures: Figures) -> Fit | None:
    """The weighted mean of the wishes that are known; None for a customer of whom no wish is known."""
    shares = {
        "budget": _budget(home.price, holds.get("purchase_budget"), figures.over_budget),
        "area": _area(home.area, holds.get("wanted_area"), figures.beside_area),
        "unit_type": _same(home.unit_type, holds.get("preferred_unit_type")),
        "floor": _same(_storey(home.floor, figures), holds.get("wanted_floor")),
        "orientation": _orientation(home.orientation, holds.get("wanted_orientation")),
    }
    known = {name: share for name, share in shares.items() if share is not None}
    total = sum(figures.weights[name] for name in known)
    if not total:
        return None
    score = sum(figures.weights[name] * share for name, share in known.items()) / total
    return Fit(round(100 * score), {name: round(100 * share) for name, share in known.items()})


def _budget(price: Decimal | None, budget: str | None, over: int) -> float | None:
    if budget is None or not Decimal(budget):
        return None
    if price is None:
        return LOWEST
    excess = float(price / (Decimal(budget) * BUDGET_UNIT) - 1) * 100
    return WHOLE if excess <= 0 else _fading(excess, over)


def _area(area: Decimal | None, wanted: str | None, beside: int) -> float | None:
    if wanted is None or not Decimal(wanted):
        return None
    return LOWEST if area is None else _fading(abs(float(area / Decimal(wanted) - 1)) * 100, beside)


def _fading(distance: float, reach: int) -> float:
    """Whole at no distance, nothing at the reach and beyond."""
    return max(LOWEST, WHOLE - distance / reach) if reach else float(not distance)


def _same(has: str | None, wanted: str | None) -> float | None:
    return None if wanted is None else float(has == wanted)


def _orientation(has: str | None, wanted: str | None) -> float | None:
    """A home that looks south and north looks south; one that does more than was wished still fits half."""
    if wanted is None:
        return None
    if has == wanted:
        return WHOLE
    return 0.5 if has and (set(has) & set(wanted)) else LOWEST


def _storey(floor: int | None, figures: Figures) -> str | None:
    if floor is None:
        return None
    return HIGH_FLOOR if floor >= figures.high_from else MIDDLE_FLOOR if floor >= figures.middle_from else LOW_FLOOR


@dataclass(frozen=True, kw_only=True)
class MatchingHome(Row):
    """A home on sale, how well it fits, and why."""

    home_id: HomeId
    unit_type: ShortText | None
    area: Area | None
    floor: int | None
    orientation: Orientation | None
    price: Money | None
    fit: Percent
    fit_budget: Percent | None
    fit_area: Percent | None
    fit_unit_type: Percent | None
    fit_floor: Percent | None
    fit_orientation: Percent | None


@report(
    homes,
    MatchingHome,
    by=[Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR],
    along="home_id",
    counts=(),
    figures=("fit", "fit_budget", "fit_area", "fit_unit_type", "fit_floor", "fit_orientation"),
)
def matching_homes(
    work: Work, uid: CustomerUid | None = None, project_id: ProjectId | None = None
) -> Iterator[MatchingHome]:
    """Homes on sale for a customer, the best fit first, with what each wish counts for (L-16)."""
    if uid is None:
        return
    holds, figures = known_customer(work, uid).tags or {}, figures_in_force(work)
    on_sale = sa.select(Home).where(*views.seen(work, homes), Home.state == "on_sale").order_by(Home.id)
    if project_id is not None:
        on_sale = on_sale.where(Home.project_id == project_id)
    found = [(home, fit) for home in work.session.scalars(on_sale) if (fit := fit_of(home, holds, figures))]
    for home, fit in sorted(found, key=lambda pair: (-pair[1].score, pair[0].price or 0, pair[0].id)):
        parts: dict[str, Any] = {f"fit_{name}": fit.parts.get(name) for name in WEIGHTS}
        yield MatchingHome(
            home_id=home.id,
            unit_type=home.unit_type,
            area=home.area,
            floor=home.floor,
            orientation=home.orientation,
            price=home.price,
            fit=fit.score,
            **parts,
        )


def figures_in_force(work: Work) -> Figures:
    """The figures of the ranking, as they are set today."""
    rest = (OVER_BUDGET, BESIDE_AREA, MIDDLE_FROM, HIGH_FROM)
    weights = {name: int(work.parameter(one)) for name, one in WEIGHTS.items()}
    return Figures(weights, *(int(work.parameter(one)) for one in rest))
