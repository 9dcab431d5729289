"""What the API says: `{"message", "errors"}` for every refusal, in the reader's language.

`errors` is `{field: [{"code", "params", "message"}]}`; the field "" is the request as a whole. `code` is for programs,
`message` for people.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request

from admin import texts
from services.contracts import glossary
from services.contracts.errors import AnjuError, ValidationFailed


class Refused(Exception):
    """A request that is wrong as a request, before any service is asked; `status` is its HTTP status."""

    def __init__(self, status: int, code: str, field: str = "", **params: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.field, self.params = status, code, field, params


def choose_language() -> None:
    """For this request: what `Accept-Language` asks for, else the person's own choice, else Chinese."""
    asked = request.accept_languages.best_match(glossary.LANGUAGES) if request.accept_languages else None
    own = getattr(g.get("user"), "language", None)
    g.language = asked or (own if own in glossary.LANGUAGES else texts.DEFAULT)


def refusal(error: AnjuError | Refused, service: str = "", resource: str = "") -> Response:
    """The answer for an error; `service` and `resource` name its fields for people."""
    if isinstance(error, ValidationFailed):
        errors = {
            field: [_told(one["code"], one.get("params") or {}, service, resource, field) for one in found]
            for field, found in error.errors.items()
        }
        return shaped(error.status, texts.sentence(error.code, {"fields": ", ".join(errors)}), errors)
    field = error.field if isinstance(error, Refused) else ""
    told = _told(error.code, error.params, service, resource, field)
    response = shaped(error.status, told["message"], {field: [told]})
    if isinstance(error, Refused) and error.status == 405:
        response.headers["Allow"] = ", ".join(error.params["allowed"])
    return response


def shaped(status: int, message: str, errors: dict[str, Any] | None = None) -> Response:
    """A refusal as JSON."""
    response = jsonify({"message": message, "errors": errors or {}})
    response.status_code = status
    response.headers["Content-Language"] = texts.language()
    return response


def _told(code: str, params: dict[str, Any], service: str, resource: str, field: str) -> dict[str, Any]:
    named = {key: _named(key, value, service, resource) for key, value in params.items()}
    message = texts.sentence(code, named)
    # A header, or a word of the address, is written as it is in every language.
    label = (service and glossary.field_term(service, resource, field, texts.language())) or field
    return {"code": code, "params": params, "message": f"{label}: {message}" if label else message}


def _named(key: str, value: Any, service: str, resource: str) -> Any:
    """A parameter of a sentence as people call it."""
    if key == "service":
        return texts.service_name(str(value))
    if key == "command":
        return texts.command_name(service, str(value))
    if key == "state":
        return texts.state_name(service, resource, str(value))
    if key == "resource":
        return texts.resource_name(service, str(value))
    if key == "roles" and isinstance(value, list):
        return ", ".join(texts.role_name(str(one)) for one in value)
    return ", ".join(map(str, value)) if isinstance(value, list) else value
