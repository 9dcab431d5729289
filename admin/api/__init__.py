"""The REST API: what a person can do in the console, for other systems, made from the same catalogues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(appbuilder: Any, app: Flask) -> None:
    """Add `/api/v1/<service>/...` for every catalogue in `app.extensions["anju_catalogues"]`.

    Calls go to `app.extensions["anju_services"]`. Call it within the app's context, after Flask-AppBuilder's own API.
    """
    # Late, so that `admin.doubles` may use the payload rules without the whole console.
    from admin.api.files import FilesApi
    from admin.api.guard import guard
    from admin.api.views import api_of

    guard(appbuilder, app)
    appbuilder.add_api(FilesApi)
    for service in app.extensions["anju_catalogues"].services:
        appbuilder.add_api(api_of(service))
