"""Media cases: the method is decided by the customer centre and public relations jointly, before any answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import views
from services.chassis.actors import Actor
from services.contracts.errors import DecidedAlready, Forbidden, IllegalMove, OwnSubmission, ValidationFailed
from tests.integration.complaints.world import EVIDENCE, HANDLER, MANAGER, World, person

CENTRE = person("yang", "customer_centre")
RELATIONS = person("wu", "public_relations")
BOTH = person("du", "customer_centre", "public_relations")
POST = {"platform": "微博", "url": "https://weibo.example/1", "screenshot": EVIDENCE}
NEW = {"uid": "U1", "home_id": "H1", "category": "home_quality", "description": "微博曝光卫生间渗水"}
AWAY = {"away_from": "2026-03-02T00:00:00Z", "away_until": "2026-03-03T00:00:00Z"}


def proposed(world: World, actor: dict[str, Any] = HANDLER) -> str:
    media_id: str = world.do("receive_media_case", HANDLER, **POST, **NEW, separate_reason="另一条微博")["id"]
    world.do("propose_media_case", actor, id=media_id, method="致歉并私信联系，48 小时内上门")
    return media_id


def approve(world: World, actor: dict[str, Any], media_id: str, **payload: Any) -> dict[str, Any]:
    return world.do("approve_method_media_case", actor, id=media_id, **payload)


def the_round(world: World, media_id: str) -> dict[str, Any]:
    (found,) = world.found("approval", record_id=media_id)
    return found


@pytest.mark.requirement("C-80")
def test_a_post_makes_a_case_of_its_channel_or_belongs_to_one(world: World) -> None:
    made = world.do("receive_media_case", HANDLER, **POST, **NEW)
    case = world.case(made["case_id"])
    assert (case["channel"], case["description"], case["level"]) == ("social_media", NEW["description"], 3)
    assert (made["url"], made["screenshot"], made["project_id"]) == (POST["url"], EVIDENCE, "P01")
    known = world.register(home_id="H2")
    noted = world.do("note_media_case", RELATIONS, case_id=known["id"], **POST)
    assert (noted["case_id"], world.case(known["id"])["level"]) == (known["id"], 3)
    assert [task.subject for task in world.tasks(noted["id"])] == ["propose_media_method"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("url", "weibo", "pattern"), ("screenshot", [], "required"), ("case_id", "nowhere", "unknown_reference")],
)
def test_what_a_post_needs(world: World, field: str, value: Any, code: str) -> None:
    case = world.register()
    with pytest.raises(ValidationFailed) as wrong:
        world.do("note_media_case", HANDLER, **{"case_id": case["id"], **POST, field: value})
    assert wrong.value.errors[field][0]["code"] == code


def test_a_post_about_a_closed_case_is_a_case_of_its_own(world: World) -> None:
    with pytest.raises(ValidationFailed) as closed:
        world.do("note_media_case", HANDLER, case_id=world.placed("closed"), **POST)
    assert closed.value.errors["case_id"][0]["code"] == "case_not_open"


@pytest.mark.requirement("X-36.9", "C-80")
@pytest.mark.parametrize(("first", "second"), [(CENTRE, RELATIONS), (RELATIONS, CENTRE)])
def test_the_method_is_decided_by_the_second_consent(
    world: World, first: dict[str, Any], second: dict[str, Any]
) -> None:
    media_id = proposed(world)
    assert approve(world, first, media_id, comment="同意")["state"] == "proposed"
    waiting = the_round(world, media_id)
    given = waiting["consents"][0]
    assert (waiting["state"], waiting["decided_by"], len(waiting["consents"])) == ("submitted", None, 1)
    assert (given["user"], given["at"], given["comment"]) == (first["user"], "2026-03-02T02:00:00Z", "同意")
    with pytest.raises(Forbidden) as again:
        approve(world, first, media_id)
    assert again.value.code == "consented_already"
    with pytest.raises(IllegalMove):
        world.do("answer_media_case", HANDLER, id=media_id, answer="抱歉")
    assert approve(world, second, media_id)["state"] == "decided"
    done = the_round(world, media_id)
    assert (done["state"], done["decided_by"]) == ("approved", second["user"])
    assert {one["role"]: one["user"] for one in done["consents"]} == {
        "customer_centre": "yang",
        "public_relations": "wu",
    }
    with pytest.raises(DecidedAlready):
        approve(world, BOTH, media_id)


@pytest.mark.requirement("X-36.9")
def test_everybody_who_consented_finds_what_they_decided(world: World) -> None:
    media_id, other = proposed(world), proposed(world, person("han", "complaint_handler"))
    approve(world, CENTRE, media_id)
    assert decided_by(world, CENTRE) == {media_id}
    assert decided_by(world, RELATIONS) == set()
    approve(world, RELATIONS, media_id)
    world.do("reject_method_media_case", RELATIONS, id=other, reason="措辞欠妥")
    assert decided_by(world, CENTRE) == {media_id}
    assert decided_by(world, RELATIONS) == {media_id, other}
    moved = person("yang", "employee")
    assert decided_by(world, moved) == {media_id}, "also when the role is somebody else's by now"
    assert decided_by(world, person("y%", "customer_centre")) == set()
    with world.service.reading(Actor.from_wire(CENTRE)) as work, pytest.raises(ValidationFailed) as wrong:
        views.search(work, "approval", {"filters": {"decider": [3]}})
    assert wrong.value.errors["decider"][0]["code"] == "invalid_text"


def decided_by(world: World, actor: dict[str, Any]) -> set[str]:
    with world.service.reading(Actor.from_wire(actor)) as work:
        mine = views.search(work, "approval", {"filters": {"decider": actor["user"]}, "order": "-decided_at"})
        return {one["record_id"] for one in mine["result"]}


@pytest.mark.requirement("X-36.9")
def test_one_person_with_both_roles_is_one_consent(world: World) -> None:
    media_id = proposed(world)
    assert approve(world, BOTH, media_id)["state"] == "proposed"
    with pytest.raises(Forbidden) as again:
        approve(world, BOTH, media_id)
    assert again.value.code == "consented_already"
    with pytest.raises(Forbidden) as other:
        approve(world, CENTRE, media_id)
    assert other.value.code == "not_the_approver"
    assert approve(world, RELATIONS, media_id)["state"] == "decided"


@pytest.mark.requirement("X-36.9", "X-44")
def test_nobody_consents_to_what_they_proposed(world: World) -> None:
    media_id = proposed(world, person("wu", "complaint_handler", "public_relations"))
    with pytest.raises(OwnSubmission):
        approve(world, RELATIONS, media_id)
    with pytest.raises(Forbidden) as stranger:
        approve(world, MANAGER, media_id)
    assert stranger.value.code == "not_the_approver"


@pytest.mark.requirement("X-36.9")
@pytest.mark.parametrize("after_a_consent", [True, False])
def test_the_first_rejection_ends_the_round(world: World, after_a_consent: bool) -> None:
    media_id = proposed(world)
    if after_a_consent:
        approve(world, CENTRE, media_id)
    rejected = world.do("reject_method_media_case", RELATIONS, id=media_id, reason="语气不妥")
    assert rejected["state"] == "noted"
    assert (the_round(world, media_id)["state"], the_round(world, media_id)["decided_by"]) == ("rejected", "wu")
    world.do("propose_media_case", HANDLER, id=media_id, method="改为致电")
    rounds = {one["round"]: one for one in world.found("approval", record_id=media_id)}
    assert (rounds[2]["state"], rounds[2]["consents"]) == ("submitted", [])


@pytest.mark.requirement("X-36.9", "X-44")
def test_a_deputy_consents_for_who_is_away(world: World) -> None:
    media_id = proposed(world)
    deputy = person("sun", "complaint_supervisor")
    with pytest.raises(Forbidden):
        approve(world, deputy, media_id)
    world.do("announce_absence", RELATIONS, role="public_relations", deputy="sun", **AWAY)
    with world.service.reading(Actor.from_wire(deputy)) as work:
        assert [one["record_id"] for one in views.search(work, "approval", {})["result"]] == [media_id]
    assert approve(world, deputy, media_id)["state"] == "proposed"
    (given,) = the_round(world, media_id)["consents"]
    assert (given["role"], given["user"], given["for"]) == ("public_relations", "sun", "wu")
    assert approve(world, CENTRE, media_id)["state"] == "decided"


@pytest.mark.requirement("X-36.9", "X-378")
def test_both_find_it_in_their_inbox_and_others_do_not(world: World) -> None:
    media_id = proposed(world)
    for actor, found in ((CENTRE, [media_id]), (RELATIONS, [media_id]), (MANAGER, [])):
        with world.service.reading(Actor.from_wire(actor)) as work:
            rows = views.search(work, "approval", {"filters": {"state": "submitted"}})["result"]
            assert [one["record_id"] for one in rows] == found
    approve(world, CENTRE, media_id)
    with world.service.reading(Actor.from_wire(HANDLER)) as work:
        told = [one for one in views.history(work, "media_case", media_id)["result"] if one["kind"] == "approval"]
    assert sorted(one["name"] for one in told) == ["consented", "submitted"]
    submitted = next(one["detail"] for one in told if one["name"] == "submitted")
    assert (submitted["jointly"], submitted["awaited"]) == (["public_relations"], ["public_relations"])


@pytest.mark.requirement("X-44")
def test_the_alarm_goes_to_who_is_awaited(world: World) -> None:
    media_id = proposed(world)
    approve(world, CENTRE, media_id)
    world.later(timedelta(hours=24, seconds=1))
    world.tick()
    raised = world.alerts(the_round(world, media_id)["id"])
    assert [one.recipient_role for one in raised] == ["public_relations"]


@pytest.mark.requirement("C-80")
def test_no_public_answer_before_the_decision(world: World) -> None:
    media_id = world.do("receive_media_case", HANDLER, **POST, **NEW)["id"]
    for step in ("noted", "proposed"):
        assert world.show("media_case", media_id)["state"] == step
        with pytest.raises(IllegalMove):
            world.do("answer_media_case", RELATIONS, id=media_id, answer="抱歉")
        if step == "noted":
            world.do("propose_media_case", HANDLER, id=media_id, method="致歉")
    approve(world, CENTRE, media_id)
    decided = approve(world, RELATIONS, media_id)
    assert [task.subject for task in world.tasks(media_id)] == ["answer_media"]
    answered = world.do("answer_media_case", RELATIONS, id=media_id, answer="已联系车主", answer_url=POST["url"])
    assert (answered["state"], answered["answered_by"], answered["method"]) == ("answered", "wu", decided["method"])
    assert world.case(decided["case_id"])["state"] == "registered"
    assert world.tasks(media_id) == []
