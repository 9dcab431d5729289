"""Forms made from the fields of a command: controls, what was typed, and what goes to the service.

What a person typed is kept as typed until the service has accepted it (H6): a control shows `typed`, not the value.
"""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage, MultiDict

from admin import files, values
from admin.actors import actor
from admin.controls import Control, as_typed, control_of, raw_value
from admin.described import Command
from admin.picking import name_people, resolve, resolve_lines
from admin.texts import field_name, sentence
from services.contracts.errors import ValidationFailed
from services.contracts.fields import PERSON, broken_rules, schema_of


@dataclass
class Form:
    """A command's form. `version` is the record's that the person saw, `command_id` makes sending it twice harmless."""

    command: Command
    controls: list[Control]
    version: int | None = None
    command_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    errors: list[str] = dataclasses.field(default_factory=list)

    @property
    def uploads(self) -> bool:
        """Whether files can be sent with it."""
        return any(control.widget == "files" for control in self.controls)

    @property
    def wrong(self) -> bool:
        """Whether any field is refused."""
        return bool(self.errors or any(control.errors for control in self.controls))

    def refuse(self, errors: dict[str, list[dict[str, Any]]]) -> None:
        """Put the errors of a `ValidationFailed` at their fields; those of no field stand above the form."""
        by_name = {control.name: control for control in self.controls}
        for name, found in errors.items():
            said = [sentence(one["code"], one.get("params")) for one in found]
            control = by_name.get(name.split(".")[0])
            if control:
                control.errors += said
            else:
                label = field_name(self.command.service, self.command.resource, name) if name else ""
                self.errors += [f"{label} {one}".strip() for one in said]


def blank(command: Command, given: MultiDict[str, str] | None = None, version: int | None = None) -> Form:
    """A form to fill in; `given` (the query of a link) fills fields that it names, and who gives the command in one
    project only need not name it."""
    form = Form(command, [control_of(command, one) for one in command.params], version)
    for control in form.controls:
        started = (given.getlist(control.name) if given else []) or as_typed(control.field, control.field.default)
        if not started and control.field.required and control.field.to == "leads/project":
            started = _only_project(command)
        control.typed = [one[:4000] for one in started]
        control.text = "" if control.widget == "references" else control.value
    return form


def correcting(form: Form, entry: dict[str, Any]) -> Form:
    """The form of a correction as the entry says it: what is left as it is stays, what is emptied is emptied (X-47)."""
    for control in form.controls:
        field = control.field
        if field.required or field.mask or field.kind == "json" or field.name not in entry:
            continue
        control.typed = control.before = as_typed(field, entry[field.name])
        control.text = "" if control.widget == "references" else control.value
    return form


def typed(command: Command, posted: MultiDict[str, str]) -> Form:
    """The form as a person sent it, word for word."""
    form = Form(command, [control_of(command, one) for one in command.params])
    for control in form.controls:
        control.typed = posted.getlist(control.name)
        control.before = posted.getlist(before) if (before := f"{control.name}__before") in posted else None
        alone = "" if control.widget == "references" else control.value
        control.text = posted.get(f"{control.name}__text", alone)
        if (picked := posted.get(f"{control.name}__picked")) and control.text == posted.get(f"{control.name}__was"):
            control.typed, control.text = [picked], picked
    form.version = values.whole(posted.get("version", ""))
    sent = posted.get("command_id", "")
    form.command_id = sent if 8 <= len(sent) <= 64 and sent.replace("-", "").isalnum() else form.command_id
    return form


def picked_before(given: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What a link says, as a form sends what was picked: ids, which nobody has typed and nothing looks up."""
    return [pair for name, one in given.items(multi=True) for pair in ((name, one), (f"{name}__was", one))]


def complete(form: Form, used: dict[str, Any]) -> None:
    """Show what was used where nothing was typed."""
    for control in form.controls:
        if not control.value and isinstance(value := used.get(control.name), str):
            control.typed, control.text = [value], value


def keep_files(form: Form, sent: MultiDict[str, FileStorage]) -> None:
    """Keep what was sent with the form, so that it need not be sent again when something else is refused."""
    for control in form.controls:
        if control.widget != "files":
            continue
        for one in sent.getlist(f"{control.name}__file"):
            if one.filename:
                try:
                    control.typed.append(files.keep(control.name, one))
                except ValidationFailed as wrong:
                    form.refuse(wrong.errors)


def payload(form: Form, posted: MultiDict[str, str], actor: dict[str, Any]) -> dict[str, Any]:
    """What goes to the service: checked with the contract's schema; errors are put at their fields."""
    raw: dict[str, Any] = {}
    for control in form.controls:
        if control.widget == "reference":
            resolve(control, posted, actor)
        elif control.widget == "references":
            resolve_lines(control, actor)
        elif control.field.to == PERSON:
            name_people(control, posted)
        value = raw_value(control)
        if control.before is not None:
            if value != raw_value(dataclasses.replace(control, typed=control.before)):
                raw[control.name] = [] if value is None and control.field.kind == "files" else value
        elif value is not None or control.field.required:
            raw[control.name] = value
    schema = schema_of(form.command.name, list(form.command.params))
    try:
        loaded = schema.load(raw)
    except ValidationError as wrong:
        said = {control.name for control in form.controls if control.errors}
        form.refuse({name: found for name, found in broken_rules(schema, wrong).items() if name not in said})
        return {}
    dumped: dict[str, Any] = schema.dump(loaded)
    return {name: value for name, value in dumped.items() if name in raw}


def draft(form: Form) -> dict[str, Any]:
    """What is filled in so far, unchecked: the service takes what is right of it."""
    return {control.name: value for control in form.controls if (value := raw_value(control)) not in (None, "", [])}


def _only_project(command: Command) -> list[str]:
    """The project in which the signed-in person may give a command, where it is one."""
    held = actor()["roles"]
    scopes = {scope for role in command.described.get("by", []) for scope in held.get(role, [])}
    codes = [scope.removeprefix("project:") for scope in scopes if scope.startswith("project:")]
    return codes if len(codes) == len(scopes) == 1 else []
