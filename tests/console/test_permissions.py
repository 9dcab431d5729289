"""Who may open what: each role against each register and each command, decided as the catalogue says."""

from __future__ import annotations

import pytest

from admin.accounts import create_account
from tests.console.conftest import PASSWORD, PEOPLE
from tests.console.fixture_catalogue import catalogues

BOOKS = catalogues()


@pytest.mark.parametrize("username", sorted(PEOPLE))
def test_registers_and_commands(browser, order, username):
    roles = set(PEOPLE[username][1])
    person = browser(username)
    menu = person.get("/").text
    for service, book in BOOKS.items():
        for name, described in book["resources"].items():
            readers = set(described["readers"])
            allowed = "*" in readers or bool(readers & roles)
            url = f"/{service}/{name}/"
            assert person.get(url).status_code == (200 if allowed else 403), url
            assert not (not allowed and f'href="{url}"' in menu)
        for name, command in book["commands"].items():
            if command["kind"] == "create":
                url = f"/{service}/{command['resource']}/new/{name}"
                readable = bool(set(BOOKS[service]["resources"][command["resource"]]["readers"]) & {*roles, "*"})
                allowed = readable and bool(set(command["by"]) & roles)
                assert person.get(url).status_code == (200 if allowed else 403), url
                assert person.post(url, {"description": "x"}).status_code == (422 if allowed else 403), url
            elif not command.get("decision") and not set(command["by"]) & {*roles, "*"}:
                url = f"/{service}/{command['resource']}/x/{name}"
                assert person.post(url).status_code == 403, url


@pytest.mark.parametrize("role", ["property_company", "deed_agency", "survey_firm"])
def test_people_of_other_companies_do_not_get_the_names_of_ours(app, browser, role):
    with app.app_context():
        create_account("outsider", "外单位", PASSWORD, {role: ["group"]})
        create_account("insider", "双重身份", PASSWORD, {role: ["group"], "employee": ["group"]})
    assert browser("outsider").get("/people/names").status_code == 403
    assert browser("insider").get("/people/names").status_code == 200
