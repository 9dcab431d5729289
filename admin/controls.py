"""The controls of forms: what each looks like, and how values are typed and read."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from admin import codes, directory, values
from admin.described import Command
from admin.texts import TAG_VALUE, field_name, t, tag_value_typed
from services.contracts.fields import PERSON, Field


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
    def whose(self) -> str:
        """The name of the person whose user name is there; empty where nobody is known by it."""
        name = directory.person_name(self.value) if self.names_person else ""
        return name if name != self.value else ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The files that were sent before: their addresses, and what people call them."""
        return [(one, values.file_text(one)) for one in self.typed if one]

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of the form."""
        return self.widget in ("lines", "checks", "references", "files")


def control_of(command: Command, one: Field) -> Control:
    """The control of a command's field, empty."""
    label = field_name(command.service, command.resource, one.name)
    pointing = codes.pointing(one, f"{command.service}/{command.resource}")
    return Control(pointing, label, choices=codes.offered(command.service, command.resource, one))


def as_typed(one: Field, value: Any) -> list[str]:
    """A value of the wire as somebody would type it."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [values.local_input(value) if one.kind == "moment" else str(value)]


def raw_value(control: Control) -> Any:
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
    if control.field.choices == TAG_VALUE:
        return tag_value_typed(value)
    return value.strip() if kind in ("money", "decimal", "date", "reference", "number") else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
