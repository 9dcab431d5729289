"""Limits: at, just before and just after their end; paused, escalated, told once; timers that were down catch up."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import clocks, scan
from services.chassis.actors import SYSTEM
from services.chassis.duties import Alert, Task
from services.chassis.service import Service
from services.chassis.tables import Clock, Pause
from services.chassis.work import Work
from services.contracts.roles import Role
from tests.example import DESK, MANAGER, Loan, do, loans, person, wait

pytestmark = pytest.mark.integration


@pytest.fixture
def lent(service: Service) -> dict[str, Any]:
    loan = do(service, "request_loan", borrower="Li")
    return do(service, "approve_loan", MANAGER, id=loan["id"])


def alerts(service: Service) -> list[tuple[str, str, int, str]]:
    with service.database.read() as session:
        rows = session.scalars(sa.select(Alert).where(Alert.rule.like("loan%")).order_by(Alert.created_at, Alert.rule))
        return [(row.rule, row.recipient_role, row.step, row.state) for row in rows]


def tasks(service: Service) -> list[tuple[str, str]]:
    with service.database.read() as session:
        found = sa.select(Task).where(Task.subject.like("loan%")).order_by(Task.created_at, Task.role)
        return [(row.role, row.state) for row in session.scalars(found)]


@pytest.mark.requirement("X-50", "X-49", "X-406")
def test_a_limit_is_breached_at_its_end_and_told_once(service: Service, lent: dict[str, Any]) -> None:
    wait(service, hours=7, minutes=59)
    scan.tick(service)
    assert alerts(service) == []
    wait(service, minutes=1)
    scan.tick(service)
    assert alerts(service) == [("loan_overdue_soon", "maintenance_desk", 0, "raised")]
    wait(service, hours=1, minutes=59)
    scan.tick(service)
    assert len(alerts(service)) == 1
    wait(service, minutes=1)
    for _ in range(3):
        scan.tick(service)
    assert [one[0] for one in alerts(service)] == ["loan_overdue_soon", "loan_overdue"]
    assert tasks(service) == [("maintenance_desk", "open"), ("maintenance_desk", "open")]


def test_meeting_the_limit_clears_its_alerts_and_drops_their_tasks(service: Service, lent: dict[str, Any]) -> None:
    wait(service, hours=10)
    scan.tick(service)
    returned = do(service, "give_back_loan", id=lent["id"])
    assert returned["clocks"][0]["stopped_at"] == "2026-03-02T11:00:00Z"
    assert {one[3] for one in alerts(service)} == {"cleared"}
    assert {state for _, state in tasks(service)} == {"dropped"}
    wait(service, days=3)
    assert scan.tick(service) == 0


@pytest.mark.requirement("X-50")
def test_the_ladder_goes_up_one_step_at_a_time_and_ends(service: Service, lent: dict[str, Any]) -> None:
    wait(service, hours=10)
    scan.tick(service)
    for expected in ("maintenance_desk", "maintenance_lead", "company_manager", "company_manager"):
        overdue = [one for one in alerts(service) if one[0] == "loan_overdue"]
        assert [one[1] for one in overdue] == [expected]
        wait(service, hours=1, minutes=59)
        scan.tick(service)
        assert [one[1] for one in alerts(service) if one[0] == "loan_overdue"] == [expected]
        wait(service, minutes=1)
        scan.tick(service)
    assert [role for role, _ in tasks(service)].count("company_manager") == 1


def test_a_service_that_was_down_over_the_limit_tells_it_when_it_is_back(
    service: Service, lent: dict[str, Any]
) -> None:
    wait(service, days=40)
    scan.tick(service)
    assert [one[0] for one in alerts(service)] == ["loan_overdue"]
    for _ in range(2):
        scan.tick(service)
    assert alerts(service)[0][1:3] == ("company_manager", 2), (
        "its ladder is counted from the limit, not from the noticing"
    )


def test_a_pause_moves_the_end_and_keeps_its_reason(service: Service, lent: dict[str, Any]) -> None:
    wait(service, hours=3)
    paused = do(service, "pause_loan", id=lent["id"], reason="parts")
    assert paused["clocks"][0]["paused"]
    wait(service, hours=30)
    assert scan.tick(service) == 0, "a paused limit is not breached"
    going = do(service, "go_on_loan", id=lent["id"])
    assert going["clocks"][0]["due_at"] == "2026-03-03T17:00:00Z"
    assert going["clocks"][0]["started_at"] == "2026-03-02T01:00:00Z"
    with service.database.read() as session:
        pause = session.scalars(sa.select(Pause)).one()
        assert pause.reason == "parts"
        assert (pause.ended_at - pause.started_at).total_seconds() == 30 * 3600  # type: ignore[operator]


def test_pauses_before_count_however_often_the_limit_is_measured(service: Service, lent: dict[str, Any]) -> None:
    for _ in range(2):
        do(service, "pause_loan", id=lent["id"], reason="parts")
        wait(service, hours=5)
        do(service, "go_on_loan", id=lent["id"])
    with service.begin(SYSTEM, command="test") as work:
        loan = work.get(Loan, lent["id"])
        (row,) = clocks.rows_of(work, loans, loan.id).values()
        due_at = row.due_at
        clocks._measure(work, loans.clocks[0], row, loan)
        assert row.due_at == due_at


def test_one_limit_whose_consequence_fails_holds_up_no_other(
    service: Service, lent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = do(service, "approve_loan", MANAGER, id=do(service, "request_loan", borrower="Wang")["id"])
    tell = scan._tell

    def fails_for_one(work: Work, rule: Any, record: Any, *args: Any) -> None:
        if record.id == lent["id"]:
            raise OverflowError
        tell(work, rule, record, *args)

    monkeypatch.setattr(scan, "_tell", fails_for_one)
    wait(service, hours=10)
    for _ in range(2):
        scan.tick(service)
    assert [one[0] for one in alerts(service)] == ["loan_overdue"]
    monkeypatch.setattr(scan, "_tell", tell)
    scan.tick(service)
    assert len(alerts(service)) == 1, "it is left alone for a while"
    wait(service, minutes=5)
    scan.tick(service)
    assert [one[0] for one in alerts(service)] == ["loan_overdue", "loan_overdue"]
    assert other["state"] == "lent"


def test_limits_that_fail_take_nobodys_place(
    service: Service, lent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(service, minutes=1)
    do(service, "approve_loan", MANAGER, id=do(service, "request_loan", borrower="Wang")["id"])
    tell = scan._tell

    def fails_for_the_first(work: Work, rule: Any, record: Any, *args: Any) -> None:
        if record.id == lent["id"]:
            raise OverflowError
        tell(work, rule, record, *args)

    monkeypatch.setattr(scan, "_tell", fails_for_the_first)
    monkeypatch.setattr(scan, "MOST", 1)
    wait(service, hours=10)
    for _ in range(2):
        scan.tick(service)
    assert [one[0] for one in alerts(service)] == ["loan_overdue"]


def test_a_figure_changed_in_the_console_counts_for_what_starts_after_it(service: Service) -> None:
    administrator = person("a", Role.ADMINISTRATOR, scope="group")
    change = {"parameter": "loan.length", "value": "4", "valid_from": "2026-03-02T02:00:00Z", "reason": "season"}
    do(service, "establish_parameter", administrator, **change)
    due = []
    for _ in range(2):
        loan = do(service, "request_loan", borrower="Li")
        due.append(do(service, "approve_loan", MANAGER, id=loan["id"])["clocks"][0]["due_at"])
        wait(service, hours=1)
    assert due == ["2026-03-02T11:00:00Z", "2026-03-02T06:00:00Z"]


def test_two_timers_at_once_tell_a_breach_once(service: Service, lent: dict[str, Any]) -> None:
    import threading

    wait(service, hours=10)
    threads = [threading.Thread(target=scan.tick, args=(service,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one[0] for one in alerts(service)].count("loan_overdue") == 1
    with service.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Clock.breached_at.is_not(None))) == 1


def test_acknowledging_does_not_end_an_alert(service: Service, lent: dict[str, Any]) -> None:
    wait(service, hours=10)
    scan.tick(service)
    with service.database.read() as session:
        alert_id = session.scalars(sa.select(Alert.id).where(Alert.rule == "loan_overdue")).one()
    done = do(service, "acknowledge_alert", DESK, id=alert_id)
    assert (done["state"], done["acknowledged_by"], done["cleared_at"]) == ("acknowledged", "desk", None)
