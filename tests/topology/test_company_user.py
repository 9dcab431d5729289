"""What a property company's RabbitMQ user may do: write to its own exchange, read its own inbox, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from amqp import Message
from amqp.exceptions import AccessRefused, MessageNacked, NotAllowed, PreconditionFailed
from kombu import Connection

from services.chassis import topology

pytestmark = pytest.mark.integration
BODY = b'{"specversion": "1.0"}'


@pytest.fixture
def ours(broker: Any) -> Iterator[Any]:
    """A channel of the services' user, with every queue of the test empty."""
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        for queue in ("maintenance.property.acme", "maintenance.property.zenith", "property.acme.inbox", "leads.inbox"):
            channel.queue_purge(queue)
        yield channel


@pytest.fixture
def acme(broker: Any) -> Iterator[Connection]:
    """A connection of the company ``acme``."""
    with Connection(broker.company_uri("acme"), transport_options={"confirm_publish": True}) as connection:
        yield connection


def publish(
    connection: Connection, exchange: str, routing_key: str = "", body: bytes = BODY, **properties: Any
) -> None:
    """Publish and wait for the broker's confirmation."""
    with connection.Producer() as producer:
        producer.publish(body, exchange=exchange, routing_key=routing_key, retry=False, **properties)


def fetched(channel: Any, queue: str, until: Callable[..., Any], seconds: float = 5) -> Any:
    return until(lambda: channel.basic_get(queue, no_ack=True), seconds)


def test_it_reaches_our_intake_through_its_exchange(ours: Any, acme: Connection, until: Callable[..., Any]) -> None:
    publish(acme, "property.acme", "anything")
    message = fetched(ours, "maintenance.property.acme", until)
    assert message.body == BODY
    assert message.delivery_info["exchange"] == "property.acme"


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        ("property.zenith", ""),
        ("property.outbound", "acme.work_order_dispatched"),
        ("maintenance.events", "work_order_created"),
        ("leads.events", "handover_completed"),
        ("nameko-rpc", "maintenance.execute"),
        ("amq.topic", "x"),
        ("amq.fanout", ""),
        ("", "maintenance.property.zenith"),
        ("", "maintenance.inbox"),
        ("", "property.zenith.inbox"),
    ],
)
def test_it_publishes_nowhere_else(ours: Any, acme: Connection, exchange: str, routing_key: str) -> None:
    if exchange == "nameko-rpc":
        ours.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
    with pytest.raises(AccessRefused, match=r"refused for user 'property\.acme'"):
        publish(acme, exchange, routing_key)


@pytest.mark.parametrize("header", ["CC", "BCC"])
def test_copies_reach_no_other_company(ours: Any, acme: Connection, header: str, until: Callable[..., Any]) -> None:
    """RabbitMQ 3.10 does not check CC and BCC against permissions (T9); a fanout exchange does not route by them."""
    targets = ["maintenance.property.zenith", "zenith.x", "leads.inbox", "property.zenith", "#"]
    publish(acme, "property.acme", "x", headers={header: targets})
    assert fetched(ours, "maintenance.property.acme", until).body == BODY
    # The broker routes one publish in one step: what had reached another queue would be there by now.
    for queue in ("maintenance.property.zenith", "leads.inbox", "property.acme.inbox"):
        assert ours.basic_get(queue, no_ack=True) is None


def test_it_can_not_send_in_anothers_name(acme: Connection) -> None:
    with pytest.raises(PreconditionFailed, match="user_id"):
        publish(acme, "property.acme", user_id="property.zenith")


def test_it_reads_its_own_inbox(ours: Any, acme: Connection, until: Callable[..., Any]) -> None:
    ours.basic_publish(Message(BODY), exchange="property.outbound", routing_key="acme.work_order_dispatched")
    assert fetched(acme.channel(), "property.acme.inbox", until).body == BODY


@pytest.mark.parametrize(
    "queue", ["property.zenith.inbox", "maintenance.property.acme", "maintenance.inbox", "maintenance.parked"]
)
@pytest.mark.parametrize("verb", ["basic_get", "basic_consume", "queue_purge"])
def test_it_reads_no_other_queue(acme: Connection, queue: str, verb: str) -> None:
    with pytest.raises(AccessRefused):
        getattr(acme.channel(), verb)(queue)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("queue_declare", {"queue": "mine"}),
        ("queue_declare", {"queue": "", "exclusive": True}),
        ("queue_declare", {"queue": "property.acme.inbox", "durable": True, "auto_delete": False}),
        ("queue_delete", {"queue": "property.acme.inbox"}),
        ("queue_delete", {"queue": "property.zenith.inbox"}),
        ("queue_bind", {"queue": "property.acme.inbox", "exchange": "property.outbound", "routing_key": "#"}),
        ("queue_unbind", {"queue": "property.acme.inbox", "exchange": "property.outbound", "routing_key": "acme.#"}),
        ("exchange_declare", {"exchange": "mine", "type": "topic"}),
        ("exchange_delete", {"exchange": "property.acme"}),
        ("exchange_bind", {"destination": "property.acme", "source": "property.outbound", "routing_key": "#"}),
        ("exchange_bind", {"destination": "property.zenith", "source": "property.acme"}),
    ],
)
def test_it_declares_binds_and_deletes_nothing(acme: Connection, verb: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(AccessRefused):
        getattr(acme.channel(), verb)(**arguments)


def test_it_has_at_most_five_connections(broker: Any) -> None:
    opened: list[Connection] = []
    try:
        with pytest.raises(NotAllowed, match=r"connection limit \(5\) is reached"):
            for _ in range(100):
                connection = Connection(broker.company_uri("zenith"))
                connection.connect()
                opened.append(connection)
        assert len(opened) == 5
    finally:
        for connection in opened:
            connection.close()


def test_it_has_at_most_twenty_channels(broker: Any) -> None:
    with Connection(broker.company_uri("zenith")) as connection:
        connection.connect()
        opened = 0
        with pytest.raises(NotAllowed, match=r"channel limit|number of channels"):
            for _ in range(21):
                connection.channel().basic_qos(0, 1, False)
                opened += 1
        assert opened <= 20


def test_a_body_above_256_kib_is_refused(ours: Any, acme: Connection, until: Callable[..., Any]) -> None:
    """The broker's own default is 128 MB (T16)."""
    publish(acme, "property.acme", body=b"x" * 262_144)
    assert len(fetched(ours, "maintenance.property.acme", until).body) == 262_144
    with pytest.raises(PreconditionFailed, match="message size 262145 is larger than configured max size 262144"):
        publish(acme, "property.acme", body=b"x" * 262_145)


def test_a_full_intake_pushes_back_and_drops_nothing(broker: Any, ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "COMPANY_INTAKE_LENGTH", 2)
    topology.declare_company(ours.connection.client, "tiny")
    broker.add_company("tiny")
    confirmed = 0
    with (
        Connection(broker.company_uri("tiny"), transport_options={"confirm_publish": True}) as tiny,
        pytest.raises(MessageNacked),
    ):
        for _ in range(50):
            publish(tiny, "property.tiny")
            confirmed += 1
    assert ours.queue_declare("maintenance.property.tiny", passive=True).message_count == confirmed
