"""Operations (X-376): how each service is, what waits to be published, and messages that wait for a person."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose

from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Resource
from admin.health import late
from admin.listing import Listing
from admin.page import Page, ask_each, page, services
from admin.problems import told
from admin.query import ListQuery
from admin.related import Panel
from admin.texts import service_name, t
from services.contracts import SERVICES
from services.contracts.errors import AnjuError, UnknownCommand
from services.contracts.roles import Role

READERS = (Role.ADMINISTRATOR, Role.AUDITOR)
#: Registers of messages that wait for a person, with the commands that settle one.
WAITING = ("parked_message",)
VERBS = ("replay", "discard")
MOST = 100


class OperationsView(Page):
    """For administrators; auditors read."""

    default_view = "operations"

    @expose("/operations/")
    @signed_in(*READERS)
    def operations(self) -> str:
        """Health of each service, then the messages that wait."""
        registers = _registers()
        asked = [ListQuery(filters={"state": one.open_states} if one.open_states else {}, size=50) for one in registers]
        answers = ask_each(
            *(("health", service) for service in SERVICES),
            *(
                ("search", one.service, one.name, query.params, actor())
                for one, query in zip(registers, asked, strict=True)
            ),
        )
        health = [(service, _health(found)) for service, found in zip(SERVICES, answers, strict=False)]
        panels = []
        for register, query, found in zip(registers, asked, answers[len(SERVICES) :], strict=True):
            panel = Panel(service_name(register.service))
            if isinstance(found, AnjuError):
                panel.problem = told(found)
            else:
                panel.listing = Listing(register, query, found)
                panel.more = panel.listing.url
            verbs = [verb for verb in VERBS if _allowed(register, verb)]
            panels.append((register, panel, verbs))
        return page("operations.html", health=health, panels=panels)

    @expose("/operations/settle", methods=("POST",))
    @signed_in(Role.ADMINISTRATOR)
    def settle(self) -> Any:
        """Replay or discard the chosen messages, each as its own command, with one note; tell how many went well."""
        verb, note = request.form.get("verb", ""), request.form.get("note", "").strip()[:2000]
        service, _, name = request.form.get("register", "").partition("/")
        register = catalogues().at(f"{service}/{name}")
        chosen = list(dict.fromkeys(request.form.getlist("id")))[:MOST]
        if register is None or name not in WAITING or verb not in VERBS or not _allowed(register, verb):
            flash(t("operations.unknown"), "error")
        elif not note:
            flash(t("operations.note_needed"), "error")
        elif not chosen:
            flash(t("operations.none_chosen"), "error")
        else:
            done, failed = self._settle(register, verb, chosen, note)
            flash(t(f"operations.{verb}_done", n=done), "done" if done else "error")
            for sentence in dict.fromkeys(failed):
                flash(sentence, "error")
        return redirect(url_for("OperationsView.operations"))

    @staticmethod
    def _settle(register: Resource, verb: str, chosen: list[str], note: str) -> tuple[int, list[str]]:
        command = catalogues().command(register.service, f"{verb}_{register.name}")
        sent = request.form.get("command_id", "")
        done, failed = 0, []
        for id in chosen:
            # One id per form and message: the form sent twice settles each message once.
            command_id = hashlib.sha256(f"{sent}|{verb}|{id}".encode()).hexdigest()[:40]
            content = {
                "id": id[:40],
                **{field.name: note for field in command.params if field.name in ("note", "reason")},
            }
            try:
                services().execute(register.service, command.name, content, actor=actor(), command_id=command_id)
                done += 1
            except AnjuError as refused:
                failed.append(told(refused))
        return done, failed


def _registers() -> list[Resource]:
    books = catalogues()
    found = [books.at(f"{service}/{name}") for name in WAITING for service in books.services]
    return [one for one in found if one and one.readable_by(roles())]


def _allowed(register: Resource, verb: str) -> bool:
    try:
        return catalogues().command(register.service, f"{verb}_{register.name}").allowed_to(roles())
    except UnknownCommand:
        return False


def _health(found: Any) -> dict[str, Any]:
    """A health answer with its verdict; what a service does not tell counts as unknown, not as fine."""
    if isinstance(found, AnjuError):
        return {"tone": "bad", "message": told(found)}
    outbox, inbox = found.get("outbox") or {}, found.get("inbox") or {}
    oldest = int(outbox.get("oldest_seconds") or 0)
    waits = late(outbox) or inbox.get("parked") or inbox.get("retrying")
    tone = "bad" if not found.get("database") else "fair" if waits else "good"
    return {
        "tone": tone,
        "database": bool(found.get("database")),
        "relay": not late(outbox),
        "waiting": outbox.get("waiting", "–"),
        "oldest": oldest,
        "parked": inbox.get("parked", "–"),
        "retrying": inbox.get("retrying", "–"),
        "rejected": inbox.get("rejected", "–"),
    }
