"""Forms made from the fields of a command: controls, what was typed, and what goes to the service.

What a person typed is kept as typed until the service has accepted it (H6): a control shows `typed`, not the value.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage, MultiDict

from admin import codes, files, values
from admin.actors import actor
from admin.described import Command, Resource
from admin.page import services
from admin.texts import field_name, sentence, t
from services.contracts.errors import AnjuError, ValidationFailed
from services.contracts.fields import PERSON, Field, broken_rules, schema_of


@dataclass
class Control:
    """One field of a form; `before` is what the entry says that a form corrects, as it would be typed."""

    field: Field
    label: str
    typed: list[str] = dataclasses.field(default_factory=list)
    text: str = ""
    choices: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    before: list[str] | None = None

    @property
    def name(self) -> str:
        """The name of the control."""
        return self.field.name

    @property
    def value(self) -> str:
        """What was typed, where the control has one value."""
        return self.typed[0] if self.typed else ""

    @property
    def widget(self) -> str:
        """Which control it is."""
        kind = self.field.kind
        if kind == "choice":
            return "checks" if self.field.many else "select"
        if kind == "reference":
            return "references" if self.field.many else "reference"
        if kind == "files":
            return "files"
        if kind in ("text", "integer") and self.choices:
            return "checks" if self.field.many else "select"
        if self.field.many or kind == "json" or self.field.multiline or (self.field.max_length or 0) > 300:
            return "lines"
        return {
            "boolean": "boolean",
            "date": "date",
            "moment": "moment",
            "integer": "integer",
            "decimal": "decimal",
            "money": "decimal",
        }.get(kind, "text")

    @property
    def is_group(self) -> bool:
        """Whether it is made of several inputs, which share a heading."""
        return self.widget in ("boolean", "checks")

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Yes and no, the same keys in every form; after them that nothing is said, where that is an answer too."""
        unsaid = [] if self.field.required or self.field.default is not None else [("", t("form.unsaid"))]
        return [("true", t("value.yes")), ("false", t("value.no")), *unsaid]

    @property
    def names_person(self) -> bool:
        """Whether a user name is wanted: the browser offers them with the names."""
        return self.widget == "text" and self.field.to == PERSON

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The files that were sent before: their addresses, and what people call them."""
        return [(one, values.file_text(one)) for one in self.typed if one]

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of the form."""
        return self.widget in ("lines", "checks", "references", "files")


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
    form = Form(command, [_control(command, one) for one in command.params], version)
    for control in form.controls:
        started = (given.getlist(control.name) if given else []) or _as_typed(control.field, control.field.default)
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
        control.typed = control.before = _as_typed(field, entry[field.name])
        control.text = "" if control.widget == "references" else control.value
    return form


def typed(command: Command, posted: MultiDict[str, str]) -> Form:
    """The form as a person sent it, word for word."""
    form = Form(command, [_control(command, one) for one in command.params])
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
            _resolve(control, posted, actor)
        elif control.widget == "references":
            _resolve_lines(control, actor)
        value = _raw(control)
        if control.before is not None:
            if value != _raw(dataclasses.replace(control, typed=control.before)):
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


def picked(
    register: Resource, posted: MultiDict[str, str], actor: dict[str, Any]
) -> tuple[MultiDict[str, str], list[str]]:
    """What a query form asks for, with the id of each record that was named; and the labels that name none."""
    given, unclear = MultiDict(posted), []
    for name in register.filters:
        field, text = register.field(name), posted.get(f"{name}__text", "").strip()
        if field is None or f"{name}__text" not in posted:
            continue
        label = field_name(register.service, register.name, name)
        control = Control(codes.pointing(field, register.path), label, posted.getlist(name), text)
        _resolve(control, posted, actor)
        known = text == posted.get(f"{name}__was") or any(id == control.value for id, _ in control.choices)
        given.setlist(name, control.typed if known else [])
        if text and not (known and control.value):
            unclear.append(label)
    return given, unclear


def draft(form: Form) -> dict[str, Any]:
    """What is filled in so far, unchecked: the service takes what is right of it."""
    return {control.name: value for control in form.controls if (value := _raw(control)) not in (None, "", [])}


def _control(command: Command, one: Field) -> Control:
    label = field_name(command.service, command.resource, one.name)
    pointing = codes.pointing(one, f"{command.service}/{command.resource}")
    return Control(pointing, label, choices=codes.offered(command.service, command.resource, one))


def _only_project(command: Command) -> list[str]:
    """The project in which the signed-in person may give a command, where it is one."""
    held = actor()["roles"]
    scopes = {scope for role in command.described.get("by", []) for scope in held.get(role, [])}
    codes = [scope.removeprefix("project:") for scope in scopes if scope.startswith("project:")]
    return codes if len(codes) == len(scopes) == 1 else []


def _as_typed(one: Field, value: Any) -> list[str]:
    """A value of the wire as somebody would type it."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [values.local_input(value) if one.kind == "moment" else str(value)]


def _raw(control: Control) -> Any:
    """The typed text as the JSON value that the schema checks; what cannot be one stays as typed, to be refused."""
    kind, value = control.field.kind, control.value
    if control.field.many:
        lines = (
            control.typed
            if control.widget in ("checks", "references")
            else [line for text in control.typed for line in text.splitlines()]
        )
        return [line.strip() for line in lines if line.strip()]
    if kind == "boolean":
        return {"true": True, "false": False}.get(value)
    if not value.strip():
        return None
    if kind == "integer":
        number = values.whole(value, 10**15)
        return value if number is None else number
    if kind == "moment":
        return values.from_local(value)
    if kind == "json":
        return _json(value)
    if kind == "files":
        return [one for one in control.typed if one.strip()]
    return value.strip() if kind in ("money", "decimal", "date", "reference", "number") else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _resolve(control: Control, posted: MultiDict[str, str], actor: dict[str, Any]) -> None:
    """A reference that was typed and not picked (no script in the browser): take the one record that the text finds."""
    text, was = control.text.strip(), posted.get(f"{control.name}__was", "")
    if f"{control.name}__text" not in posted:
        return  # nobody typed it: the address of a link, or a button, names the record by its id
    if not text:
        control.typed = []
    elif text == posted.get(f"{control.name}__picked"):
        return
    elif not control.value or text != was:
        control.typed = []
        try:
            control.choices = _found(control, text, actor)
            control.typed, control.text = [control.choices[0][0]], control.choices[0][1]
        except ValidationFailed as unclear:
            control.choices = unclear.params["choices"]
            control.errors.append(sentence(unclear.code))
        except AnjuError as wrong:
            control.errors.append(sentence(wrong.code, wrong.params))


def _resolve_lines(control: Control, actor: dict[str, Any]) -> None:
    """Records that were typed or pasted, a number or name a line, join those that are ticked; the others stay typed."""
    unclear = []
    for line in dict.fromkeys(line.strip() for line in control.text.splitlines() if line.strip()):
        try:
            id, _ = _found(control, line, actor)[0]
            control.typed += [id] if id not in control.typed else []
        except AnjuError as wrong:
            unclear.append(line)
            control.errors.append(f"{line}: {sentence(wrong.code, wrong.params)}")
    control.text = "\n".join(unclear)


def _found(control: Control, text: str, actor: dict[str, Any]) -> list[tuple[str, str]]:
    """The one record, as id and label, that a text finds; raises ValidationFailed with the `choices` that it finds."""
    service, _, resource = (control.field.to or "").partition("/")
    found = services().options(service, resource, text[:100], actor)["result"]
    choices = [(str(one["id"]), str(one["label"])) for one in found]
    exact = [one for one in choices if text in one] or choices
    if len(exact) != 1:
        raise ValidationFailed(code="pick_one" if exact else "unknown_reference", choices=choices)
    return exact
