"""One world for all tests of a module, each with customers of its own; on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from services.leads.customers import Customer
from services.leads.portraits.conflicts import TagConflict
from services.leads.portraits.statements import CustomerTag
from services.leads.service import SERVICE
from tests.integration.leads.world import START, World, person

AGENT = person("zhao.min", "sales_agent", scope="project:P01")
LEAD = person("qian.jun", "site_sales_lead", scope="project:P01")
MARKETING = person("zhou.yan", "marketing", scope="company:C01")
AFFAIRS = person("zheng.jie", "customer_affairs", scope="company:C01")
STEWARD = person("cao.rui", "data_steward")
BASE = {"region": "余杭", "age": "25–34岁", "family_structure": "三口之家", "purchase_budget": "300"}
_PHONES = itertools.count(13_800_000_000)


class Portraits(World):
    """The world of the portraits."""

    def customer(self, project_id: str = "P01", **more: Any) -> str:
        told = {"kind": "person", "name": "王芳", "phone": str(next(_PHONES)), "project_id": project_id, **more}
        return str(self.do("register_customer", told, by=self.everybody | {"user": AGENT["user"]})["id"])

    def note(self, uid: str, *, self_declared: bool = False, by: dict[str, Any] = AGENT, **tags: str) -> str:
        """Say something of a customer; the id of the last statement."""
        for tag, value in tags.items():
            said = {"uid": uid, "tag": tag, "value": value, "is_self_declared": self_declared}
            made = self.do("note_customer_tag", said, by=by)
        return str(made["id"])

    def screen(self, uid: str, **tags: str) -> None:
        for tag, value in tags.items():
            self.do("screen_customer_tag", {"uid": uid, "tag": tag, "value": value}, by=MARKETING)

    def held(self, uid: str) -> dict[str, Any]:
        """The tags that hold."""
        return self.get(Customer, uid).tags or {}

    def statements(self, uid: str) -> list[Any]:
        return self.all(CustomerTag, CustomerTag.uid == uid)

    def conflicts(self, uid: str) -> list[Any]:
        return self.all(TagConflict, TagConflict.uid == uid)

    def refused(self, command: str, payload: dict[str, Any], by: dict[str, Any]) -> dict[str, str]:
        """The code for each field for which a command is refused."""
        with pytest.raises(ValidationFailed) as refusal:
            self.do(command, payload, by=by)
        return {field: found[0]["code"] for field, found in refusal.value.errors.items()}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, empty_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portraits]:
    if request.param == "sqlite":
        server, url = None, f"sqlite:///{shutil.copy(empty_database, tmp_path_factory.mktemp('portraits'))}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.new_database()
    world = Portraits(SERVICE, url.replace("postgresql://", "postgresql+psycopg2://"))
    SERVICE.found()
    for code in ("P01", "P02", "P03"):
        world.do("set_up_project", {"code": code, "name": code, "company_id": "C01"})
    yield world
    world.close()
    if server is not None:
        server.drop_database(url)


@pytest.fixture
def world(opened: Portraits) -> Portraits:
    opened.now = START
    return opened


@pytest.fixture
def uid(world: Portraits) -> str:
    return world.customer()
