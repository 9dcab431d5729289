"""A real service process on a real broker and database, and a property company that talks to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import amqp
import sqlalchemy as sa
from kombu import Connection
from sqlalchemy.orm import Session

from services.chassis import settings
from services.chassis.catalogue import service_named
from services.chassis.records import Base
from services.chassis.tables import Replica

CLOUD_EVENTS = "application/cloudevents+json"


def make_tables(name: str, url: str) -> None:
    """An empty schema of the service's tables."""
    engine = sa.create_engine(url)
    schema = settings.schema(name)
    with engine.begin() as connection:
        if schema:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        Base.metadata.create_all(connection, tables=service_named(name).tables)
    engine.dispose()


def know(url: str, resource: str, key: str, **data: Any) -> None:
    """Give a service's database a replica, as if its owner had told it."""
    engine = sa.create_engine(url)
    with Session(engine) as session:
        session.merge(Replica(resource=resource, key=key, version=1, data=data, at=datetime.now(UTC)))
        session.commit()
    engine.dispose()


@dataclass
class Live:
    """A service's process; `kill` ends it as a power cut would, `start` starts it again."""

    name: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.chassis.run", self.name],
                cwd=settings.ROOT,
                env={**os.environ, **self.environment, **more},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)

    @property
    def url(self) -> str:
        return self.environment["TEST_URL"]

    def rows(self, statement: str, **params: Any) -> list[Any]:
        """What the service's own database says."""
        engine = sa.create_engine(self.url)
        try:
            with engine.connect() as connection:
                return list(connection.execute(sa.text(statement), params))
        finally:
            engine.dispose()


@contextmanager
def running(name: str, database_url: str, broker: Any, folder: Path) -> Iterator[Live]:
    """The service on an empty database; its queues are emptied first."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"ANJU_AMQP_URI": broker.uri, "ANJU_HOME": str(folder)}
    url = database_url
    if database_url.startswith("postgresql"):
        environment["ANJU_DATABASE_URL"] = database_url.replace("+psycopg2", "")
        before = os.environ.get("ANJU_DATABASE_URL")
        os.environ["ANJU_DATABASE_URL"] = environment["ANJU_DATABASE_URL"]
        url = settings.database_url(name)
        make_tables(name, url)
        os.environ.pop("ANJU_DATABASE_URL")
        if before:
            os.environ["ANJU_DATABASE_URL"] = before
    else:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'data' / name}.db"
        make_tables(name, url)
    environment["TEST_URL"] = url
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        for queue in (
            f"{name}.inbox",
            f"{name}.parked",
            "maintenance.property.acme",
            "maintenance.property.zenith",
            "property.acme.inbox",
            "property.zenith.inbox",
        ):
            channel.queue_purge(queue)
    live = Live(name, environment, folder / f"{name}.log")
    live.start()
    try:
        yield live
    finally:
        live.kill(signal.SIGTERM)


class Company:
    """A property company as it is outside: plain amqp with its own user."""

    def __init__(self, code: str, uri: str) -> None:
        self.code = code
        self.connection = Connection(uri)
        self.channel = self.connection.channel()
        self.channel.confirm_select()

    def publish(self, body: bytes, *, content_type: str | None = CLOUD_EVENTS, **properties: Any) -> None:
        """Publish raw bytes to the company's own exchange and wait for the broker's confirm."""
        headers = properties.pop("application_headers", {})
        message = amqp.Message(body, application_headers=headers, delivery_mode=2, **properties)
        if content_type is not None:
            message.properties["content_type"] = content_type
        self.channel.basic_publish_confirm(message, exchange=f"property.{self.code}", routing_key="")

    def tell(self, name: str, message_id: str | None = None, source: str | None = None, **data: Any) -> str:
        """Publish an event as a CloudEvent; returns its id."""
        message_id = message_id or str(uuid.uuid4())
        event = {
            "specversion": "1.0",
            "id": message_id,
            "source": source or f"/property/{self.code}",
            "type": name,
            "time": "2026-11-21T08:00:00Z",
            "subject": str(data.get("order_id") or data.get("source_ref") or message_id),
            "data": data,
        }
        self.publish(json.dumps(event).encode(), content_encoding="utf-8")
        return message_id

    def inbox(self) -> list[dict[str, Any]]:
        """Everything that waits in the company's inbox, taken."""
        found = []
        while (message := self.channel.basic_get(f"property.{self.code}.inbox", no_ack=True)) is not None:
            found.append(json.loads(message.body))
        return found

    def close(self) -> None:
        self.connection.release()


def awaited(until: Callable[..., Any], company: Company, name: str, seconds: float = 15) -> dict[str, Any]:
    """The next event of a name in the company's inbox; others that come before it are passed over."""
    seen: list[dict[str, Any]] = []

    def came() -> dict[str, Any] | None:
        seen.extend(company.inbox())
        return next((event for event in seen if event["type"] == name), None)

    found: dict[str, Any] | None = until(came, seconds)
    assert found is not None, f"{name} did not come; came: {[event['type'] for event in seen]}"
    return found
