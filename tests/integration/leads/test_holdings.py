"""What hangs on a customer's record, counted for who judges whether two are one (X-322)."""

from __future__ import annotations

import pytest

from services.chassis import reports
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden
from services.leads.service import SERVICE
from tests.integration.leads.conftest import Estate
from tests.integration.leads.world import World, person

pytestmark = pytest.mark.integration


def held(world: World, uid: str, *roles: str, scope: str = "group") -> dict[tuple[str, str], int]:
    with SERVICE.reading(Actor.from_wire(person("cao.rui", *roles, scope=scope))) as work:
        rows = reports.run(work, "customer_holdings", {"uid": uid})["rows"]
    counted = [row["values"] for row in rows]
    return {(one["resource"], one["field"]): one["records"] for one in counted}


@pytest.mark.requirement("X-322")
def test_the_steward_is_told_how_many_there_are_also_of_what_they_may_not_open(estate: Estate, world: World) -> None:
    said = {"project_id": "P01", "source": "telephone", "is_invited": True, "topic": "budget"}
    lead = person("qian.jun", "site_sales_lead")
    for _ in range(2):
        world.do("register_call_entry", {"uid": estate.uid, "agent": "zhao.min", **said}, by=lead)
    estate.sign()
    brought = {"been_before": False, "has_called": False, "is_recommended": True, "referrer_uid": estate.uid}
    world.do("register_visit_entry", {"uid": estate.customer("13900018000"), "project_id": "P01", **brought}, by=lead)
    found = held(world, estate.uid, "data_steward")
    named = [("call_entry", "uid"), ("contract", "uid"), ("home", "owner_uid"), ("visit_entry", "referrer_uid")]
    assert [found[one] for one in named] == [2, 1, 1, 1]
    assert not {("visit_entry", "uid"), ("home", "reserved_for")} & found.keys(), "each field is counted by itself"
    assert held(world, estate.uid, "data_steward", scope="project:P99") == {}, "a customer of another project"
    with pytest.raises(Forbidden):
        held(world, estate.uid, "sales_agent")
