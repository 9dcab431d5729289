"""What happened to a record, in one column: audit entries, events, approvals and clocks, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from admin.catalogues import catalogues
from admin.described import Resource
from admin.directory import person_name
from admin.moves import changes
from admin.texts import (
    clock_name,
    command_name,
    event_name,
    listed,
    resource_name,
    role_name,
    service_name,
    state_name,
    t,
)
from admin.values import moment
from services.contracts.errors import UnknownCommand


@dataclass
class Entry:
    """One thing that happened."""

    at: str
    kind: str
    title: str
    actor: str
    notes: list[str] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def entries(resource: Resource, history: list[dict[str, Any]]) -> list[Entry]:
    """A history of the door, as people read it."""
    return [_entry(resource, one) for one in history if one.get("name") != f"{resource.name}_updated"]


def _command(resource: Resource, name: str) -> str:
    """What was done; where it was done to another record, that one's register too."""
    if name.startswith("on_"):
        return event_name(resource.service, name.removeprefix("on_"))
    said = command_name(resource.service, name)
    try:
        other = catalogues().command(resource.service, name).resource
    except UnknownCommand:
        return said
    return said if other == resource.name else f"{resource_name(resource.service, other)} · {said}"


def _entry(resource: Resource, one: dict[str, Any]) -> Entry:
    kind, name, detail = str(one.get("kind")), str(one.get("name")), one.get("detail") or {}
    entry = Entry(moment(one.get("at")), kind, name, _actor(resource, one.get("actor")))
    if kind == "audit":
        entry.title = t("timeline.by_system") if name == "system" else _command(resource, name)
        was, becomes = detail.get("from"), detail.get("to")
        if was != becomes and becomes:
            steps = [state_name(resource.service, resource.name, one) for one in (was, becomes) if one]
            entry.notes.append(" → ".join(steps))
        entry.changes = changes(resource, detail)
    elif kind == "event":
        entry.title = event_name(resource.service, name)
        entry.notes.append(t("timeline.sent") if detail.get("sent_at") else t("timeline.waiting"))
    elif kind == "approval":
        consented = name == "consented"
        entry.title = t(
            "timeline.approval_round",
            verdict=t("timeline.consented") if consented else state_name(resource.service, "approval", name),
            round=detail.get("round", ""),
        )
        if detail.get("approver"):
            roles = [detail["approver"], *(detail.get("jointly") or [])]
            entry.notes.append(t("timeline.approver", role=listed(role_name(str(role)) for role in roles)))
        if detail.get("awaited"):
            entry.notes.append(t("timeline.awaited", role=listed(role_name(str(one)) for one in detail["awaited"])))
        if detail.get("for"):
            entry.notes.append(t("timeline.on_behalf", person=person_name(detail["for"])))
        if detail.get("reason"):
            entry.notes.append(str(detail["reason"]))
    else:
        step = detail.get("step")
        step_key = f"timeline.clock_{step}" if step in ("started", "breached", "stopped") else "timeline.clock_started"
        entry.title = t(step_key, clock=clock_name(resource.service, resource.name, name))
        entry.notes.append(t("timeline.due", at=moment(detail.get("due_at"))))
    return entry


def _actor(resource: Resource, actor: Any) -> str:
    if isinstance(actor, dict):
        return str(actor.get("name") or person_name(actor.get("user")))
    if actor == resource.service:
        return service_name(resource.service)
    return person_name(actor)
