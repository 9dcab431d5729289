"""``./anju replay``: let parked messages take effect once their cause has been mended, as the operations screen does.

The command goes through the service's own door, so it is checked, audited and idempotent like any other.
"""

from __future__ import annotations

import getpass
import uuid
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from admin.rpc import Services
from services.chassis import settings
from services.contracts.errors import AnjuError
from services.contracts.roles import Role

PAGE = 100
NOTE_LENGTH = 500


class ReplayRefused(RuntimeError):
    """A service did not take the command; the text says which and why."""


def replay(out: Console, names: list[str], note: str, *, message_id: str | None = None) -> int:
    """Replay the parked messages of these services, or the one with this message id; how many."""
    if not note.strip() or len(note) > NOTE_LENGTH:
        raise settings.SettingInvalid("--note", f"must say why, in at most {NOTE_LENGTH} characters")
    actor = {
        "user": f"shell:{getpass.getuser()}"[:80],
        "name": "./anju replay",
        "roles": {Role.ADMINISTRATOR: ["group"]},
    }
    services = Services(settings.amqp_uri())
    total = 0
    try:
        for name in names:
            # All ids first: a message that fails again at once comes back to the same list.
            waiting = list(_parked(services, name, actor, message_id))
            for record in waiting:
                payload = {"id": record["id"], "note": note}
                services.execute(
                    name,
                    "replay_parked_message",
                    payload,
                    actor=actor,
                    command_id=str(uuid.uuid4()),
                    version=record["version"],
                )
            total += len(waiting)
            out.print(f"{name}: {len(waiting)} replayed")
    except AnjuError as refused:
        raise ReplayRefused(f"{name}: {type(refused).__name__}: {refused}") from refused
    finally:
        services.close()
    return total


def _parked(services: Services, name: str, actor: Any, message_id: str | None) -> Iterator[dict[str, Any]]:
    page = 0
    while True:
        params = {"filters": {"state": "parked"}, "order": "created_at", "page": page, "page_size": PAGE}
        found = services.search(name, "parked_message", params | ({"q": message_id} if message_id else {}), actor)[
            "result"
        ]
        yield from (one for one in found if message_id in (None, one["message_id"]))
        if len(found) < PAGE:
            return
        page += 1
