"""An answered enquiry is a contact of the customer (C-117)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.contracts.events.complaints import EnquiryAnswered
from services.membership.profiles import Profile
from tests.integration.leads.world import START, World, delivery
from tests.integration.membership.conftest import UID


def answered(uid: str | None, at: datetime) -> EnquiryAnswered:
    facts = {"enquiry_id": "e1", "number": "EQ 2026-P01-000001", "project_id": "P01", "topic": "loan"}
    return EnquiryAnswered(**facts, channel="online_chat", answered_by="bot", uid=uid, at=at)


@pytest.mark.requirement("C-117")
def test_the_last_contact_is_kept_and_late_news_do_not_turn_it_back(world: World) -> None:
    for at in (START, START + timedelta(hours=2), START + timedelta(hours=1)):
        world.take(delivery(answered(UID, at)))
    world.take(delivery(answered(None, START + timedelta(hours=3))))
    (profile,) = world.all(Profile)
    assert (profile.uid, profile.last_contact_at) == (UID, START + timedelta(hours=2))
