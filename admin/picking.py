"""Records that a form names by a number or a name: what was typed and not picked is looked up (no script is needed)."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from admin import codes, directory
from admin.controls import Control
from admin.described import Resource
from admin.page import services
from admin.texts import field_name, sentence
from services.contracts.errors import AnjuError, ValidationFailed
from services.contracts.fields import PERSON


def picked(
    register: Resource, posted: MultiDict[str, str], actor: dict[str, Any]
) -> tuple[MultiDict[str, str], list[str]]:
    """What a query form asks for, with the id of each record that was named; and the labels that name none."""
    given, unclear = MultiDict(posted), []
    for name in register.filters:
        field, text = register.field(name), posted.get(f"{name}__text", "").strip()
        if field is not None and field.to == PERSON and (typed := posted.get(name, "").strip()):
            given.setlist(name, users if len(users := directory.users_called(typed)) == 1 else [typed])
        if field is None or f"{name}__text" not in posted:
            continue
        label = field_name(register.service, register.name, name)
        control = Control(codes.pointing(field, register.path), label, posted.getlist(name), text)
        resolve(control, posted, actor)
        known = text == posted.get(f"{name}__was") or any(id == control.value for id, _ in control.choices)
        given.setlist(name, control.typed if known else [])
        if text and not (known and control.value):
            unclear.append(label)
    return given, unclear


def resolve(control: Control, posted: MultiDict[str, str], actor: dict[str, Any]) -> None:
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


def resolve_lines(control: Control, actor: dict[str, Any]) -> None:
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


def name_people(control: Control, posted: MultiDict[str, str]) -> None:
    """People may be typed by their names: the user name goes to the service. Who is called as somebody else, or is not
    known, is told at the field; whom an entry or a link names is not looked up."""
    if control.choices or control.typed == control.before or control.typed == posted.getlist(f"{control.name}__was"):
        return
    named = []
    for text in [line.strip() for typed in control.typed for line in typed.splitlines() if line.strip()]:
        users = directory.users_called(text)
        named.append(users[0] if len(users) == 1 else text)
        if len(users) != 1:
            prefix = f"{text}: " if control.field.many else ""
            code = "several_persons" if users else "unknown_person"
            control.errors.append(prefix + sentence(code, {"users": users}))
    control.typed = ["\n".join(named)] if named else []


def _found(control: Control, text: str, actor: dict[str, Any]) -> list[tuple[str, str]]:
    """The one record, as id and label, that a text finds; raises ValidationFailed with the `choices` that it finds."""
    service, _, resource = (control.field.to or "").partition("/")
    found = services().options(service, resource, text[:100], actor)["result"]
    choices = [(str(one["id"]), str(one["label"])) for one in found]
    exact = [one for one in choices if text in one] or choices
    if len(exact) != 1:
        raise ValidationFailed(code="pick_one" if exact else "unknown_reference", choices=choices)
    return exact
