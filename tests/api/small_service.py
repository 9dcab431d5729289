"""A Nameko service with the doors of architecture.md: `python -m tests.api.small_service URI NAME BACKEND JOURNAL`.

The backend `echo` answers with what it was asked, slowly or wrongly where the resource says so; `fake` puts
`admin.doubles.FakeServices` behind real doors, so that the behavioural suite runs over the wire as well.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.rpc import rpc  # noqa: E402

from services.contracts.errors import StaleVersion  # noqa: E402


class Echo:
    """Answers that tell what was asked."""

    def __init__(self, name: str, journal: Path) -> None:
        self.name, self.journal = name, journal

    def execute(self, command: str, payload: Any, envelope: Any) -> dict[str, Any]:
        with self.journal.open("a") as journal:
            journal.write(envelope["command_id"] + "\n")
        return {"result": {"id": command, "payload": payload, "envelope": envelope}, "replayed": False}

    def fetch(self, resource: str, id: str, actor: Any) -> Any:
        if resource == "slow":
            eventlet.sleep(float(id))
        elif resource == "fault":
            raise RuntimeError("secret 13800138000")
        elif resource == "stale":
            raise StaleVersion(current=3, changes={"note": ["a", "b"]})
        elif resource == "wrong":
            return "no object"
        return {"result": {"id": id, "resource": resource, "service": self.name}, "actions": []}

    def search(self, resource: str, params: Any, actor: Any) -> dict[str, Any]:
        return {"count": 0, "capped": False, "result": [], "tabs": {}, "params": params}

    def search_each(self, asked: Any, actor: Any) -> dict[str, Any]:
        return {"result": []}

    def history(self, resource: str, id: str, actor: Any) -> dict[str, Any]:
        return {"result": []}

    def options(self, resource: str, q: Any, actor: Any) -> dict[str, Any]:
        return {"result": []}

    def health(self) -> dict[str, Any]:
        return {"service": self.name, "database": True, "outbox": None, "inbox": None, "relay": True}


class Fake(Echo):
    """The console's double behind real doors."""

    def __init__(self, name: str, journal: Path) -> None:
        from admin.doubles import FakeServices
        from tests.api.catalogue import CATALOGUES

        super().__init__(name, journal)
        self.double = FakeServices(CATALOGUES)

    def execute(self, command: str, payload: Any, envelope: Any) -> dict[str, Any]:
        return self.double.execute(self.name, command, payload, **envelope)

    def __getattribute__(self, door: str) -> Any:
        if door in ("fetch", "search", "search_each", "history", "options", "health"):
            return lambda *args: getattr(self.double, door)(self.name, *args)
        return super().__getattribute__(door)


def doors(service: str, backend: Echo) -> type:
    """The service class that Nameko wants."""

    class Doors:
        name = service

        @rpc
        def execute(self, command: str, payload: Any, envelope: Any) -> Any:
            return backend.execute(command, payload, envelope)

        @rpc
        def fetch(self, resource: str, id: str, actor: Any) -> Any:
            return backend.fetch(resource, id, actor)

        @rpc
        def search(self, resource: str, params: Any, actor: Any) -> Any:
            return backend.search(resource, params, actor)

        @rpc
        def search_each(self, asked: Any, actor: Any) -> Any:
            return backend.search_each(asked, actor)

        @rpc
        def history(self, resource: str, id: str, actor: Any) -> Any:
            return backend.history(resource, id, actor)

        @rpc
        def options(self, resource: str, q: Any, actor: Any) -> Any:
            return backend.options(resource, q, actor)

        @rpc
        def health(self) -> Any:
            return backend.health()

    return Doors


if __name__ == "__main__":
    uri, service_name, kind, journal_path = sys.argv[1:]
    chosen = {"echo": Echo, "fake": Fake}[kind](service_name, Path(journal_path))
    container = ServiceContainer(doors(service_name, chosen), {"AMQP_URI": uri, "max_workers": 50})
    container.start()
    container.wait()
