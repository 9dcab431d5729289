"""The knowledge base: who writes it, when it holds, and what leads' news does to it (C-115)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.contracts.errors import IllegalMove, ValidationFailed
from services.contracts.events.leads import HandoverAnnounced, ProjectSalesClosed
from tests.integration.complaints.enquiry_world import CENTRE, HANDOVER, LOAN, PRICE, ask, entry
from tests.integration.complaints.world import SECOND, World, person


def state(world: World, one: dict[str, Any]) -> str:
    return str(world.show("knowledge_entry", one["id"])["state"])


def announced(home: str = "H1", until: int = 20) -> HandoverAnnounced:
    window = {"window_from": date(2026, 3, 10), "window_to": date(2026, 3, until)}
    return HandoverAnnounced(handover_id=f"h-{home}", home_id=home, uid="U1", **window)


@pytest.mark.requirement("C-115")
def test_only_a_published_entry_is_answered_with(world: World) -> None:
    drafted = entry(world, HANDOVER, publish=False)
    assert (drafted["state"], drafted["owner"]) == ("draft", "yang")
    assert ask(world)["state"] == "escalated"
    world.do("publish_knowledge_entry", CENTRE, id=drafted["id"])
    assert ask(world)["state"] == "answered_by_bot"
    world.do("revise_knowledge_entry", CENTRE, id=drafted["id"])
    assert ask(world)["state"] == "escalated"
    world.do("change_knowledge_entry", CENTRE, id=drafted["id"], answer_zh="四月一日")
    world.do("publish_knowledge_entry", CENTRE, id=drafted["id"])
    assert ask(world)["answer"] == "四月一日"
    world.do("retire_knowledge_entry", CENTRE, id=drafted["id"], reason="不再需要")
    assert ask(world)["state"] == "escalated"
    with pytest.raises(IllegalMove):
        world.do("publish_knowledge_entry", CENTRE, id=drafted["id"])


@pytest.mark.requirement("C-115")
def test_an_entry_holds_from_its_first_day_to_the_end_of_its_last(world: World) -> None:
    one = entry(world, HANDOVER, valid_from="2026-03-03", valid_to="2026-03-04")
    assert ask(world)["state"] == "escalated"
    world.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # 3 March begins in Shanghai
    assert ask(world)["state"] == "answered_by_bot"
    world.now = datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)
    world.tick()
    assert ask(world)["state"] == "answered_by_bot"
    world.later(SECOND)
    assert ask(world)["state"] == "escalated"
    world.tick()
    assert state(world, one) == "retired"


@pytest.mark.requirement("C-115")
def test_an_entry_of_a_project_answers_there_only_and_overrules_the_general_one(world: World) -> None:
    entry(world, HANDOVER)
    entry(world, LOAN)
    assert ask(world, project_id="P02")["state"] == "escalated"
    assert ask(world, project_id=None)["state"] == "escalated"
    assert ask(world, "首付多少", project_id="P02")["state"] == "answered_by_bot"
    entry(world, LOAN, project_id="P02", answer_zh="锦绣城首付三成")
    assert ask(world, "首付多少", project_id="P02")["answer"] == "锦绣城首付三成"
    assert ask(world, "首付多少")["answer"] == LOAN["answer_zh"]


@pytest.mark.requirement("C-115")
def test_the_owner_is_told_when_an_entry_is_due_for_review(world: World) -> None:
    one = entry(world, HANDOVER, review_on="2026-03-05", owner="li.na")
    world.now = datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)
    world.tick()
    assert world.alerts(one["id"]) == []
    world.later(SECOND)
    world.tick()
    (alert,) = world.alerts(one["id"])
    assert (alert.rule, alert.recipient) == ("knowledge_review_due", "li.na")
    assert [(task.subject, task.assignee) for task in world.tasks(one["id"])] == [("knowledge_review_due", "li.na")]
    with pytest.raises(ValidationFailed) as past:
        world.do("review_knowledge_entry", CENTRE, id=one["id"], review_on="2026-03-06")
    assert past.value.errors["review_on"][0]["code"] == "in_the_past"
    world.do("review_knowledge_entry", CENTRE, id=one["id"], review_on="2026-03-08")
    assert (world.alerts(one["id"]), world.tasks(one["id"])) == ([], [])
    world.later(timedelta(days=3))
    world.tick()
    assert [alert.rule for alert in world.alerts(one["id"])] == ["knowledge_review_due"]


@pytest.mark.requirement("C-115")
def test_other_dates_of_a_handover_silence_the_entries_about_it_once(world: World) -> None:
    one, price = entry(world, HANDOVER, owner="li.na"), entry(world, PRICE)
    elsewhere = entry(world, HANDOVER, project_id="P02")
    world.hear(announced(), times=2)
    shown = world.show("knowledge_entry", one["id"])
    assert (shown["state"], shown["reason"]) == ("invalidated", "2026-03-10 – 2026-03-20")
    assert [(task.subject, task.assignee) for task in world.tasks(one["id"])] == [("knowledge_invalidated", "li.na")]
    assert (state(world, price), state(world, elsewhere)) == ("published", "published")
    assert ask(world)["state"] == "escalated"

    world.do("revise_knowledge_entry", CENTRE, id=one["id"])
    world.do("publish_knowledge_entry", CENTRE, id=one["id"])
    world.hear(announced("H2"))
    assert state(world, one) == "published"
    world.hear(announced("H3", until=25))
    assert state(world, one) == "invalidated"
    assert world.parked() == []


@pytest.mark.requirement("C-115")
def test_a_project_that_is_sold_out_has_no_price_and_no_loan(world: World) -> None:
    price, loan = entry(world, PRICE), entry(world, LOAN, project_id="P01")
    handover, general = entry(world, HANDOVER), entry(world, LOAN)
    departments = {"from_department": "project_department", "to_department": "customer_affairs"}
    world.hear(ProjectSalesClosed(project_id="P01", at=world.now, **departments))
    assert [state(world, one) for one in (price, loan, handover, general)] == [
        *("invalidated", "invalidated", "published", "published")
    ]


@pytest.mark.parametrize(
    ("field", "facts", "code"),
    [
        ("review_on", {"review_on": "2026-03-01"}, "in_the_past"),
        ("valid_to", {"valid_from": "2026-03-05", "valid_to": "2026-03-04"}, "range_order"),
        ("answer_en", {"question_en": "When?", "answer_en": None}, "required"),
        ("question_en", {"question_en": None, "answer_en": "Soon"}, "required"),
        ("project_id", {"project_id": "P99"}, "unknown_reference"),
        ("topic", {"topic": "weather"}, "choice"),
    ],
)
def test_bad_input_names_field_and_rule(world: World, field: str, facts: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationFailed) as wrong:
        entry(world, {**HANDOVER, **facts}, publish=False)
    assert wrong.value.errors[field][0]["code"] == code


def test_a_word_of_the_company_makes_a_topic_complex_and_a_built_in_one_can_be_taken_out(world: World) -> None:
    entry(world, HANDOVER)
    supervisor = person("sun", "complaint_supervisor")
    world.do("add_level_keyword", supervisor, word="交房", kind="rights_claim")
    assert ask(world)["topic"] == "rights_claim"
    assert ask(world, "我要维权")["cause"] == "complex_topic"
    world.do("exclude_level_keyword", supervisor, word="维权", kind="rights_claim")
    assert ask(world, "我要维权")["cause"] == "not_known"
