"""How demo data is told: one command after another through the doors that people use, each with a fixed id.

A command that has been done before is answered again, so a story can be told twice and changes nothing. Its dates are
counted from the moment at which the first project was set up, so the second telling says the very same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.contracts.errors import AnjuError, IdempotencyConflict, NotFound, ServiceUnavailable, ValidationFailed

ZONE = ZoneInfo("Asia/Shanghai")
#: How long a story waits for what another service has to hear of first.
PATIENCE = 20.0
PAUSE = 0.03
Record = dict[str, Any]
#: `execute(service, command, payload, actor, command_id)` and `search(service, resource, filters, actor)`.
Execute = Callable[[str, str, Record, Record, str], Record]
Search = Callable[[str, str, Record, Record], list[Record]]


class StoryBroken(RuntimeError):
    """A command of the demo data was refused, or something did not come about; the text says which."""


@dataclass
class Told:
    """A record of the story and the verbs it has been through."""

    story: Story
    resource: str
    key: str
    record: Record
    _times: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.record["id"])

    def move(self, verb: str, by: str, **params: Any) -> Told:
        """Carry out one of its moves or changes."""
        self._times[verb] = self._times.get(verb, 0) + 1
        again = f".{self._times[verb]}" if self._times[verb] > 1 else ""
        self.record = self.story.carry_out(self.resource, verb, by, f"{self.key}.{verb}{again}", id=self.id, **params)
        return self


class Story:
    """Tells commands to the services as the people of `actors`."""

    def __init__(self, execute: Execute, search: Search, actors: Mapping[str, Record]) -> None:
        self._execute, self._search, self._actors = execute, search, actors
        self.now = datetime.now(UTC)

    def begin(self, resource: str, verb: str, by: str, key: str, /, **params: Any) -> Told:
        """Make a record: `begin("leads/home", "set_up", "yan.kai", "P01-1-101", ...)`."""
        return Told(self, resource, key, self.carry_out(resource, verb, by, f"{key}.{verb}", **params))

    def carry_out(self, resource: str, verb: str, by: str, key: str, /, **payload: Any) -> Record:
        """One command. Records of other services may not have been heard of yet: it waits for them."""
        service, _, name = resource.partition("/")
        sent = {name: _wire(value) for name, value in payload.items()}
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._execute(service, f"{verb}_{name}", sent, self._actors[by], f"demo.{key}")
            except IdempotencyConflict:
                raise
            except AnjuError as refused:
                if not _may_come(refused) or time.monotonic() > deadline:
                    raise StoryBroken(f"{verb}_{name} ({key}) by {by}: {type(refused).__name__}: {refused}") from None
            time.sleep(PAUSE)

    def found(self, resource: str, by: str, key: str, **filters: Any) -> Told:
        """A record that a service made by itself, as soon as it is there: the oldest that fits."""
        service, _, name = resource.partition("/")
        deadline = time.monotonic() + PATIENCE
        while not (rows := self._search(service, name, filters, self._actors[by])):
            if time.monotonic() > deadline:
                raise StoryBroken(f"no {resource} with {filters} came about ({key})")
            time.sleep(PAUSE)
        return Told(self, resource, key, rows[0])

    def day(self, days: int) -> str:
        """A date, counted from the day on which the story began."""
        today: date = self.now.astimezone(ZONE).date()
        return (today + timedelta(days=days)).isoformat()

    def moment(self, *, hours: float) -> str:
        """A moment, counted from the beginning of the story."""
        at = (self.now + timedelta(hours=hours)).replace(microsecond=0)
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _may_come(refused: AnjuError) -> bool:
    """Whether waiting helps: the record exists elsewhere and its event is on the way."""
    if isinstance(refused, ValidationFailed):
        return any(one["code"] == "unknown_reference" for rules in refused.errors.values() for one in rules)
    return isinstance(refused, (NotFound, ServiceUnavailable))


def _wire(value: Any) -> Any:
    return value.id if isinstance(value, Told) else value
