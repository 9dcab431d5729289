"""Import of a register from a workbook (L-02): hand it in, look at what it would do, let it run, take it back."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Response, abort, flash, g, redirect, request, url_for
from flask_appbuilder.baseviews import expose

from admin import kept, traces
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Import
from admin.export import attached
from admin.forms import blank, payload, typed
from admin.imports import FILE, TALLIES, Batch, Offered, bad_rows, content_of, template
from admin.models import db
from admin.page import Page, answer, ask, page, services
from admin.problems import told
from admin.texts import command_name, t
from admin.values import whole
from services.contracts import SERVICES, workbooks
from services.contracts.errors import AnjuError, NotFound, ServiceUnavailable, UnknownCommand, ValidationFailed

AT = f"/imports/<any({','.join(SERVICES)}):service>/"
BATCH_COMMANDS = ("run", "discard", "revert")
ROW_COMMANDS = ("leave_out", "take_in")
#: What goes on after it has been answered.
BEGINNING = ("run_import_batch", "revert_import_batch")
SHOWN = 50
ASKED = 100


class ImportView(Page):
    """The service does the work in small parts; these pages show how far it has come."""

    default_view = "imports"

    @expose("/imports/")
    @signed_in()
    def imports(self) -> Any:
        """What can be imported, and the latest batches."""
        offered = catalogues().imports_for(roles())
        if not offered:
            abort(403)
        kept.sweep()
        return self._offered([Offered(one, blank(one, request.args)) for one in offered])

    @expose(AT + "<resource>", methods=("POST",))
    @signed_in()
    def upload(self, service: str, resource: str) -> Any:
        """Hand a workbook in; the service reads and checks it after this has been answered."""
        chosen = self._import(service, resource)
        form = typed(chosen, request.form)
        offered, given = Offered(chosen, form), payload(form, request.form, actor())
        try:
            name, content = content_of(request.files.get(FILE))
            if not form.wrong:
                handed = {"register": resource, "file_name": name, "content": base64.b64encode(content).decode()}
                done = services().execute(
                    service,
                    "upload_import_batch",
                    handed | {"given": given},
                    actor=actor(),
                    command_id=form.command_id,
                )
                kept.keep(done["result"], content)
                return redirect(url_for("ImportView.batch", service=service, id=done["result"]["id"]))
        except ValidationFailed as refused:
            offered = offered.refused(refused.errors)
        except ServiceUnavailable as away:
            form.errors.append(told(away))
        except AnjuError as refused:
            form.errors.append(told(refused))
            form.command_id = str(uuid.uuid4())
        others = [Offered(one, blank(one)) for one in catalogues().imports_for(roles()) if one.name != resource]
        return self._offered([offered, *others], 422)

    @expose(AT + "<resource>/template")
    @signed_in()
    def template(self, service: str, resource: str) -> Response:
        """An empty workbook with the right headings."""
        return attached(f"{service}-{resource}-template", template(self._import(service, resource)))

    @expose(AT + "batch/<id>")
    @signed_in()
    def batch(self, service: str, id: str) -> Any:
        """A batch: what it would do, or did, row by row."""
        found = self._batch(service, id)
        state = request.args.get("state", "")
        state = state if state in TALLIES else ""
        number = max(1, min(whole(request.args.get("page", "1")) or 1, 1_000))
        filters = {"batch_id": id, **({"state": state} if state else {})}
        asked = {"filters": filters, "order": "row_number", "page": number - 1, "page_size": SHOWN}
        (answered,) = ask(("search", service, "import_row", asked, actor()))
        counts = found.record.get("counts") or {}
        total = counts.get(state, 0) if state else sum(counts.values())
        return page(
            "import_batch.html",
            batch=found,
            rows=[found.row(one) for one in answered["result"]],
            state=state,
            number=number,
            pages=max(1, -(-total // SHOWN)),
            command_id=str(uuid.uuid4()),
            commands=[one for one in BATCH_COMMANDS if f"{one}_import_batch" in found.allowed],
            gives_bad=bool(found.bad and found.own and not found.going_on and kept.path_of(found.record)),
        )

    @expose(AT + "batch/<id>/progress")
    @signed_in()
    def progress(self, service: str, id: str) -> Any:
        """How far it has come, for the page that is open; a header says when nothing goes on any longer."""
        g.unattended = True
        found = self._batch(service, id)
        shown = Response(page("import_progress.html", batch=found))
        if not found.going_on:
            shown.headers["X-Settled"] = "1"
        return shown

    @expose(AT + "batch/<id>/errors")
    @signed_in()
    def errors(self, service: str, id: str) -> Any:
        """The rows that were not taken, as they were handed in, with the reason in each: for who handed them in."""
        found = self._batch(service, id)
        path = kept.path_of(found.record)
        if path is None or not found.own:
            abort(404)
        traces.note("exported", actor()["user"], after={"list": f"{service}/import_row", "rows": found.bad})
        db.session.commit()
        reasons = {int(row["row_number"]): found.reasons(row) for row in self._bad(service, id)}
        return attached(f"{service}-import-errors", bad_rows(reasons, path))

    @expose(AT + f"batch/<id>/<any({','.join(BATCH_COMMANDS)}):verb>", methods=("POST",))
    @signed_in()
    def decide(self, service: str, id: str, verb: str) -> Any:
        """Let it run, give it up, or take it back."""
        self._give(service, f"{verb}_import_batch", id)
        return redirect(url_for("ImportView.batch", service=service, id=id))

    @expose(AT + f"batch/<id>/rows/<row>/<any({','.join(ROW_COMMANDS)}):verb>", methods=("POST",))
    @signed_in()
    def decide_row(self, service: str, id: str, row: str, verb: str) -> Any:
        """Leave a row out, or take it in again."""
        self._give(service, f"{verb}_import_row", row)
        number = whole(request.form.get("page", "1")) or 1
        state = request.form.get("state", "")
        shown = state if state in TALLIES else None
        return redirect(url_for("ImportView.batch", service=service, id=id, page=number, state=shown))

    def _give(self, service: str, command: str, id: str) -> None:
        """Give a command, and say what came of it."""
        sent = request.form.get("command_id", "")
        command_id = sent if 8 <= len(sent) <= 60 and sent.replace("-", "").isalnum() else str(uuid.uuid4())
        try:
            services().execute(service, command, {"id": id}, actor=actor(), command_id=command_id)
        except (NotFound, UnknownCommand):
            raise
        except AnjuError as refused:
            flash(told(refused), "error")
            return
        begun = command in BEGINNING
        flash(t("imports.begun") if begun else t("move.done", command=command_name(service, command)), "done")

    def _import(self, service: str, resource: str) -> Import:
        chosen = catalogues().importable(service, resource)
        if not chosen.allowed_to(roles()):
            abort(403)
        return chosen

    def _batch(self, service: str, id: str) -> Batch:
        """A batch as it is now, and its workbook for as long as that says: the service ends it when no page asks."""
        (fetched,) = ask(("fetch", service, "import_batch", id, actor()))
        kept.keep_on(fetched["result"])
        return Batch(fetched["result"], fetched["actions"], service)

    def _bad(self, service: str, id: str) -> Iterator[dict[str, Any]]:
        number = 0
        while True:
            filters = {"batch_id": id, "state": "wrong"}
            asked = {"filters": filters, "order": "row_number", "page": number, "page_size": ASKED}
            found = services().search(service, "import_row", asked, actor())["result"]
            yield from found
            number += 1
            if len(found) < ASKED:
                return

    def _offered(self, offered: list[Offered], status: int = 200) -> Response:
        calls = [
            ("search", one, "import_batch", {"page": 0, "page_size": 20}, actor())
            for one in dict.fromkeys(one.chosen.service for one in offered)
        ]
        latest = [
            Batch(row, [], service)
            for (_, service, *_), answered in zip(calls, ask(*calls), strict=True)
            for row in answered["result"]
        ]
        for one in latest:
            kept.keep_on(one.record)
        return answer("imports.html", status, offered=offered, latest=latest, most=workbooks.MOST_BYTES)
