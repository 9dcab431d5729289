"""The services' declarations, imported once."""

from __future__ import annotations

import pytest

from deploy.documents import declared_services
from services.chassis.service import Service


@pytest.fixture(scope="session")
def services() -> list[Service]:
    """Every service that there is."""
    return declared_services()
