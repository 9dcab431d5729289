"""The report centre (X-377): figures that the services compute, with the list behind each number."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for
from flask_appbuilder.baseviews import expose

from admin import export
from admin.actors import actor, roles, signed_in
from admin.catalogues import Report, catalogues
from admin.forms import Form, payload, typed
from admin.page import Page, answer, page, services
from admin.reports import Sheet
from admin.screens import AREAS, screen_of
from admin.texts import t
from services.contracts import SERVICES
from services.contracts.errors import ValidationFailed

AT = f"/reports/<any({','.join(SERVICES)}):service>/<name>"


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
        return page("reports.html", areas=areas)

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
        content = export.report_workbook(Sheet(chosen, found))
        headers = {"Content-Disposition": f'attachment; filename="{service}-{name}.xlsx"'}
        return Response(content, mimetype=export.MEDIA_TYPE, headers=headers)

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
                return form, services().report(chosen.service, chosen.name, params, actor()), 200
            except ValidationFailed as wrong:
                form.refuse(wrong.errors)
        return form, {"rows": []}, 422
