"""A sales site with its ring, its agents and who comes."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from services.chassis import reports
from services.chassis.actors import Actor
from services.contracts.roles import Role
from services.leads.rotation.roster import RotationSlot
from tests.integration.leads.world import START, World, person

LEAD = person("lead", Role.SITE_SALES_LEAD)
READY = dict.fromkeys(("dress", "props", "sales_control", "sales_facts", "data_changes"), True)
ANSWERS = {"been_before": False, "has_called": False, "is_recommended": False}
NUMBERS = itertools.count(1)


class Site:
    """A sales site with its ring; each test has a project and a day of its own."""

    def __init__(self, world: World, agents: list[str], *, ready: bool = True) -> None:
        self.world, self.agents, self.project = world, agents, f"P{next(NUMBERS):02d}"
        world.now = self.morning = START + timedelta(days=next(NUMBERS))
        world.do("set_up_project", {"code": self.project, "name": "枫林苑", "company_id": "C01"})
        opened = world.do("open_roster", {"project_id": self.project, "agents": agents}, by=LEAD)
        self.roster = str(opened["id"])
        for agent in agents if ready else []:
            self.declare(agent)

    def declare(self, agent: str, **open: bool) -> dict[str, Any]:
        payload = {"project_id": self.project, **READY, **open}
        return self.world.do("declare_readiness_check", payload, by=person(agent, Role.SALES_AGENT))

    def customer(self) -> str:
        payload = {"kind": "person", "name": "李雷", "phone": f"138{next(NUMBERS):08d}", "project_id": self.project}
        return str(self.world.do("register_customer", payload)["id"])

    def receive(self, named: str | None = None, *, by: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        naming = {"named_agent": named, "how_named": "by_name"} if named else {}
        who = {} if "uid" in more or "phone" in more else {"name": "李雷", "phone": f"139{next(NUMBERS):08d}"}
        return self.world.do(
            "receive_reception", {"project_id": self.project, **ANSWERS, **who, **naming, **more}, by=by
        )

    def finish(self, reception: dict[str, Any]) -> dict[str, Any]:
        return self.world.do("finish_reception", {"id": reception["id"], "summary": "看了两套三房"})

    def sell(self, uid: str, closer: str) -> None:
        """A home of the site to one of its customers."""
        code = f"{self.project}-1"
        self.world.do("set_up_home", {"code": code, "project_id": self.project, "building": "1", "unit": "1"})
        self.world.do("open_sale_home", {"id": code, "opened_on": self.morning.date(), "price": "2000000"})
        said = {"uid": uid, "home_id": code, "deposit": "50000"}
        self.world.do("sign_reservation", said, by=person(closer, Role.SALES_AGENT))

    def lead(self, command: str, agent: str, **more: Any) -> None:
        self.world.do(f"{command}_roster", {"id": self.roster, "agent": agent, **more}, by=LEAD)

    def slot(self, agent: str) -> RotationSlot:
        (slot,) = self.world.all(RotationSlot, RotationSlot.roster_id == self.roster, RotationSlot.agent == agent)
        return slot

    def states(self) -> dict[str, str]:
        slots = self.world.all(RotationSlot, RotationSlot.roster_id == self.roster)
        return {slot.agent: slot.state for slot in sorted(slots, key=lambda slot: slot.position)}

    def mine(self, record: type[Any], *conditions: Any) -> list[Any]:
        return self.world.all(record, record.project_id == self.project, *conditions)

    def report(self, name: str, *, by: dict[str, Any] = LEAD, **params: Any) -> list[dict[str, Any]]:
        with self.world.reading(Actor.from_wire(by)) as work:
            rows = reports.run(work, name, {"project_id": self.project, **params})["rows"]
        return [row["values"] for row in rows]


@pytest.fixture
def site(shared: World) -> Site:
    return Site(shared, ["a", "b", "c"])
