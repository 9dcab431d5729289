"""Several nodes of a broker in one setting: whoever loses one goes to another."""

from __future__ import annotations

import time
from typing import Any

import pytest

from admin import rpc_link
from services.chassis import settings

pytestmark = pytest.mark.unit
NODES = "amqp://anju:x@127.0.0.1:1//;amqp://anju:x@127.0.0.1:2//"


def test_the_setting_takes_several_nodes_and_checks_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANJU_AMQP_URI", NODES)
    assert settings.amqp_uri() == NODES
    monkeypatch.setenv("ANJU_AMQP_URI", f"{NODES};nowhere")
    with pytest.raises(settings.SettingInvalid):
        settings.amqp_uri()


def test_the_console_asks_the_next_node_and_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Link:
        def __init__(self, uri: str, until: float) -> None:
            asked.append(uri)
            if uri.endswith(":1//"):
                raise ConnectionRefusedError

        def __getattr__(self, name: str) -> Any:
            return {"answers": {}, "returned": set()}.get(name, lambda: None)

    monkeypatch.setattr(rpc_link, "Link", Link)
    pool = rpc_link.Pool(NODES)
    first, second = NODES.split(";")
    for expected in ([first, second], [second]):
        asked.clear()
        with pool.borrow(time.monotonic() + 1, fresh=True):
            pass
        assert asked == expected
    pool.close()


def test_no_node_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = rpc_link.Pool(NODES)
    with pytest.raises(rpc_link.BrokerAway), pool.borrow(time.monotonic() + 1):
        pass
    pool.close()
