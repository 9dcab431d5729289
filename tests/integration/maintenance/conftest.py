"""The maintenance service alone, with two homes, two property companies and one ended contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.maintenance.companies import Engagement, PropertyCompany
from services.maintenance.service import SERVICE
from tests.integration.live import Company, Live, know, running
from tests.integration.maintenance.world import World

HOME = "P01-1-101"
FOREIGN_HOME = "P02-1-101"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    before = SERVICE.now
    yield World(database_url)
    SERVICE.now = before
    SERVICE.close()


@pytest.fixture
def maintenance(database_url: str, broker: Any, tmp_path: Path) -> Iterator[Live]:
    with running("maintenance", database_url, broker, tmp_path / "live") as live:
        for project, home, owner in (("P01", HOME, "u1"), ("P02", FOREIGN_HOME, "u2")):
            know(live.url, "leads/project", project, company_id="C1", name=project, sales_closed_on=None)
            know(live.url, "leads/home", home, project_id=project, company_id="C1", owner_uid=owner)
        know(live.url, "leads/customer", "u1", name="王**", masked_phone="138****1234")
        _appoint(live.url, "acme", "P01")
        _appoint(live.url, "zenith", "P02")
        yield live


def _appoint(url: str, code: str, project: str) -> None:
    from datetime import date

    engine = sa.create_engine(url)
    common = {"created_at": datetime.now(UTC), "created_by": "test"}
    with Session(engine) as session:
        session.add(
            PropertyCompany(
                id=code, code=code, name=code, contract_from=date(2020, 1, 1), state="under_contract", **common
            )
        )
        session.add(
            Engagement(
                property_company=code,
                appointed_from=date(2020, 1, 1),
                project_id=project,
                company_id="C1",
                state="active",
                **common,
            )
        )
        session.commit()
    engine.dispose()


@pytest.fixture
def acme(broker: Any) -> Iterator[Company]:
    company = Company("acme", broker.company_uri("acme"))
    yield company
    company.close()


@pytest.fixture
def zenith(broker: Any) -> Iterator[Company]:
    company = Company("zenith", broker.company_uri("zenith"))
    yield company
    company.close()
