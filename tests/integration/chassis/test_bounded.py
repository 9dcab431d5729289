"""What a list reads does not grow with its register: the plans of its statements on a filled table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import counting, scan, views
from services.chassis.actors import Actor
from services.chassis.service import Service
from services.chassis.tables import Clock
from services.contracts.roles import Role
from tests.example import START, Loan, person

pytestmark = pytest.mark.integration
ROWS = 10_000
GROUP = person("g", Role.MAINTENANCE_DESK, scope="group")
COMPANY = person("c", Role.MAINTENANCE_DESK, scope="company:C1")
BOTH = {**COMPANY, "roles": {Role.MAINTENANCE_DESK: ["company:C1", "project:P02", "project:P07"]}}

#: What a page, the counts per state and the count of all may read, with something over.
MOST = 800

ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "everything": (GROUP, {}),
    "a company": (COMPANY, {}),
    "a company and projects": (BOTH, {}),
    "a state": (GROUP, {"filters": {"state": "returned"}}),
    "a state of a company": (COMPANY, {"filters": {"state": "returned"}}),
    "a project": (GROUP, {"filters": {"project_id": "P02"}}),
    "a column that leads an index": (GROUP, {"filters": {"borrower": "李梅"}}),
    "a column within a company": (COMPANY, {"filters": {"borrower": "李梅"}}),
    "a range": (GROUP, {"filters": {"deposit": {"from": "1.00", "to": "8999.00"}}}),
    "sorted": (GROUP, {"order": "borrower"}),
    "sorted the other way": (GROUP, {"order": "-borrower"}),
    "sorted by number": (GROUP, {"order": "-number"}),
}
WORDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a word of few": (GROUP, {"q": "泳池"}),
    "a word of a third": (GROUP, {"q": "渗水"}),
    "a word of a third in a company": (COMPANY, {"q": "渗水"}),
    "a word of a third, sorted": (GROUP, {"q": "渗水", "order": "-number"}),
    "one character": (GROUP, {"q": "泳"}),
    "a word of none": (GROUP, {"q": "车位"}),
    "the end of a number": (GROUP, {"q": "07321"}),
    "a telephone number": (GROUP, {"q": "13810000007"}),
}


def loan(number: int) -> dict[str, Any]:
    """Most are returned; every third borrower has one word, every thousandth another."""
    borrower = "游泳池" if number % 1_100 == 0 else "王渗水" if number % 3 == 0 else "李梅"
    return {
        "id": f"L{number}",
        "version": 1,
        "state": {0: "lent", 1: "paused"}.get(number % 100, "returned"),
        "company_id": f"C{number % 2}",
        "project_id": f"P0{number % 3}",
        "created_at": START + timedelta(minutes=number),
        "created_by": "x",
        "number": f"KL 2026-P01-{100_000 + number}",
        "borrower": borrower,
        "phone": f"138{10_000_000 + number}",
        "deposit": Decimal(number),
        "note": "",
    }


@pytest.fixture
def filled(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(counting, "COUNT_CAP", 100)
    monkeypatch.setattr(counting, "TAB_CAP", 10)
    with service.database.engine.begin() as connection:
        connection.execute(sa.insert(Loan), [loan(number) for number in range(ROWS)])
    if not service.database.is_sqlite:
        with service.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM (ANALYZE) loan"))
    return service


def statements(table: str, done: Callable[[], object]) -> list[tuple[str, Any]]:
    """What is asked of a table meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        done()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    return [one for one in asked if f"FROM {table}" in one[0]]


def rows_read(plan: dict[str, Any], table: str) -> int:
    """The rows of a table that a plan took into its hand, kept or not."""
    here = 0
    if plan.get("Relation Name") == table:
        removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        here = (plan["Actual Rows"] + sum(plan.get(name, 0) for name in removed)) * plan["Actual Loops"]
    return here + sum(rows_read(one, table) for one in plan.get("Plans", []))


def explained(service: Service, statement: str, parameters: Any) -> Any:
    """The steps of SQLite's plan, or the plan that PostgreSQL has carried out."""
    with service.database.engine.connect() as connection:
        if service.database.is_sqlite:
            told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return [line for *_, line in told]
        carried_out = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        (plan,) = carried_out.scalar_one()
        return plan["Plan"]


@pytest.mark.parametrize("name", [*ASKED, *WORDS])
def test_a_list_reads_a_bounded_number_of_rows(filled: Service, name: str) -> None:
    actor, params = (ASKED | WORDS)[name]

    def search() -> None:
        with filled.reading(Actor.from_wire(actor)) as work:
            views.search(work, "loan", {"tabs": True, **params})

    asked = statements("loan", search)
    assert len(asked) >= 2
    if filled.database.is_sqlite:
        for statement, parameters in asked if name in ASKED else []:
            told = explained(filled, statement, parameters)
            assert not [line for line in told if line.startswith("SCAN loan") and "USING" not in line], told
        return
    read = sum(rows_read(explained(filled, *one), "loan") for one in asked)
    assert read <= MOST, read


def test_the_look_at_what_is_due_does_not_grow_with_the_limits(service: Service) -> None:
    """Of those that were missed and never met, and of those that run for long, there are more every year."""
    missed = {"due_at": START - timedelta(days=9), "breached_at": START - timedelta(days=9), "warn_at": None}
    running = {"due_at": START + timedelta(days=9), "breached_at": None, "warn_at": START + timedelta(days=8)}
    rows = [
        {
            "resource": "loan",
            "record_id": f"L{number}",
            "name": "due",
            "limit_name": "x",
            "started_at": START - timedelta(days=10),
            **(missed if number % 2 else running),
        }
        for number in range(ROWS)
    ]
    with service.database.engine.begin() as connection:
        connection.execute(sa.insert(Clock), rows)
    if not service.database.is_sqlite:
        with service.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM (ANALYZE) clock"))
    asked = [one for one in statements("clock", lambda: scan.tick(service)) if "clock.warn_at" in one[0]]
    asked += [one for one in statements("clock", lambda: scan.tick(service)) if "clock.due_at <=" in one[0]]
    assert len(asked) >= 2
    for one in asked:
        told = explained(service, *one)
        if service.database.is_sqlite:
            assert [line for line in told if "ix_clock_due" in line or "ix_clock_near" in line], told
            assert not [line for line in told if "TEMP B-TREE" in line], told
        else:
            assert rows_read(told, "clock") <= 10, told


def test_each_row_is_counted_in_one_place(filled: Service) -> None:
    for actor in (COMPANY, BOTH):
        with filled.reading(Actor.from_wire(actor)) as work:
            few = views.search(work, "loan", {"tabs": True, "filters": {"borrower": "游泳池"}})
            condition = sa.and_(*views.seen(work, filled.resources["loan"]))
            there = sa.select(sa.func.count()).where(condition, sa.text("borrower = '游泳池'"))
            assert few["count"] == sum(few["tabs"].values()) == work.session.scalar(there)
            assert few["least"] > few["count"]


def test_what_is_found_among_too_many_is_said_to_be_more(filled: Service) -> None:
    with filled.reading(Actor.from_wire(GROUP)) as work:
        answer = views.search(work, "loan", {"tabs": True, "q": "渗水"})
    assert (answer["count"], answer["capped"], answer["least"]) == (counting.TAB_CAP, True, 0)
    assert len(answer["result"]) == 25
