"""The call desk (X-329): who is calling, what they have, and the case entered on the same page (C-01 to C-09)."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from werkzeug.datastructures import MultiDict

from admin import forms, query, related
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Command
from admin.forms import Form
from admin.moves import Outcome
from admin.page import Page, ask, page
from admin.query import ListQuery
from admin.related import Panel
from admin.sheet import Sheet
from services.contracts.errors import UnknownCommand
from services.contracts.roles import Role

READERS = (Role.HOTLINE_OPERATOR, Role.COMPLAINT_HANDLER, Role.COMPLAINT_SUPERVISOR, Role.CUSTOMER_CENTRE)
CALLER = ("leads", "customer")
ENTRY = ("complaints", "register_case")
#: What else a call may be about (C-04): where it is entered, with the fields that the caller fills.
ELSEWHERE = (
    ("maintenance", "report_work_order"),
    ("complaints", "receive_enquiry"),
    ("complaints", "receive_suggestion"),
)
STEPS = ("greet", "calm", "who", "what", "judge", "promise")


class DeskView(Page):
    """For whoever answers the telephone. Everything can be done with the keyboard."""

    default_view = "desk"

    @expose("/desk/", methods=("GET",))
    @signed_in(*READERS)
    def desk(self) -> Any:
        """Ask who is calling; a number that finds one customer leads straight to the entry."""
        q = query.remembered_words(request.args.get("s", ""))
        found: Panel | None = None
        if q:
            register = catalogues().resource(*CALLER)
            asked = ListQuery(q=q, size=related.SHOWN * 2, token=request.args["s"])
            (answered,) = ask(("search", *CALLER, asked.params, actor()))
            if len(answered["result"]) == 1:
                return redirect(url_for("DeskView.caller", uid=answered["result"][0]["id"]))
            (found,) = related.filled([related.Wanted(register, asked)], [answered])
        return page("desk.html", q=q, found=found, steps=STEPS)

    @expose("/desk/", methods=("POST",))
    @signed_in(*READERS)
    def ask_desk(self) -> Any:
        """What was typed is a telephone number: it stays on the server, never in an address."""
        return redirect(url_for("DeskView.desk", s=query.remember_words(request.form.get("q", ""))))

    @expose("/desk/<uid>")
    @signed_in(*READERS)
    def caller(self, uid: str) -> Any:
        """Who it is, their homes, cases and orders on one side; the entry with its advice on the other."""
        register = catalogues().resource(*CALLER)
        command = catalogues().command(*ENTRY)
        if not command.allowed_to(roles()):
            abort(403)
        (fetched,) = ask(("fetch", *CALLER, uid, actor()))
        sheet = Sheet(register, fetched)
        panels = related.panels(register, sheet.record)
        form = _entry(command, sheet, homes := _homes(panels))
        return page(
            "desk_caller.html",
            sheet=sheet,
            panels=[one for one in panels if one.problem or one.count],
            homes=homes,
            command=command,
            form=form,
            outcome=Outcome(form),
            elsewhere=_elsewhere(uid),
            steps=STEPS,
        )


def _homes(panels: list[Panel]) -> list[tuple[str, str]]:
    """The caller's homes: id and name."""
    for one in panels:
        if one.listing and one.listing.register.path == "leads/home":
            title = one.listing.register.title
            return [(str(row["id"]), str(row.get(title) or row["id"])) for row in one.listing.rows]
    return []


def _entry(command: Command, sheet: Sheet, homes: list[tuple[str, str]]) -> Form:
    """The form of a case with what is known of the caller filled in."""
    given = {"uid": sheet.id, "channel": "hotline"}
    names = {"uid": sheet.title}
    if len(homes) == 1:
        given["home_id"], names["home_id"] = homes[0]
    form = forms.blank(command, MultiDict(given))
    for control in form.controls:
        control.text = names.get(control.name, control.text)
    return form


def _elsewhere(uid: str) -> list[tuple[Command, str]]:
    """Other entries that this person may make for the caller, each with its address."""
    found = []
    for service, name in ELSEWHERE:
        try:
            command = catalogues().command(service, name)
        except UnknownCommand:
            continue
        if command.allowed_to(roles()):
            url = url_for("RecordView.create", service=service, resource=command.resource, command=name, uid=uid)
            found.append((command, url))
    return found
