"""A record as its page shows it: number, state, clocks, fields in groups, and the moves that are possible now."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import g, url_for

from admin import values
from admin.actors import roles
from admin.advice import sentences
from admin.catalogues import catalogues
from admin.described import Command, Resource
from admin.files import named_in
from admin.forms import Form, blank
from admin.texts import command_name, field_name, resource_name, sentence, t
from admin.timings import Timing, timing
from services.contracts.errors import UnknownCommand
from services.contracts.fields import Field
from services.contracts.files import uploaded

#: Ids that no register is named for: they tell nobody anything.
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}([,，、;；\s]+[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})*")

#: Characters of a kept message that its page shows.
LONGEST_BODY = 8_000
#: What stands for itself in a path, as routing writes it.
SAFE = "!$&'()*+,:;=@"
#: After what a follow-up is held, by its theme: the register of the record that its cause names.
CAUSES = {
    "sales_service": "leads/contract",
    "handover": "leads/home",
    "complaint": "complaints/case",
    "repair": "maintenance/work_order",
}
#: A cause that a service wrote: the id of a record, or a home and its owner.
CAUSE = re.compile(rf"{values.UNREADABLE.pattern}|.+:{values.UNREADABLE.pattern}")


@dataclass(frozen=True)
class Cell:
    """One field of a record."""

    name: str
    label: str
    text: str
    wide: bool = False
    url: str = ""
    reference: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MoveButton:
    """One move: its form where it can be made, the reason where it cannot."""

    command: Command
    label: str
    url: str
    allowed: bool
    reason: str
    form: Form

    @property
    def at_once(self) -> bool:
        """Whether it needs nothing filled in."""
        return not self.command.params

    @property
    def tone(self) -> str:
        """How the button looks: the next step stands out, a refusal is not dressed as one."""
        ending = self.command.name.startswith(("cancel", "withdraw", "reject", "discard", "drop", "void"))
        if ending or self.command.decision == "rejected":
            return "danger"
        return "primary" if self.command.kind == "move" else "beside"

    @property
    def rank(self) -> tuple[bool, int]:
        """First what can be done now; steps before notes, refusals last."""
        return not self.allowed, ("primary", "beside", "danger").index(self.tone)


def subject_path(service: str, resource: str) -> str:
    """The register of what a task or an alert is about: of its own service, unless it names another."""
    return resource if "/" in resource else f"{service}/{resource}"


def record_label(service: str, resource: str, number: str) -> str:
    """The number of a record that a task or an alert is about; the choice's name where a choice is its title, and the
    register's where it is named by another record."""
    subject = catalogues().at(subject_path(service, resource))
    field = subject.field(subject.title) if subject else None
    if subject is None or field is None:
        return number
    if field.kind == "reference":
        return resource_name(subject.service, subject.name)
    return values.show_kind(subject.service, field, number) if field.kind == "choice" else number


def reference_url(to: str | None, id: Any) -> str:
    """The page of the record that a reference points at; empty where the console knows no such register."""
    if not to or not id:
        return ""
    lists: dict[str, str] = g.setdefault("list_urls", {})
    if to not in lists:  # a list has many references to few registers, and routing is slow
        target = catalogues().at(to)
        lists[to] = url_for("RecordView.records", service=target.service, resource=target.name) if target else ""
    return lists[to] + quote(str(id), safe=SAFE) if lists[to] else ""


def pointed(register: Resource, record: dict[str, Any], name: str) -> tuple[str, Any]:
    """The register and the id of the record that a value names; an empty register for a value that names none."""
    value = record.get(name)
    if name == "cause" and (about := CAUSES.get(str(record.get("theme")))) and CAUSE.fullmatch(str(value)):
        return about, str(value).partition(":")[0]  # of a home and its owner it is the home
    return values.target(register, name), value


def _readable(body: str) -> str:
    """The beginning of a kept message: its bytes as text, with what is none shown as such."""
    try:
        content = base64.b64decode(body[: LONGEST_BODY * 2])[:LONGEST_BODY]
    except ValueError:
        return ""
    return "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}"
        for one in content.decode("utf-8", "replace")
    )


class Sheet:
    """What the door `fetch` answered, for a template."""

    def __init__(self, register: Resource, fetched: dict[str, Any]) -> None:
        self.register = register
        self.record: dict[str, Any] = fetched["result"]
        self._actions: list[dict[str, Any]] = fetched.get("actions") or []
        self.said = sentences(register.service, fetched.get("said") or [])
        self.is_corrected = False

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """The forms that correct this entry of a register, by their names: nothing else can be done to it, and nothing
        at all to one that is corrected already (X-390, X-47)."""
        at: dict[str, Any] = {"service": self.register.service, "resource": self.register.name}
        return [
            (
                command_name(one.service, one.name),
                url_for("RecordView.create", **at, command=one.name, corrects_id=self.id),
            )
            for one in catalogues().creating(self.register, roles())
            if one.corrects and not self.is_corrected
        ]

    def tell_corrections(self, entries: list[dict[str, Any]]) -> None:
        """Say which entries correct this one (X-47)."""
        self.is_corrected = bool(entries)
        for one in entries:
            number = values.show(self.register, self.register.title, one.get(self.register.title))
            url = reference_url(self.register.path, one["id"])
            self.said.insert(0, {"text": t("record.corrected"), "label": number, "url": url})

    @property
    def version(self) -> int | None:
        return self.record.get("version")

    @property
    def title(self) -> str:
        to, value = values.target(self.register, self.register.title), self.record.get(self.register.title)
        if to and value:
            return values.unnamed(to, value)
        return values.show(self.register, self.register.title, value) or self.kind

    @property
    def title_reference(self) -> str:
        """The record whose name is this one's title, as `register|id`; empty where the title is its own."""
        to, value = values.target(self.register, self.register.title), self.record.get(self.register.title)
        return f"{to}|{value}" if to and value else ""

    @property
    def kind(self) -> str:
        return resource_name(self.register.service, self.register.name)

    @property
    def state(self) -> str:
        return str(self.record.get("state") or "")

    @property
    def url(self) -> str:
        return url_for("RecordView.record", service=self.register.service, resource=self.register.name, id=self.id)

    @property
    def list_url(self) -> str:
        return url_for("RecordView.records", service=self.register.service, resource=self.register.name)

    @property
    def clocks(self) -> list[Timing]:
        found = self.record.get("clocks") or []
        return [timing(self.register, one) for one in found]

    @property
    def facts(self) -> list[Cell]:
        """The fields that have a value, short ones first, then long texts."""
        said_elsewhere = {self.register.title}
        if self.record.get("record_id") and self.record.get("resource"):
            said_elsewhere.add("record_number")
        cells = [self.cell(field) for field in self.register.fields.values() if field.name not in said_elsewhere]
        cells = [cell for cell in cells if (cell.text and not IDS.fullmatch(cell.text)) or cell.url or cell.links]
        return [cell for cell in cells if not cell.wide] + [cell for cell in cells if cell.wide]

    @property
    def origin(self) -> list[Cell]:
        """Where and when it was entered."""
        described = [self.register.field(name) for name in ("project_id", "company_id", "created_at", "created_by")]
        own = self.register.fields
        cells = [self.cell(field) for field in described if field and field.name not in own]
        return [cell for cell in cells if cell.text]

    def cell(self, field: Field) -> Cell:
        """One of its fields."""
        value = self.record.get(field.name)
        label = field_name(self.register.service, self.register.name, field.name)
        text = values.show(self.register, field.name, value)
        wide = field.multiline or field.kind in ("json", "files") or len(text) > 60 or "\n" in text
        to, id = pointed(self.register, self.record, field.name)
        if to and id and (url := reference_url(to, id)):
            return Cell(field.name, label, values.unnamed(to, id), wide, url, f"{to}|{id}")
        if field.name == "record_id" and self.record.get("resource"):
            path = subject_path(self.register.service, self.record["resource"])
            said = self.record.get("record_number") or text
            number = record_label(self.register.service, self.record["resource"], said)
            return Cell(field.name, label, number, wide, reference_url(path, value))
        if field.name == "body" and self.register.name == "parked_message":
            return Cell(field.name, label, _readable(str(value)), wide=True)
        if value and values.several(self.register, field.name):
            return Cell(field.name, label, values.shown(self.register, field.name, value), wide)
        links = tuple(self._file_links(value)) if field.kind in ("json", "files") or field.many else ()
        if field.kind == "files":
            text = "\n".join(one for one in value or () if uploaded(one) is None)
        return Cell(field.name, label, text, wide or bool(links), links=links)

    def _file_links(self, value: Any) -> Iterator[tuple[str, str]]:
        """The uploaded files that a value names, each with where it can be read."""
        at = {"service": self.register.service, "resource": self.register.name, "id": self.record["id"]}
        for one in named_in(value):
            yield values.file_text(one.address), url_for("FileView.file", **at, sha256=one.sha256)

    @property
    def moves(self) -> list[MoveButton]:
        """A button for each action that the service names; one that is not possible says why."""
        return sorted((button for one in self._actions if (button := self._button(one))), key=lambda one: one.rank)

    def _button(self, action: dict[str, Any]) -> MoveButton | None:
        try:
            command = catalogues().command(self.register.service, action["command"])
        except UnknownCommand:
            return None
        obstacle = action.get("obstacle") or {}
        return MoveButton(
            command,
            command_name(command.service, command.name),
            url_for(
                "RecordView.move",
                service=self.register.service,
                resource=self.register.name,
                id=self.id,
                command=command.name,
            ),
            bool(action.get("allowed")),
            sentence(obstacle["code"], obstacle.get("params")) if obstacle.get("code") else "",
            blank(command, version=self.version),
        )
