"""Registers are append-only, in the database itself."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.service import Service
from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role
from tests.example import DESK, Entry, do, person, wait

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


@pytest.mark.requirement("X-47")
def test_a_correction_is_a_new_entry_that_points_at_the_old_one(service: Service) -> None:
    first = do(service, "enter_entry", line="a", amount="1.00")
    wait(service, hours=1)
    corrector = person("corrector", Role.MAINTENANCE_DESK)
    said = {"corrects_id": first["id"], "correction_reason": "typing error", "line": "b"}
    second = do(service, "correct_entry", corrector, **said)
    assert (second["line"], second["amount"], second["number"]) == ("b", "1.00", "EN 2026-P01-000002")
    assert (second["corrects_id"], second["correction_reason"]) == (first["id"], "typing error")
    assert (second["created_by"], second["created_at"]) == ("corrector", "2026-03-02T02:00:00Z")
    with service.reading(Actor.from_wire(DESK)) as work:
        assert views.search(work, "entry", {})["count"] == 2
        original = views.fetch(work, "entry", first["id"])
    assert (original["result"], original["actions"]) == (first, [])
    with pytest.raises(ValidationFailed) as refused:
        do(service, "correct_entry", corrects_id="nope", correction_reason="", line="b")
    assert "correction_reason" in refused.value.errors
    assert set(service.commands) & {"edit_entry", "delete_entry", "update_entry"} == set()


@pytest.mark.requirement("X-47")
def test_an_entry_is_corrected_once_and_then_its_correction_is(service: Service) -> None:
    first = do(service, "enter_entry", line="a", amount="1.00")
    why = {"correction_reason": "typing error"}
    second = do(service, "correct_entry", corrects_id=first["id"], line="b", **why)
    with pytest.raises(ValidationFailed) as refused:
        do(service, "correct_entry", corrects_id=first["id"], line="c", **why)
    assert refused.value.errors == {"corrects_id": [{"code": "corrected_already", "params": {}}]}
    third = do(service, "correct_entry", corrects_id=second["id"], amount=None, **why)
    assert (third["line"], third["amount"]) == ("b", None), "nothing empties, what is left out stays"
    with pytest.raises(ValidationFailed) as refused:
        do(service, "correct_entry", corrects_id=third["id"], line=None, **why)
    assert refused.value.errors == {"line": [{"code": "required", "params": {}}]}
    with service.reading(Actor.from_wire(DESK)) as work:
        standing = views.search(work, "entry", {"filters": {"is_corrected": False}})["result"]
    assert [one["id"] for one in standing] == [third["id"]]
    doubled = "INSERT INTO entry SELECT {} FROM entry WHERE id = :id"
    names = [column.name for column in Entry.__table__.columns]
    copied = ", ".join({"id": "'another'", "number": "'EN 9'"}.get(name, name) for name in names)
    with pytest.raises(sa.exc.IntegrityError), service.database.write() as session:
        session.execute(sa.text(doubled.format(copied)), {"id": second["id"]})
