"""Messages that come in one batch and are written together: each has the effect that it has by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from services.chassis import inbox
from services.chassis.duties import Alert
from services.chassis.inbox import Delivery
from services.chassis.parking import ParkedMessage
from services.chassis.tables import Audit, NumberSeries, Outgoing, Replica
from services.chassis.wire import CONTENT_TYPE, to_json
from services.maintenance.work_orders import WorkOrder
from tests.integration.maintenance.world import HOME, LEAD, MOMENT, OTHER_HOME, START, World

pytestmark = pytest.mark.integration


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    opened = World(database_url)
    opened.do("register_property_company", LEAD, code="zenith", name="Zenith", contract_from="2026-01-01")
    opened.do("appoint_engagement", LEAD, property_company="zenith", project_id="P01", appointed_from="2026-01-01")
    with opened.service.database.write() as session:
        for number in range(20):
            home = {"company_id": "C1", "project_id": "P01", "owner_uid": f"u{number}"}
            session.add(Replica(resource="leads/home", key=f"P01-2-{number}", version=1, data=home, at=START))
    yield opened
    opened.service.close()


def sent(name: str, message_id: str, company: str = "acme", **data: Any) -> Delivery:
    head = {"specversion": "1.0", "id": message_id, "source": f"/property/{company}", "type": name, "time": MOMENT}
    body = {**head, "subject": str(data.get("source_ref") or data.get("order_id")), "data": data}
    return Delivery(to_json(body).encode(), CONTENT_TYPE, "utf-8", {}, company)


def report(ref: str, home: str = HOME, company: str = "acme", **more: Any) -> Delivery:
    told = {"source_ref": ref, "home_id": home, "reporter": "王", "repair_class": "equipment", "description": "泵响"}
    return sent("repair_reported", f"m-{company}-{ref}-{home}", company, **{**told, "reported_at": MOMENT, **more})


def orders(world: World) -> list[WorkOrder]:
    with world.service.database.read() as session:
        return list(session.scalars(sa.select(WorkOrder).order_by(WorkOrder.number)))


def every(world: World, table: Any, *conditions: Any) -> list[Any]:
    with world.service.database.read() as session:
        return list(session.scalars(sa.select(table).where(*conditions)))


def homes(count: int) -> list[Delivery]:
    return [report(f"R{number}", f"P01-2-{number}") for number in range(count)]


def test_a_batch_is_written_with_a_handful_of_statements(world: World) -> None:
    statements: list[str] = []
    engine = world.service.database.engine
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, text, *_: statements.append(text))
    inbox.take(world.service, homes(20))
    assert len(orders(world)) == 20
    assert len(statements) < 50  # by itself each message needs 16


@pytest.mark.requirement("X-67")
def test_numbers_of_a_batch_have_no_gap_and_the_series_goes_on(world: World) -> None:
    inbox.take(world.service, homes(5))
    by_hand = world.report(home_id=OTHER_HOME)
    assert [order.number[-6:] for order in orders(world)] == [f"{number:06d}" for number in range(1, 7)]
    assert by_hand["number"].endswith("000006")
    assert [one.last for one in every(world, NumberSeries, NumberSeries.register == "WO")] == [6]


@pytest.mark.requirement("M-35")
def test_the_second_report_of_a_home_in_a_batch_is_a_repeat(world: World) -> None:
    inbox.take(world.service, [*homes(3), report("A"), report("B"), report("C", OTHER_HOME)])
    by_ref = {order.source_ref: order for order in orders(world)}
    assert by_ref["A"].repair_class == "equipment"
    assert (by_ref["B"].repair_class, by_ref["B"].repeats) == ("repeat_repair", [by_ref["A"].id])
    assert by_ref["C"].repair_class == "equipment"
    assert [alert.record_id for alert in every(world, Alert)] == [by_ref["B"].id]
    assert every(world, ParkedMessage) == []


def test_a_companys_own_number_makes_one_order_in_a_batch_too(world: World) -> None:
    again = report("R1", OTHER_HOME)
    inbox.take(world.service, [*homes(4), again, report("R1", OTHER_HOME, "zenith")])
    assert sorted((one.reported_by_company, one.source_ref) for one in orders(world)) == [
        *(("acme", f"R{number}") for number in range(4)),
        ("zenith", "R1"),
    ]
    assert every(world, ParkedMessage) == []


def test_audit_entries_name_the_company_that_sent_each_message(world: World) -> None:
    inbox.take(world.service, [report("A", "P01-2-1", "zenith"), report("B", "P01-2-2"), report("C", "P01-2-3")])
    made = {order.id: order.source_ref for order in orders(world)}
    entries = every(world, Audit, Audit.resource == "work_order")
    assert {made[one.record_id]: (one.user, one.command) for one in entries} == {
        "A": ("company:zenith", "report_work_order"),
        "B": ("company:acme", "report_work_order"),
        "C": ("company:acme", "report_work_order"),
    }
    assert len({one.correlation_id for one in entries}) == 3
    told = {one.record_id: one.body for one in every(world, Outgoing, Outgoing.name == "work_order_created")}
    assert all(one.correlation_id in told[one.record_id] for one in entries)


def test_moves_of_one_order_in_a_batch_are_audited_each_with_its_version(world: World) -> None:
    order_id = world.put("dispatched")
    accepted = {"order_id": order_id, "technician": "李", "appointment": MOMENT}
    batch = [
        report("A", "P01-2-1"),
        sent("repair_accepted", "m1", **accepted),
        sent("repair_arrived", "m2", order_id=order_id, arrived_at=MOMENT, technician="李"),
        sent("repair_started", "m3", order_id=order_id),
        report("B", "P01-2-2"),
    ]
    inbox.take(world.service, batch)
    entries = every(world, Audit, Audit.record_id == order_id, Audit.command != "report_work_order")
    assert [(one.from_state, one.to_state, one.version) for one in entries] == [
        ("dispatched", "accepted", 2),
        ("accepted", "on_site", 3),
        ("on_site", "repairing", 4),
    ]
    assert [order.source_ref for order in orders(world) if order.source_ref] == ["A", "B"]


def test_a_refused_message_is_answered_and_the_others_of_its_batch_take_effect(world: World) -> None:
    batch = [*homes(3), report("X", "P09-1"), report("Y", reported_at="tomorrow"), report("Z")]
    inbox.take(world.service, batch)
    assert [order.source_ref for order in orders(world)] == ["R0", "R1", "R2", "Z"]
    kept = every(world, ParkedMessage)
    assert {(one.state, one.reason) for one in kept} == {
        ("rejected", "unknown_reference"),
        ("rejected", "field_invalid"),
    }
    assert len(every(world, Outgoing, Outgoing.name == "message_rejected")) == 2


def test_a_fault_in_a_batch_undoes_nothing_of_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.maintenance.work_orders import intake

    detect = intake._detect_repeat

    def failing(order: WorkOrder, work: Any) -> None:
        if order.source_ref == "R2":
            work.next_number("WO", "P01")
            raise RuntimeError("boom")
        detect(order, work)

    monkeypatch.setattr(intake, "_detect_repeat", failing)
    inbox.take(world.service, homes(5))
    found = orders(world)
    assert [order.source_ref for order in found] == ["R0", "R1", "R3", "R4"]
    assert [order.number[-6:] for order in found] == ["000001", "000002", "000003", "000004"]
    assert [one.state for one in every(world, ParkedMessage)] == ["retrying"]
    assert len(every(world, Audit, Audit.resource == "work_order")) == 4
    assert len(every(world, Outgoing, Outgoing.name == "work_order_created")) == 4
