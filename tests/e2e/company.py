"""A property company's own system: plain kombu, its own RabbitMQ user, the documented messages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu import Connection, Producer, Queue

FORM = {"content_type": "application/cloudevents+json", "content_encoding": "utf-8"}


def in_hours(hours: float) -> str:
    """A moment before or after now, as messages carry it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Company:
    """`evergreen` of the demo, as it is outside."""

    def __init__(self, code: str, home: Path, broker: str) -> None:
        password = (home / "secrets" / f"amqp.property.{code}").read_text(encoding="utf-8").strip()
        address = urlsplit(broker)
        self.code = code
        self.connection = Connection(
            f"amqp://property.{code}:{password}@{address.hostname}:{address.port}//",
            transport_options={"confirm_publish": True},
        )
        self.connection.connect()
        self.channel = self.connection.channel()
        self.seen: list[dict[str, Any]] = []

    def publish(self, body: str) -> None:
        """Publish and wait until the broker has it."""
        Producer(self.channel).publish(body, exchange=f"property.{self.code}", confirm_timeout=10, **FORM)

    def tell(self, message: str, **data: Any) -> str:
        """Publish an event; returns its id."""
        event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/property/{self.code}", "type": message}
        self.publish(json.dumps({**event, "time": in_hours(0), "data": data}, ensure_ascii=False))
        return event["id"]

    def receives(self, until: Callable[..., Any], message: str, **data: Any) -> dict[str, Any]:
        """The next message of a type whose data say this; what else comes is kept for later questions."""

        def fits(event: dict[str, Any]) -> bool:
            return event["type"] == message and data.items() <= event["data"].items()

        def came() -> dict[str, Any] | None:
            inbox = Queue(f"property.{self.code}.inbox", channel=self.channel, no_declare=True)
            while (found := inbox.get(accept=["application/cloudevents+json"])) is not None:
                body = found.body
                self.seen.append(json.loads(body) if isinstance(body, (str, bytes)) else body)
                found.ack()
            return next(filter(fits, self.seen), None)

        found: dict[str, Any] | None = until(came, 15, 0.1)
        assert found is not None, f"no {message} with {data}; came: {[one['type'] for one in self.seen]}"
        return found

    def close(self) -> None:
        self.connection.release()
