"""A message that cannot take effect is kept once, however often the broker delivers it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.chassis import inbox, scan
from services.chassis.inbox import Delivery
from services.chassis.parking import ParkedMessage
from services.chassis.service import Service
from tests import example
from tests.integration.chassis.test_inbox import borrowers, cancelled, park, states

pytestmark = pytest.mark.integration


def test_unreadable_bytes_are_kept_once(service: Service) -> None:
    broken = replace(cancelled("m1"), body=cancelled("m1").body[:-1])
    inbox.take(service, [broken, broken])
    inbox.take(service, [broken, replace(broken, body=b"[]")])
    assert [state for _, state in states(service)] == ["rejected", "rejected"]


def test_a_reused_id_is_kept_once_for_each_content(service: Service) -> None:
    inbox.take(service, [cancelled("m1", reason="a")])
    for _ in range(2):
        inbox.take(service, [cancelled("m1", reason="b"), cancelled("m1", reason="c")])
    assert states(service) == [("m1", "conflict"), ("m1", "conflict")]
    assert borrowers(service) == ["a"]


def test_what_was_unreadable_by_its_label_takes_effect_when_it_comes_with_the_right_one(service: Service) -> None:
    good = cancelled("m1", reason="a")
    inbox.take(service, [Delivery(good.body, "text/plain")])
    inbox.take(service, [good])
    assert borrowers(service) == ["a"]


def test_what_waits_behind_nothing_is_tried(service: Service) -> None:
    """Kept while the message before it was taking effect in another transaction, neither saw the other."""
    example.FAULTS[:] = [RuntimeError("boom")] * 3
    inbox.take(service, [cancelled("m1", "o1", "a")])
    inbox.take(service, [cancelled("m2", "o1", "b"), cancelled("m3", "o1", "c")])
    assert [state for _, state in states(service)] == ["retrying", "waiting", "waiting"]
    with service.database.write() as session:
        session.execute(sa.update(ParkedMessage).where(ParkedMessage.message_id == "m1").values(state="applied"))
    example.FAULTS.clear()
    for _ in range(2):
        scan.tick(service)
    assert borrowers(service) == ["b", "c"]
    assert {state for _, state in states(service)} == {"applied"}


def test_what_waits_behind_a_parked_message_stays(service: Service) -> None:
    park(service)
    scan.tick(service)
    assert [state for _, state in states(service)] == ["parked", "waiting"]
