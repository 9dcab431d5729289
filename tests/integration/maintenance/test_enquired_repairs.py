"""A defect that came up in an enquiry, or that an employee heard of, becomes a work order (C-03, C-04, M-31)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.clocks import rows_of
from services.contracts.events.complaints import CustomerIssueReferred, RepairEnquired
from services.contracts.events.leads import HomeUpdated, ProjectUpdated
from services.maintenance.service import SERVICE
from services.maintenance.work_orders.order import WorkOrder, orders
from tests.integration.leads.world import START, World, delivery


@pytest.fixture
def told(tmp_path: Path) -> Iterator[World]:
    world = World(SERVICE, f"sqlite:///{tmp_path / 'maintenance.db'}")
    facts = {"building": "1", "unit": "1", "state": "handed_over", "owner_uid": "u1"}
    world.take(
        delivery(ProjectUpdated(project_id="P01", record_version=1, name="P01", company_id="C1")),
        delivery(HomeUpdated(home_id="H1", record_version=1, project_id="P01", company_id="C1", **facts)),
    )
    yield world
    world.close()


@pytest.mark.requirement("C-04")
def test_a_defect_that_somebody_asked_about_is_a_work_order_counted_from_the_question(told: World) -> None:
    told.now = START + timedelta(hours=5)
    said = {"description": "卫生间漏水", "urgency": "high", "reported_at": START}
    event = RepairEnquired(enquiry_id="e1", number="EQ 2026-P01-000001", uid="u1", home_id="H1", **said)
    told.take(delivery(event, message_id="m1"), delivery(event, message_id="m1"))
    (order,) = told.all(WorkOrder)
    assert (order.home_id, order.uid, order.urgency, order.source) == ("H1", "u1", "high", "customer")
    assert (order.source_ref, order.description) == ("EQ 2026-P01-000001", "卫生间漏水")
    with told.reading() as work:
        assert rows_of(work, orders, order.id)["on_site"].due_at == START + timedelta(hours=48)


@pytest.mark.requirement("C-03", "C-04")
def test_a_defect_that_an_employee_heard_of_is_a_work_order_counted_from_the_report(told: World) -> None:
    told.now = START + timedelta(hours=5)
    said = {"description": "卫生间漏水", "urgency": "high", "reported_at": START, "number": "IS 2026-P01-000001"}
    defect = CustomerIssueReferred(issue_id="i1", classification="repair", uid="u1", home_id="H1", **said)
    bought = CustomerIssueReferred(issue_id="i2", classification="purchase", uid="u1", **said)
    told.take(delivery(defect, message_id="m1"), delivery(defect, message_id="m1"), delivery(bought))
    (order,) = told.all(WorkOrder)
    assert (order.home_id, order.uid, order.urgency, order.source_ref) == ("H1", "u1", "high", "IS 2026-P01-000001")
    with told.reading() as work:
        assert rows_of(work, orders, order.id)["on_site"].due_at == START + timedelta(hours=48)
