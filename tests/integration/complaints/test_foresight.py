"""What the desk is told while it types: level with its reason, tier, a likely duplicate, a group (C-08, C-09, C-20)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import advice
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden
from services.contracts.events.membership import HighValueCustomerDesignated
from tests.integration.complaints.world import HANDLER, OPERATOR, World, person

ABROAD = person("zhou", "hotline_operator", scope="company:C9")


def said(
    world: World, actor: dict[str, Any] = OPERATOR, command: str = "register_case", **draft: Any
) -> dict[str, Any]:
    with world.service.reading(Actor.from_wire(actor)) as work:
        return advice.advise(work, command, draft)


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in [*answer["suggestions"], *answer["cautions"]]]


@pytest.mark.requirement("C-08")
def test_words_and_claims_suggest_a_level_with_the_reason(world: World) -> None:
    assert codes(said(world, description="电梯有异响")) == []
    (danger,) = said(world, description="外墙瓷砖高空坠物")["suggestions"]
    assert (danger["field"], danger["value"], danger["code"]) == ("suggested_level", 3, "level_by_safety_keyword")
    assert codes(said(world, amount_claimed="99999.99")) == []
    assert codes(said(world, amount_claimed="100000")) == ["level_by_large_claim"]
    assert codes(said(world, amount_claimed="100000", suggested_level=3)) == []


@pytest.mark.requirement("C-09")
def test_a_likely_duplicate_is_shown_before_anything_is_saved(world: World) -> None:
    first = world.register()
    matter = {"uid": "U1", "home_id": "H1", "category": "home_quality"}
    (caution,) = said(world, **matter)["cautions"]
    assert (caution["code"], caution["id"]) == ("same_matter_open", first["id"])
    assert first["number"] in caution["label"]
    assert codes(said(world, **{**matter, "category": "fee"})) == []
    assert codes(said(world, ABROAD, **matter)) == [], "a record that the reader may not see is not spoken of"


def test_neighbours_with_the_same_trouble_are_counted(world: World) -> None:
    draft = {"uid": "U3", "home_id": "H3", "category": "home_quality"}
    world.register()
    assert codes(said(world, **draft)) == []
    world.register(uid="U2", home_id="H2")
    (caution,) = said(world, **draft)["cautions"]
    assert (caution["code"], caution["params"]) == ("group_matter_open", {"homes": 2})


@pytest.mark.requirement("C-70")
def test_how_many_homes_make_a_matter_of_a_group_is_a_parameter(world: World) -> None:
    admin = person("admin", "administrator", scope="group")
    figure = {"parameter": "complaint.group_homes", "value": "2", "reason": "x", "valid_from": "2026-01-01T00:00:00Z"}
    world.register(category="fee")
    draft = {"uid": "U3", "home_id": "H3", "category": "fee"}
    assert codes(said(world, **draft)) == []
    world.do("establish_parameter", admin, **figure)
    assert codes(said(world, **draft)) == ["group_matter_open"]


@pytest.mark.requirement("C-70")
def test_a_live_group_is_named_with_its_homes(world: World) -> None:
    for home in ("H1", "H2", "H3"):
        world.register(home_id=home)
    (group,) = world.found("group_complaint")
    draft = {"uid": "U3", "home_id": "H4", "category": "home_quality"}
    (caution,) = said(world, **draft)["cautions"]
    assert (caution["code"], caution["resource"], caution["id"]) == ("group_live_here", "group_complaint", group["id"])
    assert caution["params"] == {"number": group["number"], "homes": 3, "here": 3}
    assert codes(said(world, **{**draft, "category": "fee"})) == []
    assert codes(said(world, ABROAD, **draft)) == []


@pytest.mark.requirement("C-20")
def test_a_customer_of_high_value_is_announced_with_the_hour(world: World) -> None:
    world.hear(HighValueCustomerDesignated(uid="U1", reason="purchase_intention"))
    (caution,) = said(world, uid="U1")["cautions"]
    assert (caution["code"], caution["params"]) == ("tier_high_value", {"hours": 1})


def test_half_a_form_and_nonsense_are_no_error(world: World) -> None:
    assert codes(said(world)) == []
    assert codes(said(world, category="weather", amount_claimed="much", colour="red", uid=7)) == []
    with pytest.raises(Forbidden):
        said(world, person("x", "sales_agent"))


@pytest.mark.requirement("C-63")
def test_who_meets_the_customer_is_told_to_keep_the_meeting_safe(world: World) -> None:
    case = world.soon_to("plan_approved")
    assert codes(said(world, HANDLER, "negotiate_case", id=case["id"])) == ["keep_it_calm"]
