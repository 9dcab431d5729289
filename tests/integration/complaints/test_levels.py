"""Levels: what raises a case, who then supervises it, and the early warning (C-30, C-31, C-33)."""

from __future__ import annotations

import pytest

from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.leads import ProjectSalesClosed
from tests.integration.complaints.world import HANDLER, HOUR, OPERATOR, SUPERVISOR, World, close_sales, person

KEEPER = person("admin", "administrator", scope="group")


def raised(world: World) -> list[tuple[int, int, str]]:
    return [
        (one["from_level"], one["to_level"], one["supervisor_role"]) for one in world.told("complaint_level_raised")
    ]


@pytest.mark.requirement("C-30", "C-31")
def test_each_level_has_its_supervisor_who_is_told_at_each_rise(world: World) -> None:
    case = world.register()
    assert (case["level"], case["supervisor_role"], case["urgency"]) == (1, "complaint_supervisor", "normal")
    for level, role, urgency in (
        (2, "project_department", "normal"),
        (3, "company_manager", "high"),
        (4, "group_centre", "high"),
    ):
        after = world.do("raise_level_case", SUPERVISOR, id=case["id"], level=level, reason="影响大")
        assert (after["level"], after["supervisor_role"], after["urgency"]) == (level, role, urgency)
        (alert,) = world.alerts(case["id"])
        assert (alert.rule, alert.recipient_role) == ("complaint_level_raised", role)
    assert {task.role for task in world.tasks(case["id"])} == {"group_centre", "company_manager", "public_relations"}
    assert raised(world) == [(1, 2, "project_department"), (2, 3, "company_manager"), (3, 4, "group_centre")]
    with pytest.raises(ValidationFailed) as lower:
        world.do("raise_level_case", SUPERVISOR, id=case["id"], level=4, reason="x")
    assert lower.value.errors["level"] == [{"code": "level_not_higher", "params": {"level": 4}}]


@pytest.mark.requirement("C-31")
def test_a_repeated_breach_raises_the_level(world: World) -> None:
    case = world.register()
    world.later(2 * HOUR)
    world.tick()
    assert (world.case(case["id"])["level"], raised(world)) == (1, [])
    world.later(22 * HOUR)
    world.tick()
    after = world.case(case["id"])
    assert (after["level"], after["level_trigger"], after["breaches"]) == (2, "repeated_breach", 2)
    assert raised(world) == [(1, 2, "project_department")]


@pytest.mark.requirement("C-31")
def test_the_second_rejection_by_the_customer_raises_the_level(world: World) -> None:
    case = world.to("negotiating")
    world.do("fail_negotiation_case", HANDLER, id=case["id"], differences="金额")
    world.do("revise_plan_case", HANDLER, id=case["id"], plan="第二版")
    assert world.to("negotiating", case["id"])["level"] == 1
    after = world.do("fail_negotiation_case", HANDLER, id=case["id"], differences="金额")
    assert (after["level"], after["level_trigger"]) == (2, "customer_rejection")


@pytest.mark.requirement("C-31", "C-33", "C-29")
def test_a_safety_word_makes_it_serious_and_warns_at_once(world: World) -> None:
    case = world.register(description="阳台吊顶坍塌")
    assert (case["level"], case["level_trigger"], case["urgency"]) == (3, "safety_keyword", "emergency")
    assert [row.name for row in world.events(record_id=case["id"])] == ["complaint_registered", "crisis_warning_issued"]
    assert world.told("crisis_warning_issued") == [
        {"case_id": case["id"], "number": case["number"], "project_id": "P01", "level": 3, "instruction": None}
    ]
    assert {task.role for task in world.tasks(case["id"], "crisis_warning")} == {
        "company_manager",
        "group_centre",
        "public_relations",
    }


@pytest.mark.requirement("C-31")
def test_the_media_are_heard_of_later(world: World) -> None:
    case = world.register()
    after = world.do("respond_case", HANDLER, id=case["id"], first_contact="客户称已联系记者")
    assert (after["level"], after["level_trigger"], raised(world)) == (3, "media_mention", [(1, 3, "company_manager")])
    assert world.told("crisis_warning_issued") == []
    world.do("attach_report_case", OPERATOR, id=case["id"], channel="forum", description="再次联系记者")
    assert len(raised(world)) == 1


@pytest.mark.requirement("C-31")
def test_the_words_are_data(world: World) -> None:
    added = world.do("add_level_keyword", KEEPER, word="甲醛", kind="safety")
    with pytest.raises(ValidationFailed):
        world.do("add_level_keyword", KEEPER, word="甲醛", kind="safety")
    world.do("exclude_level_keyword", KEEPER, word="曝光", kind="media")
    assert world.register(description="室内甲醛超标")["level"] == 3
    assert world.register(uid="U2", description="要求曝光")["level"] == 1
    world.do("drop_level_keyword", KEEPER, id=added["id"])
    assert world.register(category="fee", description="室内甲醛超标")["level"] == 1
    world.do("restore_level_keyword", KEEPER, id=added["id"])
    assert world.register(category="other", description="室内甲醛超标")["level"] == 3


@pytest.mark.requirement("C-30")
def test_a_large_claim_is_serious(world: World) -> None:
    assert world.register(amount_claimed="99999.99")["level"] == 1
    assert world.register(category="fee", amount_claimed="100000")["level_trigger"] == "large_claim"


@pytest.mark.requirement("C-31")
def test_three_homes_with_one_category_look_like_a_group(world: World) -> None:
    first = world.register(home_id="H1")
    world.later(7 * 24 * HOUR)
    second = world.register(home_id="H2")
    same = world.register(home_id="H2", uid="U2")
    world.register(home_id="H4", category="fee")
    assert raised(world) == []
    third = world.register(home_id="H3")
    assert third["group_suspected"] is True
    assert third["level_trigger"] == "group_suspicion"
    for one in (first, second, same, third):
        assert (world.case(one["id"])["level"], world.case(one["id"])["group_suspected"]) == (3, True)
    assert len(raised(world)) == 4
    names = [row.name for row in world.events(record_id=third["id"])]
    assert names == ["complaint_registered", "complaint_level_raised"]


@pytest.mark.requirement("C-31")
def test_what_is_older_than_the_period_is_no_group(world: World) -> None:
    world.register(home_id="H1")
    world.later(8 * 24 * HOUR)
    world.register(home_id="H2")
    assert world.register(home_id="H3")["group_suspected"] is False


@pytest.mark.requirement("C-33")
def test_a_crisis_is_declared_once(world: World) -> None:
    case = world.register()
    after = world.do("declare_crisis_case", OPERATOR, id=case["id"], reason="业主聚集")
    assert (after["level"], after["level_trigger"], after["urgency"]) == (4, "crisis", "emergency")
    world.do("declare_crisis_case", OPERATOR, id=case["id"], reason="业主聚集")
    assert len(world.told("crisis_warning_issued")) == 1
    assert len(raised(world)) == 1
    assert len([one for one in world.alerts(case["id"]) if one.rule == "crisis_warning"]) == 1


@pytest.mark.requirement("C-10", "X-41")
def test_the_case_moves_with_the_project(world: World) -> None:
    project = person("xiang", "project_department", scope="project:P01")
    affairs = person("ke", "customer_affairs", scope="project:P01")
    case = world.register(suggested_level=2)
    assert (case["department"], case["supervisor_role"]) == ("project_department", "project_department")
    world.do("respond_case", project, id=case["id"], first_contact="已致电")
    facts = {"from_department": "project_department", "to_department": "customer_affairs"}
    world.hear(ProjectSalesClosed(project_id="P01", at=world.now, **facts), message_id="m-1", times=2)
    close_sales(world, on=world.now.date())
    after = world.case(case["id"])
    assert (after["department"], after["supervisor_role"]) == ("customer_affairs", "customer_affairs")
    assert [one.recipient_role for one in world.alerts(case["id"])] == ["customer_affairs"]
    from services.contracts.errors import Forbidden

    with pytest.raises(Forbidden):
        world.do("investigate_case", project, id=case["id"], investigator="xiang")
    assert world.do("investigate_case", affairs, id=case["id"], investigator="ke")["state"] == "investigating"
    assert world.register(uid="U2")["department"] == "customer_affairs"


@pytest.mark.requirement("C-31")
def test_a_case_that_has_ended_is_not_raised(world: World) -> None:
    with pytest.raises(IllegalMove):
        world.do("raise_level_case", SUPERVISOR, id=world.placed("withdrawn"), level=2, reason="x")
