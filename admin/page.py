"""What every page of the console shares: its base view and how it is rendered."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, render_template
from flask_appbuilder.baseviews import BaseView

from services.contracts.errors import AnjuError


class Page(BaseView):
    """A view of the console. Authorisation is the services' (H1); `signed_in` keeps strangers out."""

    route_base = ""
    template_folder = None


def page(template: str, /, **values: Any) -> str:
    """A page in the console's look."""
    return render_template(f"anju/{template}", **values)


def answer(template: str, status: int, /, **values: Any) -> Response:
    """A page with a status."""
    return make_response(page(template, **values), status)


def services() -> Any:
    """The way to the services: `admin.rpc.Services`, or its double."""
    return current_app.extensions["anju_services"]


def ask(*calls: tuple[Any, ...]) -> list[Any]:
    """Queries in parallel; the first error is raised, since the page is nothing without its parts."""
    answers = services().gather(list(calls))
    for one in answers:
        if isinstance(one, AnjuError):
            raise one
    return list(answers)


def ask_each(*calls: tuple[Any, ...]) -> list[Any]:
    """Queries in parallel; an error stands in the place of its answer, so that the rest of the page works."""
    return list(services().gather(list(calls))) if calls else []
