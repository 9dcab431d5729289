"""One command: once, by somebody who may, to a record that allows it, in one transaction."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import commands, counting, views
from services.chassis.actors import Actor
from services.chassis.service import Service
from services.chassis.tables import Audit, CommandReceipt, NumberSeries, Outgoing
from services.contracts.errors import (
    Conflict,
    DecidedAlready,
    Forbidden,
    IdempotencyConflict,
    IllegalMove,
    NotFound,
    StaleVersion,
    UnknownCommand,
    ValidationFailed,
)
from services.contracts.roles import Role
from tests.example import DESK, MANAGER, Loan, do, person, wait

pytestmark = pytest.mark.integration


def count(service: Service, table: Any) -> int:
    with service.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_same_command_id_is_answered_and_not_redone(service: Service) -> None:
    first = do(service, "request_loan", command_id="c-1", borrower="Li")
    again = do(service, "request_loan", command_id="c-1", borrower="Li")
    assert again["id"] == first["id"]
    assert count(service, Loan) == 1
    with pytest.raises(IdempotencyConflict):
        do(service, "request_loan", command_id="c-1", borrower="Wang")
    with pytest.raises(IdempotencyConflict):
        do(service, "request_loan", person("other", Role.MAINTENANCE_DESK), command_id="c-1", borrower="Li")


def test_the_same_command_twice_at_once_is_done_once_and_answered_twice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    if service.database.is_sqlite:
        return  # writers take turns before they look for the receipt
    answers: list[dict[str, Any]] = []

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(commands, "_split", split)
        answers.append(do(service, "request_loan", command_id="c-1", borrower="Li"))
        return split(*args)

    split = commands._split
    monkeypatch.setattr(commands, "_split", overtaken)
    answers.append(do(service, "request_loan", command_id="c-1", borrower="Li"))
    assert answers[0]["id"] == answers[1]["id"]
    assert count(service, Loan) == 1


def test_who_comes_second_with_the_same_command_is_answered_though_the_record_has_moved(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    if service.database.is_sqlite:
        return  # writers take turns before they look for the receipt
    loan = do(service, "request_loan", borrower="Li")
    answers: list[dict[str, Any]] = []

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(commands, "_split", split)
        answers.append(do(service, "approve_loan", MANAGER, command_id="c-1", id=loan["id"]))
        return split(*args)

    split = commands._split
    monkeypatch.setattr(commands, "_split", overtaken)
    answers.append(do(service, "approve_loan", MANAGER, command_id="c-1", id=loan["id"]))
    assert [one["state"] for one in answers] == ["lent", "lent"]
    with pytest.raises(DecidedAlready):
        do(service, "approve_loan", MANAGER, command_id="c-2", id=loan["id"])


def test_a_race_that_a_constraint_decides_is_told_as_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: Any, **__: Any) -> Any:
        raise sa.exc.IntegrityError("INSERT", {}, Exception("unique"))

    monkeypatch.setattr(commands, "carry_out", taken)
    with pytest.raises(Conflict) as refused:
        do(service, "request_loan", borrower="Li")
    assert refused.value.code == "changed_meanwhile"


def test_nothing_where_a_value_is_meant_is_refused(service: Service) -> None:
    administrator = person("a", Role.ADMINISTRATOR, scope="group")
    loan = do(service, "request_loan", borrower="Li")
    with pytest.raises(ValidationFailed) as refused:
        do(service, "approve_loan", MANAGER, id=loan["id"], comment=None)
    assert refused.value.params["errors"]["comment"][0]["code"] == "required"
    figure = {"parameter": "loan.step", "valid_from": "2026-03-02T02:00:00Z", "reason": "x"}
    do(service, "establish_parameter", administrator, value="876000", **figure)
    with pytest.raises(ValidationFailed) as refused:
        do(service, "establish_parameter", administrator, value="876001", **figure)
    assert refused.value.params["errors"]["value"] == [{"code": "number_range", "params": {"min": 0, "max": 876000}}]


def test_a_refused_command_keeps_nothing(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", deposit="10.00")
    do(service, "approve_loan", MANAGER, id=loan["id"])
    before = [count(service, table) for table in (Audit, Outgoing, CommandReceipt)]
    with pytest.raises(IllegalMove) as refused:
        do(service, "give_back_loan", id=loan["id"])
    assert refused.value.code == "deposit_open"
    assert [count(service, table) for table in (Audit, Outgoing, CommandReceipt)] == before


def test_every_fault_of_a_payload_is_told_at_once_with_its_field(service: Service) -> None:
    with pytest.raises(ValidationFailed) as refused:
        do(service, "request_loan", borrower="", phone="abc", deposit="x", colour="red")
    codes = {field: faults[0]["code"] for field, faults in refused.value.errors.items()}
    assert codes == {"borrower": "required", "phone": "pattern", "deposit": "invalid_money", "colour": "unknown_field"}


@pytest.mark.parametrize("payload", [None, [], "x", 7])
def test_a_payload_that_is_no_object_is_refused(service: Service, payload: Any) -> None:
    from services.chassis import commands

    with pytest.raises(ValidationFailed):
        commands.execute(service, "request_loan", payload, {"command_id": "x", "actor": DESK})
    with pytest.raises(ValidationFailed):
        commands.execute(service, "request_loan", {}, payload)


def test_unknown_names_are_named(service: Service) -> None:
    with pytest.raises(UnknownCommand):
        do(service, "drop_table_loan")
    with pytest.raises(NotFound):
        do(service, "settle_loan", id="nope", deposit="1")


def test_a_reason_is_kept_in_the_history_of_a_record_that_has_no_place_for_it(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li")
    do(service, "approve_loan", MANAGER, id=loan["id"])
    do(service, "pause_loan", id=loan["id"], reason="parts are awaited")
    with service.database.read() as session:
        entry = session.scalars(sa.select(Audit).where(Audit.command == "pause_loan")).one()
    assert (entry.to_state, entry.changes) == ("paused", {"reason": [None, "parts are awaited"]})


def test_a_stale_version_tells_what_changed_and_by_whom(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li", deposit="10.00")
    lent = do(service, "approve_loan", MANAGER, id=loan["id"])
    do(service, "settle_loan", id=loan["id"], deposit="3.00", version=lent["version"])
    with pytest.raises(StaleVersion) as stale:
        do(service, "settle_loan", id=loan["id"], deposit="0", version=lent["version"])
    assert stale.value.params["changes"] == {"deposit": ["10.00", "3.00"]}
    assert stale.value.params["by"] == ["Desk"]


def test_roles_and_scopes_hold_below_every_door(service: Service) -> None:
    with pytest.raises(Forbidden):
        do(service, "request_loan", person("x", Role.EMPLOYEE), borrower="Li")
    with pytest.raises(Forbidden) as outside:
        do(service, "request_loan", person("x", Role.MAINTENANCE_DESK, scope="project:P02"), borrower="Li")
    assert outside.value.code == "outside_scope"
    loan = do(service, "request_loan", borrower="Li")
    elsewhere = person("x", Role.MAINTENANCE_DESK, scope="project:P02")
    with pytest.raises(NotFound):
        do(service, "settle_loan", elsewhere, id=loan["id"], deposit="1")
    with service.reading(Actor.from_wire(elsewhere)) as work:
        nothing = {"count": 0, "capped": False, "result": [], "tabs": {}, "least": counting.TAB_CAP}
        assert views.search(work, "loan", {"tabs": True}) == nothing
        with pytest.raises(NotFound):
            views.fetch(work, "loan", loan["id"])
        with pytest.raises(NotFound):
            views.history(work, "loan", loan["id"])
        assert views.options(work, "loan", "") == {"result": []}


def test_nobody_claims_to_be_the_system(service: Service) -> None:
    with pytest.raises(Forbidden):
        do(service, "request_loan", {"user": "x", "roles": {"system": ["group"]}}, borrower="Li")


@pytest.mark.requirement("X-67")
def test_numbers_are_gapless_per_register_and_year_whatever_fails(service: Service) -> None:
    first = do(service, "request_loan", borrower="Li")
    with pytest.raises(Forbidden):
        do(service, "request_loan", person("x", Role.MAINTENANCE_DESK, scope="project:P09"), borrower="Li")
    second = do(service, "request_loan", borrower="Li")
    entry = do(service, "enter_entry", line="a")
    wait(service, days=365)
    third = do(service, "request_loan", borrower="Li")
    numbers = [one["number"] for one in (first, second, entry, third)]
    assert numbers == ["KL 2026-P01-000001", "KL 2026-P01-000002", "EN 2026-P01-000001", "KL 2027-P01-000001"]
    assert count(service, NumberSeries) == 3


@pytest.mark.parametrize(
    "params",
    [
        {"page": -1}, {"page": "1"}, {"page_size": 0}, {"page_size": 101}, {"page_size": True}, {"page": 10**9},
        {"order": "nope"}, {"order": 7}, {"filters": {"nope": 1}}, {"filters": []}, {"q": "a\x00"}, {"q": "a" * 101},
        {"filters": {"created_at": {"since": 1}}}, {"filters": {"created_at": "yesterday"}},
        {"filters": {"borrower": {}}}, [], "x",
    ],
)  # fmt: skip
def test_bad_queries_are_refused_with_the_field(service: Service, params: Any) -> None:
    with service.reading(Actor.from_wire(DESK)) as work, pytest.raises(ValidationFailed):
        views.search(work, "loan", params)


def test_search_filters_orders_pages_and_counts(service: Service) -> None:
    for name in ("b", "a", "c"):
        do(service, "request_loan", borrower=name)
        wait(service, hours=1)
    with service.reading(Actor.from_wire(DESK)) as work:
        page = views.search(work, "loan", {"order": "borrower", "page_size": 2, "page": 1, "tabs": True})
        assert [row["borrower"] for row in page["result"]] == ["c"]
        assert (page["count"], page["tabs"]) == (3, {"requested": 3})
        since = {"filters": {"created_at": {"from": "2026-03-02T02:00:00Z"}, "state": ["requested"]}}
        assert views.search(work, "loan", since)["count"] == 2
        assert views.search(work, "loan", {"q": "KL 2026", "filters": {"borrower": ["a", "b"]}})["count"] == 2
        assert views.search(work, "loan", {"q": "%"})["count"] == 0
