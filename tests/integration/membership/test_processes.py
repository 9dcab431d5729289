"""The registers of membership, row by row, with their limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.duties import Alert, Task
from services.contracts.errors import ValidationFailed
from services.contracts.events.complaints import ComplaintClosed
from services.contracts.events.leads import ContractSigned, CustomerRegistered
from services.contracts.events.maintenance import WorkOrderClosed
from services.contracts.events.membership import (
    CareSent,
    CustomerManagerAssigned,
    FollowUpCompleted,
    FollowUpIssueRaised,
    HighValueCustomerDesignated,
    HighValueCustomerRevoked,
    MemberJoined,
    MemberLeft,
)
from services.membership import care, withdrawals
from services.membership.care import CareTask, care_tasks
from services.membership.customer_managers import Household, households, roster
from services.membership.follow_ups import FollowUp, follow_ups
from services.membership.members import Member, members
from services.membership.profiles import Profile, profiles
from tests.integration.leads.world import START, World, delivery, refused_everywhere
from tests.integration.membership.conftest import HOME, UID, completed, told_home

TODAY = START.date()
SECOND = timedelta(seconds=1)
PLACE = {"project_id": "P01", "company_id": "C01"}
BASE: dict[Any, dict[str, Any]] = {
    members: {"number": "MB 1", "uid": UID, "invited_at": START, **PLACE},
    care_tasks: {"entry": "other", "uid": UID, "home_id": HOME, "due_on": TODAY, **PLACE},
    follow_ups: {
        "number": "FU 1",
        "theme": "other",
        "form": "telephone",
        "uid": UID,
        "home_id": HOME,
        "due_on": TODAY,
        "attempts": 0,
        **PLACE,
    },
    households: {"home_id": HOME, "uid": UID, **PLACE},
    roster: {"user": "he.min", **PLACE},
    profiles: {"uid": UID},
}
LEAVE = {"reason": "不再参加"}
ROWS: list[tuple[Any, str, str, Any, dict[str, Any]]] = [
    (members, "invited", "joined", "join_member", {"channel": "telephone"}),
    (members, "joined", "active", "activate_member", {}),
    (members, "active", "lapsed", "lapse_member", {"reason": "一年未参加"}),
    (members, "lapsed", "left", "leave_member", LEAVE),
    (members, "joined", "left", "leave_member", LEAVE),
    (members, "active", "left", "leave_member", LEAVE),
    (care_tasks, "planned", "due", care.fall_due, {}),
    (care_tasks, "due", "sent", "send_care_task", {"channel": "sms"}),
    (care_tasks, "due", "done", "finish_care_task", {"result": "已上门"}),
    (care_tasks, "due", "skipped", "skip_care_task", {"reason": "客户谢绝"}),
    (follow_ups, "scheduled", "in_progress", "begin_follow_up", {}),
    (follow_ups, "rescheduled", "in_progress", "begin_follow_up", {}),
    (follow_ups, "in_progress", "completed", "complete_follow_up", {"score": 5, "opinion": "满意"}),
    (follow_ups, "in_progress", "unreachable", "miss_follow_up", {"reason": "无人接听"}),
    (follow_ups, "unreachable", "rescheduled", "reschedule_follow_up", {"due_on": TODAY + timedelta(days=2)}),
    (follow_ups, "completed", "issue_raised", "raise_issue_follow_up", {"kind": "repair", "issue": "窗户漏风"}),
    *(
        (follow_ups, origin, "called_off", withdrawals.call_off, {})
        for origin in ("scheduled", "rescheduled", "in_progress", "unreachable")
    ),
    (households, "unassigned", "assigned", "assign_household", {"manager": "he.min"}),
    (roster, "on_roster", "off_roster", "remove_manager_roster", {"reason": "调岗"}),
    (profiles, "ordinary", "high_value", "designate_profile", {"reason": "千万级购房", "adviser": "he.min"}),
    (profiles, "high_value", "ordinary", "revoke_profile", {"reason": "已退订"}),
    (profiles, "ordinary", "withdrawn", withdrawals.withdraw, {}),
    (profiles, "high_value", "withdrawn", withdrawals.withdraw, {}),
]
OWN: dict[Any, dict[str, Any]] = {
    members: {"uid": lambda n: f"u{n}"},
    households: {"home_id": lambda n: f"H{n}"},
    roster: {"user": lambda n: f"m{n}"},
}


@pytest.mark.requirement("B-05", "B-63", "B-85")
@pytest.mark.parametrize("process", list(BASE), ids=lambda process: process.name)
def test_the_declarations_have_these_rows_and_no_other(process: Any) -> None:
    declared = {(origin, to) for _, froms, to in process.transitions for origin in froms}
    assert declared == {(origin, to) for of, origin, to, _, _ in ROWS if of is process}


@pytest.mark.requirement("B-05", "B-63", "B-85")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].name}-{row[1]}-{row[2]}")
def test_every_row_is_legal(world: World, row: tuple[Any, str, str, Any, dict[str, Any]]) -> None:
    process, origin, to, command, payload = row
    record = world.add(process, origin, **BASE[process])
    if isinstance(command, str):
        world.do(command, {"id": record.id, **payload})
    else:
        world.perform(command, record.id)
    after = world.get(process.record, record.id)
    assert after.state == to
    assert {name: getattr(after, name) for name in payload} == payload


@pytest.mark.requirement("B-05", "B-63", "B-85")
@pytest.mark.parametrize("process", list(BASE), ids=lambda process: process.name)
def test_every_other_pair_is_refused(world: World, process: Any) -> None:
    pairs = len(process.states) * len([move for move in process.moves.values() if move.kind != "create"])
    legal = sum(len(move.origin) for move in process.moves.values())
    assert refused_everywhere(world, process, **{**BASE[process], **OWN.get(process, {})}) == pairs - legal


@pytest.mark.requirement("B-05", "B-04")
def test_joining_and_leaving_are_told_and_a_member_who_left_may_be_invited_again(world: World) -> None:
    invited = world.do("invite_member", {"uid": UID, "project_id": "P01"})
    with pytest.raises(ValidationFailed) as taken:
        world.do("invite_member", {"uid": UID, "project_id": "P01"})
    assert taken.value.errors["uid"][0]["code"] == "taken"
    world.do("join_member", {"id": invited["id"], "channel": "mini_program"})
    joined = {"uid": UID, "member_number": invited["number"], "at": "2026-03-02T02:00:00Z"}
    assert world.told(MemberJoined) == [joined]
    world.do("leave_member", {"id": invited["id"], **LEAVE})
    assert world.told(MemberLeft) == [{"uid": UID, **LEAVE}]
    world.take(delivery(completed()))
    assert len(world.all(Member)) == 1  # a handover invites once per customer
    assert world.do("invite_member", {"uid": UID, "project_id": "P01"})["state"] == "invited"


@pytest.mark.requirement("B-80")
def test_the_manager_with_the_fewest_households_gets_the_next(world: World) -> None:
    for number, user in enumerate(("he.min", "ma.li")):
        world.now = START + timedelta(minutes=number)
        world.do("add_manager_roster", {"user": user, "project_id": "P01"})
    for number, code in enumerate((HOME, "P01-3-2-1202", "P01-3-2-1203")):
        world.take(delivery(completed(code, f"uid-{number + 1}")))
    assert [one["manager"] for one in world.told(CustomerManagerAssigned)] == ["he.min", "ma.li", "he.min"]
    with pytest.raises(ValidationFailed):
        world.do("add_manager_roster", {"user": "he.min", "project_id": "P01"})


@pytest.mark.requirement("B-80")
def test_the_managers_before_stay_in_the_history(world: World) -> None:
    world.do("add_manager_roster", {"user": "he.min", "project_id": "P01"})
    world.take(delivery(completed()))
    (household,) = world.all(Household)
    world.now += timedelta(days=1)
    with pytest.raises(ValidationFailed):
        world.do("reassign_household", {"id": household.id, "manager": "he.min", "reason": "调岗"})
    changed = world.do("reassign_household", {"id": household.id, "manager": "ma.li", "reason": "调岗"})
    past = {"manager": "he.min", "from": "2026-03-02T02:00:00Z", "until": "2026-03-03T02:00:00Z", "reason": "调岗"}
    assert (changed["manager"], changed["history"]) == ("ma.li", [past])
    assert [one["manager"] for one in world.told(CustomerManagerAssigned)] == ["he.min", "ma.li"]


@pytest.mark.requirement("B-85")
def test_the_decoration_guide_is_due_three_months_after_the_handover(world: World) -> None:
    world.do("add_manager_roster", {"user": "he.min", "project_id": "P01"})
    world.take(delivery(completed()))
    (task,) = world.all(CareTask)
    due_at = datetime(2026, 6, 16, 16, 0, tzinfo=UTC)  # 24:00 of 16 June in Shanghai
    world.at(due_at - SECOND)
    assert world.get(CareTask, task.id).state == "planned"
    world.at(due_at)
    assert world.get(CareTask, task.id).state == "due"
    assert [(one.subject, one.assignee) for one in world.all(Task)][-1] == ("care_due", "he.min")
    assert world.at(due_at + SECOND) == 0
    world.do("send_care_task", {"id": task.id, "channel": "mini_program"})
    (told,) = world.told(CareSent)
    assert (told["uid"], told["home_id"], told["entry"], told["channel"]) == (
        UID,
        HOME,
        "decoration_guide",
        "mini_program",
    )


@pytest.mark.requirement("X-58", "B-85")
def test_the_months_of_the_guide_are_data(world: World) -> None:
    command = next(name for name in world.service.commands if name.startswith("establish_"))
    world.do(command, {"parameter": "care.decoration_guide", "value": "6", "valid_from": START, "reason": "改期"})
    world.take(delivery(completed()))
    assert world.all(CareTask)[0].due_on == date(2026, 9, 16)


def _closed(**more: Any) -> ComplaintClosed:
    case = {"case_id": "case-1", "number": "C 1", "uid": UID, "project_id": "P01", "closing_note": "已解决"}
    return ComplaintClosed(**{**case, **more})


@pytest.mark.requirement("B-62", "B-61")
def test_what_is_followed_up_and_until_when(world: World) -> None:
    signed = ContractSigned(contract_id="ct", number="CT 1", home_id=HOME, uid="uid-2", amount=100)
    order = WorkOrderClosed(order_id="wo", number="WO 1", home_id=HOME)
    world.take(delivery(signed), delivery(_closed()), delivery(order), delivery(completed()))
    found = {one.theme: (one.uid, one.due_on, one.project_id) for one in world.all(FollowUp)}
    assert found == {
        "sales_service": ("uid-2", TODAY + timedelta(days=3), "P01"),
        "complaint": (UID, TODAY + timedelta(days=3), "P01"),
        "repair": (UID, TODAY + timedelta(days=3), "P01"),
        "handover": (UID, date(2026, 3, 23), "P01"),
    }


@pytest.mark.requirement("B-62", "B-61")
def test_a_call_is_due_so_many_days_after_what_happened_however_late_it_is_heard(world: World) -> None:
    signed = ContractSigned(contract_id="ct", number="CT 1", home_id=HOME, uid="uid-2", amount=100)
    before = START - timedelta(days=5)
    world.take(delivery(signed, at=before), delivery(_closed(), at=before), delivery(completed(at=before)))
    found = {one.theme: one.due_on for one in world.all(FollowUp)}
    late, soon = TODAY - timedelta(days=2), TODAY + timedelta(days=2)
    assert found == {"sales_service": late, "complaint": late, "handover": soon}


@pytest.mark.requirement("B-62")
def test_a_reopened_complaint_is_followed_up_again_only_after_the_first_call(world: World) -> None:
    world.take(delivery(_closed()), delivery(_closed()))
    (call,) = world.all(FollowUp)
    world.do("begin_follow_up", {"id": call.id})
    world.do("complete_follow_up", {"id": call.id, "score": 4, "opinion": "好"})
    world.take(delivery(_closed()))
    assert [one.state for one in world.all(FollowUp)] == ["completed", "scheduled"]


def test_a_repair_of_a_home_without_owner_is_not_followed_up(world: World) -> None:
    world.take(told_home("P01-8", owner_uid=None), delivery(WorkOrderClosed(order_id="w", number="W", home_id="P01-8")))
    assert world.all(FollowUp) == []


@pytest.mark.requirement("B-63")
def test_a_completed_follow_up_and_its_issue_are_told(world: World) -> None:
    call = world.do("schedule_follow_up", {"theme": "handover", "uid": UID, "home_id": HOME, "due_on": TODAY})
    world.do("begin_follow_up", {"id": call["id"]})
    world.do("complete_follow_up", {"id": call["id"], "score": 4, "opinion": "窗户漏风", "answers": {"q1": "是"}})
    (told,) = world.told(FollowUpCompleted)
    assert (told["uid"], told["home_id"], told["theme"], told["form"], told["score"]) == (
        UID,
        HOME,
        "handover",
        "telephone",
        4,
    )
    world.do("raise_issue_follow_up", {"id": call["id"], "kind": "repair", "issue": "窗户漏风"})
    assert world.told(FollowUpIssueRaised) == [{"uid": UID, "home_id": HOME, "kind": "repair", "issue": "窗户漏风"}]


@pytest.mark.requirement("B-63")
@pytest.mark.parametrize(("score", "alerts"), [(2, 1), (3, 0)])
def test_a_low_score_is_alerted(world: World, score: int, alerts: int) -> None:
    call = world.add(follow_ups, "in_progress", **BASE[follow_ups])
    world.do("complete_follow_up", {"id": call.id, "score": score, "opinion": "一般"})
    assert len(world.all(Alert, Alert.rule == "low_satisfaction", Alert.cleared_at.is_(None))) == alerts
    for task in world.all(Task, Task.subject == "low_satisfaction"):
        world.do("complete_task", {"id": task.id, "result": "已致歉"})
    assert world.all(Alert, Alert.cleared_at.is_(None)) == []


@pytest.mark.requirement("B-66")
def test_a_follow_up_is_overdue_after_its_day_and_a_new_date_counts_anew(world: World) -> None:
    call = world.do("schedule_follow_up", {"theme": "other", "uid": UID, "due_on": TODAY})
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    world.at(midnight - SECOND)
    assert world.all(Alert) == []
    world.at(midnight)
    (alert,) = world.all(Alert)
    assert (alert.rule, alert.recipient_role) == ("follow_up_overdue", "customer_manager")
    world.at(midnight + timedelta(hours=24))
    assert world.get(Alert, alert.id).recipient_role == "customer_centre"
    world.do("begin_follow_up", {"id": call["id"]})
    assert world.get(Alert, alert.id).state == "cleared"
    world.do("miss_follow_up", {"id": call["id"], "reason": "关机"})
    with pytest.raises(ValidationFailed):
        world.do("reschedule_follow_up", {"id": call["id"], "due_on": TODAY})
    world.do("reschedule_follow_up", {"id": call["id"], "due_on": TODAY + timedelta(days=9)})
    world.at(midnight + timedelta(days=9) - SECOND)
    assert len(world.all(Alert)) == 1
    world.at(midnight + timedelta(days=9))
    assert [one.state for one in world.all(Alert)] == ["cleared", "raised"]


def test_high_value_is_designated_and_revoked_with_a_reason(world: World) -> None:
    world.take(delivery(CustomerRegistered(uid=UID, kind="person")))
    (profile,) = world.all(Profile)
    with pytest.raises(ValidationFailed) as refusal:
        world.do("designate_profile", {"id": profile.id})
    assert refusal.value.errors["reason"][0]["code"] == "required"
    world.do("designate_profile", {"id": profile.id, "reason": "转介成交", "adviser": "he.min"})
    assert world.told(HighValueCustomerDesignated) == [{"uid": UID, "reason": "转介成交", "adviser": "he.min"}]
    world.do("revoke_profile", {"id": profile.id, "reason": "已退订"})
    assert world.told(HighValueCustomerRevoked) == [{"uid": UID, "reason": "已退订"}]


@pytest.mark.parametrize(("amount", "state"), [("9999999.99", "ordinary"), ("10000000.00", "high_value")])
def test_a_purchase_of_the_ten_million_class_makes_high_value(world: World, amount: str, state: str) -> None:
    signed = ContractSigned(contract_id="ct", number="CT 1", home_id=HOME, uid=UID, amount=Decimal(amount))
    world.take(delivery(signed), delivery(signed))
    assert [one.state for one in world.all(Profile)] == [state]
