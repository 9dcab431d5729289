"""Golden contracts: one file per event and version, which a change of the declaration may extend but never break.

`breaks` is the rule: within a version only a new optional field is allowed. Anything else changes what an older
reader can load, or what an older writer may send, and needs `class X(Event, version=2)`; the golden of version 1 stays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.documents import examples
from services.chassis import settings
from services.contracts.events import PUBLISHERS, Event, published_by
from services.contracts.fields import Field

FOLDER = settings.ROOT / "services" / "contracts" / "goldens"
#: What decides whether data loads; the rest of a FIELD (labels, masks, what a reference points at) may change.
RULES = ("kind", "required", "many", "max_length", "min", "max", "pattern", "values")


class ContractBroken(RuntimeError):
    """Declarations that data of the committed goldens does not survive; one sentence per event and field."""


def all_events() -> list[type[Event]]:
    """Every registered event, by publisher and name."""
    return [event for publisher in PUBLISHERS for _, event in sorted(published_by(publisher).items())]


def path_of(event: type[Event]) -> Path:
    """Where the golden of the event's present version is."""
    return FOLDER / "events" / event.publisher / f"{event.wire_name}.v{event.dataversion}.json"


def golden_of(event: type[Event]) -> dict[str, Any]:
    """The golden that today's declaration makes."""
    return {
        "name": event.wire_name,
        "publisher": event.publisher,
        "dataversion": event.dataversion,
        "subject": event.subject,
        "snapshot_of": event.snapshot_of,
        "fields": [field.to_json() for field in event.fields()],
        "example": examples.cloud_event(event),
    }


def committed(path: Path) -> dict[str, Any] | None:
    """A golden as it is committed; None when there is none."""
    if not path.exists():
        return None
    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return golden


def fields_in(golden: dict[str, Any]) -> list[Field]:
    """The fields that a golden describes."""
    return [Field.from_json(one) for one in golden["fields"]]


def breaks(golden: Sequence[Field], today: Sequence[Field]) -> list[str]:
    """What a declaration changed beyond adding optional fields, one sentence each."""
    before, now = {one.name: one for one in golden}, {one.name: one for one in today}
    found = [f"{name} was removed" for name in before if name not in now]
    found += [f"{name} is new and required" for name, field in now.items() if name not in before and field.required]
    for name in before:
        for rule in RULES if name in now else ():
            old, new = getattr(before[name], rule), getattr(now[name], rule)
            if old != new:
                found.append(f"{name}: {rule} was {_said(old)} and is {_said(new)}")
    return found


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def broken(events: Sequence[type[Event]]) -> list[str]:
    """What these declarations break of the committed goldens."""
    found = []
    for event in events:
        golden = committed(path_of(event))
        problems = breaks(fields_in(golden), event.fields()) if golden else []
        if golden and golden["subject"] != event.subject:
            problems.append(f"the subject was {golden['subject']} and is {event.subject}")
        found += [f"{event.publisher}/{event.wire_name} v{event.dataversion}: {problem}" for problem in problems]
    return found


def files() -> dict[Path, str]:
    """Every golden with its text. Raises ContractBroken where today's declarations would overwrite a promise."""
    problems = broken(all_events())
    if problems:
        raise ContractBroken(
            "\n  ".join(["a published contract would break; give the event a new version:", *problems])
        )
    return {path_of(event): written(golden_of(event)) for event in all_events()}


def written(golden: dict[str, Any]) -> str:
    """JSON with one line per field, so that a diff shows what changed."""
    whole = json.dumps({**golden, "fields": "FIELDS"}, ensure_ascii=False, indent=1)
    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in golden["fields"])
    return whole.replace('"FIELDS"', f"[\n  {lines}\n ]") + "\n"
