"""The intake of a sales site with the services in memory: what it asks, whom it offers, and what it sends."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin import directory
from admin.doubles import FakeServices
from services.contracts import glossary
from tests.console.rotation.site import BOARD, address, given, ring, seat


@pytest.mark.requirement("X-306")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_intake_asks_its_questions_before_anything_is_saved(language: str, enter: Any, fake: FakeServices) -> None:
    agent = enter("one", language)
    form = agent.get(f"{BOARD}/receive_reception").text
    names = re.findall(r'name="(\w+)"', form[form.index("command_id") :])
    assert names.index("phone") < names.index("name") < names.index("been_before") < names.index("named_agent")
    assert 'name="project_id__text"' not in form, "the board says where"
    questions = ("been_before", "has_called", "is_recommended")
    for one in questions:
        label = glossary.term("leads", "reception", one, language=language)
        assert re.search(rf'<span class="label" id="i-{one}-label">{re.escape(str(label))} <span class="must"', form)
        assert (
            form.count(f'name="{one}" value="true" required') == form.count(f'name="{one}" value="false" required') == 1
        )
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷"}
    for missing in questions:
        rest = {one: "false" for one in questions if one != missing}
        refused = agent.post(f"{BOARD}/receive_reception", typed | rest)
        assert refused.status_code == 422
        assert f'id="i-{missing}-wrong"' in refused.text
    assert not given(fake, "receive_reception")
    assert agent.post(f"{BOARD}/receive_reception", typed | dict.fromkeys(questions, "false")).status_code == 302
    (sent,) = given(fake, "receive_reception")
    assert sent == {"project_id": "P01", "phone": "13700001111", "name": "李雷", **dict.fromkeys(questions, False)}


@pytest.mark.requirement("X-306")
def test_a_return_visit_is_taken_in_from_the_board_too(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    url = address(lead.get(BOARD).text, "receive_reception\\?")
    form = lead.get(url).text
    assert re.search(r'name="been_before" value="true" checked', form), "answered, and can be changed"
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "been_before": "false"}
    assert lead.post(url, typed | {"has_called": "false", "is_recommended": "false"}).status_code == 302
    assert given(fake, "receive_reception")[0]["been_before"] is False, "what was said last"


@pytest.mark.requirement("X-306")
@pytest.mark.parametrize(("who", "command"), [("lead", "register_visit_entry"), ("one", "meet_visit_entry")])
def test_visits_and_return_visits_are_entered_from_the_menu(
    who: str, command: str, enter: Any, fake: FakeServices
) -> None:
    browser = enter(who)
    menu = re.findall(r'href="(/leads/visit_entry/new/[^"]+)"', browser.get(BOARD).text)
    first, again = f"/leads/visit_entry/new/{command}", f"/leads/visit_entry/new/{command}?been_before=true"
    assert menu == [first, again]
    page = browser.get(again).text
    assert re.search(r'name="been_before" value="true" checked', page)
    assert f'<a href="{again}" aria-current="page">' in page
    assert page.count('aria-current="page"') == 2, "and in the crumbs"
    assert "checked" not in browser.get(first).text, "nothing is answered for them"
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "project_id": "P01", "place": "bus_tour"}
    typed |= {"project_id__text": "P01", "project_id__was": "P01"}
    questions = ("been_before", "has_called", "is_recommended")
    for missing in questions:
        refused = browser.post(first, typed | {one: "false" for one in questions if one != missing})
        assert (refused.status_code, f'id="c-{missing}-wrong"' in refused.text) == (422, True)
    assert not given(fake, command)
    assert browser.post(first, typed | dict.fromkeys(questions, "true")).status_code == 302
    assert {one: given(fake, command)[0][one] for one in questions} == dict.fromkeys(questions, True)


def test_a_customer_may_ask_for_an_agent_who_is_off_today(enter: Any, fake: FakeServices) -> None:
    ring(fake, seat(1, "one", "up"))
    lead = enter("lead")
    form = lead.get(f"{BOARD}/receive_reception").text
    chosen = form[form.index('name="named_agent"') :].split("</select>")[0]
    people = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)', chosen)
    assert people[0] == ("one", "赵敏")
    assert ("four", "方慧（今天不在轮序中）") in people[1:]
    answers = dict.fromkeys(("been_before", "has_called", "is_recommended"), "false")
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "how_named": "by_name"}
    lead.post(f"{BOARD}/receive_reception", typed | answers | {"named_agent": "four"})
    assert given(fake, "receive_reception")[0]["named_agent"] == "four"


def test_where_there_are_more_agents_than_a_list_holds_their_names_are_typed(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST", 3)
    form = enter("lead").get(f"{BOARD}/receive_reception").text
    assert '<select id="i-named_agent"' not in form
    assert re.search('<input [^>]*name="named_agent"', form)


def test_the_intake_says_whose_customer_telephones(enter: Any, fake: FakeServices) -> None:
    told = {"code": "known_customer_of", "params": {"agent": "one"}, "resource": None, "id": None, "label": None}
    fake.advice["leads", "receive_reception"] = {"suggestions": [], "cautions": [told]}
    lead = enter("lead")
    form = lead.get(f"{BOARD}/receive_reception").text
    found = re.search(r'data-advice="([^"]+)"', form)
    assert found
    typed = dict(re.findall(r'<input type="hidden" name="(project_id)" value="([^"]*)"', form))
    said = lead.post(found[1], {**typed, "phone": "13700001111"})
    assert "赵敏" in said.text
    (draft,) = [call[3] for call in fake.calls if call[1:3] == ("advise", "receive_reception")]
    assert (draft["project_id"], draft["phone"]) == ("P01", "13700001111")


def test_what_was_typed_is_kept_while_the_service_is_away(enter: Any, fake: FakeServices) -> None:
    lead = enter("lead")
    typed = {"command_id": "12345678", "phone": "13700001111", "name": "李雷", "named_agent": "one"}
    answers = {"been_before": "true", "has_called": "false", "is_recommended": "false", "how_named": "by_name"}
    with fake.away("leads"):
        away = lead.post(f"{BOARD}/receive_reception", typed | answers)
    assert away.status_code == 503
    assert [value in away.text for value in ("13700001111", "李雷", 'value="one"')] == [True] * 3
    assert re.search(r'name="been_before" value="true" checked', away.text)
