"""The repair part: asked of maintenance, and what maintenance tells of its orders (C-24, C-31, C-51, C-52, C-59)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events import Event
from services.contracts.events.maintenance import (
    RepairVisitOverdue,
    RepeatRepairDetected,
    WorkOrderCancelled,
    WorkOrderClosed,
    WorkOrderCreated,
    WorkOrderProgressed,
    WorkOrderVerified,
)
from tests.integration.complaints.world import HANDLER, HOUR, OPERATOR, SUPERVISOR, World

ORDER = {"order_id": "W1", "number": "WO 2026-P01-000001"}


def created(world: World, case_id: str | None, **facts: Any) -> Event:
    """The order that answers what was asked for last."""
    asked = [one["request"] for one in world.told("complaint_repair_requested") if one["case_id"] == case_id]
    given: dict[str, Any] = {
        **ORDER,
        "home_id": "H1",
        "project_id": "P01",
        "repair_class": "other",
        "source": "complaint",
        "case_id": case_id,
        "source_ref": asked[-1] if asked else None,
        "visit_due": world.now + 48 * HOUR,
    }
    return WorkOrderCreated(**{**given, **facts})


def progressed(world: World, case_id: str, state: str, **facts: Any) -> Event:
    return WorkOrderProgressed(**{**ORDER, "case_id": case_id, "to_state": state, "at": world.now, **facts})


@pytest.mark.requirement("C-51")
def test_the_repair_part_goes_to_maintenance_exactly_as_agreed(world: World) -> None:
    case = world.soon_to("agreed", draft_plan_case={"repair_part": "重做卫生间防水"})
    assert world.told("complaint_repair_requested") == []
    due = "2026-03-09T00:00:00Z"
    after = world.do("execute_case", HANDLER, id=case["id"], executor="qian", execute_by=due, steps=["返修", "补偿"])
    (told,) = world.told("complaint_repair_requested")
    assert (told["case_id"], told["number"], told["uid"], told["home_id"]) == (case["id"], case["number"], "U1", "H1")
    assert (told["description"], told["urgency"], told["due_at"]) == ("重做卫生间防水", "normal", due)
    assert [told["request"]] == after["repairs_asked"] == [f"{case['number']}/1"]
    assert after["executor"] == "qian"
    assert {(task.subject, task.assignee) for task in world.tasks(case["id"])} >= {("返修", "qian"), ("补偿", "qian")}


@pytest.mark.requirement("C-51")
def test_a_plan_without_a_repair_asks_for_none(world: World) -> None:
    world.soon_to("executing")
    assert world.told("complaint_repair_requested") == []


def test_a_repair_part_needs_a_home(world: World) -> None:
    case = world.to("analysed", register_case={"home_id": None, "project_id": "P01"})
    with pytest.raises(ValidationFailed) as homeless:
        world.do("draft_plan_case", HANDLER, id=case["id"], plan="x", repair_part="y")
    assert homeless.value.errors["repair_part"][0]["code"] == "home_needed"


@pytest.mark.requirement("C-51", "C-52")
def test_what_maintenance_tells_comes_back_onto_the_case(world: World) -> None:
    case_id = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})["id"]
    world.hear(created(world, case_id), message_id="m-1", times=2)
    world.hear(progressed(world, case_id, "reported"))
    world.later(HOUR)
    world.hear(progressed(world, case_id, "repairing"), message_id="m-2", times=2)
    (repair,) = world.found("case_repair", case_id=case_id)
    assert (repair["number"], repair["order_state"], repair["state"]) == (ORDER["number"], "repairing", "open")
    assert repair["visit_due"] == "2026-03-04T02:00:00Z"
    world.hear(progressed(world, case_id, "dispatched", at=world.now - HOUR / 2))
    assert world.show("case_repair", "W1")["order_state"] == "repairing"
    with pytest.raises(IllegalMove) as early:
        world.do("check_case", HANDLER, id=case_id, result="x", check_note="y")
    assert (early.value.code, early.value.params["numbers"]) == ("repair_open", ORDER["number"])

    world.later(HOUR)
    world.hear(WorkOrderVerified(**ORDER, case_id=case_id, result="不渗漏"), message_id="m-3", times=2)
    assert [task.assignee for task in world.tasks(case_id, "repairs_done")] == ["han"]
    world.hear(progressed(world, case_id, "verified"))
    world.hear(progressed(world, case_id, "repairing"))
    assert world.show("case_repair", "W1")["state"] == "open"
    world.hear(WorkOrderVerified(**ORDER, case_id=case_id, result="合格"))
    world.hear(WorkOrderClosed(**ORDER, home_id="H1", case_id=case_id, rating=5, cost="1200"))  # type: ignore[arg-type]
    world.hear(progressed(world, case_id, "closed"))
    repair = world.show("case_repair", "W1")
    assert (repair["state"], repair["order_state"], repair["verification"]) == ("closed", "closed", "合格")
    assert (repair["rating"], repair["cost"]) == (5, "1200.00")
    assert world.to("checked", case_id)["state"] == "checked"
    assert world.parked() == []


@pytest.mark.requirement("C-51", "C-52")
def test_a_repair_that_no_order_has_come_of_is_not_done(world: World) -> None:
    case = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})
    done = {"result": "x", "check_note": "y"}

    def refused() -> str:
        with pytest.raises(IllegalMove) as early:
            world.do("check_case", HANDLER, id=case["id"], **done)
        assert early.value.code == "repair_open"
        return str(early.value.params["numbers"])

    assert refused() == f"{case['number']}/1"
    world.hear(created(world, case["id"], order_id="W2", number="WO 2", source_ref="another"))
    assert refused() == f"WO 2, {case['number']}/1", "the desk's own order answers no request"
    world.hear(WorkOrderVerified(order_id="W2", number="WO 2", case_id=case["id"], result="合格"))
    world.hear(progressed(world, case["id"], "dispatched"))
    world.hear(created(world, case["id"]))
    assert refused() == ORDER["number"], "its beginning was heard after its progress"
    assert world.tasks(case["id"], "repairs_done") == []
    world.hear(WorkOrderVerified(**ORDER, case_id=case["id"], result="合格"))
    assert len(world.tasks(case["id"], "repairs_done")) == 1
    assert world.do("check_case", HANDLER, id=case["id"], **done)["state"] == "checked"


@pytest.mark.requirement("C-51", "C-56")
def test_a_case_is_not_closed_while_what_was_agreed_is_begun_again_or_still_owed(world: World) -> None:
    case = world.soon_to(
        "executing",
        draft_plan_case={"repair_part": "重做防水"},
        agree_case={"amount_agreed": "500"},
    )
    world.hear(created(world, case["id"]))
    world.hear(WorkOrderVerified(**ORDER, case_id=case["id"], result="合格"))
    case = world.to("cause_transferred", case["id"])
    world.hear(progressed(world, case["id"], "repairing"))
    closing = {"outcome": "settled", "closing_note": "x"}
    with pytest.raises(IllegalMove) as early:
        world.do("close_case", SUPERVISOR, id=case["id"], **closing)
    assert (early.value.code, early.value.params["numbers"]) == ("repair_open", ORDER["number"])
    world.hear(WorkOrderVerified(**ORDER, case_id=case["id"], result="合格"))
    late = world.do("propose_compensation", HANDLER, case_id=case["id"], basis="协议", amount="500", payee="王先生")
    with pytest.raises(IllegalMove) as unpaid:
        world.do("close_case", SUPERVISOR, id=case["id"], **closing)
    assert (unpaid.value.code, unpaid.value.params["numbers"]) == ("compensation_open", late["number"])
    world.do("withdraw_compensation", HANDLER, id=late["id"], reason="客户放弃")
    assert world.do("close_case", SUPERVISOR, id=case["id"], **closing)["state"] == "closed"


@pytest.mark.requirement("C-51")
def test_news_of_an_order_that_waited_are_shown_as_they_happened(world: World) -> None:
    case_id = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})["id"]
    begun, at = world.now, world.now + HOUR
    order = created(world, case_id)
    world.later(24 * HOUR)
    world.hear(order, at=begun)
    world.hear(progressed(world, case_id, "accepted", at=at), at=at)
    repair = world.show("case_repair", "W1")
    assert (repair["order_state"], repair["order_state_at"]) == ("accepted", "2026-03-02T03:00:00Z")


@pytest.mark.requirement("C-51")
def test_a_cancelled_order_leaves_the_case_to_its_executor(world: World) -> None:
    case_id = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})["id"]
    world.hear(created(world, case_id))
    world.hear(WorkOrderCancelled(**ORDER, case_id=case_id, reason="业主不同意"))
    repair = world.show("case_repair", "W1")
    assert (repair["state"], repair["cancelled_for"]) == ("cancelled", "业主不同意")
    assert world.case(case_id)["state"] == "executing"
    assert len(world.tasks(case_id, "repairs_done")) == 1
    world.to("checked", case_id)


@pytest.mark.requirement("C-24", "C-31")
def test_a_missed_visit_is_a_breach_of_the_case(world: World) -> None:
    case_id = world.soon_to("executing", draft_plan_case={"repair_part": "重做防水"})["id"]
    world.hear(created(world, case_id))
    late = RepairVisitOverdue(**ORDER, home_id="H1", case_id=case_id, hours=48, due_at=world.now)
    world.hear(late, message_id="m-1", times=2)
    case = world.case(case_id)
    assert (case["breaches"], case["level"], world.show("case_repair", "W1")["overdue_hours"]) == (1, 1, 48)
    second = RepairVisitOverdue(order_id="W2", number="WO 2", home_id="H1", case_id=case_id, hours=48, due_at=world.now)
    world.hear(second)
    case = world.case(case_id)
    assert (case["breaches"], case["level"], case["level_trigger"]) == (2, 2, "repeated_breach")
    assert [one["order_id"] for one in world.found("case_repair", case_id=case_id)] != []


@pytest.mark.requirement("C-31", "C-59")
def test_a_fault_that_comes_back(world: World) -> None:
    case_id = world.soon_to("executing")["id"]
    closed = world.placed("closed", closed_at=world.now)
    world.hear(created(world, case_id))
    world.hear(created(world, closed, order_id="W2", number="WO 2"))
    world.later(40 * 24 * HOUR)
    again = RepeatRepairDetected(order_id="W3", home_id="H1", repair_class="leakage", orders=["W3", "W1", "W2"])  # type: ignore[arg-type]
    world.hear(again, message_id="m-1", times=2)
    assert world.case(case_id)["breaches"] == 1
    assert world.tasks(closed, "repeat_fault")[0].role == "complaint_supervisor"
    assert world.do("reopen_case", OPERATOR, id=closed, reason="又漏了")["state"] == "reopened"


def test_what_concerns_no_case_of_ours_changes_nothing(world: World) -> None:
    world.hear(created(world, None))
    world.hear(WorkOrderProgressed(**ORDER, to_state="triaged", at=world.now))
    world.hear(RepeatRepairDetected(order_id="W3", home_id="H1", repair_class="leakage", orders=["W1"]))  # type: ignore[arg-type]
    assert world.found("case_repair") == []
    assert world.parked() == []


def test_an_order_whose_beginning_was_not_heard_is_linked_by_its_progress(world: World) -> None:
    case_id = world.placed("executing")
    world.hear(progressed(world, case_id, "dispatched"))
    assert world.show("case_repair", "W1")["order_state"] == "dispatched"


def test_an_order_that_names_no_case_of_ours_is_kept_for_the_operators(world: World) -> None:
    world.hear(created(world, "nobody"))
    (parked,) = world.parked()
    assert (parked.name, parked.state) == ("work_order_created", "retrying")


def test_an_ended_case_is_not_touched_by_late_news(world: World) -> None:
    case_id = world.placed("withdrawn")
    world.hear(created(world, case_id))
    world.hear(RepairVisitOverdue(**ORDER, home_id="H1", case_id=case_id, hours=48, due_at=world.now))
    assert world.case(case_id)["breaches"] == 0
    assert world.parked() == []
