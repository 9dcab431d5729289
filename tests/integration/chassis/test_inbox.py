"""Messages: receipt and effect together, duplicates without effect, failures kept, retried in order, replayed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis import inbox, scan
from services.chassis.database import is_away
from services.chassis.inbox import Delivery
from services.chassis.parking import BACKOFF, ParkedMessage
from services.chassis.service import Service
from services.chassis.tables import Receipt, Replica
from services.chassis.work import Work
from services.contracts.roles import Role
from tests import example
from tests.example import Loan, do, person, wait

pytestmark = pytest.mark.integration
ADMINISTRATOR = person("admin", Role.ADMINISTRATOR, scope="group")


def cancelled(message_id: str, subject: str = "o1", reason: str = "r") -> Delivery:
    return told(
        "maintenance", "work_order_cancelled", message_id, subject, order_id=subject, number="WO 1", reason=reason
    )


def told(publisher: str, name: str, message_id: str, subject: str, **data: Any) -> Delivery:
    event = {
        "specversion": "1.0",
        "id": message_id,
        "source": f"/anju/{publisher}",
        "type": name,
        "time": "2026-03-02T01:00:00Z",
        "subject": subject,
        "data": data,
    }
    return Delivery(json.dumps(event).encode(), "application/cloudevents+json", "utf-8")


def states(service: Service) -> list[tuple[str, str]]:
    with service.database.read() as session:
        rows = session.scalars(sa.select(ParkedMessage).order_by(ParkedMessage.created_at, ParkedMessage.message_id))
        return [(row.message_id, row.state) for row in rows]


def borrowers(service: Service) -> list[str]:
    with service.database.read() as session:
        return sorted(session.scalars(sa.select(Loan.borrower)))


def test_a_message_takes_effect_once_in_one_batch_or_many(service: Service) -> None:
    inbox.take(service, [cancelled("m1", reason="a"), cancelled("m1", reason="a"), cancelled("m2", reason="b")])
    inbox.take(service, [cancelled("m1", reason="a"), cancelled("m2", reason="b")])
    assert borrowers(service) == ["a", "b"]
    with service.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 2


def test_the_same_id_from_another_source_is_another_message(service: Service) -> None:
    inbox.take(service, [cancelled("m1", reason="a")])
    foreign = json.loads(cancelled("m1", reason="b").body)
    foreign["source"] = "/anju/leads"
    inbox.take(service, [Delivery(json.dumps(foreign).encode(), "application/cloudevents+json")])
    assert borrowers(service) == ["a"], "an event counts only from the service that publishes it"
    assert states(service) == []


def test_the_same_id_with_other_content_is_kept_as_a_conflict(service: Service) -> None:
    inbox.take(service, [cancelled("m1", reason="a"), cancelled("m1", reason="b")])
    inbox.take(service, [cancelled("m1", reason="c")])
    assert borrowers(service) == ["a"]
    assert states(service) == [("m1", "conflict"), ("m1", "conflict")]


def test_a_bad_message_in_a_batch_harms_no_other(service: Service) -> None:
    example.FAULTS[:] = [RuntimeError("boom")] * 2  # among the others, and by itself
    inbox.take(
        service, [cancelled("m1", "o1", "a"), cancelled("m2", "o2", "b"), Delivery(b"{"), cancelled("m3", "o3", "c")]
    )
    assert borrowers(service) == ["b", "c"]
    assert sorted(state for _, state in states(service)) == ["rejected", "retrying"]


def test_a_failure_is_retried_with_growing_pauses_and_parked_after_the_last(service: Service) -> None:
    example.FAULTS[:] = [RuntimeError("boom")] * (len(BACKOFF) + 2)  # among the others, by itself, and again
    inbox.take(service, [cancelled("m1")])
    for seconds in BACKOFF:
        assert states(service) == [("m1", "retrying")]
        wait(service, seconds=seconds - 0.5)
        scan.tick(service)
        assert len(example.FAULTS) == len(BACKOFF) - BACKOFF.index(seconds)
        wait(service, seconds=0.5)
        scan.tick(service)
    assert states(service) == [("m1", "parked")]
    with service.database.read() as session:
        message = session.scalars(sa.select(ParkedMessage)).one()
        assert (message.problem, message.attempts) == ("RuntimeError", len(BACKOFF) + 1)


def test_later_events_of_the_same_aggregate_wait_behind_a_failure(service: Service) -> None:
    example.FAULTS[:] = [RuntimeError("boom")] * 2
    inbox.take(service, [cancelled("m1", "o1", "a")])
    inbox.take(service, [cancelled("m2", "o1", "b"), cancelled("m3", "o2", "c")])
    assert borrowers(service) == ["c"]
    assert states(service) == [("m1", "retrying"), ("m2", "waiting")]
    wait(service, seconds=1)
    scan.tick(service)
    scan.tick(service)
    assert borrowers(service) == ["a", "b", "c"]
    assert {state for _, state in states(service)} == {"applied"}


def test_later_events_of_the_same_batch_wait_behind_a_failure_too(service: Service) -> None:
    example.FAULTS[:] = [RuntimeError("boom")] * 2
    inbox.take(service, [cancelled("m1", "o1", "a"), cancelled("m2", "o1", "b"), cancelled("m3", "o2", "c")])
    assert borrowers(service) == ["c"]
    assert states(service) == [("m1", "retrying"), ("m2", "waiting")]


def test_what_is_given_up_lets_nothing_pass_that_still_stands_behind_another(service: Service) -> None:
    """Whatever is discarded or takes effect, the waiting message keeps its place behind the one that is retried."""
    example.FAULTS[:] = [RuntimeError("boom")] * 4
    inbox.take(service, [cancelled("m1", "o1", "a")])
    inbox.take(service, [cancelled("m2", "o1", "b"), cancelled("m3", "o1", "c")])
    with service.database.read() as session:
        second = session.scalars(sa.select(ParkedMessage.id).where(ParkedMessage.message_id == "m2")).one()
    do(service, "discard_parked_message", ADMINISTRATOR, id=second, note="not needed")
    scan.tick(service)
    assert states(service) == [("m1", "retrying"), ("m2", "discarded"), ("m3", "waiting")]


def park(service: Service) -> str:
    example.FAULTS[:] = [RuntimeError("boom")] * (len(BACKOFF) + 2)  # among the others, by itself, and again
    inbox.take(service, [cancelled("m1", "o1", "a")])
    inbox.take(service, [cancelled("m2", "o1", "b")])
    for seconds in BACKOFF:
        wait(service, seconds=seconds)
        scan.tick(service)
    with service.database.read() as session:
        return session.scalars(sa.select(ParkedMessage.id).where(ParkedMessage.state == "parked")).one()


@pytest.mark.requirement("X-408")
def test_a_parked_message_is_replayed_once_however_often_it_is_asked(service: Service) -> None:
    parked = park(service)
    do(service, "replay_parked_message", ADMINISTRATOR, command_id="r1", id=parked, note="mended")
    do(service, "replay_parked_message", ADMINISTRATOR, command_id="r1", id=parked, note="mended")
    for _ in range(3):
        scan.tick(service)
    assert borrowers(service) == ["a", "b"]
    assert states(service) == [("m1", "applied"), ("m2", "applied")]


def test_discarding_needs_a_note_and_lets_the_next_go_on(service: Service) -> None:
    from services.contracts.errors import ValidationFailed

    parked = park(service)
    with pytest.raises(ValidationFailed):
        do(service, "discard_parked_message", ADMINISTRATOR, id=parked, note=" ")
    do(service, "discard_parked_message", ADMINISTRATOR, id=parked, note="not needed")
    scan.tick(service)
    assert borrowers(service) == ["b"]
    assert states(service) == [("m1", "discarded"), ("m2", "applied")]


def test_a_statement_that_the_database_refuses_is_a_fault_of_its_message(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the driver calls it operational: held as "database away" it would be tried again for ever."""

    def asks_for_nonsense(work: Work, *_: Any) -> None:
        work.session.execute(sa.text("SELECT 1 FROM no_such_table"))

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "handle", asks_for_nonsense)
        inbox.take(service, [cancelled("m1", reason="a")])
    assert states(service) == [("m1", "retrying")]
    with pytest.raises(sa.exc.DBAPIError) as refused, service.database.read() as session:
        session.execute(sa.text("SELECT 1 FROM no_such_table"))
    assert not is_away(refused.value)


def test_a_statement_over_its_time_is_a_fault_of_what_was_asked_and_a_lost_server_is_not(service: Service) -> None:
    if service.database.is_sqlite:
        return
    with service.database.write() as session:
        with pytest.raises(sa.exc.OperationalError) as late:
            session.execute(sa.text("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)"))
        session.rollback()
    assert not is_away(late.value)
    with pytest.raises(sa.exc.DBAPIError) as lost, service.database.read() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert is_away(lost.value)


def test_a_database_fault_takes_nothing_and_loses_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise sa.exc.OperationalError("x", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "handle", away)
        with pytest.raises(sa.exc.OperationalError):
            inbox.take(service, [cancelled("m1")])
    inbox.take(service, [cancelled("m1", reason="a")])
    assert borrowers(service) == ["a"]


def test_receipts_are_kept_for_30_days(service: Service) -> None:
    inbox.take(service, [cancelled("m1", reason="a")])
    wait(service, days=30)
    scan.tick(service)
    inbox.take(service, [cancelled("m1", reason="a")])
    assert borrowers(service) == ["a"], "a replay within 30 days has no effect"
    wait(service, hours=2)
    scan.tick(service)
    with service.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 0


@pytest.mark.requirement("X-405")
def test_a_replica_ignores_older_news(service: Service) -> None:
    def home(message_id: str, version: int, unit: str) -> Delivery:
        return told(
            "leads", "home_updated", message_id, "H1", home_id="H1", record_version=version, project_id="P01",
            company_id="C1", building="1", unit=unit, state="ready",
        )  # fmt: skip

    inbox.take(service, [home("a", 2, "two"), home("b", 1, "one")])
    inbox.take(service, [home("c", 2, "two again")])
    with service.database.read() as session:
        replica = session.get_one(Replica, ("leads/home", "H1"))
        assert (replica.version, replica.data["unit"]) == (2, "two again")


def test_an_event_that_lacks_a_field_is_parked_and_not_lost(service: Service) -> None:
    inbox.take(service, [told("maintenance", "work_order_cancelled", "m1", "o1", order_id="o1", number="WO 1")])
    with service.database.read() as session:
        message = session.scalars(sa.select(ParkedMessage)).one()
        assert message.state == "retrying"
        assert "reason" in (message.problem or "")


def again(delivery: Delivery, times: int) -> Delivery:
    """The same as the broker gives it after so many deliveries that were not acknowledged."""
    return replace(delivery, headers={"x-delivery-count": times})


def test_what_was_interrupted_again_and_again_is_tried_on_its_own_in_its_order(service: Service) -> None:
    example.FAULTS[:] = []
    inbox.take(service, [again(cancelled(f"m{n}", f"o{n}", f"r{n}"), inbox.INTERRUPTED) for n in range(20)])
    wait(service, seconds=0.001)
    inbox.take(service, [again(cancelled("m20", "o3", "next of o3"), 1), again(cancelled("m21", "o21", "free"), 1)])
    assert borrowers(service) == ["free"]
    assert states(service)[3] == ("m3", "retrying")
    assert states(service)[-1] == ("m20", "waiting")
    scan.tick(service)
    scan.tick(service)
    with service.database.read() as session:
        order = list(session.scalars(sa.select(Loan.borrower).order_by(Loan.number)))
    assert order == ["free", *(f"r{n}" for n in range(20)), "next of o3"]
    assert {state for _, state in states(service)} == {"applied"}


def test_an_attempt_that_ends_the_process_has_counted_and_the_last_one_parks(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(*_: Any) -> None:
        raise PowerCut

    inbox.take(service, [again(cancelled("m1"), inbox.INTERRUPTED)])
    monkeypatch.setattr(inbox, "handle", cut)
    for seconds in (0, *BACKOFF):
        wait(service, seconds=seconds - 0.5)
        scan.tick(service)
        wait(service, seconds=0.5)
        with pytest.raises(PowerCut):
            scan.tick(service)
    assert states(service) == [("m1", "retrying")]
    wait(service, seconds=BACKOFF[-1])
    scan.tick(service)
    assert states(service) == [("m1", "parked")]
