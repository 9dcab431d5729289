"""What customers spend: what is expected of a reservation and what a contract says, in any order (B-84)."""

from __future__ import annotations

import pytest

from services.membership.purchases import Purchase
from tests.integration.leads.world import START, World
from tests.integration.membership.conftest import HOME, UID
from tests.integration.membership.news import DAY, HOUR, buys, ends, hear, reserves

pytestmark = pytest.mark.integration
OTHER_HOME = "P01-3-2-1202"


def counted(world: World) -> list[tuple[str, str]]:
    return [(one.kind, str(one.amount)) for one in world.all(Purchase, Purchase.state == "counted")]


@pytest.mark.requirement("B-84")
def test_what_is_expected_gives_way_to_the_contract_and_what_ended_counts_no_more(world: World) -> None:
    hear(world, reserves(UID, HOME, "120.00"))
    hear(world, reserves(UID, HOME, "120.00"))
    assert counted(world) == [("reservation", "120.00")]
    hear(world, buys(UID, HOME, "110.00", signed_on=START.date()))
    assert counted(world) == [("contract", "110.00")]
    hear(world, ends(UID, HOME))
    assert counted(world) == []
    # The contract is heard of before its reservation.
    hear(world, buys(UID, OTHER_HOME, "90.00", signed_on=START.date()), reserves(UID, OTHER_HOME, "95.00"))
    assert counted(world) == [("contract", "90.00")]


@pytest.mark.requirement("B-84")
def test_a_contract_that_is_heard_late_ends_no_later_reservation(world: World) -> None:
    hear(world, reserves("uid-2", HOME, "120.00", at=START + DAY), at=START + DAY)
    hear(world, buys(UID, HOME, "110.00", signed_on=START.date()), at=START)
    assert counted(world) == [("reservation", "120.00"), ("contract", "110.00")]
    hear(world, ends(UID, HOME), at=START + HOUR)
    assert counted(world) == [("reservation", "120.00")]


@pytest.mark.requirement("B-84")
def test_nothing_is_expected_of_a_reservation_whose_contract_has_come_and_gone(world: World) -> None:
    hear(world, buys(UID, HOME, "110.00", signed_on=START.date()), ends(UID, HOME))
    hear(world, reserves(UID, HOME, "120.00", at=START - HOUR))
    assert counted(world) == []
