"""docs/events.md: every event with who tells it, who listens, and its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deploy.documents import messages
from deploy.documents.goldens import all_events
from deploy.documents.text import code, fields_table, heading, named, said_of, table
from services.chassis.moves import To
from services.chassis.service import Service
from services.contracts.events import PUBLISHERS, Event

INTRODUCTION = """# Events

Every fact that is told, as a CloudEvent 1.0 in JSON. `type` is the name, `source` is `/anju/<publisher>` (a property
company's is taken from its exchange), `subject` is the id of the object, `dataversion` the version of the fields.
Within a version only optional fields are added; `services/contracts/goldens` pins what has been promised, with an
example of each. What companies send and receive is in [integration/messages.md](integration/messages.md).

"""


def told_by(services: Sequence[Service]) -> dict[str, list[str]]:
    """By event: the commands and processes that tell it."""
    found: dict[str, list[str]] = {}
    for service in services:
        for event, origin in _tellers(service):
            origins = found.setdefault(event.wire_name, [])
            if origin not in origins:
                origins.append(origin)
    return found


def _tellers(service: Service) -> Iterator[tuple[type[Event], str]]:
    for process in service.processes:
        for move in process.moves.values():
            for one in move.emits:
                yield (one.event if isinstance(one, To) else one), f"`{move.command}`"
        for rule in process.clocks:
            if rule.breach:
                yield rule.breach, f"time limit `{rule.name}` of `{process.name}`"
        for one in process.announces:
            yield one, f"`{process.name}`"
        if process.progress:
            yield process.progress, f"every change of state of `{process.name}`"
        if process.snapshot:
            yield process.snapshot, f"every change of `{process.name}`"


def heard_by(services: Sequence[Service]) -> dict[tuple[str, str], list[str]]:
    """By publisher and event: the services that react, and the companies that are told."""
    found: dict[tuple[str, str], list[str]] = {}
    for service in services:
        for reactions in service.reactions.values():
            for one in reactions:
                _add(found, one.event, service.name)
        for move in service.commands.values():
            if move.on is not None:
                _add(found, move.on, f"{service.name} (`{move.command}`)")
    for event in messages.told(services):
        _add(found, event, "property companies")
    return found


def _add(found: dict[tuple[str, str], list[str]], event: type[Event], listener: str) -> None:
    listeners = found.setdefault((event.publisher, event.wire_name), [])
    if listener not in listeners:
        listeners.append(listener)


def page(services: Sequence[Service]) -> str:
    """The whole page."""
    tellers, listeners = told_by(services), heard_by(services)
    said = [INTRODUCTION]
    for publisher in PUBLISHERS:
        own = [event for event in all_events() if event.publisher == publisher]
        rows = []
        for event in own:
            heard = ", ".join(listeners.get((publisher, event.wire_name), []))
            rows.append((f"[`{event.wire_name}`](#{anchor(event)})", event.dataversion, said_of(event), heard))
        said.append(f"## Published by {'property companies' if publisher == 'property' else publisher}\n\n")
        said.append(table(["event", "version", "when", "subscribers"], rows) + "\n")
        for event in own:
            said.append(_details(event, tellers.get(event.wire_name, [])))
    return "".join(said).rstrip() + "\n"


def anchor(event: type[Event]) -> str:
    """The fragment of the event's section."""
    return f"event-{event.wire_name}"


def _details(event: type[Event], origins: list[str]) -> str:
    names = named(event.publisher, ("events", event.wire_name))
    lines = [f'<a id="{anchor(event)}"></a>\n\n', heading(3, names, event.wire_name), said_of(event), "\n\n"]
    if event.publisher != "property":
        by_code = ["the gateway for property companies"] if event in messages.TOLD_BY_CODE else []
        lines.append(f"Told by: {', '.join(origins or by_code) or 'nothing yet'}. ")
    lines.append(f"Subject: {code([event.subject])}.")
    if event.snapshot_of:
        lines.append(f" Tells the whole record of `{event.snapshot_of}`, for replicas.")
    return "".join(lines) + "\n\n" + fields_table(event.publisher, "", event.fields()) + "\n"
