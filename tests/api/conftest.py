"""One broker for the whole folder; services and clients per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.rpc import Services
from tests.api.node import Node, ServiceProcess, until


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A private RabbitMQ node."""
    running = Node(tmp_path_factory.mktemp("broker"))
    yield running
    running.stop()


@pytest.fixture
def maintenance(node: Node, tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service called `maintenance` that echoes, ready to answer."""
    process = ServiceProcess(node.uri, "maintenance", tmp_path / "journal")
    probe = Services(node.uri, deadline=1.0)
    until(lambda: not isinstance(probe.gather([("health", "maintenance")])[0], Exception))
    probe.close()
    yield process
    process.stop()


@pytest.fixture
def client(node: Node) -> Iterator[Services]:
    """The console's client, with its own deadline of 2 s and a short rest for services that were slow."""
    services = Services(node.uri, rest=0.5)
    yield services
    services.close()
