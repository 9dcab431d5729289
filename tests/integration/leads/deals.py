"""A sales floor for the tests of ownership: agents who take calls, receive visits and close, on any day of May 2026."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.chassis.calendars import ZONE
from services.leads.ownership.records import Protection, SplitDecision
from services.leads.service import SERVICE
from tests.integration.leads.world import World, person

LEAD = person("qian.jun", "site_sales_lead", scope="project:P01")
DIRECTOR = person("sun.li", "sales_director", scope="company:C01")
MANAGER = person("feng.hua", "company_manager", scope="company:C01")


def agent(user: str) -> dict[str, Any]:
    return person(user, "sales_agent", scope="project:P01")


def on(day: int, hour: int = 10, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


class Floor:
    """One project; customers and homes are made as they are asked for. What is late is written by the lead."""

    def __init__(self, world: World) -> None:
        self.world, self.made = world, 0
        world.now = on(1, 8)
        world.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})

    def customer(self) -> str:
        self.made += 1
        given = {"kind": "person", "name": f"客户{self.made}", "phone": f"138001{self.made:05}", "project_id": "P01"}
        return str(self.world.do("register_customer", given)["id"])

    def home(self) -> str:
        self.made += 1
        code = f"P01-{self.made}"
        self.world.do("set_up_home", {"code": code, "project_id": "P01", "building": "1", "unit": "1"})
        self.world.do("open_sale_home", {"id": code, "opened_on": "2026-01-01", "price": "2000000"})
        return code

    def call(self, uid: str, by: str, at: datetime | None = None) -> dict[str, Any]:
        said = {"uid": uid, "project_id": "P01", "source": "telephone", "is_invited": True, "at": at, "agent": by}
        return self.world.do("register_call_entry", _given(said), by=LEAD)

    def visit(
        self, uid: str, by: str, at: datetime | None = None, *, named: str | None = None, **more: Any
    ) -> dict[str, Any]:
        naming = {"named_agent": named, "how_named": "by_name" if named else None}
        deputy = by if named and named != by else None
        intake = {"been_before": False, "has_called": False, "is_recommended": False}
        said = {"uid": uid, "project_id": "P01", "at": at, "agent": by, "deputy": deputy, **naming, **intake, **more}
        return self.world.do("register_visit_entry", _given(said), by=LEAD)

    def reserve(self, uid: str, closer: str, at: datetime | None = None) -> dict[str, Any]:
        said = {"uid": uid, "home_id": self.home(), "deposit": "50000", "signed_at": at, "agent": closer}
        return self.world.do("sign_reservation", _given(said), by=LEAD if at else agent(closer))

    def protections(self, uid: str) -> dict[str, Protection]:
        """The latest of each agent."""
        return {one.agent: one for one in self.world.all(Protection, Protection.uid == uid)}

    def states(self, uid: str) -> dict[str, str]:
        return {user: one.state for user, one in self.protections(uid).items()}

    def split(self, deal_id: str) -> SplitDecision:
        """The decision that was made last; two may have been made at one instant."""
        found: list[SplitDecision] = self.world.all(SplitDecision, SplitDecision.deal_id == deal_id)
        return max(found, key=lambda one: one.number)

    def shares(self, deal_id: str) -> tuple[str, dict[Any, Any]]:
        decision = self.split(deal_id)
        return decision.rule_code, {one["agent"]: one["share"] for one in decision.shares}


def _given(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


@pytest.fixture
def floor(world: World) -> Floor:
    return Floor(world)


@pytest.fixture
def both(database_url: str) -> Iterator[Floor]:
    world = World(SERVICE, database_url)
    yield Floor(world)
    world.close()
