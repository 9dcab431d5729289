"""What a service says about a form while it is filled in, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from admin.described import Command
from admin.directory import person_name
from admin.texts import choice_name, field_name, sentence


def sentences(service: str, said: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """What a service says, each sentence with a link to the record that it is about."""
    return [
        {
            "text": sentence(one["code"], _with_names(one["params"])),
            "label": one["label"] or "",
            "url": url_for("RecordView.record", service=service, resource=one["resource"], id=one["id"])
            if one["id"]
            else "",
        }
        for one in said
    ]


def _with_names(params: dict[str, Any]) -> dict[str, Any]:
    """What fills a sentence, people by their names."""
    return {name: person_name(value) if name == "agent" else value for name, value in params.items()}


@dataclass
class Advice:
    """The answer of the door `advise` for a template."""

    command: Command
    said: dict[str, Any]

    @property
    def suggestions(self) -> list[dict[str, str]]:
        """Values that are proposed: the field's label, the value as text and as the form sends it, and why."""
        return [
            {
                "field": one["field"],
                "label": field_name(self.command.service, self.command.resource, one["field"]),
                "value": str(one["value"]),
                "shown": self._shown(one["field"], one["value"]),
                "why": sentence(one["code"], one["params"]),
            }
            for one in self.said["suggestions"]
        ]

    @property
    def cautions(self) -> list[dict[str, str]]:
        """What to look at first, with a link to the record that it is about."""
        return sentences(self.command.service, self.said["cautions"])

    def _shown(self, name: str, value: Any) -> str:
        field = next((one for one in self.command.params if one.name == name), None)
        if field is not None and field.kind == "choice":
            return choice_name(self.command.service, field.choices, value)
        return str(value)
