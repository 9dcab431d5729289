"""My work (X-301): tasks, alerts, decisions waiting, own cases; and the count beside the bell."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import request
from flask_appbuilder.baseviews import expose

from admin import inbox, related
from admin.actors import actor, roles, signed_in
from admin.catalogues import catalogues
from admin.described import Command
from admin.labels import names_of
from admin.page import Page, ask_each, page
from admin.query import ListQuery
from admin.related import Wanted
from admin.screens import REGISTERS, SELECTIONS
from admin.texts import register_name, service_name, t
from services.contracts.errors import AnjuError, UnknownCommand

#: The bell is asked on every page; its count is that old at most.
FRESH = 30.0
MOST_LABELS = 200
MOST_COUNTS = 5_000


class IndexView(Page):
    """The first page after the login."""

    default_view = "index"

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    @expose("/")
    @signed_in()
    def index(self) -> str:
        """What waits for this person: every service is asked at once, so the page costs its slowest part."""
        person, tasks = actor()["user"], _open_duties("task", ["open"])
        alerts = _open_duties("alert", ["raised", "acknowledged"])
        wanted = [*tasks, *alerts, *_own_records(person), *_at_the_desk()]
        answers = ask_each(*(one.call for one in wanted), *inbox.waiting_calls())
        panels = related.filled(wanted, answers[: len(wanted)])
        waiting, problems = inbox.waiting(answers[len(wanted) :])
        self._remember(person, sum(panel.count for panel in panels[: len(tasks)]) + len(waiting))
        return page(
            "work.html",
            panels=panels,
            waiting=waiting[:10],
            waiting_count=len(waiting),
            problems=problems,
            beginnings=_beginnings(),
        )

    @expose("/work/count")
    @signed_in()
    def count(self) -> dict[str, int]:
        """How many tasks and decisions wait, for the bell; asked by the page after it is shown."""
        person = actor()["user"]
        kept = self._counts.get(person)
        if kept is None or kept[0] < time.monotonic():
            tasks = _open_duties("task", ["open"])
            answers = ask_each(*(one.call for one in tasks), *inbox.waiting_calls())
            found = answers[: len(tasks)]
            count = sum(int(one["count"]) for one in found if not isinstance(one, AnjuError))
            self._remember(person, count + len(inbox.waiting(answers[len(tasks) :])[0]))
            kept = self._counts[person]
        return {"count": kept[1]}

    @expose("/work/labels", methods=("POST",))
    @signed_in()
    def labels(self) -> dict[str, dict[str, str]]:
        """Names of the records that a page refers to: one question per register, within what this person may see."""
        asked: dict[str, set[str]] = {}
        for one in request.form.getlist("ref")[:MOST_LABELS]:
            path, _, id = one.partition("|")
            if id and len(id) <= 40 and catalogues().at(path):
                asked.setdefault(path, set()).add(id)
        names = {f"{path}|{id}": name for (path, id), name in names_of(asked).items()}
        return {"labels": names}

    def forget(self) -> None:
        """Count anew for everybody."""
        with self._lock:
            self._counts.clear()

    def _remember(self, person: str, count: int) -> None:
        with self._lock:
            if len(self._counts) >= MOST_COUNTS:
                self._counts.clear()
            self._counts[person] = (time.monotonic() + FRESH, count)


def _open_duties(name: str, states: list[str]) -> list[Wanted]:
    """Tasks or alerts of each service for this person or for anybody of their roles, the most urgent first.

    What is somebody else's, and what supervisors read of other roles, stands in the register, not in one's own work.
    """
    books = catalogues()
    found = [books.at(f"{service}/{name}") for service in books.services]
    role, person = {"task": ("role", "assignee"), "alert": ("recipient_role", "recipient")}[name]
    wanted = []
    for register in found:
        if register and register.readable_by(roles()):
            order = "due_at" if "due_at" in register.sortable else ""
            filters: dict[str, Any] = {"state": states, person: [actor()["user"], None]}
            if _supervises(register.service):
                filters[role] = sorted(roles())
            title = f"{register_name(register.service, name)} · {service_name(register.service)}"
            wanted.append(Wanted(register, ListQuery(filters=filters, size=10, order=order), title))
    return wanted


def _supervises(service: str) -> bool:
    """Whether this person is shown everybody's tasks: who may confirm that one is done."""
    try:
        return catalogues().command(service, "confirm_task").allowed_to(roles())
    except UnknownCommand:
        return False


def _own_records(person: str) -> list[Wanted]:
    """What this person works on, in the registers that say who does."""
    wanted = []
    for screen in REGISTERS:
        register = catalogues().at(screen.resource)
        if register and screen.mine in register.fields and register.readable_by(roles()):
            states = [state for state in register.open_states if state not in screen.settled]
            query = ListQuery(filters={str(screen.mine): person, "state": states}, size=10)
            title = t("work.mine", what=register_name(register.service, register.name))
            wanted.append(Wanted(register, query, title))
    return wanted


def _beginnings() -> list[Command]:
    """What this person may enter first-hand, for a day on which nothing waits."""
    found = [catalogues().at(screen.resource) for screen in REGISTERS if not screen.resource.startswith("*")]
    readable = [register for register in found if register and register.readable_by(roles())]
    return [command for register in readable for command in catalogues().creating(register, roles())]


def _at_the_desk() -> list[Wanted]:
    """What waits for a role that this person has, whoever of its desk takes it; what came first, first."""
    wanted = []
    for screen in REGISTERS:
        register = catalogues().at(screen.resource)
        states = [state for role, states in screen.awaiting if role in roles() for state in states]
        if register and states and register.readable_by(roles()):
            title = t("work.awaiting", what=register_name(register.service, register.name))
            wanted.append(Wanted(register, ListQuery(filters={"state": states}, order="created_at", size=10), title))
    for one in SELECTIONS:
        register = catalogues().at(one.resource)
        if register and roles() & set(one.awaited) and register.readable_by(roles()):
            wanted.append(Wanted(register, ListQuery(filters=dict(one.filters), size=10), t(one.label)))
    return wanted
