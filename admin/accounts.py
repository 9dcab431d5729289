"""Accounts: create, change the roles of, disable. What a person may do takes effect with the next request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import current_app
from flask_appbuilder.security.sqla.models import Role as FabRole
from werkzeug.security import generate_password_hash

from admin import passwords, sessions, traces
from admin.actors import scopes_of
from admin.models import Assignment, Person, db
from services.contracts.roles import Role

SCOPE = re.compile(r"group|(company|project):[A-Za-z0-9_-]{1,40}")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,60}")


class AccountInvalid(ValueError):
    """An account breaks a rule: `field` and the `key` of a text of `console.toml`."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field}: {key}")
        self.field, self.key = field, key


def create_account(
    username: str,
    name: str,
    password: str,
    roles: Mapping[str, Sequence[str]],
    *,
    email: str | None = None,
    language: str | None = None,
    must_change_password: bool = False,
    digest: str | None = None,
    by: str = traces.LAUNCHER,
) -> Person:
    """Create an account with roles and their scopes; raises `AccountInvalid`. An existing one is brought up to date.

    `digest` is what `hashed` made of the password, where many accounts share one.
    """
    if not USERNAME.fullmatch(username):
        raise AccountInvalid("username", "people.username_rule")
    if not name.strip() or len(name) > 60:
        raise AccountInvalid("name", "people.name_rule")
    if rule := passwords.problem(password, username):
        raise AccountInvalid("password", rule)
    check_roles(roles)
    person = db.session.scalar(sa.select(Person).where(Person.username == username))
    if created := person is None:
        person = Person(username=username, email=email or f"{username}@anju.invalid", active=True, rights_version=0)
        db.session.add(person)
    person.first_name, person.last_name = name.strip(), ""
    person.language = language
    _keep_password(person, password, must_change_password, digest)
    db.session.flush()
    if created:
        traces.note("account_created", by, username, after=person.full_name)
    assign(person, roles, by)
    db.session.commit()
    kept: Person = person
    return kept


def check_roles(roles: Mapping[str, Sequence[str]]) -> None:
    """Roles must be of the contracts, and each scope must say group, company or project."""
    for role, scopes in roles.items():
        if role not in set(Role) - {Role.SYSTEM}:
            raise AccountInvalid("roles", "people.role_unknown")
        if not scopes or not all(SCOPE.fullmatch(scope) for scope in scopes):
            raise AccountInvalid("roles", "people.scope_rule")


def assign(person: Person, roles: Mapping[str, Sequence[str]], by: str) -> None:
    """Give a person exactly these roles; open sessions read them with their next request."""
    check_roles(roles)
    before, after = scopes_of(person.id), {role: list(dict.fromkeys(scopes)) for role, scopes in roles.items()}
    if before != after:
        traces.note("roles_changed", by, person.username, before, after)
    db.session.execute(sa.delete(Assignment).where(Assignment.user_id == person.id))
    for role, scopes in after.items():
        for scope in scopes:
            db.session.add(Assignment(user_id=person.id, role=role, scope=scope))
    person.roles = list(db.session.scalars(sa.select(FabRole).where(FabRole.name.in_(roles))))
    person.rights_version = (person.rights_version or 0) + 1


def rename(person: Person, name: str, by: str) -> None:
    """Another name for people; raises `AccountInvalid`."""
    if not name.strip() or len(name) > 60:
        raise AccountInvalid("name", "people.name_rule")
    if person.full_name != name.strip():
        traces.note("renamed", by, person.username, person.full_name, name.strip())
        person.first_name, person.last_name = name.strip(), ""


def set_active(person: Person, active: bool, by: str) -> None:
    """Let a person in, or put them out: their sessions end at once."""
    if person.active != active:
        traces.note("enabled" if active else "disabled", by, person.username, person.active, active)
    person.active = active
    db.session.commit()
    if not active:
        sessions.end_all_of(person.id)


def change_password(person: Person, password: str, *, keep_session: str | None) -> None:
    """A new password by the person; every other session of theirs ends. Raises `AccountInvalid`."""
    if rule := passwords.problem(password, person.username):
        raise AccountInvalid("password", rule)
    _keep_password(person, password, must_change=False)
    traces.note("password_changed", person.username, person.username)
    db.session.commit()
    sessions.end_all_of(person.id, but=keep_session)


def reset_password(person: Person, by: str) -> str:
    """A first password to hand over, good for choosing another one only; all sessions end."""
    password = passwords.random_password() + secrets.choice("23456789")
    _keep_password(person, password, must_change=True)
    traces.note("password_reset", by, person.username)
    db.session.commit()
    sessions.end_all_of(person.id)
    return password


def hashed(password: str) -> str:
    """What is kept of a password; slow on purpose (half a second on a small machine)."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    return generate_password_hash(password, method=method, salt_length=16)


def _keep_password(person: Person, password: str, must_change: bool, digest: str | None = None) -> None:
    person.password = digest or hashed(password)
    person.must_change_password = must_change
