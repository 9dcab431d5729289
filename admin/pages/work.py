"""My work (X-301): tasks, alerts, decisions waiting, own cases; and the count beside the bell."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import request
from flask_appbuilder.baseviews import expose

from admin import inbox, related
from admin.actors import actor, roles, signed_in
from admin.catalogues import Resource, catalogues
from admin.page import Page, ask_each, page
from admin.query import ListQuery
from admin.screens import SCREENS, Screen
from admin.texts import resource_name, service_name, t
from services.contracts.errors import AnjuError

#: The bell is asked on every page; its count is that old at most.
FRESH = 30.0
MOST_LABELS = 200


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
        """What waits for this person, from all services at once."""
        person = actor()["user"]
        wanted: list[tuple[Resource, ListQuery]] = []
        titles: list[str] = []
        for name, states in (("task", ["open"]), ("alert", ["raised", "acknowledged"])):
            for register in _each(name):
                known = [state for state in states if state in register.states] or register.open_states
                wanted.append((register, ListQuery(filters={"state": known}, size=10, order=_soonest(register))))
                titles.append(f"{resource_name(register.service, name)} · {service_name(register.service)}")
        for screen in SCREENS:
            if isinstance(screen, Screen) and screen.mine and (found := catalogues().at(screen.resource)):
                if found.readable_by(roles()) and screen.mine in found.fields:
                    wanted.append((found, ListQuery(filters={screen.mine: person, "state": found.open_states}, size=10)))
                    titles.append(t("work.mine", what=resource_name(found.service, found.name)))
        panels = related.fill(wanted, titles)
        waiting, problems = inbox.waiting()
        self._remember(person, sum(panel.count for panel in panels[: len(_each("task"))]) + len(waiting))
        return page("work.html", panels=panels, waiting=waiting[:10], waiting_count=len(waiting), problems=problems)

    @expose("/work/count")
    @signed_in()
    def count(self) -> dict[str, int]:
        """How many tasks and decisions wait, for the bell; asked by the page after it is shown."""
        person = actor()["user"]
        kept = self._counts.get(person)
        if kept is None or kept[0] < time.monotonic():
            open_tasks = {"filters": {"state": "open"}, "page": 0, "page_size": 1}
            found = ask_each(*(("search", one.service, "task", open_tasks, actor()) for one in _each("task")))
            tasks = sum(int(one["count"]) for one in found if not isinstance(one, AnjuError))
            self._remember(person, tasks + len(inbox.waiting()[0]))
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
        registers = [found for path in asked if (found := catalogues().at(path)) and found.readable_by(roles())]
        calls = [
            ("search", one.service, one.name, {"filters": {"id": sorted(asked[one.path])[:100]}, "page": 0, "page_size": 100}, actor())
            for one in registers
        ]
        names: dict[str, str] = {}
        for register, answered in zip(registers, ask_each(*calls), strict=True):
            if not isinstance(answered, AnjuError):
                for row in answered["result"]:
                    names[f"{register.path}|{row['id']}"] = str(row.get(register.title) or row["id"])
        return {"labels": names}

    def _remember(self, person: str, count: int) -> None:
        with self._lock:
            if len(self._counts) > 5_000:
                self._counts.clear()
            self._counts[person] = (time.monotonic() + FRESH, count)


def _each(name: str) -> list[Resource]:
    books = catalogues()
    found = [books.at(f"{service}/{name}") for service in books.services]
    return [one for one in found if one and one.readable_by(roles())]


def _soonest(register: Resource) -> str:
    return "due_at" if "due_at" in register.sortable else ""
