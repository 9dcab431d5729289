"""Who acts, in which roles, and over which part of the organisation (X-40)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.contracts.errors import ValidationFailed
from services.contracts.roles import Role, SwitchedRole

GROUP = "group"
EVERYBODY = "*"
Roles = Iterable[Role | SwitchedRole | str]


@dataclass(frozen=True)
class Actor:
    """A person, a property company or a service. `roles` maps a role to scopes: group, company:<id>, project:<id>."""

    user: str
    name: str
    roles: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_wire(cls, described: Any) -> Actor:
        """The actor of an envelope; raises ValidationFailed that names the part which is wrong."""
        if not isinstance(described, dict):
            raise ValidationFailed.of("actor", "not_an_object")
        user, roles = described.get("user"), described.get("roles", {})
        if not isinstance(user, str) or not user or len(user) > 80:
            raise ValidationFailed.of("actor.user", "required")
        if not isinstance(roles, dict) or not all(
            isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes) for scopes in roles.values()
        ):
            raise ValidationFailed.of("actor.roles", "invalid")
        kept = {role: tuple(scopes) for role, scopes in roles.items() if role != Role.SYSTEM}
        return cls(user, str(described.get("name") or user)[:80], kept)

    @property
    def is_system(self) -> bool:
        return Role.SYSTEM in self.roles

    def scopes(self, roles: Roles) -> set[str]:
        """The scopes that any of these roles gives."""
        names = role_names(roles)
        if EVERYBODY in names:
            return {scope for scopes in self.roles.values() for scope in scopes}
        return {scope for name in names for scope in self.roles.get(name, ())}

    def covers(self, roles: Roles, company_id: str | None, project_id: str | None) -> bool:
        """Whether one of these roles reaches a record of that company and project."""
        if self.is_system:
            return True
        scopes = self.scopes(roles)
        if company_id is None and project_id is None:
            return bool(scopes)
        return GROUP in scopes or f"company:{company_id}" in scopes or f"project:{project_id}" in scopes


SYSTEM = Actor("system", "system", {Role.SYSTEM: (GROUP,)})


def role_names(roles: Roles) -> list[str]:
    """The plain names; a switched role stands for both its departments."""
    names: list[str] = []
    for role in roles:
        both = [role.before, role.after] if isinstance(role, SwitchedRole) else [role]
        names += [str(one) for one in both if str(one) not in names]
    return names


def places(actor: Actor, roles: Roles, record: Any) -> list[sa.ColumnElement[bool]]:
    """The scopes as alternatives, each of which an index answers: a company, a project, what belongs to neither."""
    scopes = {GROUP} if actor.is_system else actor.scopes(roles)
    if GROUP in scopes:
        return [sa.true()]
    if not scopes:
        return [sa.false()]
    kinds = {"company": record.company_id, "project": record.project_id}
    pairs = [scope.split(":", 1) for scope in sorted(scopes)]
    reached = [kinds[kind] == code for kind, code in pairs if kind in kinds]
    return [*reached, sa.and_(record.company_id.is_(None), record.project_id.is_(None))]


def within(actor: Actor, roles: Roles, record: Any) -> sa.ColumnElement[bool]:
    """The SQL condition that keeps a query inside the actor's scopes; used below every way out."""
    if actor.is_system:
        return sa.true()
    scopes = actor.scopes(roles)
    if GROUP in scopes:
        return sa.true()
    if not scopes:
        return sa.false()
    companies = [scope.removeprefix("company:") for scope in scopes if scope.startswith("company:")]
    projects = [scope.removeprefix("project:") for scope in scopes if scope.startswith("project:")]
    places = [(record.company_id, companies), (record.project_id, projects)]
    nowhere = sa.and_(record.company_id.is_(None), record.project_id.is_(None))
    return sa.or_(*(column.in_(codes) for column, codes in places if codes), nowhere)
