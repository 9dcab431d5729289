"""Registers are append-only, in the database itself."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.service import Service
from services.contracts.errors import ValidationFailed
from tests.example import DESK, do

pytestmark = pytest.mark.integration


@pytest.mark.requirement("X-47")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE entry SET line = 'x'", "DELETE FROM entry", "UPDATE audit SET name = 'x'", "DELETE FROM audit"],
)
def test_the_database_refuses_to_change_an_entry(service: Service, statement: str) -> None:
    do(service, "enter_entry", line="a")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), service.database.write() as session:
        session.execute(sa.text(statement))
    with service.reading(Actor.from_wire(DESK)) as work:
        assert views.search(work, "entry", {})["result"][0]["line"] == "a"


@pytest.mark.requirement("X-47", "X-390")
def test_a_correction_is_a_new_entry_that_points_at_the_old_one(service: Service) -> None:
    first = do(service, "enter_entry", line="a", amount="1.00")
    second = do(service, "correct_entry", corrects_id=first["id"], correction_reason="typing error", line="b")
    assert (second["line"], second["amount"], second["number"]) == ("b", "1.00", "EN 2026-P01-000002")
    assert (second["corrects_id"], second["correction_reason"]) == (first["id"], "typing error")
    with service.reading(Actor.from_wire(DESK)) as work:
        assert views.search(work, "entry", {})["count"] == 2
        assert views.fetch(work, "entry", first["id"])["actions"] == []
    with pytest.raises(ValidationFailed) as refused:
        do(service, "correct_entry", corrects_id="nope", correction_reason="", line="b")
    assert "correction_reason" in refused.value.errors
    assert set(service.commands) & {"edit_entry", "delete_entry", "update_entry"} == set()
