"""The rules of the portraits, without a database: what holds, how good a record is, what fits (L-05 to L-16)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.contracts import glossary
from services.contracts.vocabulary.portrait import ContentVerdict, TagSource
from services.leads.homes import Home
from services.leads.portraits.classification import CAPABLE_HIGH, CAPABLE_MEDIUM, INTENT_VISITS, capability, intention
from services.leads.portraits.content import ContentRule, fits
from services.leads.portraits.matching import BESIDE_AREA, HIGH_FROM, MIDDLE_FROM, OVER_BUDGET, WEIGHTS, Figures, fit_of
from services.leads.portraits.quality import ID_NO, PHONE, REQUIRED_TAGS, quality_of
from services.leads.portraits.resolution import differ, holding, outlives, prevailing
from services.leads.portraits.standard import STANDARD
from services.leads.portraits.tags import Tag, band_of, valued

pytestmark = pytest.mark.unit
WORDS = glossary.terms("common")["choices"]
START = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    value: str
    source: TagSource
    at: datetime
    confirmed_at: datetime | None = None


def said(value: str, source: TagSource, day: int, confirmed: int | None = None) -> Said:
    return Said(
        value, source, START + timedelta(days=day), None if confirmed is None else START + timedelta(days=confirmed)
    )


#: From the strongest to the weakest: the newest confirmed, an earlier confirmed, self-declared, observed, derived.
LADDER = [
    said("newest confirmed", TagSource.DERIVED, day=1, confirmed=9),
    said("confirmed before", TagSource.SELF_DECLARED, day=8, confirmed=8),
    said("self-declared", TagSource.SELF_DECLARED, day=2),
    said("observed", TagSource.AGENT, day=7),
    said("screened", TagSource.MARKETING, day=6),
    said("derived", TagSource.DERIVED, day=10),
]


@pytest.mark.requirement("L-06")
@pytest.mark.parametrize("strongest", range(len(LADDER)))
def test_the_strongest_statement_holds_in_whatever_order_they_arrive(strongest: int) -> None:
    rest = LADDER[strongest:]
    for arrival in itertools.permutations(rest):
        assert prevailing(arrival) == rest[0]


@pytest.mark.requirement("L-06")
def test_of_equals_the_newest_holds() -> None:
    for source in TagSource:
        earlier, later = said("a", source, day=1), said("b", source, day=2)
        assert prevailing([later, earlier]) == prevailing([earlier, later]) == later


def test_what_a_human_confirmed_yields_to_nothing_less() -> None:
    confirmed, noted = LADDER[1], LADDER[2]
    assert (outlives(confirmed, confirmed=False), outlives(confirmed, confirmed=True)) == (True, False)
    assert not outlives(noted, confirmed=False)


def test_a_tag_with_several_values_holds_them_all_and_contradicts_itself_in_none() -> None:
    many = [said("b", TagSource.AGENT, 1), said("a", TagSource.DERIVED, 2), said("b", TagSource.SELF_DECLARED, 3)]
    assert [(one.value, one.source) for one in holding(many, several=True)] == [
        ("a", TagSource.DERIVED),
        ("b", TagSource.SELF_DECLARED),
    ]
    assert differ(many)
    assert not differ([many[0], many[2]])


@pytest.mark.requirement("L-05")
@pytest.mark.parametrize(
    ("phone", "id_no", "filled", "score", "gaps"),
    [
        ("13800138000", "11010519491231002X", 4, 100, []),
        ("13800138000", None, 4, 100, []),
        ("13800138000", None, 3, 85, ["required_tags"]),
        ("13800138000", None, 0, 40, ["required_tags"]),
        ("1380013800", None, 4, 75, ["phone"]),
        ("13800138000", "110105194912310021", 4, 85, ["id_no"]),
        ("1380013800", "110105194912310021", 0, 0, ["phone", "id_no", "required_tags"]),
    ],
)
def test_the_score_is_made_of_right_numbers_and_required_tags(
    phone: str, id_no: str | None, filled: int, score: int, gaps: list[str]
) -> None:
    weights = [int(one.default) for one in (PHONE, ID_NO, REQUIRED_TAGS)]
    quality = quality_of(phone=phone, id_no=id_no, kind="person", filled=filled, required=4, weights=weights)
    assert (quality.score, quality.gaps) == (score, gaps)


@pytest.mark.requirement("L-12")
@pytest.mark.parametrize(
    ("when", "visits", "level"),
    [
        (None, 0, None),
        (None, 1, "中"),
        (None, 2, "高"),
        ("3个月内", 0, "高"),
        ("半年内", 0, "中"),
        ("1年内", 0, "低"),
        ("1年内", 1, "中"),
        ("1年以上", 2, "高"),
    ],
)
def test_intention_follows_from_time_and_visits(when: str | None, visits: int, level: str | None) -> None:
    assert intention(when, visits, many=int(INTENT_VISITS.default)) == level


@pytest.mark.requirement("L-12")
@pytest.mark.parametrize(
    ("budget", "method", "level"),
    [
        (None, "一次性付款", None),
        ("500", None, "高"),
        ("499", None, "中"),
        ("200", "商业贷款", "中"),
        ("200", "一次性付款", "高"),
        ("199", "一次性付款", "低"),
    ],
)
def test_capability_follows_from_budget_and_method(budget: str | None, method: str | None, level: str | None) -> None:
    figures = {"high": int(CAPABLE_HIGH.default), "medium": int(CAPABLE_MEDIUM.default)}
    assert capability(budget, method, **figures) == level


def tag(code: str) -> Tag:
    return Tag(**next(one for one in STANDARD if one["code"] == code))


@pytest.mark.requirement("L-07", "L-10", "L-11")
def test_the_standard_tags_are_those_of_the_catalogue() -> None:
    groups: dict[str, list[str]] = {}
    for one in STANDARD:
        groups.setdefault(one["group"], []).append(one["code"])
    assert groups["base"] == ["region", "age", "family_structure", "purchase_budget"]
    assert [one["code"] for one in STANDARD if one.get("is_required")] == groups["base"]
    assert groups["portrait"] == [
        *("gender", "occupation", "purchase_purpose", "interests", "lifestyle", "consumption"),
    ]
    assert {"wanted_area", "use", "wanted_region", "concern_topics"} <= set(groups["need"])
    assert {"purchase_time", "purchase_method", "purchases", "site_visits"} <= set(groups["behaviour"])
    assert len(tag("concern_topics").choices) == 21


@pytest.mark.parametrize(
    ("value", "band"), [("99.5", "<100"), ("100", "100–200"), ("299", "200–300"), ("1000", "≥1000")]
)
def test_a_number_is_counted_in_its_band(value: str, band: str) -> None:
    assert band_of(tag("purchase_budget"), valued(tag("purchase_budget"), value)) == band
    assert band_of(tag("region"), "余杭") == "余杭"


def rule(title: str, verdict: str, theme: str, *conditions: str) -> ContentRule:
    return ContentRule(title=title, verdict=verdict, theme=theme, conditions=list(conditions), content=title)


RULES = [
    rule("学区讲解", "suits", "school_catchment", "purchase_purpose=子女教育"),
    rule("豪宅品鉴会", "suits", "luxury_homes", "interests=收藏"),
    rule("首置且预算有限不推豪宅", "excluded", "luxury_homes", "purchase_purpose=首次置业", "purchase_budget<=300"),
    rule("首置贷款指南", "suits", "loan_and_payment", "purchase_purpose=首次置业", "purchase_budget<=300"),
]


@pytest.mark.requirement("L-15")
@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        ({"purchase_purpose": "子女教育"}, [("school_catchment", "suits")]),
        ({"interests": ["收藏", "高尔夫"], "purchase_purpose": "投资"}, [("luxury_homes", "suits")]),
        (
            {"interests": ["收藏"], "purchase_purpose": "首次置业", "purchase_budget": "300"},
            [("loan_and_payment", "suits"), ("luxury_homes", "excluded")],
        ),
        (
            {"interests": ["收藏"], "purchase_purpose": "首次置业", "purchase_budget": "301"},
            [("luxury_homes", "suits")],
        ),
        ({"purchase_purpose": "首次置业"}, []),
    ],
)
def test_rules_map_tags_to_content_and_an_exclusion_wins(
    holds: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    for order in itertools.permutations(RULES):
        assert [(fit.theme, fit.verdict) for fit in fits(order, holds)] == expected
    assert ContentVerdict.EXCLUDED not in [fit.verdict for fit in fits(RULES[:2], holds)]


WISHES = {
    "purchase_budget": "300",
    "wanted_area": "120",
    "preferred_unit_type": "三室两厅",
    "wanted_floor": "中楼层",
    "wanted_orientation": "南",
}
FIGURES = Figures(
    {name: int(one.default) for name, one in WEIGHTS.items()},
    *(int(one.default) for one in (OVER_BUDGET, BESIDE_AREA, MIDDLE_FROM, HIGH_FROM)),
)


def home(**values: Any) -> Home:
    perfect: dict[str, Any] = {
        "price": Decimal(3_000_000),
        "area": Decimal(120),
        "unit_type": "三室两厅",
        "floor": 7,
        "orientation": "南",
    }
    return Home(**{**perfect, **values})


@pytest.mark.requirement("L-16")
@pytest.mark.parametrize(
    ("home", "score", "part"),
    [
        (home(), 100, ("budget", 100)),
        (home(price=Decimal(3_150_000)), 80, ("budget", 50)),
        (home(price=Decimal(3_300_000)), 60, ("budget", 0)),
        (home(price=None), 60, ("budget", 0)),
        (home(area=Decimal(132)), 88, ("area", 50)),
        (home(area=Decimal(96)), 75, ("area", 0)),
        (home(unit_type="两室两厅"), 80, ("unit_type", 0)),
        (home(floor=6), 95, ("floor", 0)),
        (home(floor=17), 100, ("floor", 100)),
        (home(floor=18), 95, ("floor", 0)),
        (home(orientation="南北"), 95, ("orientation", 50)),
        (home(orientation="东"), 90, ("orientation", 0)),
    ],
)
def test_a_home_fits_by_budget_area_type_floor_and_orientation(home: Home, score: int, part: tuple[str, int]) -> None:
    fit = fit_of(home, WISHES, FIGURES)
    assert fit is not None
    assert (fit.score, fit.parts[part[0]]) == (score, part[1])


@pytest.mark.requirement("L-16")
def test_only_what_a_customer_wishes_counts() -> None:
    fit = fit_of(home(floor=2, orientation="北"), {"purchase_budget": "310"}, FIGURES)
    assert fit is not None
    assert (fit.score, fit.parts) == (100, {"budget": 100})
    assert fit_of(home(), {"region": "余杭"}, FIGURES) is None


def test_the_standard_values_have_a_word_in_each_language() -> None:
    """Their Chinese words are the values: English pages find the other word by them."""
    named = {zh for name in ("tag_value", "concern_topic", "segment") for zh, _ in WORDS[name].values()}
    assert {value for tag in STANDARD if tag["kind"] == "choice" for value in tag["choices"]} <= named
