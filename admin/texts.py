"""The language of a page, and its words. Every word is in `services/contracts/glossary`, in both languages."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from flask import g, has_request_context, request, session
from flask_login import current_user

from services.contracts import glossary

DEFAULT = "zh"
#: A tag's value is kept as it is said in Chinese: a topic, a segment, another one of the standard catalogue, or the
#: company's own, which nobody has put into English.
TAG_VALUE = "tag_value"
SAID_OF_CUSTOMERS = (TAG_VALUE, "concern_topic", "segment")


def language() -> str:
    """`zh` or `en`: the person's choice, else the browser session's, else what the browser asks for, else Chinese."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        chosen = current_user.language if current_user.is_authenticated else None
        chosen = chosen or session.get("language")
        if chosen not in glossary.LANGUAGES:
            chosen = request.accept_languages.best_match(glossary.LANGUAGES, DEFAULT)
        g.language = chosen
    return str(g.language)


def theme() -> str:
    """`auto` (as the operating system), `light` or `dark`."""
    chosen = current_user.theme if current_user.is_authenticated else session.get("theme")
    return chosen if chosen in ("light", "dark") else "auto"


def t(key: str, **params: Any) -> str:
    """A text of `console.toml`, filled; a key that is not there shows itself (a test keeps that from lasting)."""
    template = glossary.term("console", *key.split("."), language=language())
    if template is None:
        return key
    return template.format(**params) if params else template


def service_name(service: str) -> str:
    """A service, for people."""
    return glossary.term("common", "services", service, language=language()) or glossary.humanised(service)


def resource_name(service: str, resource: str) -> str:
    """A register, for people."""
    return glossary.term(service, resource, language=language()) or glossary.humanised(resource)


def register_name(service: str, resource: str) -> str:
    """A register as the title of its list: English has a plural."""
    name = resource_name(service, resource)
    if language() != "en":
        return name
    first, of, rest = name.partition(" of ")
    many = first[:-1] + "ies" if re.search("[^aeiou]y$", first) else first if first.endswith("s") else first + "s"
    return many + of + rest


def listed(names: Iterable[str]) -> str:
    """Several names in a row."""
    return ("、" if language() == "zh" else ", ").join(names)


def about(resource: str) -> str:
    """What a register holds, in a sentence; empty for one that has none in the book."""
    return glossary.term("console", "about", resource, language=language()) or ""


def field_name(service: str, resource: str, field: str) -> str:
    """A field of a resource or a parameter of one of its commands, for people."""
    return glossary.field_name(service, resource, field, language())


def state_name(service: str, resource: str, state: str) -> str:
    """A state, for people."""
    for path in ((resource, "states", state), ("states", state)):
        if found := glossary.term(service, *path, language=language()):
            return found
    return glossary.humanised(state)


def command_name(service: str, command: str) -> str:
    """A command, as its button says."""
    return glossary.term(service, "commands", command, language=language()) or glossary.humanised(command)


def report_name(service: str, report: str) -> str:
    """A report, for people."""
    return glossary.term(service, "reports", report, language=language()) or glossary.humanised(report)


def choice_name(service: str, choices: str | None, value: Any) -> str:
    """A value of a choice list, for people; `<resource>.clocks` lists its limits, `<resource>.states` its states."""
    if choices and choices.endswith(".clocks"):
        return clock_name(service, choices.removesuffix(".clocks"), str(value))
    if choices and choices.endswith(".states"):
        return state_name(service, choices.removesuffix(".states"), str(value))
    if choices == TAG_VALUE:
        return tag_value(str(value))
    found = glossary.term(service, "choices", choices, str(value), language=language()) if choices else None
    return found or role_name(str(value))


def tag_value(value: str) -> str:
    """What is said of a customer, for people; the company's own values are as they were typed."""
    return value if language() == "zh" else _in_english().get(value, value)


def tag_value_typed(text: str) -> str:
    """The other way: a value in the words of the reader's page, as the catalogue of tags has it."""
    return text if language() == "zh" else _in_chinese().get(text.strip().casefold(), text)


@functools.cache
def _in_chinese() -> dict[str, str]:
    return {en.casefold(): zh for zh, en in _in_english().items()}


@functools.cache
def _in_english() -> dict[str, str]:
    lists = glossary.terms("common").get("choices", {})
    return {zh: en for name in SAID_OF_CUSTOMERS for zh, en in lists.get(name, {}).values()}


def clock_name(service: str, resource: str, clock: str) -> str:
    """A clock, for people."""
    for path in ((resource, "clocks", clock), ("clocks", clock)):
        if found := glossary.term(service, *path, language=language()):
            return found
    return glossary.humanised(clock)


def event_name(service: str, name: str) -> str:
    """What happened, for people: an event, or the command that was carried out."""
    for path in (("events", name), ("commands", name), ("clocks", name), ("kinds", name)):
        if found := glossary.term(service, *path, language=language()):
            return found
    return glossary.humanised(name)


def rule_name(service: str, rule: str) -> str:
    """The rule of an alert, for people."""
    for path in (("rules", rule), ("clocks", rule), ("events", rule)):
        if found := glossary.term(service, *path, language=language()):
            return found
    if rule.endswith("_soon"):
        return t("work.soon", rule=rule_name(service, rule.removesuffix("_soon")))
    return glossary.humanised(rule)


def parameter_name(service: str, parameter: str) -> str:
    """A figure of the rules, for people, with the name by which it is set."""
    found = glossary.term(service, "parameters", parameter, language=language())
    return f"{found} · {parameter}" if found else parameter


def role_name(role: str) -> str:
    """A role, for people."""
    return glossary.term("common", "roles", role, language=language()) or glossary.humanised(role)


def sentence(code: str, params: dict[str, Any] | None = None) -> str:
    """The sentence of an error code; what fills it in the reader's words."""
    filled = {name: _in_words(name, value) for name, value in (params or {}).items()}
    return glossary.sentence(code, language(), **filled)


def _in_words(name: str, value: Any) -> Any:
    """Several in a row; what has a name in each language by the reader's; values of tags as the pages say them."""
    if isinstance(value, list):
        return listed(str(_in_words(name, one)) for one in value)
    if isinstance(value, dict) and value.keys() == {"name", "name_en"}:
        return value["name_en" if language() == "en" else "name"]
    return tag_value(value) if name == "choices" and isinstance(value, str) else value
