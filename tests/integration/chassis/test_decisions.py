"""Who decides: never what they submitted, once, by the matrix, and a deputy for who is absent (X-43 to X-45)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import views
from services.chassis.actors import Actor
from services.chassis.approvals import Approval
from services.chassis.service import Service
from services.contracts.errors import (
    DecidedAlready,
    Forbidden,
    NotFound,
    OwnSubmission,
    ValidationFailed,
)
from services.contracts.roles import Role
from tests.example import MANAGER, do, person, wait

pytestmark = pytest.mark.integration


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
