"""Headers of every answer, and which parts of Flask-AppBuilder are not reachable."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, abort, request
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from admin import files

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: Flask-AppBuilder registers these itself: `/back` and `/lang` change the session on GET, its static files are unused.
STOCK = ("/back", "/lang/", "/static/appbuilder/", "/swagger/")


def allow_uploads() -> None:
    """Forms of commands may carry files, if somebody has signed in; every other request stays small."""
    taking = ("RecordView.create", "RecordView.move", "ImportView.upload")
    if request.endpoint in taking and current_user.is_authenticated:
        request.max_content_length = files.MOST_REQUEST


def harden(app: Flask) -> None:
    """Security headers, and 404 for what Flask-AppBuilder offers and the console does not."""
    tls = bool(app.config["SESSION_COOKIE_SECURE"])
    if tls:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]

    @app.before_request
    def hide_stock_doors() -> None:
        if request.path.startswith(STOCK):
            abort(404)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if tls:
            headers.setdefault("Strict-Transport-Security", f"max-age={int(timedelta(days=365).total_seconds())}")
        if request.path.startswith("/static/"):
            headers["Cache-Control"] = "public, max-age=86400"
        else:
            # Pages hold personal data; the browser's back button must not show them after logout.
            headers["Cache-Control"] = "no-store"
        return response
