"""Lists in bounded time: what is counted and how far, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import counting, views
from services.chassis.actors import Actor
from services.chassis.service import Service
from services.contracts.errors import NotFound
from services.contracts.roles import Role
from tests.example import MANAGER, do, person

pytestmark = pytest.mark.integration
READER = person("r", Role.MAINTENANCE_DESK, scope="group")


def search(service: Service, actor: dict[str, Any] = READER, **params: Any) -> dict[str, Any]:
    with service.reading(Actor.from_wire(actor)) as work:
        return views.search(work, "loan", {"tabs": True, **params})


@pytest.fixture
def loans(service: Service) -> list[dict[str, Any]]:
    """Five loans, of which the first two are lent."""
    made = [do(service, "request_loan", borrower="李梅" if n % 2 else "Li", deposit="10.00") for n in range(5)]
    return [do(service, "approve_loan", MANAGER, id=one["id"]) for one in made[:2]] + made[2:]


def test_counts_of_few_are_exact(service: Service, loans: list[dict[str, Any]]) -> None:
    every = search(service)
    assert (every["count"], every["capped"], every["tabs"]) == (5, False, {"requested": 3, "lent": 2})
    lent = search(service, filters={"state": "lent"})
    assert (lent["count"], len(lent["result"]), lent["tabs"]) == (2, 2, {"requested": 3, "lent": 2})


def test_counts_stop(service: Service, loans: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "COUNT_CAP", 3)
    monkeypatch.setattr(counting, "TAB_CAP", 2)
    every = search(service)
    assert (every["count"], every["capped"], every["tabs"]) == (3, True, {"requested": 2, "lent": 2})
    words = search(service, q="2026")
    assert (words["count"], words["capped"], sum(words["tabs"].values()), words["least"]) == (2, True, 3, 0)
    lent = search(service, filters={"state": "lent"}, q="2026")
    assert (lent["count"], lent["capped"]) == (2, False)


def test_what_words_find_is_counted_once_and_exactly(service: Service, loans: list[dict[str, Any]]) -> None:
    assert search(service, q="梅")["tabs"] == {"requested": 1, "lent": 1}
    assert search(service, q="梅", filters={"state": "lent"})["count"] == 1
    assert search(service, q="LI")["count"] == 3


def test_a_number_is_found_in_any_letters(service: Service, loans: list[dict[str, Any]]) -> None:
    number = loans[0]["number"]
    for said in (number, number.lower(), f" {number} "):
        assert [row["id"] for row in search(service, q=said)["result"]] == [loans[0]["id"]]
    assert search(service, q=number[:-1])["count"] == 5


def test_a_page_far_back_is_the_page_that_was_asked_for(
    service: Service, loans: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    near = search(service, page=2, page_size=2, order="number")["result"]
    monkeypatch.setattr(views, "FAR", 1)
    assert search(service, page=2, page_size=2, order="number")["result"] == near
    assert [row["number"] for row in near] == [loans[4]["number"]]


def test_the_statements_of_a_list_and_of_a_record(service: Service, loans: list[dict[str, Any]]) -> None:
    """The console itself adds two and one; the record is one that waits for a decision. One statement of the list asks
    whose masked fields are seen in full, which registers without any do not need."""
    statements: list[str] = []
    engine = service.database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    search(service, person("s", Role.MAINTENANCE_DESK, scope="project:P01"))
    assert len([one for one in statements if one.lstrip().startswith("SELECT")]) <= 5
    statements.clear()
    with service.reading(Actor.from_wire(READER)) as work:
        views.fetch(work, "loan", loans[3]["id"])
    with service.reading(Actor.from_wire(READER)) as work:
        views.history(work, "loan", loans[3]["id"])
    assert len([one for one in statements if one.lstrip().startswith("SELECT")]) <= 7, statements


def test_a_history_has_all_kinds_with_their_moments(service: Service, loans: list[dict[str, Any]]) -> None:
    with service.reading(Actor.from_wire(READER)) as work:
        told = views.history(work, "loan", loans[0]["id"])["result"]
    found = {(one["kind"], one["name"], one["detail"].get("step")) for one in told}
    assert {("audit", "request_loan", None), ("approval", "submitted", None), ("approval", "approved", None)} <= found
    assert {kind for kind, _, _ in found} >= {"audit", "approval", "clock"}
    for one in told:
        assert one["at"].endswith("Z"), one
        assert one["kind"] != "clock" or one["detail"]["due_at"].endswith("Z"), one


def test_the_history_of_what_one_may_not_see_is_not_there(service: Service, loans: list[dict[str, Any]]) -> None:
    stranger = person("s", Role.MAINTENANCE_DESK, scope="project:P09")
    for actor, id in ((stranger, loans[0]["id"]), (READER, "nope")):
        with service.reading(Actor.from_wire(actor)) as work, pytest.raises(NotFound):
            views.history(work, "loan", id)
