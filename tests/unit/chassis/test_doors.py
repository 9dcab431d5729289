"""What the doors do when the broker goes away under them."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError
from nameko.rpc import RpcConsumer

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("lost", [ConnectionResetError, OperationalError])
def test_an_answer_that_the_broker_does_not_take_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, lost: type[Exception]
) -> None:
    from services.chassis.doors import SafeRpcConsumer

    def refuse(*_: Any) -> None:
        raise lost

    acknowledged: list[str] = []
    consumer = SafeRpcConsumer()
    monkeypatch.setattr(RpcConsumer, "handle_result", refuse)
    monkeypatch.setattr(consumer.queue_consumer, "ack_message", acknowledged.append, raising=False)
    assert consumer.handle_result("call", {"result": 1}, None) == ({"result": 1}, None)
    assert acknowledged == ["call"], "an unacknowledged call would take one of the few places for good"
