"""Accounts, for administrators: who may come in, with which roles, within which scopes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_login import current_user

from admin import accounts, directory, passwords, traces
from admin.accounts import AccountInvalid
from admin.actors import roles as held
from admin.actors import scopes_of, signed_in
from admin.models import Assignment, Person, Trace, db
from admin.page import Page, answer, page
from admin.texts import choice_name, field_name, resource_name, role_name, t
from admin.values import moment, whole
from services.contracts.roles import EXTERNAL, Role

ADMINISTRATOR = Role.ADMINISTRATOR
PAGE = 50
GIVEN = [role for role in Role if role is not Role.SYSTEM]


class PeopleView(Page):
    """Only administrators come here (Flask-AppBuilder's own user screens are not registered)."""

    default_view = "people"

    @expose("/people/")
    @signed_in(ADMINISTRATOR)
    def people(self) -> str:
        """The accounts, by name."""
        number = min(max(1, whole(request.args.get("page", "")) or 1), 10_000)
        total = db.session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
        people = db.session.scalars(
            sa.select(Person).order_by(Person.username).limit(PAGE).offset((number - 1) * PAGE)
        ).all()
        held: dict[int, list[str]] = {}
        ids = [person.id for person in people]
        for user_id, role, scope in db.session.execute(
            sa.select(Assignment.user_id, Assignment.role, Assignment.scope).where(Assignment.user_id.in_(ids))
        ):
            held.setdefault(user_id, []).append(f"{role_name(role)} ({_scope(scope)})")
        return page(
            "people.html", people=people, held=held, number=number, pages=max(1, -(-total // PAGE)), total=total
        )

    @expose("/people/names")
    @signed_in()
    def names(self) -> dict[str, dict[str, str]]:
        """Everybody's name by user name, for the fields in which somebody of ours is named."""
        if held() <= EXTERNAL:
            abort(403)
        return {"people": directory.people()}

    @expose("/people/new", methods=("GET", "POST"))
    @signed_in(ADMINISTRATOR)
    def create(self) -> Any:
        """A new account with a first password that its person must change."""
        typed = {"username": "", "name": "", "roles": ""}
        errors: dict[str, str] = {}
        if request.method == "POST":
            typed = {name: request.form.get(name, "")[:4000] for name in typed}
            password = passwords.random_password()
            try:
                username = typed["username"].strip().lower()
                if db.session.scalar(sa.select(Person.id).where(Person.username == username)):
                    raise AccountInvalid("username", "people.username_taken")
                roles = _roles(typed["roles"])
                accounts.create_account(username, typed["name"], password, roles, must_change_password=True, by=by())
            except AccountInvalid as wrong:
                db.session.rollback()
                errors[wrong.field] = t(wrong.key)
            else:
                return page("first_password.html", username=username, password=password)
        return answer("person.html", 422 if errors else 200, person=None, typed=typed, errors=errors, roles=GIVEN)

    @expose("/people/<int:id>", methods=("GET", "POST"))
    @signed_in(ADMINISTRATOR)
    def person(self, id: int) -> Any:
        """Roles and scopes of one account."""
        person = db.session.get(Person, id) or abort(404)
        typed = {"username": person.username, "name": person.full_name, "roles": _lines(scopes_of(id))}
        errors: dict[str, str] = {}
        if request.method == "POST":
            typed |= {name: request.form.get(name, "")[:4000] for name in ("name", "roles")}
            try:
                roles = _roles(typed["roles"])
                if person.id == current_user.id and roles != scopes_of(id):
                    raise AccountInvalid("roles", "people.not_yourself")
                accounts.rename(person, typed["name"], by())
                accounts.assign(person, roles, by())
                db.session.commit()
                flash(t("people.saved"), "done")
                return redirect(url_for("PeopleView.people"))
            except AccountInvalid as wrong:
                db.session.rollback()
                errors[wrong.field] = t(wrong.key)
        traced = [_said(one) for one in traces.of(person.username)]
        return answer(
            "person.html", 422 if errors else 200, person=person, typed=typed, errors=errors, roles=GIVEN, traced=traced
        )

    @expose("/people/<int:id>/active", methods=("POST",))
    @signed_in(ADMINISTRATOR)
    def active(self, id: int) -> Any:
        """Let somebody in, or put them out: their sessions end at once."""
        person = db.session.get(Person, id) or abort(404)
        if person.id == current_user.id:
            flash(t("people.not_yourself"), "error")
        else:
            accounts.set_active(person, request.form.get("active") == "1", by())
            flash(t("people.saved"), "done")
        return redirect(url_for("PeopleView.people"))

    @expose("/people/<int:id>/password", methods=("POST",))
    @signed_in(ADMINISTRATOR)
    def reset(self, id: int) -> Any:
        """A first password to hand over; it opens nothing but the page where its person chooses another one."""
        person = db.session.get(Person, id) or abort(404)
        return page("first_password.html", username=person.username, password=accounts.reset_password(person, by()))


def by() -> str:
    """Who is signed in, for the traces."""
    return str(current_user.username)


def _said(trace: Trace) -> dict[str, str]:
    """A trace for people: when, who, what, whom, and what it was and became."""
    return {
        "at": moment(f"{trace.at.isoformat()}Z"),
        "actor": directory.person_name(trace.actor),
        "what": t(f"trace.{trace.kind}"),
        "subject": directory.person_name(trace.subject) if trace.subject else "",
        "change": _change(trace),
    }


def _change(trace: Trace) -> str:
    """What it was and became; of an export, what was taken."""
    taken = trace.after
    if trace.kind == "exported" and isinstance(taken, dict):
        return t("trace.taken", what=resource_name(*taken["list"].split("/")), rows=taken["rows"])
    if trace.kind == "revealed" and isinstance(taken, dict):
        service, register = taken["list"].split("/")
        what = f"{resource_name(service, register)} · {field_name(service, register, taken['field'])}"
        return f"{what} · {choice_name(service, 'access_purpose', taken['purpose'])}"
    return " → ".join(_plain(one) for one in (trace.before, trace.after) if one not in (None, True, False))


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{role_name(role)}: {' '.join(scopes)}" for role, scopes in value.items())
    return str(value)


def _scope(scope: str) -> str:
    kind, _, code = scope.partition(":")
    return t(f"scope.{kind}") + (f" {code}" if code else "")


def _lines(roles: dict[str, list[str]]) -> str:
    return "\n".join(f"{role} {' '.join(scopes)}" for role, scopes in roles.items())


def _roles(text: str) -> dict[str, list[str]]:
    """`role scope scope` per line; without a scope it is the whole group."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.replace(",", " ").split()
        if words:
            found.setdefault(words[0], []).extend(words[1:] or ["group"])
    accounts.check_roles(found)
    return found
