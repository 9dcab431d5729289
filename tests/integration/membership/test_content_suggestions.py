"""Content that answers objections (L-33, L-15)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import IllegalMove
from services.contracts.events.leads_sales import ObjectionRecorded
from services.contracts.events.membership import CareSent
from services.contracts.vocabulary.sales import ConcernTopic
from services.membership.content_suggestions import ContentSuggestion
from services.membership.project_holds import project_holds
from tests.integration.leads.world import World, delivery
from tests.integration.membership.conftest import UID

THEMES = {
    "budget": "loan_and_payment",
    "facilities": "school_catchment",
    "property_service": "community_life",
    "home_features": "improvement",
    "value_growth": "investment",
    "market_changes": "investment",
    "decoration_design": "decoration",
    "furniture": "decoration",
    "move_in": "community_life",
}
SENT = {"content": "学区划分说明", "channel": "sms"}


def objected(topic: str = "facilities", **more: Any) -> Any:
    said = {"uid": UID, "project_id": "P01", "topic": topic, "content": "学校还没建成", "strength": "strong"}
    return delivery(ObjectionRecorded(**{"objection_id": "o1", **said, **more}))


@pytest.mark.requirement("L-33", "L-15")
def test_an_objection_suggests_the_theme_that_answers_it_once_while_it_waits(world: World) -> None:
    world.take(objected(), objected(objection_id="o2"), objected("construction_progress", objection_id="o3"))
    first, other = world.all(ContentSuggestion)
    assert (first.topic, first.theme, first.objection, first.strength) == (
        *("facilities", "school_catchment", "学校还没建成"),
        "strong",
    )
    assert (first.state, first.project_id, other.topic, other.theme) == (
        *("suggested", "P01", "construction_progress"),
        None,
    )
    world.do("send_content_suggestion", {"id": first.id, **SENT})
    (told,) = world.told(CareSent)
    assert (told["uid"], told["entry"], told["channel"], told["home_id"]) == (UID, "school_catchment", "sms", None)
    world.do("drop_content_suggestion", {"id": other.id, "reason": "以工地开放日答复"})
    world.take(objected(objection_id="o4"))
    assert [one.state for one in world.all(ContentSuggestion)] == ["sent", "dropped", "suggested"]


@pytest.mark.requirement("L-15")
def test_each_concern_is_answered_by_its_theme_and_the_others_by_none(world: World) -> None:
    world.take(*(objected(topic, objection_id=topic) for topic in ConcernTopic))
    suggested = {one.topic: one.theme for one in world.all(ContentSuggestion)}
    assert suggested == {**dict.fromkeys(ConcernTopic), **THEMES}


@pytest.mark.requirement("C-33")
def test_nothing_is_sent_during_a_crisis_of_the_project(world: World) -> None:
    world.take(objected())
    (one,) = world.all(ContentSuggestion)
    world.add(project_holds, "held", cause="crisis", project_id="P01", company_id="C01")
    with pytest.raises(IllegalMove) as refused:
        world.do("send_content_suggestion", {"id": one.id, **SENT})
    assert refused.value.code == "communications_suspended"
