"""What the load has said and been told, kept on its own side: the count holds it against the databases."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: What a sender knows of a message or command: nothing yet, yes, no, or nothing and it has stopped asking.
UNKNOWN, ACKNOWLEDGED, REFUSED, ABANDONED = "unknown", "acknowledged", "refused", "abandoned"


@dataclass(eq=False)
class Message:
    """One message of a property company. `subject` is the company's own number of a report, or the order's id."""

    id: str
    company: str
    kind: str
    subject: str
    body: bytes
    content_type: str = "application/cloudevents+json"
    facts: dict[str, str] = field(default_factory=dict)
    sends: int = 0
    outcome: str = UNKNOWN

    @property
    def is_bad(self) -> bool:
        return self.kind.startswith("bad")


@dataclass(eq=False)
class Command:
    """One command over the REST API and where its effect is to be found.

    `effect`: `("row", service, table, column, value)` for what a command makes, or
    `("audit", service, resource, record id, command)` for what it changes.
    """

    key: str
    service: str
    name: str
    payload: dict[str, Any]
    effect: tuple[str, ...]
    sends: int = 0
    replayed: bool = False
    outcome: str = UNKNOWN
    problem: str = ""
    record_id: str = ""


class Ledger:
    """Filled by many threads; read when all of them have ended."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.commands: dict[str, Command] = {}
        #: Per company the messages that came to its inbox: id, and how often it came.
        self.received: dict[str, Counter[str]] = {}
        self.notes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def say(self, message: Message) -> None:
        """About to be sent, once more."""
        with self._lock:
            message.sends += 1
            self.messages[message.id] = message

    def ask(self, command: Command) -> None:
        """About to be asked, once more."""
        with self._lock:
            command.sends += 1
            self.commands[command.key] = command

    def came(self, company: str, message_id: str) -> bool:
        """A company took a message from its inbox; whether it is the first time."""
        with self._lock:
            counter = self.received.setdefault(company, Counter())
            counter[message_id] += 1
            return counter[message_id] == 1

    def note(self, what: str) -> None:
        with self._lock:
            self.notes[what] += 1

    def write(self, path: Path) -> None:
        """For whoever looks for the cause of a loss."""
        told = {
            "messages": [{**vars(one), "body": one.body.decode("utf-8", "replace")} for one in self.messages.values()],
            "commands": [vars(one) for one in self.commands.values()],
            "received": self.received,
            "notes": self.notes,
        }
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
