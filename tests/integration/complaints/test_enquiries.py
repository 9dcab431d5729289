"""Enquiries: the answer of the bot, the hand-over to a human, and where they go (C-04, C-110 to C-117)."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.contracts.errors import Forbidden, IllegalMove, NotFound, ValidationFailed
from tests.integration.complaints.enquiry_world import (
    BOT,
    DESK,
    GROUP,
    HANDOVER,
    LEAD,
    LOAN,
    PRICE,
    ask,
    entry,
    escalated,
)
from tests.integration.complaints.world import HOUR, World, person

STANDARD = (("请问什么时候交房？", HANDOVER), ("现在房价多少", PRICE), ("首付要多少", LOAN))


def state(world: World, enquiry: dict[str, Any]) -> str:
    return str(world.show("enquiry", enquiry["id"])["state"])


@pytest.mark.requirement("C-110", "C-26")
@pytest.mark.parametrize(("question", "known"), STANDARD)
def test_a_standard_question_is_answered_at_once_with_the_words_of_the_entry(
    world: World, question: str, known: dict[str, Any]
) -> None:
    entries = {one["topic"]: entry(world, one) for one in (HANDOVER, PRICE, LOAN)}
    enquiry = ask(world, question)
    its = entries[known["topic"]]
    assert (enquiry["state"], enquiry["answered_by"], enquiry["topic"]) == ("answered_by_bot", "bot", known["topic"])
    assert (enquiry["answer"], enquiry["entry_id"]) == (known["answer_zh"], its["id"])
    assert enquiry["answered_at"] == enquiry["received_at"]
    assert [line["who"] for line in enquiry["transcript"]] == ["customer", "bot"]
    (told,) = world.told("enquiry_answered")
    assert (told["enquiry_id"], told["answered_by"], told["topic"]) == (enquiry["id"], "bot", known["topic"])
    assert world.told("enquiry_escalated") == []
    assert world.tasks(enquiry["id"]) == []


@pytest.mark.requirement("C-111")
@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("交房晚了，我要索赔违约金", "rights_claim"),
        ("我想要定制装修方案，交房前能做吗", "custom_decoration"),
        ("I want a custom decoration plan before the handover", "custom_decoration"),
        ("交房后發現開裂，要維權", "rights_claim"),
    ],
)
def test_a_complex_topic_goes_to_a_human_with_the_transcript(world: World, question: str, topic: str) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world, question, uid="U1")
    assert (enquiry["state"], enquiry["cause"], enquiry["topic"]) == ("escalated", "complex_topic", topic)
    assert enquiry["answer"] is None
    assert enquiry["transcript"][0]["text"] == question
    (told,) = world.told("enquiry_escalated")
    assert (told["enquiry_id"], told["uid"], told["topic"]) == (enquiry["id"], "U1", topic)
    assert [(task.subject, task.role) for task in world.tasks(enquiry["id"])] == [
        ("enquiry_escalated", "hotline_operator")
    ]


@pytest.mark.requirement("C-111", "C-26")
def test_what_the_base_does_not_know_goes_to_a_human_and_nothing_is_invented(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = escalated(world)
    assert (enquiry["cause"], enquiry["answer"], enquiry["topic"]) == ("not_known", None, "other")


def test_a_language_without_an_answer_is_not_translated_by_guess(world: World) -> None:
    entry(world, PRICE)
    enquiry = ask(world, "房价是多少", language="en")
    assert (enquiry["state"], enquiry["cause"]) == ("escalated", "language_missing")


def test_an_english_question_gets_the_english_answer(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world, "When do I get my keys?")
    assert (enquiry["language"], enquiry["answer"]) == ("en", HANDOVER["answer_en"])


def test_who_wants_a_person_gets_one(world: World) -> None:
    entry(world, HANDOVER)
    assert ask(world, "什么时候交房，转人工")["cause"] == "person_wanted"


def test_a_danger_is_alerted_at_once(world: World) -> None:
    enquiry = ask(world, "楼道里燃气泄漏怎么办")
    assert (enquiry["state"], enquiry["topic"]) == ("escalated", "safety")
    assert [(alert.rule, alert.recipient_role) for alert in world.alerts(enquiry["id"])] == [
        ("enquiry_safety", "complaint_supervisor")
    ]
    world.do("answer_enquiry", DESK, id=enquiry["id"], answer="已通知燃气公司，请立即撤离。")
    assert world.alerts(enquiry["id"]) == []


@pytest.mark.requirement("C-117")
def test_the_way_of_a_settled_enquiry(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world)
    assert world.do("confirm_enquiry", BOT, id=enquiry["id"])["state"] == "confirmed"
    closed = world.do("close_enquiry", BOT, id=enquiry["id"])
    assert (closed["state"], closed["is_silent"]) == ("closed", False)


@pytest.mark.requirement("C-117")
def test_the_way_of_an_enquiry_that_the_bot_did_not_settle(world: World) -> None:
    entry(world, HANDOVER)
    enquiry = ask(world, uid="U1")
    rejected = world.do("reject_enquiry", BOT, id=enquiry["id"], wish="我问的是地下车位")
    assert (rejected["state"], rejected["cause"]) == ("escalated", "not_helpful")
    with pytest.raises(IllegalMove):
        world.do("confirm_enquiry", BOT, id=enquiry["id"])
    answered = world.do("answer_enquiry", DESK, id=enquiry["id"], answer="车位与住宅同时交付", topic="facilities")
    assert (answered["state"], answered["answered_by"], answered["handler"]) == ("answered_by_human", "human", "op")
    assert [line["who"] for line in answered["transcript"]] == ["customer", "bot", "customer", "bot", "op"]
    assert [one["answered_by"] for one in world.told("enquiry_answered")] == ["bot", "human"]
    assert world.tasks(enquiry["id"]) == []
    assert world.do("close_enquiry", DESK, id=enquiry["id"])["state"] == "closed"


def test_an_enquiry_cannot_be_closed_before_it_is_settled(world: World) -> None:
    entry(world, HANDOVER)
    for enquiry in (ask(world), escalated(world)):
        with pytest.raises(IllegalMove):
            world.do("close_enquiry", DESK, id=enquiry["id"])


def test_the_customer_asks_on_and_the_bot_answers_again(world: World) -> None:
    entry(world, HANDOVER)
    entry(world, LOAN)
    enquiry = ask(world)
    world.later(HOUR)
    again = world.do("ask_again_enquiry", BOT, id=enquiry["id"], question="首付是多少")
    assert (again["state"], again["topic"], again["answer"]) == ("answered_by_bot", "loan", LOAN["answer_zh"])
    assert again["asked_at"] != enquiry["asked_at"]
    handed = world.do("ask_again_enquiry", BOT, id=enquiry["id"], question="可以养大型犬吗")
    assert (handed["state"], len(handed["transcript"])) == ("escalated", 6)
    more = world.do("ask_again_enquiry", BOT, id=enquiry["id"], question="首付是多少")
    assert (more["state"], more["transcript"][-1]["text"]) == ("escalated", "首付是多少")


@pytest.mark.requirement("C-04")
def test_a_defect_goes_to_maintenance_with_the_moment_of_the_question(world: World) -> None:
    enquiry = ask(world, "卫生间漏水了怎么办", uid="U1")
    assert enquiry["topic"] == "repair"
    world.later(HOUR)
    with pytest.raises(ValidationFailed) as missing:
        world.do("refer_repair_enquiry", DESK, id=enquiry["id"], answer="已转维修")
    assert missing.value.errors["home_id"][0]["code"] == "required"
    referred = world.do("refer_repair_enquiry", DESK, id=enquiry["id"], answer="已转维修", home_id="H1")
    assert (referred["state"], referred["destination"]) == ("answered_by_human", "maintenance")
    (told,) = world.told("repair_enquired")
    assert (told["home_id"], told["uid"], told["description"]) == ("H1", "U1", "卫生间漏水了怎么办")
    assert told["reported_at"] == enquiry["received_at"]


@pytest.mark.requirement("C-04")
def test_a_grievance_becomes_a_complaint_of_its_own(world: World) -> None:
    enquiry = ask(world, "物业太差了，我要投诉", home_id="H1")
    with pytest.raises(ValidationFailed):
        world.do("register_complaint_enquiry", DESK, id=enquiry["id"], category="property_management", answer="已受理")
    world.do("identify_enquiry", DESK, id=enquiry["id"], uid="U1")
    done = world.do(
        "register_complaint_enquiry", DESK, id=enquiry["id"], category="property_management", answer="已受理"
    )
    case = world.case(done["case_id"])
    assert (done["state"], done["destination"]) == ("answered_by_human", "complaint")
    assert (case["state"], case["uid"], case["home_id"], case["channel"]) == ("registered", "U1", "H1", "online_chat")
    assert case["description"] == "物业太差了，我要投诉"


@pytest.mark.requirement("C-04", "C-111")
def test_an_interest_in_buying_is_told_whether_answered_or_not(world: World) -> None:
    entry(world, LOAN)
    answered = ask(world, "想买房，首付多少", uid="U1")
    assert (answered["state"], answered["purchase_interest"]) == ("answered_by_bot", True)
    assert world.told("enquiry_answered")[0]["purchase_interest"] is True
    unknown = ask(world, "我想买一套大平层", uid="U1")
    assert (unknown["state"], unknown["topic"]) == ("escalated", "purchase")
    other = escalated(world)
    assert other["purchase_interest"] is False
    referred = world.do("refer_purchase_enquiry", DESK, id=other["id"], answer="销售顾问会联系您")
    assert (referred["topic"], referred["destination"], referred["purchase_interest"]) == ("purchase", "leads", True)
    seen = {one["enquiry_id"]: one["purchase_interest"] for one in world.told("enquiry_answered")}
    assert seen[other["id"]] is True


def test_what_the_bot_took_it_for_can_be_corrected(world: World) -> None:
    enquiry = escalated(world)
    changed = world.do("reclassify_enquiry", DESK, id=enquiry["id"], topic="purchase")
    assert (changed["state"], changed["topic"], changed["purchase_interest"]) == ("escalated", "purchase", True)
    assert [one["topic"] for one in world.told("enquiry_escalated")] == ["other", "purchase"]


def test_somebody_is_named_to_answer(world: World) -> None:
    enquiry = escalated(world)
    named = world.do("assign_enquiry", DESK, id=enquiry["id"], handler="qi.ming")
    assert (named["state"], named["handler"]) == ("escalated", "qi.ming")


@pytest.mark.requirement("C-113")
def test_the_group_centre_answers_anything_or_shows_the_quickest_way(world: World) -> None:
    anything = ask(world, "集团总部在哪个城市", project_id=None)
    assert (anything["project_id"], anything["state"]) == (None, "escalated")
    answered = world.do("answer_enquiry", GROUP, id=anything["id"], answer="杭州")
    assert answered["state"] == "answered_by_human"
    local = escalated(world)
    passed = world.do("pass_to_group_enquiry", DESK, id=local["id"], reason="需要集团解释")
    assert passed["state"] == "escalated"
    assert "group_centre" in {task.role for task in world.tasks(local["id"])}
    guided = world.do("guide_enquiry", GROUP, id=local["id"], guided_to="物业前台", answer="请直接联系物业前台")
    assert (guided["guided_to"], guided["destination"]) == ("物业前台", "quickest_channel")


def test_who_asked_what_is_seen_within_the_scope_only(world: World) -> None:
    enquiry = escalated(world, phone="13900010001")
    elsewhere = person("x", "hotline_operator", scope="company:C9")
    with world.service.reading(Actor.from_wire(elsewhere)) as work, pytest.raises(NotFound):
        views.fetch(work, "enquiry", enquiry["id"])
    with world.service.reading(Actor.from_wire(person("m", "marketing"))) as work:
        assert views.fetch(work, "enquiry", enquiry["id"])["result"]["phone"] == "139****0001"


@pytest.mark.parametrize(
    ("field", "payload", "code"),
    [
        ("uid", {"uid": "U9"}, "unknown_reference"),
        ("project_id", {"project_id": "P99"}, "unknown_reference"),
        ("project_id", {"project_id": "P02", "home_id": "H1"}, "foreign_home"),
        ("received_at", {"received_at": "2026-03-02T02:00:01Z"}, "in_the_future"),
        ("channel", {"channel": "pigeon"}, "choice"),
    ],
)
def test_bad_input_names_field_and_rule(world: World, field: str, payload: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationFailed) as wrong:
        ask(world, **payload)
    assert wrong.value.errors[field][0]["code"] == code
    assert world.found("enquiry") == []


def test_a_supervisor_sees_no_button_of_the_service(world: World) -> None:
    enquiry = escalated(world)
    with pytest.raises(Forbidden):
        world.do("miss_response_enquiry", LEAD, id=enquiry["id"])
