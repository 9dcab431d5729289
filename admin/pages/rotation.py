"""The rotation board (X-310): the ring of a sales site today, live, and the intake of who comes in (X-306, X-309)."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, abort, flash, g, make_response, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from werkzeug.datastructures import MultiDict

from admin import directory, forms
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Command
from admin.forms import Form
from admin.moves import Outcome, carry_out
from admin.page import Page, answer, ask, ask_each, page
from admin.rotation import SERVICE, Board, board_of
from admin.texts import command_name, t
from admin.values import reasons
from services.contracts.errors import AnjuError, ServiceUnavailable
from services.contracts.roles import Role

READERS = (Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.SALES_DIRECTOR)
INTAKE = "receive_reception"
#: What can be done from the board; each leads back to it.
COMMANDS = (
    *("open_roster", "join_roster", "mark_away_roster", "mark_back_roster", "cancel_round_roster"),
    *("refuse_make_up_roster", INTAKE, "finish_reception", "abandon_reception"),
    *("declare_readiness_check", "complete_readiness_check", "fail_readiness_check", "recheck_readiness_check"),
    "sign_fact_receipt",
)
#: What the intake always asks; the rest is there for whoever needs it.
ASKED_FIRST = (
    *("phone", "name", "been_before", "has_called", "is_recommended"),
    *("named_agent", "how_named", "brought_by_uid"),
)
#: What a form says before it asks.
HINTS = {INTAKE: "rotation.intake_hint", "open_roster": "rotation.agents_hint"}
#: What a link says about whom and where is not asked again; anything else that it says can be changed.
SETTLED = ("project_id", "id", "agent", "change_id")
#: The board is today's.
NOT_ASKED = ("day",)
MOST_PROJECTS = 100


class RotationView(Page):
    """For the site sales lead and the agents. What it shows and does is the service's; it keeps nothing."""

    default_view = "rotation"

    @expose("/rotation/")
    @signed_in(*READERS)
    def rotation(self) -> Any:
        """The board of the first project that this person may see."""
        projects = _projects()
        return _shown(projects, board_of(projects[0]["id"]) if projects else None)

    @expose("/rotation/<project_id>")
    @signed_in(*READERS)
    def board(self, project_id: str) -> Any:
        """The ring, who receives, and what this person may do."""
        return _shown(_projects(), board_of(project_id))

    @expose("/rotation/<project_id>/live")
    @signed_in(*READERS)
    def live(self, project_id: str) -> Any:
        """The part that changes; the page asks for it every few seconds, and nothing is sent while nothing changed."""
        g.unattended = True
        shown = page("rotation_live.html", board=board_of(project_id))
        answered = make_response(shown)
        answered.set_etag(_tag(shown))
        return answered.make_conditional(request)

    @expose("/rotation/<project_id>/<any({}):command>".format(",".join(COMMANDS)), methods=("GET", "POST"))
    @signed_in(*READERS)
    def act(self, project_id: str, command: str) -> Any:
        """One of the commands of the board: its form, and the command itself."""
        chosen = catalogues().command(SERVICE, command)
        if not chosen.allowed_to(roles()):
            abort(403)
        said = MultiDict([("project_id", project_id), *request.args.items(multi=True)])
        given = MultiDict((name, one) for name, one in said.items(multi=True) if name in SETTLED)
        if request.method == "GET":
            return _form(project_id, chosen, Outcome(forms.blank(chosen, said)), given)
        posted = MultiDict([*forms.picked_before(given), *request.form.items(multi=True)])
        outcome = carry_out(catalogues().resource(SERVICE, chosen.resource), chosen, posted, given.get("id"))
        if outcome.record is None:
            return _form(project_id, chosen, outcome, given)
        flash(_told(chosen, outcome.record), "done")
        url = url_for("RotationView.board", project_id=project_id)
        if request.headers.get("X-Fragment") == "1":
            return Response(status=204, headers={"X-Location": url})
        return redirect(url)


def _shown(projects: list[dict[str, Any]], board: Board | None) -> str:
    if board is None:
        return page("rotation.html", board=None, projects=projects)
    intake = INTAKE if catalogues().command(SERVICE, INTAKE).allowed_to(board.roles) else ""
    shown = page("rotation_live.html", board=board)
    return page("rotation.html", board=board, projects=projects, intake=intake, live=shown, tag=_tag(shown))


def _projects() -> list[dict[str, Any]]:
    asked = {"page": 0, "page_size": MOST_PROJECTS, "order": "code"}
    (found,) = ask(("search", SERVICE, "project", asked, actor()))
    projects: list[dict[str, Any]] = found["result"]
    return projects


def _tag(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()[:20]


def _told(command: Command, record: dict[str, Any]) -> str:
    """What was done; of a reception, who receives and why."""
    if command.name != INTAKE:
        return t("move.done", command=command_name(command.service, command.name))
    receiver = directory.person_name(record["agent"])
    return t("rotation.received", number=record["number"], agent=receiver, why=reasons(record["why"]))


def _form(project_id: str, command: Command, outcome: Outcome, given: MultiDict[str, str]) -> Response:
    _offer_people(outcome.form, project_id)
    shown = [one for one in outcome.form.controls if one.name not in given and one.name not in NOT_ASKED]
    first = [one for one in shown if command.name != INTAKE or one.name in ASKED_FIRST]
    first.sort(key=lambda one: ASKED_FIRST.index(one.name) if command.name == INTAKE else 0)
    hidden = [error for one in outcome.form.controls if one.name in given for error in one.errors]
    return answer(
        "rotation_form.html",
        outcome.status,
        board_url=url_for("RotationView.board", project_id=project_id),
        project_id=project_id,
        command=command,
        outcome=outcome,
        first=first,
        more=[one for one in shown if one not in first],
        hidden=hidden,
        hint=HINTS.get(command.name),
        whom=directory.person_name(given["agent"]) if given.get("agent") else "",
        here=request.full_path.rstrip("?"),
    )


def _offer_people(form: Form, project_id: str) -> None:
    """Agents are chosen by name: whom a customer names may be off today; who joins the ring is not in it yet.

    Where the service is away they are typed, so that a form that was filled in is not lost; so they are where there are
    more than were asked for, so that nobody is left out.
    """
    asking = [control for control in form.controls if control.name in ("named_agent", "agent", "agents")]
    if not asking:
        return
    here = {"project_id": project_id}
    found, today = ask_each(
        ("fetch", SERVICE, "project", project_id, actor()), ("report", SERVICE, "rotation_today", here, actor())
    )
    for answered in (found, today):
        if isinstance(answered, ServiceUnavailable):
            return
        if isinstance(answered, AnjuError):
            raise answered
    ring = [row["values"]["agent"] for row in today["rows"]]
    people = directory.holders_of(Role.SALES_AGENT, found["result"]["company_id"], project_id)
    if len(people) >= directory.MOST:
        return
    others = [(user, name) for user, name in people.items() if user not in ring]
    for control in asking:
        control.choices = others
        if control.name == "named_agent":
            absent = [(user, t("rotation.not_in_ring", name=name)) for user, name in others]
            control.choices = [*((user, directory.person_name(user)) for user in ring), *absent]
