"""A customer whose import was taken back is marked in every service's replica, and nobody begins anything with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis import catalogue
from services.chassis.actors import Actor
from services.contracts.errors import ValidationFailed
from services.contracts.events.leads import CustomerUpdated
from tests.integration.leads.world import World, delivery

pytestmark = pytest.mark.integration
UID = "uid-1"


@pytest.mark.requirement("L-02")
@pytest.mark.parametrize("name", ["complaints", "maintenance", "membership"])
def test_a_replica_that_was_withdrawn_is_nobodys_to_turn_to(name: str, tmp_path: Path) -> None:
    world = World(catalogue.service_named(name), f"sqlite:///{tmp_path / 'service.db'}")
    told = {"uid": UID, "name": "王芳", "lifecycle_stage": "registered"}
    world.take(delivery(CustomerUpdated(record_version=1, state="registered", **told)))
    with world.reading(Actor.from_wire(world.everybody)) as work:
        assert work.need_replica("leads/customer", UID, field="uid")["name"] == "王芳"
    world.take(delivery(CustomerUpdated(record_version=2, state="withdrawn", **told)))
    with world.reading(Actor.from_wire(world.everybody)) as work, pytest.raises(ValidationFailed) as refused:
        work.need_replica("leads/customer", UID, field="uid")
    assert refused.value.errors["uid"][0]["code"] == "withdrawn_reference"
    with world.reading() as work:
        assert work.need_replica("leads/customer", UID, field="uid")["state"] == "withdrawn", "what is told is heard"
    world.close()
