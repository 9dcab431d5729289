"""Leads on an empty database, with a project, homes and customers where a test asks for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.leads.service import SERVICE
from tests.integration.leads.world import START, World, empty


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty(SERVICE, tmp_path_factory.mktemp("leads"))


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    opened = World(SERVICE, f"sqlite:///{shutil.copy(empty_database, tmp_path)}")
    yield opened
    opened.close()


@pytest.fixture
def floor(database_url: str) -> Iterator[World]:
    """The sales site of a project, on each database."""
    opened = World(SERVICE, database_url)
    opened.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One service for all tests of a module, once on each kind of database; none looks at another one's records."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'leads.db'}"
    else:
        url = request.getfixturevalue("postgres").new_database().replace("postgresql://", "postgresql+psycopg2://")
    opened = World(SERVICE, url)
    yield opened
    opened.close()


class Estate:
    """A project with one home and one buyer, brought as far as a test wants."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})
        self.home_id = self.home("P01-3-2-1201")
        self.uid = self.customer("13800138000", "王芳")

    def home(self, code: str, *, on_sale: bool = True) -> str:
        made = self.world.do("set_up_home", {"code": code, "project_id": "P01", "building": "3", "unit": "2"})
        if on_sale:
            self.world.do("open_sale_home", {"id": code, "opened_on": START.date(), "price": "2000000"})
        return str(made["id"])

    def customer(self, phone: str, name: str = "李雷") -> str:
        payload = {"kind": "person", "name": name, "phone": phone, "project_id": "P01"}
        return str(self.world.do("register_customer", payload)["id"])

    def sign(self, home_id: str | None = None, uid: str | None = None, **more: Any) -> dict[str, Any]:
        return self.world.do(
            "sign_contract",
            {
                "home_id": home_id or self.home_id,
                "uid": uid or self.uid,
                "amount": "2000000",
                "signed_on": START.date(),
                **more,
            },
        )

    def make_ready(self, home_id: str | None = None) -> None:
        home_id = home_id or self.home_id
        self.world.do("pass_acceptance_home", {"id": home_id})
        self.world.do("make_ready_home", {"id": home_id, "checklist": "QC-1"})

    def handover(self, upto: str = "booked", home_id: str | None = None) -> dict[str, Any]:
        """A handover that has come to a state on the way to its signature."""
        world, home_id = self.world, home_id or self.home_id
        window = {"window_from": START.date(), "window_to": START.date() + timedelta(days=60)}
        found = world.do("plan_handover", {"home_id": home_id, "batch": "2026-1", **window})
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("assessed", "assess_handover", {"assessment_ref": "RA-7"}),
            ("announced", "announce_handover", {"letters": "L-1"}),
            ("booked", "book_handover", {"slot": world.now + timedelta(hours=1)}),
            ("in_progress", "start_handover", {"safety_confirmed": True}),
            ("completed", "complete_handover", {"handover_sheet": "HS-1", "keys": 3}),
        ]
        for state, command, payload in steps:
            if found["state"] == upto:
                break
            found = world.do(command, {"id": found["id"], **payload})
            assert found["state"] == state
        return found


@pytest.fixture
def estate(world: World) -> Estate:
    return Estate(world)


@pytest.fixture
def sold(estate: Estate) -> Estate:
    """The estate with its home sold and ready for the handover."""
    estate.sign()
    estate.make_ready()
    return estate
