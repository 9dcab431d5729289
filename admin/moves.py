"""Carry out a command that a person sent, and tell what came of it without losing a word of what was typed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from admin import forms
from admin.actors import actor
from admin.described import Command, Resource
from admin.forms import Form
from admin.page import services
from admin.problems import told
from admin.reveals import Revealed, noted
from admin.texts import field_name, t
from admin.values import shown
from services.contracts.errors import (
    AnjuError,
    NotFound,
    ServiceUnavailable,
    StaleVersion,
    UnknownCommand,
    ValidationFailed,
)


@dataclass
class Outcome:
    """What came of a command: the record, or the form again with what is wrong; `revealed` is a number to show once."""

    form: Form
    record: dict[str, Any] | None = None
    status: int = 200
    message: str = ""
    tone: str = "error"
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    stale: bool = False
    revealed: Revealed | None = None


def carry_out(
    resource: Resource,
    command: Command,
    posted: MultiDict[str, str],
    record_id: str | None,
    sent: MultiDict[str, FileStorage] | None = None,
) -> Outcome:
    """Send a command as the signed-in person; raises only where there is no such record or command."""
    form = forms.typed(command, posted)
    forms.keep_files(form, sent or MultiDict())
    content = forms.payload(form, posted, actor())
    if form.wrong:
        return Outcome(form, status=422)
    if record_id is not None:
        content["id"] = record_id
    try:
        answered = services().execute(
            command.service,
            command.name,
            content,
            actor=actor(),
            command_id=form.command_id,
            version=form.version if record_id is not None else None,
        )
    except ValidationFailed as refused:
        form.refuse(refused.errors)
        return Outcome(_anew(form), status=422)
    except StaleVersion as stale:
        return _stale(resource, form, stale)
    except ServiceUnavailable as away:
        # Nobody knows whether it was done; the same command_id again is answered, not done twice.
        return Outcome(form, status=503, message=told(away), tone="away")
    except (NotFound, UnknownCommand):
        raise
    except AnjuError as refused:
        return Outcome(_anew(form), status=refused.status, message=told(refused))
    if "revealed" in answered and answered["revealed"] is None:
        return Outcome(_anew(form), status=409, message=t("reveal.over"))
    return Outcome(form, record=answered["result"], revealed=noted(command, actor(), content, answered))


def _anew(form: Form) -> Form:
    form.command_id = str(uuid.uuid4())
    return form


def _stale(resource: Resource, form: Form, stale: StaleVersion) -> Outcome:
    """Somebody was faster: show what they changed; sending again means knowing it."""
    outcome = Outcome(_anew(form), status=409, message=told(stale), stale=True, changes=changes(resource, stale.params))
    form.version = stale.params.get("current", form.version)
    return outcome


def changes(resource: Resource, params: dict[str, Any]) -> list[tuple[str, str, str]]:
    """`(field, before, after)` of `{"changes": {field: [before, after]}}`, as people read it."""
    found = params.get("changes") or {}
    return [
        (
            field_name(resource.service, resource.name, name),
            shown(resource, name, pair[0]),
            shown(resource, name, pair[1]),
        )
        for name, pair in found.items()
    ]
