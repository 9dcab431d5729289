"""Membership with a project, homes and customers that leads has told of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.contracts.events.leads import CustomerUpdated, HandoverCompleted, HomeUpdated, ProjectUpdated
from services.membership.service import SERVICE
from tests.integration.leads.world import START, World, delivery, empty

HOME, UID = "P01-3-2-1201", "uid-1"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty(SERVICE, tmp_path_factory.mktemp("membership"))


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    opened = World(SERVICE, f"sqlite:///{shutil.copy(empty_database, tmp_path)}")
    tell(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One service for all tests of a module, once on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'membership.db'}"
    else:
        url = request.getfixturevalue("postgres").new_database().replace("postgresql://", "postgresql+psycopg2://")
    opened = World(SERVICE, url)
    tell(opened)
    yield opened
    opened.close()


def tell(world: World, *homes: str) -> None:
    """What leads told before: the project, the homes and the customers."""
    world.take(
        delivery(ProjectUpdated(project_id="P01", record_version=1, name="枫林苑", company_id="C01")),
        *(told_home(code) for code in homes or (HOME, "P01-3-2-1202", "P01-3-2-1203")),
        *(told_customer(uid) for uid in (UID, "uid-2", "uid-3")),
    )


def told_home(code: str, **more: Any) -> Any:
    home = {
        "home_id": code,
        "record_version": 1,
        "project_id": "P01",
        "company_id": "C01",
        "building": "3",
        "unit": "2",
    }
    return delivery(HomeUpdated(**{**home, "state": "handed_over", "owner_uid": UID, **more}))


def told_customer(uid: str) -> Any:
    return delivery(CustomerUpdated(uid=uid, record_version=1, name="王芳", lifecycle_stage="owner"))


def completed(home_id: str = HOME, uid: str = UID, **more: Any) -> HandoverCompleted:
    """The event of a handover at 00:30 of 16 March in Shanghai, which is still the 15th in UTC."""
    at = START.replace(day=15, hour=16, minute=30)
    return HandoverCompleted(home_id=home_id, uid=uid, project_id="P01", handover_id="h1", **{"at": at, **more})
