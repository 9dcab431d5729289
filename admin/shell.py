"""What surrounds every page: the menu of this person's roles, the words, and how values are written."""

from __future__ import annotations

import functools
import hashlib
import pathlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from admin import cells, files, texts, values
from admin.actors import actor, roles
from admin.catalogues import Catalogues, catalogues
from admin.described import Resource
from admin.query import ListQuery, read
from admin.screens import AREAS, SCREENS, selection_of
from admin.screens.kinds import Link, Screen, Selection
from admin.sheet import record_label, reference_url, subject_path
from admin.texts import command_name, register_name, t

STATIC = pathlib.Path(__file__).parent / "static" / "anju"


@dataclass
class Entry:
    """One line of the menu."""

    label: str
    url: str
    current: bool = False


@dataclass
class Area:
    """A group of the menu."""

    name: str
    label: str
    entries: list[Entry] = field(default_factory=list)


def register_of(screen: Screen | Selection, books: Catalogues, services: Sequence[str]) -> Resource | None:
    """The register that a screen names; for `*/name` that of the first of these services which has it."""
    service, _, name = screen.resource.partition("/")
    candidates = services if service == "*" else (service,)
    return next((found for one in candidates if (found := books.at(f"{one}/{name}"))), None)


def visible(books: Catalogues, held: frozenset[str]) -> list[tuple[Screen | Selection | Link, Resource | None]]:
    """The screens that these roles may open: decided in memory, no query per entry."""
    found: list[tuple[Screen | Selection | Link, Resource | None]] = []
    services = books.by_work_of(held)
    for screen in SCREENS:
        if screen.roles and not held & set(screen.roles):
            continue
        if isinstance(screen, Link):
            if _is_open(screen, books, held):
                found.append((screen, None))
        elif (resource := register_of(screen, books, services)) and resource.readable_by(held):
            found.append((screen, resource))
    return found


def _is_open(link: Link, books: Catalogues, held: frozenset[str]) -> bool:
    """Whether these roles may read the report of a page, or any report where it shows all of them."""
    if not link.report and not link.reports:
        return True
    readable = [f"{one.service}/{one.name}" for one in books.reports_for(held)]
    return link.report in readable if link.report else bool(readable)


def _address(link: Link) -> str:
    if not link.report:
        return url_for(link.endpoint)
    service, _, name = link.report.partition("/")
    return url_for(link.endpoint, service=service, name=name)


def _entering(screen: Screen, register: Resource) -> Iterator[Entry]:
    """The lines of the commands that make records there, for those who may give them."""
    for one in screen.entries:
        if not catalogues().command(register.service, one.command).allowed_to(roles()):
            continue
        at: dict[str, Any] = {"service": register.service, "resource": register.name, "command": one.command}
        label = t(one.label) if one.label else command_name(register.service, one.command)
        url = url_for("RecordView.create", **at | dict(one.given))
        yield Entry(label, url, request.full_path.rstrip("?") == url)


def _selected() -> Selection | None:
    """The selection that this page lists."""
    if request.endpoint != "RecordView.records":
        return None
    register = catalogues().at("{service}/{resource}".format(**request.view_args or {}))
    return selection_of(register.path, read(register, request.args).filters) if register else None


def menu() -> list[Area]:
    """The menu of the signed-in person, in the page's language."""
    areas = {name: Area(name, t(f"area.{name}")) for name in AREAS}
    shown, selected = visible(catalogues(), roles()), _selected()
    in_selection = any(screen is selected for screen, _ in shown)
    for screen, resource in shown:
        if isinstance(screen, Link):
            url = _address(screen)
            areas[screen.area].entries.append(Entry(t(screen.label), url, request.path == url))
        elif resource is not None:
            url = url_for("RecordView.records", service=resource.service, resource=resource.name)
            if isinstance(screen, Selection):
                chosen = ListQuery(filters=dict(screen.filters)).string()
                areas[screen.area].entries.append(Entry(t(screen.label), f"{url}?{chosen}", screen is selected))
                continue
            entering = list(_entering(screen, resource))
            areas[screen.area].entries += entering
            shared = screen.resource.startswith("*") and request.path.split("/")[2:3] == [resource.name]
            beside = in_selection or any(one.current for one in entering)
            current = shared or (request.path.startswith(url) and not beside)
            areas[screen.area].entries.append(Entry(register_name(resource.service, resource.name), url, current))
    return [area for area in areas.values() if area.entries]


@functools.cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The URL of a static file; it changes with its content, so that browsers may keep it."""
    return url_for("static", filename=f"anju/{name}", v=_fingerprint(name))


def tone_of(register: Resource, state: str) -> str:
    """How a state looks: not begun, under way, well ended, ended otherwise. One vocabulary for every register."""
    if state.startswith(
        ("reject", "cancel", "withdraw", "discard", "drop", "void", "conflict", "park", "breach", "lapse", "expired")
    ):
        return "bad"
    if state in register.final or state.startswith(("approved", "done", "confirmed", "closed", "completed")):
        return "done"
    return "new" if register.states and state == register.states[0] else "busy"


def options_url(to: str | None) -> str:
    """Where a picker asks for records of this register; empty where the console knows no such register."""
    target = catalogues().at(to or "")
    return url_for("RecordView.options", service=target.service, resource=target.name) if target else ""


def back() -> str:
    """This page, for forms that return to it; a page that answers POST only returns to the start."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("IndexView.index")


def register_shell(app: Flask) -> None:
    """Give the templates what they use."""

    @app.context_processor
    def shared() -> dict[str, Any]:
        known = current_user.is_authenticated and not current_user.must_change_password
        return {
            "t": t,
            "language": texts.language(),
            "theme": texts.theme(),
            "asset": asset,
            "back": back,
            "menu": menu() if known else [],
            "me": actor() if current_user.is_authenticated else None,
            "show": values.show,
            "names": texts,
            "tone_of": tone_of,
            "reference_url": reference_url,
            "record_label": record_label,
            "rows_of": lambda listing, choose: cells.body(listing, choose, tone_of, record_label),
            "target": values.target,
            "unnamed": values.unnamed,
            "record_link": lambda service, resource, id: reference_url(subject_path(service, resource), id),
            "options_url": options_url,
            "file_kinds": ",".join(files.KINDS),
            "file_limit": files.MOST_BYTES,
            "new_id": lambda: str(uuid.uuid4()),
            "fragment": request.headers.get("X-Fragment") == "1",
        }

    app.jinja_env.filters["moment"] = values.moment
    app.jinja_env.filters["money"] = values.money
