"""The report centre (X-377): figures that the services compute, with the list behind each number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, abort, request, url_for
from flask_appbuilder.baseviews import expose
from werkzeug.datastructures import MultiDict

from admin import export, forms
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Extract, Report
from admin.forms import Form, payload, typed
from admin.listing import Listing
from admin.page import Page, answer, ask, page, services
from admin.query import FARTHEST, SIZES, ListQuery
from admin.reports import Sheet
from admin.screens import AREAS, screen_of
from admin.texts import report_name, t
from admin.values import ZONE, day_bounds
from services.contracts import SERVICES
from services.contracts.errors import ValidationFailed

AT = f"/reports/<any({','.join(SERVICES)}):service>/<name>"
EXTRACT_AT = f"/registers/<any({','.join(SERVICES)}):service>/<name>"


def extract_name(extract: Extract) -> str:
    """A paper register, for people."""
    return report_name(extract.service, extract.name)


class ReportView(Page):
    """Reports are read with the reader's own scope: two people may see different figures."""

    default_view = "reports"

    @expose("/reports/")
    @signed_in()
    def reports(self) -> str:
        """All reports that this person may read, by area."""
        found: dict[str, list[Sheet]] = {}
        for one in catalogues().reports_for(roles()):
            screen = screen_of(f"{one.service}/{one.resource}")
            found.setdefault(screen.area if screen else "platform", []).append(Sheet(one, {"rows": []}))
        areas = [(t(f"area.{area}"), found[area]) for area in AREAS if area in found]
        registers = [(extract_name(one), one) for one in catalogues().extracts_for(roles())]
        return page("reports.html", areas=areas, registers=registers)

    @expose(AT)
    @signed_in()
    def report(self, service: str, name: str) -> Any:
        """One report: what it is narrowed by, its chart and its table."""
        chosen = self._report(service, name)
        form, found, status = self._asked(chosen)
        sheet = Sheet(chosen, found, request.args.get("measure", ""))
        here = url_for("ReportView.report", service=service, name=name)
        return answer("report.html", status, sheet=sheet, form=form, here=here, capped=found.get("capped", False))

    @expose(AT + "/export")
    @signed_in()
    def export_report(self, service: str, name: str) -> Response:
        """The table as a workbook."""
        chosen = self._report(service, name)
        _, found, _ = self._asked(chosen)
        return export.attached(f"{service}-{name}", export.report_workbook(Sheet(chosen, found)))

    @expose(EXTRACT_AT)
    @signed_in()
    def extract(self, service: str, name: str) -> Any:
        """A paper register, with its columns in the paper's order (C-121)."""
        chosen = self._extract(service, name)
        form, asked = self._entries(chosen)
        register = catalogues().resource(chosen.service, chosen.resource)
        found: dict[str, Any] = {"result": [], "count": 0, "capped": False}
        if not form.wrong:
            (found,) = ask(("search", service, register.name, asked.params, actor()))
        listing = Listing(register, asked, found, paper=chosen.columns)
        here, status = url_for("ReportView.extract", service=service, name=name), 422 if form.wrong else 200
        title = extract_name(chosen)
        return answer("extract.html", status, extract=chosen, title=title, listing=listing, form=form, here=here)

    @expose(EXTRACT_AT + "/export")
    @signed_in()
    def export_extract(self, service: str, name: str) -> Any:
        """The paper register as a workbook."""
        chosen = self._extract(service, name)
        form, asked = self._entries(chosen)
        if form.wrong:
            return self.extract(service, name)
        register = catalogues().resource(chosen.service, chosen.resource)
        return export.attached(
            f"{service}-{name}", export.workbook(register, asked, chosen.columns, extract_name(chosen))
        )

    def _extract(self, service: str, name: str) -> Extract:
        chosen = catalogues().extract(service, name)
        if not chosen.allowed_to(roles()):
            abort(403)
        return chosen

    def _entries(self, chosen: Extract) -> tuple[Form, ListQuery]:
        """The form as it was sent, and the entries that it asks for; those of this year before anything is asked."""
        given = request.args if set(request.args) - {"page"} else MultiDict({"since": f"{datetime.now(ZONE):%Y}-01-01"})
        form = typed(chosen, given)
        narrowed = payload(form, given, actor())
        since, until = narrowed.pop("since", None) or "", narrowed.pop("until", None) or ""
        if since and until and until < since:
            form.refuse({"until": [{"code": "before_since"}]})
        filters = {**chosen.holding, **{name: value for name, value in narrowed.items() if value}}
        if bounds := day_bounds(since, until):
            filters["created_at"] = bounds
        page = request.args.get("page", "1")
        number = int(page) if page.isdigit() and len(page) < 6 else 1
        return form, ListQuery(filters=filters, order="created_at", page=max(1, min(number, FARTHEST // SIZES[0])))

    def _report(self, service: str, name: str) -> Report:
        chosen = catalogues().report(service, name)
        if not chosen.allowed_to(roles()):
            abort(403)
        return chosen

    def _asked(self, chosen: Report) -> tuple[Form, dict[str, Any], int]:
        """The form as it was sent, and the rows; none where something in the form is wrong."""
        form = typed(chosen, request.args)
        params = payload(form, request.args, actor())
        if not form.wrong:
            try:
                found = services().report(chosen.service, chosen.name, params, actor())
                forms.complete(form, found["params"])
                return form, found, 200
            except ValidationFailed as wrong:
                form.refuse(wrong.errors)
        return form, {"rows": []}, 422
