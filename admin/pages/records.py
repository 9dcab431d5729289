"""Every register of every service: its list, records and commands, from the catalogue. The services decide (H1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from admin import alike, customer, export, picking, query, related, timeline
from admin.actors import actor, roles, signed_in
from admin.advice import Advice
from admin.catalogues import catalogues
from admin.described import Command, Resource
from admin.forms import Form, blank, correcting, draft, typed
from admin.listing import Listing
from admin.models import SavedView, db
from admin.moves import Outcome, carry_out
from admin.page import Page, answer, ask, page, services
from admin.screens import COMPOSED
from admin.sheet import Sheet
from admin.texts import command_name, listed, t
from admin.values import CORRECTS, whole
from services.contracts import SERVICES
from services.contracts.errors import UnknownCommand

AT = f"/<any({','.join(SERVICES)}):service>/<resource>/"
MOST_VIEWS = 20


class RecordView(Page):
    """Lists and records. One instance serves all requests and keeps nothing between them."""

    default_view = "records"

    @expose(AT)
    @signed_in()
    def records(self, service: str, resource: str) -> Any:
        """The list: query form, state tabs, clocks, pages."""
        register = self._register(service, resource)
        asked = query.read(register, request.args)
        if request.args.get("q") and query.remember(register, asked).token:
            # Somebody typed a phone number or a name into the address: take it out of the history at once.
            return redirect(self._list_url(register, query.remember(register, asked)))
        (found,) = ask(("search", service, resource, asked.params, actor()))
        saved = db.session.scalars(
            sa.select(SavedView)
            .where(SavedView.user_id == current_user.id, SavedView.resource == register.path)
            .order_by(SavedView.id)
        ).all()
        creating = [one for one in catalogues().creating(register, roles()) if not one.corrects]
        return page("list.html", listing=Listing(register, asked, found, saved, creating))

    @expose(AT + "query", methods=("POST",))
    @signed_in()
    def ask_list(self, service: str, resource: str) -> Any:
        """The query form: a POST, so that what was typed reaches no address, no log and no history."""
        register = self._register(service, resource)
        given, unclear = picking.picked(register, request.form, actor())
        if unclear:
            flash(t("list.ignored", names=listed(unclear)), "error")
        asked = query.remember(register, replace(query.read(register, given), page=1))
        return redirect(self._list_url(register, asked))

    @expose(AT + "views", methods=("POST",))
    @signed_in()
    def save_view(self, service: str, resource: str) -> Any:
        """Keep the list's query under a name, or forget one."""
        register = self._register(service, resource)
        mine = sa.and_(SavedView.user_id == current_user.id, SavedView.resource == register.path)
        if forget := request.form.get("forget", ""):
            db.session.execute(sa.delete(SavedView).where(mine, SavedView.id == whole(forget)))
            db.session.commit()
            return redirect(self._list_url(register))
        name = request.form.get("name", "").strip()[:40]
        kept = replace(query.read(register, request.form), page=1)
        private = query.remember(register, kept).token
        count = db.session.scalar(sa.select(sa.func.count()).select_from(SavedView).where(mine)) or 0
        if not name or count >= MOST_VIEWS or private:
            flash(t("views.private" if private else "views.name_needed" if not name else "views.too_many"), "error")
            return redirect(self._list_url(register, query.remember(register, kept)))
        db.session.add(SavedView(user_id=current_user.id, resource=register.path, name=name, query=kept.string()))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            flash(t("views.name_taken"), "error")
        return redirect(self._list_url(register, kept))

    @expose(AT + "export", methods=("POST",))
    @signed_in()
    def export_list(self, service: str, resource: str) -> Response:
        """The list as a workbook."""
        register = self._register(service, resource)
        return export.attached(f"{service}-{resource}", export.workbook(register, query.read(register, request.form)))

    @expose(AT + "options", methods=("POST",))
    @signed_in()
    def options(self, service: str, resource: str) -> Any:
        """What a picker offers while somebody types; a POST, since people are found by phone number."""
        self._register(service, resource)
        found = services().options(service, resource, request.form.get("q", "")[:100], actor())
        return {"result": found["result"][:20]}

    @expose(AT + "new/<command>", methods=("GET", "POST"))
    @signed_in()
    def create(self, service: str, resource: str, command: str) -> Any:
        """The form of a command that makes a record."""
        register, chosen = self._register(service, resource), self._command(service, resource, command, "create")
        if request.method == "GET":
            form = blank(chosen, request.args)
            if chosen.corrects and (wrong := request.args.get(CORRECTS)):
                (fetched,) = ask(("fetch", service, resource, wrong, actor()))
                form = correcting(form, fetched["result"])
            return self._form(register, chosen, Outcome(form))
        outcome = carry_out(register, chosen, request.form, None, request.files)
        return self._after(register, chosen, outcome)

    @expose(AT + "advice/<command>", methods=("POST",))
    @signed_in()
    def advice(self, service: str, resource: str, command: str) -> Any:
        """What the service says about a form while it is filled in; nothing is carried out."""
        chosen = catalogues().command(service, command)
        if chosen.resource != resource or not chosen.advised:
            abort(404)
        if not chosen.allowed_to(roles()):
            abort(403)
        said = services().advise(service, command, draft(typed(chosen, request.form)), actor())
        return page("advice.html", advice=Advice(chosen, said))

    @expose(AT + "<id>")
    @signed_in()
    def record(self, service: str, resource: str, id: str) -> Any:
        """One record: its fields, its moves, its timeline; for a home or a customer all that every service knows."""
        register = self._register(service, resource)
        calls: list[tuple[Any, ...]] = [
            ("fetch", service, resource, id, actor()),
            ("history", service, resource, id, actor()),
        ]
        if CORRECTS in register.filters:
            calls.append(("search", service, resource, {"filters": {CORRECTS: id}, "order": "created_at"}, actor()))
        fetched, happened, *corrections = ask(*calls)
        if (now := fetched["result"]["id"]) != id:
            return redirect(url_for("RecordView.record", service=service, resource=resource, id=now))
        sheet, entries = Sheet(register, fetched), timeline.entries(register, happened["result"])
        for found in corrections:
            sheet.tell_corrections(found["result"])
        if register.path == customer.CUSTOMER:
            return page("customer.html", sheet=sheet, entries=entries, whole=customer.portrait(sheet))
        if register.path in alike.NAMING and (both := alike.alike(sheet)) is not None:
            return page("alike.html", sheet=sheet, entries=entries, alike=both, moves=alike.without(both, sheet.moves))
        composed = register.path in COMPOSED
        panels = related.panels(register, sheet.record) if composed else []
        return page("record.html", sheet=sheet, entries=entries, panels=panels, composed=composed)

    @expose(AT + "<id>/related")
    @signed_in()
    def related_records(self, service: str, resource: str, id: str) -> Any:
        """Records of all services that point at this one."""
        register = self._register(service, resource)
        (fetched,) = ask(("fetch", service, resource, id, actor()))
        sheet = Sheet(register, fetched)
        return page("related.html", sheet=sheet, panels=related.panels(register, sheet.record))

    @expose(AT + "<id>/<command>", methods=("GET", "POST"))
    @signed_in()
    def move(self, service: str, resource: str, id: str, command: str) -> Any:
        """The form of a move, and the move itself."""
        register = self._register(service, resource)
        try:
            chosen = self._command(service, resource, command)
        except UnknownCommand:
            if register.append_only:
                services().tell_attempt(service, resource, id[:40], command, actor=actor(), door="console")
            raise
        if request.method == "POST":
            outcome = carry_out(register, chosen, request.form, id, request.files)
            return self._after(register, chosen, outcome, id)
        (fetched,) = ask(("fetch", service, resource, id, actor()))
        sheet = Sheet(register, fetched)
        return self._form(register, chosen, Outcome(blank(chosen, version=sheet.version)), id, sheet)

    def _register(self, service: str, resource: str) -> Resource:
        register = catalogues().resource(service, resource)
        if not register.readable_by(roles()):
            abort(403)
        return register

    def _command(self, service: str, resource: str, name: str, kind: str | None = None) -> Command:
        command = catalogues().command(service, name)
        if command.resource != resource or (command.kind == "create") != (kind == "create"):
            abort(404)
        if not command.allowed_to(roles()):
            abort(403)
        return command

    def _list_url(self, register: Resource, asked: query.ListQuery | None = None) -> str:
        url = url_for("RecordView.records", service=register.service, resource=register.name)
        string = asked.string() if asked else ""
        return f"{url}?{string}" if string else url

    def _after(self, register: Resource, command: Command, outcome: Outcome, id: str | None = None) -> Any:
        if outcome.record is None:
            return self._form(register, command, outcome, id)
        shown = outcome.record.get("id") or id
        url = url_for("RecordView.record", service=register.service, resource=register.name, id=shown)
        if outcome.revealed is not None:
            place = {"register": register, "url": url, "list_url": self._list_url(register)}
            return page("revealed.html", revealed=outcome.revealed, **place)
        flash(t("move.done", command=command_name(command.service, command.name)), "done")
        if request.headers.get("X-Fragment") == "1":
            # A dialog sent it: a redirect would be followed unseen, and the page would show its message to nobody.
            return Response(status=204, headers={"X-Location": url})
        return redirect(url)

    def _form(
        self, register: Resource, command: Command, outcome: Outcome, id: str | None = None, sheet: Sheet | None = None
    ) -> Response:
        form: Form = outcome.form
        return answer(
            "form.html",
            outcome.status,
            register=register,
            command=command,
            outcome=outcome,
            form=form,
            id=id,
            sheet=sheet,
        )
