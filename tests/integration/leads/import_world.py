"""A desk that imports customers from workbooks, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.chassis import imports
from services.chassis.imports import ImportBatch, ImportRow
from services.leads.customers import Customer
from services.leads.service import SERVICE
from tests.integration.leads.world import World, person
from tests.sheets import upload, workbook


class Office:
    """A steward of project P01 with workbooks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.steward = person("cao.rui", "data_steward", "customer_affairs")
        world.do("set_up_project", {"code": "P01", "name": "枫林苑", "company_id": "C01"})

    def hand_in(self, rows: Any, by: Any = None, **more: Any) -> ImportBatch:
        batch = self.world.do("upload_import_batch", upload(workbook(rows), **more), by=by or self.steward)
        self.work()
        return self.batch(batch["id"])

    def work(self) -> int:
        """Let the service do all that waits; how many parts that took."""
        parts = 0
        while imports.step(self.world.service):
            parts += 1
        return parts

    def do(self, verb: str, batch: Any, by: Any = None) -> ImportBatch:
        self.world.do(f"{verb}_import_batch", {"id": batch.id}, by=by or self.steward)
        self.work()
        return self.batch(batch.id)

    def batch(self, id: str) -> ImportBatch:
        found: ImportBatch = self.world.get(ImportBatch, id)
        return found

    def rows(self, batch: Any) -> list[ImportRow]:
        found = self.world.all(ImportRow, ImportRow.batch_id == batch.id)
        return sorted(found, key=lambda row: row.row_number)

    def states(self, batch: Any) -> list[str]:
        return [row.state for row in self.rows(batch)]

    def customer(self, phone: str, name: str, project_id: str = "P01", **more: Any) -> str:
        said = {"kind": "person", "name": name, "phone": phone, "project_id": project_id, **more}
        return str(self.world.do("register_customer", said)["id"])

    def reasons(self, batch: Any) -> list[Any]:
        return [[one["code"] for one in row.reasons] for row in self.rows(batch)]

    def customers(self) -> dict[str, str]:
        return {one.phone: one.name for one in self.world.all(Customer) if one.state == "registered"}


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    world = World(SERVICE, database_url)
    yield Office(world)
    world.close()
