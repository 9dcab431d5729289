"""The RPC client over a real broker and a real Nameko service, with the faults that it promises to survive."""

from __future__ import annotations

import logging
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from admin.rpc import Services
from services.contracts.errors import ServiceUnavailable, StaleVersion
from tests.api.node import Node, ServiceProcess, until

ACTOR = {"user": "li.na", "name": "李娜", "roles": {"maintenance_desk": ["project:P01"]}}
LATE = 2.4  # seconds: the deadline of 2 s, and what a busy machine adds


def timed(call: Any) -> tuple[float, Any]:
    started = time.monotonic()
    try:
        answer = call()
    except ServiceUnavailable as away:
        answer = away
    return time.monotonic() - started, answer


def fetch(client: Services, id: str = "1", service: str = "maintenance", resource: str = "echo") -> Any:
    return client.fetch(service, resource, id, ACTOR)


def test_every_door_carries_its_arguments(client: Services, maintenance: ServiceProcess) -> None:
    answer = client.execute(
        "maintenance",
        "triage",
        {"id": "1", "note": "漏水"},
        actor=ACTOR,
        command_id="c-1",
        version=3,
        correlation_id="k",
    )
    assert answer["result"]["payload"] == {"id": "1", "note": "漏水"}
    assert answer["result"]["envelope"] == {"command_id": "c-1", "actor": ACTOR, "version": 3, "correlation_id": "k"}
    assert fetch(client, "7")["result"]["id"] == "7"
    assert client.search("maintenance", "echo", {"page": 0}, ACTOR)["params"] == {"page": 0}
    assert client.history("maintenance", "echo", "1", ACTOR) == {"result": []}
    assert client.options("maintenance", "echo", "x", ACTOR) == {"result": []}
    assert client.health("maintenance")["database"] is True
    assert client.broker() is True


def test_an_error_of_the_contracts_is_the_same_error_here(client: Services, maintenance: ServiceProcess) -> None:
    with pytest.raises(StaleVersion) as caught:
        fetch(client, resource="stale")
    # Nameko makes text of every number in an error, so figures are compared as text.
    assert str(caught.value.params["current"]) == "3"
    assert caught.value.params["changes"] == {"note": ["a", "b"]}


@pytest.mark.parametrize("resource", ["fault", "wrong"])
def test_a_fault_of_the_service_shows_nothing_of_its_inside(
    client: Services, maintenance: ServiceProcess, resource: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ServiceUnavailable) as caught:
        fetch(client, resource=resource)
    assert caught.value.code == "service_fault"
    assert "13800138000" not in repr(caught.value.args) + caplog.text
    assert caught.value.params["correlation_id"] in caplog.text


def test_a_service_that_never_ran_is_known_at_once(client: Services) -> None:
    seconds, answer = timed(lambda: fetch(client, service="nobody"))
    assert isinstance(answer, ServiceUnavailable)
    assert answer.params == {"service": "nobody"}
    assert seconds < 0.5


def test_a_stopped_service_costs_one_deadline_and_then_nothing(client: Services, maintenance: ServiceProcess) -> None:
    fetch(client)
    maintenance.stop()
    first, answer = timed(lambda: fetch(client))
    assert isinstance(answer, ServiceUnavailable)
    assert first < LATE
    second, answer = timed(lambda: fetch(client))
    assert isinstance(answer, ServiceUnavailable)
    assert second < 0.5
    maintenance.start()
    until(lambda: not isinstance(timed(lambda: fetch(client))[1], ServiceUnavailable))


def test_an_expired_command_is_not_carried_out_later(client: Services, maintenance: ServiceProcess) -> None:
    maintenance.stop()
    with pytest.raises(ServiceUnavailable) as caught:
        client.execute("maintenance", "triage", {}, actor=ACTOR, command_id="too-late")
    assert caught.value.code == "service_timeout"
    maintenance.start()
    until(lambda: not isinstance(timed(lambda: fetch(client))[1], ServiceUnavailable))
    client.execute("maintenance", "triage", {}, actor=ACTOR, command_id="in-time")
    assert maintenance.done() == ["in-time"]


def test_a_frozen_service_is_left_alone_after_two_deadlines(client: Services, maintenance: ServiceProcess) -> None:
    with maintenance.frozen():
        waits = [timed(lambda: fetch(client))[0] for _ in range(3)]
    assert waits[0] < LATE
    assert waits[1] < LATE
    assert waits[2] < 0.5
    until(lambda: not isinstance(timed(lambda: fetch(client))[1], ServiceUnavailable))


def test_a_frozen_broker_costs_no_more_than_the_deadline(
    node: Node, client: Services, maintenance: ServiceProcess
) -> None:
    fetch(client)
    with node.frozen():
        waits = [timed(lambda: fetch(client))[0] for _ in range(3)]
        probing, up = timed(lambda: client.broker(deadline=0.5))
    assert max(waits) < LATE
    assert waits[2] < 0.5
    assert up is False
    assert probing < 0.8
    until(lambda: not isinstance(timed(lambda: fetch(client))[1], ServiceUnavailable))


def test_a_broker_restart_is_survived_without_a_new_client(
    node: Node, client: Services, maintenance: ServiceProcess
) -> None:
    fetch(client)
    node.restart()
    # The small service is plain Nameko, which waits up to 30 s between its attempts to find the broker again.
    until(lambda: not isinstance(timed(lambda: fetch(client))[1], ServiceUnavailable), 90)


def test_a_broken_connection_is_replaced_without_the_caller_knowing(
    client: Services, maintenance: ServiceProcess
) -> None:
    fetch(client)
    (link,) = client._pool._idle
    link._connection.transport.sock.shutdown(2)
    assert fetch(client, "again")["result"]["id"] == "again"


def test_twenty_threads_get_their_own_answers(client: Services, maintenance: ServiceProcess) -> None:
    def ask(thread: int) -> bool:
        return all(fetch(client, f"{thread}-{turn}")["result"]["id"] == f"{thread}-{turn}" for turn in range(50))

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(ask, range(20)))


def test_gather_waits_once_and_keeps_the_order(client: Services, maintenance: ServiceProcess) -> None:
    calls = [("fetch", "maintenance", "slow", "0.5", ACTOR)] * 4
    calls += [("fetch", "nobody", "echo", "1", ACTOR), ("fetch", "maintenance", "stale", "1", ACTOR)]
    seconds, answers = timed(lambda: client.gather(calls))
    assert [one["result"]["id"] for one in answers[:4]] == ["0.5"] * 4
    assert isinstance(answers[4], ServiceUnavailable)
    assert isinstance(answers[5], StaleVersion)
    assert seconds < 1.2
    with pytest.raises(ValueError, match="not execute"):
        client.gather([("execute", "maintenance", "triage", {})])


def test_a_gather_gives_what_came_in_time(client: Services, maintenance: ServiceProcess) -> None:
    calls = [("fetch", "maintenance", "slow", "5", ACTOR), ("fetch", "maintenance", "echo", "1", ACTOR)]
    seconds, answers = timed(lambda: client.gather(calls, deadline=0.6))
    assert isinstance(answers[0], ServiceUnavailable)
    assert answers[1]["result"]["id"] == "1"
    assert seconds < 1.0


def test_idle_connections_are_kept_alive(client: Services, maintenance: ServiceProcess) -> None:
    fetch(client)
    (link,) = client._pool._idle
    link._connection.last_heartbeat_sent -= 60
    link._connection.prev_sent, link._connection.prev_recv = link._connection.bytes_sent, link._connection.bytes_recv
    before = link._connection.bytes_sent
    link.tend()
    assert link._connection.bytes_sent == before + 1


def test_a_closed_connection_is_not_opened_again_behind_our_back(node: Node, client: Services) -> None:
    assert client.broker()
    (link,) = client._pool._idle
    link.drop()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        link.drop()
        for touch in (link.tend, lambda: link.listen(time.monotonic() + 1), lambda: link.ping(time.monotonic() + 1)):
            with pytest.raises(ConnectionResetError):
                touch()
    assert client.broker()
