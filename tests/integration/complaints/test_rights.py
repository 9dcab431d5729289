"""Whoever complains, and however: the same register, the same clocks, the same way (C-01, C-02, C-12)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.events.leads import CustomerUpdated
from services.contracts.vocabulary.common import LifecycleStage
from tests.integration.complaints.world import HANDLER, World

CHANNELS = (
    "hotline",
    "email",
    "online_chat",
    "counter",
    "property_company",
    "forum",
    "social_media",
    "follow_up_visit",
    "survey",
    "symposium",
    "employee",
)


def clocks_of(case: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((clock["name"], clock["due_at"]) for clock in case["clocks"])


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_complaint_is_registered_by_each_channel_and_goes_the_same_way(world: World, channel: str) -> None:
    case = world.register(channel=channel)
    usual = world.register(uid="U2", home_id="H2")
    assert (case["state"], case["channel"]) == ("registered", channel)
    assert clocks_of(case) == clocks_of(usual)


@pytest.mark.requirement("C-12")
@pytest.mark.parametrize("stage", [LifecycleStage.CONTRACTED, LifecycleStage.INTERESTED])
def test_whoever_has_no_home_yet_complains_as_an_owner_does(world: World, stage: LifecycleStage) -> None:
    """Same clocks, same level, same moves; a home is not asked for."""
    world.hear(CustomerUpdated(uid="U9", record_version=1, name="刘女士", lifecycle_stage=stage))
    prospective = world.register(uid="U9", home_id=None, project_id="P01", category="sales_promise")
    owner = world.register(uid="U1", home_id="H1", category="sales_promise")
    assert clocks_of(prospective) == clocks_of(owner)
    for fact in ("state", "tier", "level", "supervisor_role"):
        assert prospective.get(fact) == owner.get(fact), fact
    responded = world.do("respond_case", HANDLER, id=prospective["id"], first_contact="已致电客户")
    assert responded["state"] == "responded"
