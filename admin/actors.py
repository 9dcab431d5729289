"""The person who is signed in, as services know an actor: user, name, and roles with their scopes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import abort, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from admin.models import Assignment, Person, db

Handler = TypeVar("Handler", bound=Callable[..., Any])


def scopes_of(user_id: int) -> dict[str, list[str]]:
    """Roles of a person with their scopes."""
    rows = db.session.execute(
        sa.select(Assignment.role, Assignment.scope).where(Assignment.user_id == user_id).order_by(Assignment.id)
    )
    found: dict[str, list[str]] = {}
    for role, scope in rows:
        found.setdefault(role, []).append(scope)
    return found


def actor_of(person: Person) -> dict[str, Any]:
    """The actor that a person is, read from the tables (the API's callers have no session)."""
    return {"user": person.username, "name": person.full_name, "roles": scopes_of(person.id)}


def actor() -> dict[str, Any]:
    """The signed-in person as an actor: once per request, remembered in the session until the rights change."""
    if "actor" not in g:
        person = cast(Person, current_user)
        remembered = session.get("actor")
        if not remembered or session.get("rights") != person.rights_version or remembered["user"] != person.username:
            remembered = actor_of(person)
            session["actor"], session["rights"] = remembered, person.rights_version
        g.actor = remembered
    return cast("dict[str, Any]", g.actor)


def roles() -> frozenset[str]:
    """Role keys of the signed-in person; none where nobody is signed in."""
    return frozenset(actor()["roles"]) if current_user.is_authenticated else frozenset()


def roles_in(company_id: Any, project_id: Any) -> frozenset[str]:
    """Those of them that reach a project."""
    places = {"group", f"company:{company_id}", f"project:{project_id}"}
    return frozenset(role for role, scopes in actor()["roles"].items() if not places.isdisjoint(scopes))


def signed_in(*needed: str) -> Callable[[Handler], Handler]:
    """Only for signed-in people, and where roles are named, only for one of those.

    Flask-AppBuilder's `has_access` asks the database for permissions on each request; the roles are already at hand.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if (refused := to_login()) is not None:
                return refused
            if needed and not roles() & set(needed):
                abort(403)
            return handler(*args, **kwargs)

        return cast(Handler, guarded)

    return decorate


def to_login() -> Response | None:
    """Where somebody must go before anything else: to the login, or to a password of their own."""
    if not current_user.is_authenticated:
        if request.method != "GET":
            return redirect(url_for("LoginView.login"))
        return redirect(url_for("LoginView.login", next=request.full_path.rstrip("?") if request.path != "/" else None))
    if current_user.must_change_password and request.endpoint != "LoginView.password":
        return redirect(url_for("LoginView.password"))
    return None
