"""Every role, over all of its menu, in both languages: each page opens, in its language, and every word has a name."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from admin import codes
from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.models import db
from admin.screens import REGISTERS
from services.contracts import SERVICES, glossary
from services.contracts.fields import Field
from services.contracts.roles import Role
from tests.console.conftest import PASSWORD, Browser

ROLES = [role for role in Role if role is not Role.SYSTEM]
LANGUAGES = ("zh", "en")
MENU = re.compile(r'<nav class="side".*?</nav>', re.S)
ENTRY = re.compile(r'<li><a href="([^"]+)"')
TEXT = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.S)
HEX = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}")
MISSING = "??"
CUSTOMERS = "leads/customer"


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def office(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A console of the real catalogues with a record in every register, and somebody of every role.

    What the books do not name is marked instead of being made readable.
    """
    services = FakeServices({service: glossary.catalogue(service) for service in SERVICES})
    app = make_app(services, WTF_CSRF_ENABLED=False)
    uid = services.put("leads", "customer", name="王建国")["id"]
    with app.app_context():
        for role in ROLES:
            create_account(user_of(role), "王某", PASSWORD, {role.value: ["group"]})
        for service, book in services.catalogues.items():
            for name, described in book["resources"].items():
                record = services.put(service, name)
                held = filled(service, name, described["fields"], uid)
                services._records[service, name][record["id"]].update(held)
        db.session.remove()
    monkeypatch.setattr(glossary, "humanised", lambda name: f"{MISSING}{name}")
    return app


def filled(service: str, name: str, fields: list[dict[str, Any]], uid: str) -> dict[str, Any]:
    """Fields of a record that hold a code, with one of its codes, and those that hold a customer."""
    found: dict[str, Any] = {}
    for field in map(Field.from_json, fields):
        offered = codes.offered(service, name, field)
        if field.to == CUSTOMERS:
            found[field.name] = uid
        elif offered:
            found[field.name] = [offered[0][0]] if field.many else offered[0][0]
    return found


def user_of(role: Role) -> str:
    """The user name of whoever has this role."""
    return role.value.replace("_", ".")


def lost(page: str, keys: re.Pattern[str]) -> list[str]:
    """Texts of a page that are no words: names that no book has, keys of the console's book, ids."""
    said = [html.unescape(one).strip() for one in TEXT.sub("\n", page).splitlines()]
    return [one for one in said if MISSING in one or keys.fullmatch(one) or HEX.search(one)]


def test_every_role_opens_all_of_its_menu_and_every_entry_is_in_both_languages(office: Flask) -> None:
    keys = re.compile(rf"(?:{'|'.join(glossary.terms('console'))})(?:\.[a-z_]+)+")
    wrong: list[str] = []
    menus: dict[Role, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for number, role in enumerate(ROLES):
        browser = Browser(office.test_client())
        browser.login(user_of(role))
        for language in (LANGUAGES, LANGUAGES[::-1])[number % 2]:
            browser.client.post("/language/", data={"language": language})
            first, menu = role not in menus, MENU.search(browser.get("/").text)
            assert menu is not None, role
            menus[role] = ENTRY.findall(menu[0])
            for url in menus[role]:
                # Everybody opens everything in one language; whoever is the first, in the other one too.
                if not first and (language, url) in seen:
                    continue
                seen.add((language, url))
                answered = browser.get(url)
                if answered.status_code != 200 or f'<html lang="{language}' not in answered.text:
                    wrong.append(f"{role} {language} {url}: {answered.status_code}")
                wrong += [f"{role} {language} {url}: {one}" for one in lost(answered.text, keys)]
    assert wrong == []
    assert {url for one in menus.values() for url in one} > {"/", "/people/", "/operations/", "/complaints/case/"}
    assert "/operations/" not in menus[Role.EMPLOYEE]
    # Whoever does not rate complaints is spared the words that rate them.
    assert "/complaints/level_keyword/" not in menus[Role.MARKETING]
    # What every service has opens where this role has its work.
    assert "/maintenance/task/" in menus[Role.MAINTENANCE_DESK]
    assert "/membership/task/" in menus[Role.CLUB_OFFICER]


@pytest.mark.parametrize("name", sorted({one.resource.partition("/")[2] for one in REGISTERS}))
def test_an_empty_register_says_what_would_be_there(name: str) -> None:
    assert glossary.term("console", "about", name, language="zh")
