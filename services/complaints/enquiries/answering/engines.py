"""Which engine answers: the rules, or the class that `ANJU_ANSWERER` names (C-116).

`ANJU_ANSWERER` is the name of an entry point of the group `anju.answerers`, or `package.module:Class`. The class is
made without arguments, once a process.
"""

from __future__ import annotations

import functools
import importlib
import os
from importlib.metadata import entry_points
from typing import Any

from services.chassis.settings import SettingInvalid
from services.complaints.enquiries.answering.port import Answerer

VARIABLE = "ANJU_ANSWERER"
GROUP = "anju.answerers"
RULES = "rules"
RULE = f"must be {RULES!r}, the name of an entry point of {GROUP!r}, or 'package.module:Class'"


def answerer() -> Answerer:
    """The engine of this process; raises SettingInvalid when the setting names none."""
    return _made(os.environ.get(VARIABLE) or RULES)


@functools.cache
def _made(name: str) -> Answerer:
    try:
        engine = _class_named(name)()
    except SettingInvalid:
        raise
    except Exception as failed:
        raise SettingInvalid(VARIABLE, f"cannot be used: {type(failed).__name__}: {failed}", name) from failed
    if not callable(getattr(engine, "answer", None)):
        raise SettingInvalid(VARIABLE, "must name a class with answer(question, language, scope, moment)", name)
    made: Answerer = engine
    return made


def _class_named(name: str) -> Any:
    if name == RULES:
        from services.complaints.enquiries.answering.rules import RuleBased

        return RuleBased
    module, colon, attribute = name.partition(":")
    if colon:
        return getattr(importlib.import_module(module), attribute)
    for point in entry_points(group=GROUP, name=name):
        return point.load()
    raise SettingInvalid(VARIABLE, RULE, name)
