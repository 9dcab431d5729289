"""Tell Anju something: `python publisher.py repair_reported < data.json`. ANJU_AMQP_URI is what the developer gave you:
amqps://property.<company>:<password>@<host>:5671//"""

import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

from amqp.exceptions import MessageNacked, RecoverableConnectionError
from kombu import Connection, Producer

URL = os.environ["ANJU_AMQP_URI"]
USER, HOST = str(urlsplit(URL).username), urlsplit(URL).hostname
TLS = {"server_hostname": HOST} if URL.startswith("amqps:") else None  # the certificate must be this host's
FORM = {"content_type": "application/cloudevents+json", "content_encoding": "utf-8"}
CONFIRMS = {"confirm_publish": True}


def publish(body: str) -> None:
    """Return once the broker has kept it; try again while the broker is away or your queue is full."""
    for pause in (1, 5, 30, 60, 0):
        try:
            with Connection(URL, ssl=TLS, connect_timeout=10, transport_options=CONFIRMS) as connection:
                connection.connect()
                return Producer(connection.channel()).publish(body, exchange=USER, confirm_timeout=30, **FORM)
        except (OSError, MessageNacked, RecoverableConnectionError) as away:
            problem = away
            time.sleep(pause)
    raise SystemExit(f"not delivered ({problem!r}); send the very same bytes again later: {body}")


if __name__ == "__main__":
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/{USER.replace('.', '/', 1)}"}
    event |= {"type": sys.argv[1], "time": datetime.now(UTC).isoformat(), "data": json.load(sys.stdin)}
    publish(json.dumps(event))
    print(event["id"])
