"""The bare relay: `python -m deploy.bench.bare_relay BATCH DATABASE_URL`."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import amqp
import psycopg2
from kombu.utils.url import parse_url

CHOOSE = (
    "SELECT position, exchange, routing_key, message_id, body, mandatory FROM maintenance.outbox "
    "WHERE sent_at IS NULL ORDER BY position LIMIT %s FOR UPDATE SKIP LOCKED"
)
MARK = "UPDATE maintenance.outbox SET sent_at = now() WHERE position = ANY(%s)"


def main(batch: int, url: str) -> None:
    """Until SIGTERM."""
    parts = parse_url(os.environ["ANJU_AMQP_URI"])
    connection = amqp.Connection(
        host=f"{parts['hostname']}:{parts['port']}", userid=parts["userid"], password=parts["password"]
    )
    connection.connect()
    channel = connection.channel()
    channel.confirm_select()
    waiting: set[int] = set()
    published = 0

    def confirmed(tag: int, multiple: bool) -> None:
        waiting.difference_update([one for one in waiting if one <= tag] if multiple else [tag])

    channel.events["basic_ack"] = {confirmed}
    database = psycopg2.connect(url)
    cursor = database.cursor()
    while True:
        cursor.execute(CHOOSE, (batch,))
        rows: list[Any] = cursor.fetchall()
        for _, exchange, key, message_id, body, mandatory in rows:
            message = amqp.Message(body.encode(), delivery_mode=2, message_id=message_id)
            channel._basic_publish(message, exchange=exchange, routing_key=key, mandatory=mandatory)
            published += 1
            waiting.add(published)
        while waiting:
            connection.drain_events(timeout=10)
        if rows:
            cursor.execute(MARK, ([row[0] for row in rows],))
        database.commit()
        if not rows:
            time.sleep(0.1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main(int(sys.argv[1]), sys.argv[2])
