"""Errors as pages in the console's look: a sentence, what to do, and never a traceback."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from admin.page import answer
from admin.texts import sentence, service_name, t
from services.contracts.errors import AnjuError, ServiceUnavailable

log = logging.getLogger("anju.console")
KNOWN = (400, 403, 404, 405, 409, 413, 422, 429, 503)


def told(error: AnjuError) -> str:
    """The sentence of an error, in the page's language."""
    if isinstance(error, ServiceUnavailable) and error.params.get("service"):
        return t("problem.service_away", service=service_name(str(error.params["service"])))
    return sentence(error.code, error.params)


def register_problem_pages(app: Flask) -> None:
    """Every error that a page does not handle itself ends here."""

    def show(status: int, message: str | None = None, reference: str | None = None) -> Response | tuple[Any, int]:
        if request.path.startswith("/api/"):
            return jsonify({"message": message or t(f"problem.{status}.title"), "errors": {}}), status
        known = status if status in KNOWN else 500 if status >= 500 else 400
        return answer("problem.html", status, problem=str(known), message=message, reference=reference)

    @app.errorhandler(AnjuError)
    def anju_error(error: AnjuError) -> Any:
        return show(error.status, told(error))

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> Any:
        log.warning("a form without a valid token was refused: %s", request.endpoint)
        return show(400, t("problem.stale_form"))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        if error.response is not None or (error.code or 500) < 400:
            return error
        if error.code == 413:
            return show(413, t("problem.413.what", max=(request.max_content_length or 0) // 1024**2))
        return show(error.code or 500)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Any:
        reference = uuid.uuid4().hex[:8]
        log.exception("a page failed, reference %s, endpoint %s", reference, request.endpoint)
        return show(500, None, reference)
