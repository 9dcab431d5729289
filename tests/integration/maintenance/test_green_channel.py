"""Repairs of core customers go first (M-37, B-83)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis import inbox
from services.contracts.events.membership import SegmentChanged
from services.maintenance.service import SERVICE
from tests.integration.leads.world import delivery
from tests.integration.maintenance.world import OTHER_HOME, START, World

pytestmark = pytest.mark.integration
TRIAGE = {"repair_class": "equipment", "urgency": "normal", "in_warranty": True}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    before = SERVICE.now
    yield World(f"sqlite:///{tmp_path / 'maintenance.db'}")
    SERVICE.now = before
    SERVICE.close()


def test_core_customers_are_in_the_green_channel_as_long_as_they_are(world: World) -> None:
    def triaged(**more: object) -> bool:
        return bool(world.do("triage_work_order", id=world.report(**more)["id"], **TRIAGE)["is_priority"])

    def placed(segment: str) -> None:
        rfm = {"frequency": 2, "monetary": "1.00"}
        inbox.take(
            SERVICE, [delivery(SegmentChanged(uid="u1", to_segment=segment, rfm=rfm, referral_index=0, at=START))]
        )

    placed("potential")
    assert not triaged()
    placed("core")
    assert (triaged(), triaged(home_id=OTHER_HOME)) == (True, False)
    placed("dormant")
    assert not triaged()
    placed("core")
    assert triaged()
