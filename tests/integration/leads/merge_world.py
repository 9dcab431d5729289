"""Merges as tests make them: proposed by a steward, confirmed by customer affairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.tables import Clock
from services.leads.service import SERVICE
from tests.integration.leads.world import World, person

STEWARD, OTHER_STEWARD = person("cao.rui", "data_steward"), person("he.jun", "data_steward")
AFFAIRS = person("zheng.jie", "customer_affairs")


@pytest.fixture
def both(database_url: str) -> Iterator[World]:
    opened = World(SERVICE, database_url)
    yield opened
    opened.close()


def propose(world: World, survivor: str, *merged: str, by: dict[str, Any] = STEWARD) -> dict[str, Any]:
    payload = {"survivor_uid": survivor, "merged_uids": list(merged), "reason": "同一人，身份证一致"}
    return world.do("propose_customer_merge", payload, by=by)


def merge(world: World, survivor: str, *merged: str) -> dict[str, Any]:
    made = propose(world, survivor, *merged)
    return world.do("approve_customer_merge", {"id": made["id"]}, by=AFFAIRS)


def uids(world: World, record: Any) -> list[str]:
    return [one.uid for one in world.all(record)]


def log(world: World, uid: str) -> str:
    said = {"uid": uid, "channel": "telephone", "direction": "outbound", "kind": "call", "project_id": "P01"}
    return str(world.do("log_interaction", {**said, "content": "回访"})["id"])


def running(world: World, name: str) -> list[str]:
    """The records that have this limit now."""
    with world.reading() as work:
        clocks = sa.select(Clock.record_id).where(Clock.name == name, Clock.stopped_at.is_(None))
        return sorted(work.session.scalars(clocks))
