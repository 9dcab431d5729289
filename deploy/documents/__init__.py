"""Everything that is written from the declarations: goldens, and the pages of docs/ that must never say something else.

`./anju contracts` writes it all; `tests/contract` compares what is committed with what would be written.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from services.chassis import settings
from services.chassis.catalogue import service_named
from services.chassis.service import Service
from services.contracts import SERVICES

DOCS = settings.ROOT / "docs"
GENERATED = "<!-- Written by `./anju contracts` from the declarations; edit those. -->\n\n"


def declared_services() -> list[Service]:
    """The declaration of every service that there is."""
    there = [name for name in SERVICES if importlib.util.find_spec(f"services.{name}.service") is not None]
    return [service_named(name) for name in there]


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    from deploy.documents import asyncapi, detectors, events, glossary, messages, parameters, processes

    services = declared_services()
    written = {
        DOCS / "glossary.md": glossary.page(),
        DOCS / "detectors.md": detectors.page(),
        DOCS / "events.md": events.page(services),
        DOCS / "parameters.md": parameters.page(services),
        DOCS / "integration" / "messages.md": messages.page(services),
    }
    found = {path: GENERATED + text for path, text in written.items()}
    found[DOCS / "integration" / "asyncapi.yaml"] = asyncapi.text(services)
    for name, text in processes.pages(services).items():
        found[DOCS / "processes" / f"{name}.md"] = GENERATED + text
    return found


def write_all() -> list[str]:
    """Write goldens and pages; returns what changed. Raises `goldens.ContractBroken` before anything is written."""
    from deploy.documents import goldens

    changed = []
    for path, text in {**goldens.files(), **pages()}.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(str(path.relative_to(settings.ROOT)))
    return changed
