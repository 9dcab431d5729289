"""The topology on the real broker: declared, compared, and a difference named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from amqp import Message
from amqp.exceptions import AccessRefused
from kombu import Connection

from deploy import broker_users, status
from services.chassis import topology

pytestmark = pytest.mark.integration


@pytest.fixture
def connection(broker: Any) -> Iterator[Connection]:
    with Connection(broker.uri) as open_one:
        yield open_one


def test_what_is_declared_compares_equal_and_can_be_declared_again(connection: Connection) -> None:
    whole = topology.topology(companies=["acme", "zenith"])
    assert topology.compare(connection, whole) == []
    topology.declare(connection, whole)


def test_a_difference_names_the_object_the_argument_and_both_values(connection: Connection) -> None:
    other = topology.topology(["leads"], reactions={})
    other["queues"][1]["arguments"]["x-delivery-limit"] = 3
    (difference,) = topology.compare(connection, other)
    assert "x-delivery-limit" in difference
    assert "leads.inbox" in difference
    assert "'3'" in difference
    assert "'1000000'" in difference
    with pytest.raises(topology.TopologyMismatch, match=r"leads\.inbox"):
        topology.declare(connection, other)


def test_comparing_creates_nothing(connection: Connection) -> None:
    wanted = topology.company_topology("not_there")
    for _ in range(2):
        assert topology.compare(connection, wanted) == [
            "exchange 'property.not_there' is missing",
            "queue 'maintenance.property.not_there' is missing",
            "queue 'property.not_there.inbox' is missing",
        ]


def test_a_company_is_added_while_the_broker_runs(broker: Any, connection: Connection) -> None:
    topology.declare_company(connection, "newcomer")
    broker.add_company("newcomer")
    with Connection(broker.company_uri("newcomer")) as theirs:
        theirs.connect()
        with pytest.raises(AccessRefused):
            theirs.channel().queue_declare("mine")
    assert topology.compare(connection, topology.company_topology("newcomer")) == []


def test_no_default_user_is_left(broker: Any) -> None:
    users = {line.split("\t")[0] for line in broker.ctl("list_users").splitlines()[1:]}
    assert "guest" not in users
    assert broker_users.SERVICE_USER in users
    with pytest.raises(AccessRefused), Connection(f"amqp://guest:guest@127.0.0.1:{broker.ports['amqp']}//") as guest:
        guest.connect()


def test_passwords_are_kept_for_their_owner_only(broker: Any) -> None:
    for path in (broker.home / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert (broker.folder / "definitions.json").stat().st_mode & 0o077 == 0


def test_dead_letters_are_counted_where_nobody_reads_them(broker: Any, connection: Connection) -> None:
    channel = connection.channel()
    channel.confirm_select()
    channel.queue_purge("leads.parked")
    assert "leads.parked" not in status.dead_letters(broker.uri)
    channel.basic_publish_confirm(Message(b"x"), exchange="", routing_key="leads.parked")
    assert status.dead_letters(broker.uri)["leads.parked"] == 1
    channel.queue_purge("leads.parked")
