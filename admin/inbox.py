"""Approvals of all services (X-43, X-44, X-378): what waits for whom, earlier rounds, and what changed between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup

from admin import values
from admin.actors import actor, roles
from admin.catalogues import catalogues
from admin.described import Command, Resource
from admin.differences import Pieces, pieces
from admin.directory import person_name
from admin.files import named_in
from admin.page import ask_each
from admin.problems import told
from admin.texts import (
    choice_name,
    command_name,
    event_name,
    field_name,
    language,
    role_name,
    service_name,
    state_name,
    t,
)
from services.contracts.errors import AnjuError

SHOWN = 50
MOST_SIMILAR = 5
OLDEST_FIRST = "submitted_at"


@dataclass(frozen=True)
class Round:
    """One approval record of one service, as people read it."""

    register: Resource
    record: dict[str, Any]

    @property
    def service(self) -> str:
        return self.register.service

    @property
    def url(self) -> str:
        return url_for("InboxView.decision", service=self.service, id=self.record["id"])

    @property
    def kind(self) -> str:
        return choice_name(self.service, "approval_kind", self.record.get("kind"))

    @property
    def number(self) -> str:
        return str(self.record.get("record_number") or self.record.get("title") or "")

    @property
    def state(self) -> str:
        return str(self.record.get("state"))

    @property
    def state_label(self) -> str:
        return state_name(self.service, "approval", self.state)

    @property
    def approver(self) -> str:
        """Who decides; where several decide jointly, who has consented when and who is awaited (X-36.9)."""
        roles = [str(self.record.get("approver_role")), *(self.record.get("jointly") or [])]
        if len(roles) == 1:
            return role_name(roles[0])
        said = []
        for one in self.record.get("consents") or []:
            roles.remove(one["role"])
            given = {"role": role_name(one["role"]), "person": person_name(one["user"]), "at": values.moment(one["at"])}
            said.append(t("inbox.consented_by", **given))
        if self.state == "submitted":
            said += [t("inbox.consent_awaited", role=role_name(role)) for role in roles]
        else:
            said += [role_name(role) for role in roles]
        return ("；" if language() == "zh" else "; ").join(said)

    @property
    def is_last_consent(self) -> bool:
        """Whether the next consent approves the round."""
        return len(self.record.get("jointly") or []) == len(self.record.get("consents") or [])

    def has_consented(self, person: str) -> bool:
        return any(one["user"] == person for one in self.record.get("consents") or [])

    @property
    def submitted(self) -> str:
        return values.moment(self.record.get("submitted_at"))

    @property
    def decided(self) -> str:
        return values.moment(self.record.get("decided_at"))

    @property
    def amount(self) -> str:
        return values.money(self.record["amount"]) if self.record.get("amount") is not None else ""

    @property
    def clock(self) -> dict[str, str] | None:
        running = [one for one in self.record.get("clocks") or [] if not one.get("stopped_at")]
        return values.clock(running[0]) if running else None

    @property
    def record_url(self) -> str:
        subject = catalogues().at(f"{self.service}/{self.record.get('resource')}")
        if subject is None:
            return ""
        return url_for("RecordView.record", service=self.service, resource=subject.name, id=self.record["record_id"])

    @property
    def submitted_by(self) -> str:
        return person_name(self.record.get("submitted_by"))

    @property
    def decided_by(self) -> str:
        return person_name(self.record.get("decided_by"))

    @property
    def level(self) -> str:
        subject = catalogues().at(f"{self.service}/{self.record.get('resource')}") or self.register
        return values.show(subject, "level", self.record.get("level"))

    def files(self, name: str) -> tuple[tuple[str, str], ...]:
        """The uploaded files that a fact of the snapshot names, each with where it can be read."""
        at = {"service": self.service, "resource": "approval", "id": self.record["id"]}
        return tuple(
            (values.file_text(one.address), url_for("FileView.file", **at, sha256=one.sha256))
            for one in named_in((self.record.get("snapshot") or {}).get(name))
        )

    def facts(self) -> list[tuple[str, str, str]]:
        """`(field, label, value)` of the snapshot: what is decided on, as it was submitted."""
        subject = catalogues().at(f"{self.service}/{self.record.get('resource')}") or self.register
        snapshot = self.record.get("snapshot") or {}
        return [
            (name, field_name(self.service, subject.name, name), values.shown(subject, name, value))
            for name, value in snapshot.items()
        ]


def registers() -> list[Resource]:
    """The approval registers of the services that this person may read."""
    books = catalogues()
    found = [books.at(f"{service}/approval") for service in books.services]
    return [one for one in found if one and one.readable_by(roles())]


def calls(filters: dict[str, Any], order: str) -> list[tuple[Any, ...]]:
    """The question to each service, for `ask_each`."""
    asked = {"filters": filters, "order": order, "page": 0, "page_size": SHOWN}
    return [("search", one.service, "approval", asked, actor()) for one in registers()]


def read(answers: Sequence[Any], order: str) -> tuple[list[Round], list[str]]:
    """Rounds of all services in one order, and a sentence for each service that did not answer."""
    rounds: list[Round] = []
    problems: list[str] = []
    for register, answered in zip(registers(), answers, strict=True):
        if isinstance(answered, AnjuError):
            problems.append(told(answered))
        else:
            rounds += [Round(register, record) for record in answered["result"]]
    key = order.removeprefix("-")
    rounds.sort(key=lambda one: str(one.record.get(key) or ""), reverse=order.startswith("-"))
    return rounds, problems


def search(filters: dict[str, Any], order: str) -> tuple[list[Round], list[str]]:
    """Ask all services and read their answers."""
    return read(ask_each(*calls(filters, order)), order)


def waiting_calls() -> list[tuple[Any, ...]]:
    """The questions whose answers `waiting` reads."""
    return calls({"state": "submitted"}, OLDEST_FIRST)


def waiting(answers: Sequence[Any]) -> tuple[list[Round], list[str]]:
    """What waits for this person, the oldest first. Their own submissions are somebody else's to decide (X-44).

    A round of a role that they do not hold is here because they stand in for somebody who is away: the service shows it
    to them for no other reason.
    """
    rounds, problems = read(answers, OLDEST_FIRST)
    me = actor()["user"]
    return [one for one in rounds if one.record.get("submitted_by") != me and not one.has_consented(me)], problems


@dataclass(frozen=True)
class Fact:
    """One line of two rounds side by side."""

    label: str
    before: Pieces
    now: Pieces
    changed: bool
    files: tuple[tuple[str, str], ...] = ()
    files_before: tuple[tuple[str, str], ...] = ()


def compare(before: Round | None, after: Round) -> list[Fact]:
    """The facts of two rounds, side by side."""
    old = {name: (label, text) for name, label, text in before.facts()} if before else {}
    new = {name: (label, text) for name, label, text in after.facts()}
    rows = []
    for name in [*new, *(name for name in old if name not in new)]:
        label = (new.get(name) or old[name])[0]
        was, is_now = old.get(name, ("", ""))[1], new.get(name, ("", ""))[1]
        changed = before is not None and was != is_now
        # A reference is one thing: its name comes later, and marks within its HTML would show that.
        if changed and not isinstance(was, Markup) and not isinstance(is_now, Markup):
            was_pieces, now_pieces = pieces(was, is_now)
        else:
            was_pieces, now_pieces = ((changed, was),), ((changed, is_now),)
        files, files_before = after.files(name), before.files(name) if before else ()
        rows.append(
            Fact(label, () if files_before else was_pieces, () if files else now_pieces, changed, files, files_before)
        )
    return rows


@dataclass(frozen=True)
class Similar:
    """An earlier decision on something of the same category."""

    number: str
    url: str
    amount: str
    decided: str
    outcome: str


def similar_calls(found: Round) -> list[tuple[Any, ...]]:
    """The questions whose answers `similar` reads; none where what is decided on has no category to compare by."""
    subject = catalogues().at(f"{found.service}/{found.record.get('resource')}")
    category = (found.record.get("snapshot") or {}).get("category")
    if subject is None or not category or "category" not in subject.filters:
        return []
    alike = {"kind": found.record["kind"], "resource": subject.name, "state": "approved"}
    decided = {"filters": alike, "order": "-decided_at", "page": 0, "page_size": 100}
    those = {"filters": {"category": category}, "order": "-created_at", "page": 0, "page_size": 100}
    return [
        ("search", found.service, "approval", decided, actor()),
        ("search", found.service, subject.name, those, actor()),
    ]


def similar(found: Round, answers: Sequence[Any]) -> list[Similar]:
    """The latest approved ones of the same category, with what became of them."""
    if not answers or any(isinstance(one, AnjuError) for one in answers):
        return []
    resource = str(found.record["resource"])
    subjects = {one["id"]: one for one in answers[1]["result"]}
    rows: dict[str, Similar] = {}
    for record in answers[0]["result"]:
        one, id = Round(found.register, record), record["record_id"]
        if id == found.record["record_id"] or id not in subjects or id in rows:
            continue
        outcome = state_name(found.service, resource, str(subjects[id]["state"]))
        rows[id] = Similar(one.number, one.url, one.amount, one.decided, outcome)
    return list(rows.values())[:MOST_SIMILAR]


@dataclass(frozen=True)
class Consequence:
    """What approving sets in motion: the state, what can be done in it, and what other services are told."""

    state: str
    next_steps: tuple[str, ...]
    told: tuple[tuple[str, str], ...]


def consequence(command: Command, subject: Resource) -> Consequence | None:
    """What the catalogues say of a decision."""
    to = command.described.get("to")
    if not to:
        return None
    follow = [
        one
        for one in subject.described.get("transitions", [])
        if to in one["from"] and one.get("command") and not one["command"].startswith(("withdraw", "cancel"))
    ]
    told = [
        (event_name(command.service, name), ", ".join(service_name(one) for one in catalogues().hearing(name)))
        for name in command.described.get("emits") or ()
    ]
    return Consequence(
        state_name(command.service, subject.name, str(to)),
        tuple(dict.fromkeys(command_name(command.service, one["command"]) for one in follow)),
        tuple(told),
    )
