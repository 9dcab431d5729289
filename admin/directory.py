"""People by their user names and property companies by their codes, for pages that would otherwise show `li.na`."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from flask import current_app

from admin.catalogues import catalogues
from admin.models import Assignment, Person, db
from admin.page import services
from admin.texts import t
from services.contracts.errors import AnjuError

COMPANY = "company:"
COMPANIES = "maintenance/property_company"
GROUP = "group"
#: A name that was changed is old for at most this many seconds.
FRESH = 60.0
MOST = 5_000
MOST_COMPANIES = 100
MOST_NAMESAKES = 3


def people() -> dict[str, str]:
    """Names by user name; asked once a minute, not once a page."""
    kept: tuple[float, dict[str, str]] = current_app.extensions.get("anju_people", (0.0, {}))
    if kept[0] < time.monotonic():
        found = db.session.scalars(sa.select(Person).order_by(Person.username).limit(MOST))
        kept = (time.monotonic() + FRESH, {person.username: person.full_name for person in found})
        current_app.extensions["anju_people"] = kept
    return kept[1]


def companies() -> dict[str, str]:
    """Names of the property companies by code, for everybody who meets their codes; asked once a minute."""
    kept: tuple[float, dict[str, str]] = current_app.extensions.get("anju_companies", (0.0, {}))
    register = catalogues().at(COMPANIES)
    if kept[0] < time.monotonic() and register is not None:
        console = {"user": "console", "name": "console", "roles": {one: ["group"] for one in register.readers}}
        asked = {"page": 0, "page_size": MOST_COMPANIES}
        try:
            found = services().search(register.service, register.name, asked, console)["result"]
            names = {str(one["id"]): str(one[register.title]) for one in found}
        except AnjuError:
            names = kept[1]
        kept = (time.monotonic() + FRESH, names)
        current_app.extensions["anju_companies"] = kept
    return kept[1]


def holders_of(role: str, company_id: str | None, project_id: str) -> dict[str, str]:
    """Names by user name of the active people who hold a role in a project, at most `MOST` of them."""
    scopes = (GROUP, f"company:{company_id}", f"project:{project_id}")
    holding = sa.select(Assignment.user_id).where(Assignment.role == role, Assignment.scope.in_(scopes))
    found = sa.select(Person).where(Person.id.in_(holding), Person.active.is_(True))
    return {one.username: one.full_name for one in db.session.scalars(found.order_by(Person.username).limit(MOST))}


def users_called(text: str) -> list[str]:
    """User names of whom a text means: whoever has that user name, else active people of that name, at most three."""
    if text == "system" or text.startswith(COMPANY):
        return [text]
    has_user_name = Person.username == text
    is_called = sa.func.coalesce(Person.last_name, "").concat(Person.first_name) == text
    found = sa.select(Person.username).where(has_user_name | (is_called & Person.active.is_(True)))
    users = list(db.session.scalars(found.order_by(sa.desc(has_user_name), Person.username).limit(MOST_NAMESAKES)))
    return [text] if text in users else users


def person_name(user: Any) -> str:
    """A person, a property company or the system, for people; who is not known stands as they are."""
    text = str(user or "")
    if text.startswith(COMPANY):
        code = text.removeprefix(COMPANY)
        return companies().get(code) or t("people.company", code=code)
    return t("timeline.system") if text == "system" else people().get(text) or text
