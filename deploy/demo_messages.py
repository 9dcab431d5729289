"""What the demo's property company says from its own system, with its own RabbitMQ user."""

from __future__ import annotations

import json
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection, Producer

from deploy.demo_care import COMPANY
from deploy.demo_story import Story

FORM = {"content_type": "application/cloudevents+json", "content_encoding": "utf-8"}


def publish(uri: str, story: Story) -> None:
    """A report that becomes a work order, and one that is refused and waits on the operations page."""
    reported = {"reported_at": story.moment(hours=-1), "reporter": "前台 小吴"}
    good = {"source_ref": "CQ-2026-0711", "home_id": "P01-1-1-0802", "repair_class": "leakage"}
    bad = {"source_ref": "CQ-2026-0712", "home_id": "P01-1-1-0802", "repair_class": "flooding"}
    said = [
        ("demo-report-1", {**good, **reported, "description": "厨房水槽下水管接头滴漏，橱柜底板受潮。"}),
        ("demo-report-2", {**bad, **reported, "description": "地下室门口积水。"}),
    ]
    try:
        with Connection(uri, connect_timeout=5, transport_options={"confirm_publish": True}) as connection:
            connection.connect()
            producer = Producer(connection.channel())
            for message_id, data in said:
                body = json.dumps(_event(message_id, story, data), ensure_ascii=False)
                producer.publish(body, exchange=f"property.{COMPANY}", confirm_timeout=10, **FORM)
    except (OSError, AMQPError) as wrong:
        # The rest of the demo needs no company that speaks for itself.
        print(f"the property company could not publish: {type(wrong).__name__}")


def _event(message_id: str, story: Story, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": message_id,
        "source": f"/property/{COMPANY}",
        "type": "repair_reported",
        "time": story.moment(hours=0),
        "subject": str(data["source_ref"]),
        "data": data,
    }
