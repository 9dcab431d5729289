"""Reminders: what another service's register says to whoever fills in a command that it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.chassis.advice import Caution
from services.chassis.work import Work


def reminders(work: Work, resource: str, code: str, *shown: str, **equal: Any) -> Iterator[Caution]:
    """A caution for each record of the replicated register that fits; `shown` are the fields that fill its sentence."""
    for known in work.replicas(resource, **equal):
        yield Caution(code, {name: known[name] or "" for name in shown})
