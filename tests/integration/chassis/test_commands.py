"""One command: once, by somebody who may, to a record that allows it, in one transaction."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import commands, counting, views
from services.chassis.actors import Actor
from services.chassis.approvals import Approval
from services.chassis.service import Service
from services.chassis.tables import Audit, CommandReceipt, NumberSeries, Outgoing
from services.contracts.errors import (
    Conflict,
    DecidedAlready,
    Forbidden,
    IdempotencyConflict,
    IllegalMove,
    NotFound,
    OwnSubmission,
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


@pytest.mark.requirement("X-44", "X-43")
def test_nobody_decides_what_they_submitted_and_a_decision_is_made_once(service: Service) -> None:
    both = person("desk", Role.MAINTENANCE_DESK, Role.COMPANY_MANAGER)
    loan = do(service, "request_loan", both, borrower="Li")
    with pytest.raises(OwnSubmission):
        do(service, "approve_loan", both, id=loan["id"])
    with pytest.raises(Forbidden):
        do(service, "approve_loan", person("desk2", Role.MAINTENANCE_DESK), id=loan["id"])
    with pytest.raises(ValidationFailed) as empty:
        do(service, "refuse_loan", MANAGER, id=loan["id"], reason="  ")
    assert "reason" in empty.value.errors
    do(service, "approve_loan", MANAGER, id=loan["id"], comment="fine")
    with pytest.raises(DecidedAlready) as late:
        do(service, "refuse_loan", MANAGER, id=loan["id"], reason="no")
    assert late.value.params == {"by": "manager", "verdict": "approved"}
    with service.database.read() as session:
        approval = session.scalars(sa.select(Approval)).one()
        assert (approval.state, approval.decided_by, approval.reason) == ("approved", "manager", "fine")
        assert approval.snapshot == {"borrower": "Li", "deposit": None}
        assert len(approval.snapshot_hash) == 64


@pytest.mark.requirement("X-44")
def test_an_absent_approvers_deputy_decides_in_their_place_and_only_then(service: Service) -> None:
    deputy = person("deputy", Role.EMPLOYEE)
    loan = do(service, "request_loan", borrower="Li")
    with pytest.raises(NotFound):
        do(service, "approve_loan", person("deputy", Role.CLUB_OFFICER), id=loan["id"])
    with pytest.raises(Forbidden):
        do(service, "approve_loan", deputy, id=loan["id"])
    absence = {"role": "company_manager", "deputy": "deputy"}
    times = {"away_from": "2026-03-02T00:00:00Z", "away_until": "2026-03-03T00:00:00Z"}
    do(service, "announce_absence", MANAGER, **absence, **times)
    do(service, "approve_loan", deputy, id=loan["id"])
    with service.database.read() as session:
        approval = session.scalars(sa.select(Approval)).one()
        assert (approval.decided_by, approval.decided_for) == ("deputy", "manager")
    other = do(service, "request_loan", borrower="Wang")
    wait(service, days=1)
    with pytest.raises(Forbidden):
        do(service, "approve_loan", deputy, id=other["id"])


def test_a_deputy_reads_and_decides_only_where_the_absent_one_would(service: Service) -> None:
    here = do(service, "request_loan", borrower="Li")
    absence = {"role": "company_manager", "deputy": "deputy"}
    times = {"away_from": "2026-03-02T00:00:00Z", "away_until": "2026-03-03T00:00:00Z"}
    elsewhere = person("other", Role.COMPANY_MANAGER, scope="company:C2")
    do(service, "announce_absence", elsewhere, **absence, **times)
    deputy = person("deputy", Role.CLUB_OFFICER)

    def seen() -> list[str]:
        with service.reading(Actor.from_wire(deputy)) as work:
            return [row["record_id"] for row in views.search(work, "approval", {})["result"]]

    assert seen() == []
    with pytest.raises(NotFound):
        do(service, "approve_loan", deputy, id=here["id"])
    do(service, "announce_absence", MANAGER, **absence, **times)
    assert seen() == [here["id"]]
    do(service, "approve_loan", deputy, id=here["id"])
    other = do(service, "request_loan", borrower="Wang")
    do(service, "refuse_loan", MANAGER, id=other["id"], reason="no")
    assert seen() == [here["id"]], "what somebody else has decided is not a deputy's to read"


@pytest.mark.requirement("X-44")
def test_a_deputy_does_not_decide_what_the_absent_one_submitted(service: Service) -> None:
    both = person("both", Role.MAINTENANCE_DESK, Role.COMPANY_MANAGER)
    loan = do(service, "request_loan", both, borrower="Li")
    times = {"away_from": "2026-03-02T00:00:00Z", "away_until": "2026-03-03T00:00:00Z"}
    do(service, "announce_absence", both, role="company_manager", deputy="deputy", **times)
    with pytest.raises(Forbidden):
        do(service, "approve_loan", person("deputy", Role.EMPLOYEE), id=loan["id"])


@pytest.mark.requirement("X-45")
def test_the_matrix_decides_the_approver_by_amount_and_date(service: Service) -> None:
    administrator = person("admin", Role.ADMINISTRATOR, scope="group")
    rule = {"kind": "loan", "approver_role": "executive", "amount_from": "1000.00", "valid_from": "2026-03-03"}
    do(service, "add_authority_rule", administrator, **rule)

    def approver(**payload: Any) -> str:
        loan = do(service, "request_loan", borrower="Li", **payload)
        with service.database.read() as session:
            return session.scalars(sa.select(Approval.approver_role).where(Approval.record_id == loan["id"])).one()

    assert approver(deposit="1000.00") == "company_manager"
    wait(service, days=1)
    assert approver(deposit="999.99") == "company_manager"
    assert approver(deposit="1000.00") == "executive"
    assert approver() == "company_manager"


def test_of_many_approvers_at_once_exactly_one_decides(service: Service) -> None:
    loan = do(service, "request_loan", borrower="Li")
    outcomes: list[str] = []

    def decide(name: str, command: str, **payload: Any) -> None:
        try:
            do(service, command, person(name, Role.COMPANY_MANAGER), id=loan["id"], **payload)
            outcomes.append("decided")
        except DecidedAlready:
            outcomes.append("late")

    threads = [
        threading.Thread(target=decide, args=(f"m{n}", "approve_loan"))
        if n % 2
        else threading.Thread(target=decide, args=(f"m{n}", "refuse_loan"), kwargs={"reason": "no"})
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] + ["late"] * 5


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
