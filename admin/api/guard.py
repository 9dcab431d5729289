"""What holds for every path under /api/: who is asked for a token, and the one shape of refusals.

Only bearer tokens count. A cookie signs nobody in here, so a page of another site cannot act with a visitor's session,
and the API needs no CSRF token.
"""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, Response, g, request
from flask_appbuilder.api.manager import OpenApi
from flask_jwt_extended import verify_jwt_in_request

from admin.api import answers
from admin.api.answers import Refused
from admin.api.body import MAX_BYTES, parsed
from admin.catalogues import catalogues
from services.contracts.errors import AnjuError, ServiceUnavailable, UnknownCommand

log = logging.getLogger("anju.api")
Handler = TypeVar("Handler", bound=Callable[..., Any])


def door(handler: Handler) -> Handler:
    """A method of an API class: for the bearer of a token only, and whatever it raises becomes an answer."""

    @functools.wraps(handler)
    def guarded(self: Any, **kwargs: Any) -> Any:
        try:
            try:
                # Reads the person anew each time: a disabled account's token stops at once.
                verify_jwt_in_request(locations=["headers"])
            except sa.exc.OperationalError as away:
                log.error("the console's database is away: %s", type(away.orig).__name__)
                raise ServiceUnavailable(service="console") from None
            answers.choose_language()
            if g.user.must_change_password:
                raise Refused(403, "password_change_required")
            return handler(self, **kwargs)
        except (AnjuError, Refused) as error:
            return answers.refusal(error, self.service, _register(self.service, kwargs.get("name", "")))

    return cast(Handler, guarded)


def _register(service: str, name: str) -> str:
    """The register whose words name the fields: the one of the address, or the one that its command is about."""
    try:
        return catalogues().command(service, name).resource
    except UnknownCommand:
        return name


def guard(appbuilder: Any, app: Flask) -> None:
    """Install the rules of this module on the application."""
    manager = appbuilder.sm.jwt_manager
    manager.unauthorized_loader(lambda _why: _unauthorized("token_missing"))
    manager.invalid_token_loader(lambda _why: _unauthorized("token_invalid"))
    manager.expired_token_loader(lambda _head, _data: _unauthorized("token_expired"))
    manager.revoked_token_loader(lambda _head, _data: _unauthorized("token_invalid"))
    manager.user_lookup_error_loader(lambda _head, _data: _unauthorized("token_invalid"))
    app.before_request(_before)
    app.after_request(_after)
    if not any(isinstance(view, OpenApi) for view in appbuilder.baseviews):
        appbuilder.add_api(OpenApi)


def _unauthorized(code: str) -> Response:
    answers.choose_language()
    response = answers.refusal(Refused(401, code))
    response.headers["WWW-Authenticate"] = 'Bearer realm="anju"'
    return response


def _before() -> Response | None:
    """Flask-AppBuilder's own door (login) gets the same strict reading of their body."""
    if not request.path.startswith("/api/"):
        return None
    answers.choose_language()
    if request.path.startswith("/api/v1/security/") and request.method == "POST":
        request.max_content_length = MAX_BYTES
        raw = request.get_data()
        try:
            if raw and "\x00" in str(parsed(raw)).replace("\\x00", "\x00"):
                raise Refused(400, "nul_character")
        except Refused as wrong:
            return answers.refusal(wrong)
    return None


def _after(response: Response) -> Response:
    """Refusals of Flask-AppBuilder and of Flask itself in the shape of all others."""
    if not request.path.startswith("/api/") or response.status_code < 400:
        return response
    body = response.get_json(silent=True) if response.is_json else None
    if isinstance(body, dict) and isinstance(body.get("message"), str) and isinstance(body.get("errors"), dict):
        shaped = response
    else:
        if response.status_code >= 500:
            log.error("%s failed, reference %s", request.endpoint, uuid.uuid4().hex[:8])
        shaped = _reshaped(response, body)
    if response.status_code == 405 and "Allow" not in shaped.headers:
        allowed = getattr(request.routing_exception, "valid_methods", None)
        shaped.headers["Allow"] = ", ".join(sorted(allowed or ("GET",)))
    return shaped


def _reshaped(response: Response, body: Any) -> Response:
    said = body.get("message") if isinstance(body, dict) else None
    fields = said if isinstance(said, dict) else {}
    errors = {
        str(field): [
            {"code": "invalid", "params": {}, "message": str(one)}
            for one in (found if isinstance(found, list) else [found])
        ]
        for field, found in fields.items()
    }
    code = {
        400: "bad_request",
        401: "not_signed_in",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        429: "too_many_requests",
    }.get(response.status_code, "body_too_large" if response.status_code == 413 else "error")
    plain = answers.refusal(Refused(response.status_code, code))
    shaped = answers.shaped(
        response.status_code, str(plain.get_json()["message"]), errors or plain.get_json()["errors"]
    )
    for name in ("Retry-After", "WWW-Authenticate", "Allow"):
        if name in response.headers:
            shaped.headers[name] = response.headers[name]
    return shaped
