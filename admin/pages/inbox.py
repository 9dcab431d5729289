"""The approval inbox (X-378): three tabs over all services, and the page on which a decision is made."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose

from admin import inbox
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Command
from admin.forms import Form, blank
from admin.inbox import Round
from admin.moves import Outcome, carry_out
from admin.page import Page, answer, ask, ask_each, page
from admin.problems import told
from admin.sheet import Sheet
from admin.texts import t
from services.contracts import SERVICES
from services.contracts.errors import AnjuError

AT = f"/approvals/<any({','.join(SERVICES)}):service>/<id>"
TABS = ("waiting", "decided", "submitted")


class InboxView(Page):
    """Decisions of all services in one place."""

    default_view = "inbox"

    @expose("/approvals/")
    @signed_in()
    def inbox(self) -> str:
        """Waiting for me, decided by me, submitted by me."""
        tab = request.args.get("tab", "waiting")
        tab = tab if tab in TABS else "waiting"
        person = actor()["user"]
        if tab == "waiting":
            rounds, problems = inbox.waiting(ask_each(*inbox.waiting_calls()))
        elif tab == "decided":
            rounds, problems = inbox.search({"decider": person}, "-decided_at")
        else:
            rounds, problems = inbox.search({"submitted_by": person}, "-submitted_at")
        return page("inbox.html", tab=tab, tabs=TABS, rounds=rounds, problems=problems)

    @expose(AT, methods=("GET",))
    @signed_in()
    def decision(self, service: str, id: str) -> Any:
        """What is decided on: the snapshot, what changed since the last round, earlier decisions with their reasons."""
        return self._show(self._round(service, id), {}, 200)

    @expose(AT + "/<any(approve,reject):verdict>", methods=("POST",))
    @signed_in()
    def decide(self, service: str, id: str, verdict: str) -> Any:
        """Approve or reject; what was typed stays when the service refuses."""
        found = self._round(service, id)
        command = _command(found, verdict)
        subject = catalogues().at(f"{service}/{found.record.get('resource')}")
        if command is None or subject is None:
            abort(404)
        if not command.allowed_to(roles()):
            abort(403)
        outcome = carry_out(subject, command, request.form, str(found.record["record_id"]))
        if outcome.record is not None:
            done = verdict if verdict == "reject" or found.is_last_consent else "consent"
            flash(t(f"inbox.{done}_done", number=found.number), "done")
            return redirect(url_for("InboxView.inbox"))
        return self._show(found, {verdict: outcome}, outcome.status)

    def _round(self, service: str, id: str) -> Round:
        register = catalogues().resource(service, "approval")
        (fetched,) = ask(("fetch", service, "approval", id, actor()))
        return Round(register, fetched["result"])

    def _show(self, found: Round, outcomes: dict[str, Outcome], status: int) -> Any:
        record = found.record
        same = {"resource": record["resource"], "record_id": record["record_id"], "kind": record["kind"]}
        earlier_call = (
            "search",
            found.service,
            "approval",
            {"filters": same, "order": "-round", "page": 0, "page_size": 50},
            actor(),
        )
        subject_call = ("fetch", found.service, record["resource"], record["record_id"], actor())
        earlier, subject, *alike = ask_each(earlier_call, subject_call, *inbox.similar_calls(found))
        rounds = [] if isinstance(earlier, AnjuError) else [Round(found.register, one) for one in earlier["result"]]
        earlier_rounds = [one for one in rounds if int(one.record["round"]) < int(record["round"])]
        problems = [told(one) for one in (earlier, subject) if isinstance(one, AnjuError)]
        sheet = None
        if not isinstance(subject, AnjuError):
            sheet = Sheet(catalogues().resource(found.service, record["resource"]), subject)
        forms = _forms(found, sheet, outcomes)
        previous = next((one for one in rounds if int(one.record["round"]) == int(record["round"]) - 1), None)
        return answer(
            "decision.html",
            status,
            round=found,
            sheet=sheet,
            facts=inbox.compare(previous, found),
            previous=previous,
            earlier=earlier_rounds,
            forms=forms,
            outcomes=outcomes,
            problems=problems,
            similar=inbox.similar(found, alike),
            consequence=_consequence(found) if found.state == "submitted" else None,
        )


def _consequence(found: Round) -> inbox.Consequence | None:
    command, subject = _command(found, "approve"), catalogues().at(f"{found.service}/{found.record.get('resource')}")
    return inbox.consequence(command, subject) if command and subject else None


def _command(found: Round, verdict: str) -> Command | None:
    name = found.record.get("approve_command" if verdict == "approve" else "reject_command")
    try:
        return catalogues().command(found.service, str(name))
    except AnjuError:
        return None


def _forms(found: Round, sheet: Sheet | None, outcomes: dict[str, Outcome]) -> dict[str, tuple[Form, str]]:
    """The forms of both verdicts, each with the reason why it cannot be made now; none where nothing waits."""
    if found.state != "submitted" or sheet is None:
        return {}
    buttons = {button.command.name: button for button in sheet.moves}
    forms: dict[str, tuple[Form, str]] = {}
    for verdict in ("approve", "reject"):
        command = _command(found, verdict)
        button = buttons.get(command.name) if command else None
        if command is None or button is None:
            continue
        form = outcomes[verdict].form if verdict in outcomes else blank(command, version=sheet.version)
        forms[verdict] = (form, "" if button.allowed else button.reason)
    return forms
