"""Who may come in: Flask-AppBuilder's security manager without its stock screens, and with limits on logging in.

Flask-AppBuilder's own views of users, roles and permissions are not registered: they act on GET, ask the database for
each menu entry and give rights that the contracts do not know. Administrators have `admin.pages.people`.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, g, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.sqla.manager import SecurityManager

from admin.models import LoginFailure, Person, db
from admin.pages.login import LoginView
from admin.sessions import now
from services.contracts.roles import Role

log = logging.getLogger("anju.console.security")

#: What a role may do with Flask-AppBuilder's own doors. Everything else is decided by the services.
BUILT_IN = {
    **{role.value: [["OpenApi", "can_get"]] for role in Role if role is not Role.SYSTEM},
    "public": [],
}


class TokenApi(SecurityApi):
    """Flask-AppBuilder's token door, with the limit told as what it is.

    It gives no refresh tokens: one would outlive the password that it was given for.
    """

    refresh = None

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        """A token for thirty minutes.
        ---
        post:
          summary: Sign in; the token goes into the Authorization header of every request
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password, provider]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    provider: {type: string, enum: [db]}
          responses:
            200:
              description: Signed in
              content:
                application/json:
                  schema:
                    type: object
                    required: [access_token]
                    properties:
                      access_token: {type: string}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            429: {$ref: '#/components/responses/anju_429'}
        """
        asked = request.get_json(silent=True)
        if isinstance(asked, dict) and asked.get("refresh"):
            refused: Response = self.response_400(message={"refresh": ["There are no refresh tokens; sign in again."]})
            return refused
        answer: Response = super().login()
        if login_limited():
            answer = self.response(429, message="Too many requests")
            answer.headers["Retry-After"] = str(int(current_app.config["LOGIN_WINDOW"].total_seconds()))
        return answer


def login_limited() -> bool:
    """Whether this request's login was not even tried."""
    return bool(g.get("login_limited"))


class ConsoleSecurity(SecurityManager):
    """Accounts of the console, and the guard at its door."""

    user_model = Person
    authdbview = LoginView
    security_api = TokenApi

    @staticmethod
    def create_builtin_roles() -> dict[str, Any]:
        """Roles are code: no permission is read from the database."""
        return {**BUILT_IN, **current_app.config.get("FAB_ROLES", {})}

    def register_views(self) -> None:
        """The login and the token door of the API; none of the stock screens."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        limit = self.limiter.limit(self.auth_rate_limit, methods=["POST"])
        limit(self.auth_view.blueprint)
        for view in self.appbuilder.baseviews:
            if isinstance(view, self.security_api):
                limit(view.blueprint)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public through permissions; what needs no login says so itself."""
        return False

    def auth_user_db(self, username: str, password: str) -> Person | None:
        """The person, or None. After too many failures of this account from this address nobody: `login_limited()`."""
        if not isinstance(username, str) or not isinstance(password, str) or len(password) > 200 or "\x00" in username:
            return None
        key = _attempt_key(username)
        since = now() - current_app.config["LOGIN_WINDOW"]
        recent = sa.select(sa.func.count()).where(LoginFailure.key == key, LoginFailure.at > since)
        if (db.session.scalar(recent) or 0) >= current_app.config["LOGIN_ATTEMPTS"]:
            log.warning("login refused: too many failures", extra={"attempt": key[:12]})
            g.login_limited = True
            return None
        person: Person | None = super().auth_user_db(username, password)
        if person is None:
            # The name that was typed is not logged: people type their password there.
            log.warning("login failed", extra={"attempt": key[:12]})
            db.session.add(LoginFailure(key=key, at=now()))
        else:
            log.info("login", extra={"user": person.username})
            db.session.execute(sa.delete(LoginFailure).where(sa.or_(LoginFailure.key == key, LoginFailure.at <= since)))
        db.session.commit()
        return person


def _attempt_key(username: str) -> str:
    return hashlib.sha256(f"{username.strip().lower()}|{request.remote_addr}".encode()).hexdigest()
