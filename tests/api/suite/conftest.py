"""The ways to the services that the suite runs over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from admin.doubles import FakeServices
from admin.rpc import Services
from tests.api.catalogue import CATALOGUES
from tests.api.node import ServiceProcess, until


@pytest.fixture(scope="module")
def over_the_wire(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The real client, a real broker, and a Nameko service that holds the double."""
    node = request.getfixturevalue("node")
    process = ServiceProcess(node.uri, "maintenance", tmp_path_factory.mktemp("wire") / "journal", "fake")
    client = Services(node.uri, rest=0.2)
    until(lambda: not isinstance(client.gather([("health", "maintenance")])[0], Exception))
    yield client
    client.close()
    process.stop()


@pytest.fixture(params=["double", "wire"])
def services(request: pytest.FixtureRequest) -> Any:
    """Each way in turn."""
    return request.getfixturevalue("over_the_wire") if request.param == "wire" else FakeServices(CATALOGUES)


def _actor(user: str, *roles: str) -> dict[str, Any]:
    return {"user": user, "name": user.title(), "roles": {role: ["group"] for role in roles}}


@pytest.fixture
def desk() -> dict[str, Any]:
    return _actor("desk", "maintenance_desk")


@pytest.fixture
def lead() -> dict[str, Any]:
    return _actor("lead", "maintenance_lead")


@pytest.fixture
def stranger() -> dict[str, Any]:
    return _actor("stranger", "sales_agent")
