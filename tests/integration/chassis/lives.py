"""A service that dies and is started again, many times in a few seconds: every life is a fork that reads the inbox.

    python -m tests.integration.chassis.lives <database url> <broker uri> <deaths> <effects>

Dies `deaths` times as soon as it holds messages, then lives until there are so many effects. Prints how often a life
ended that should not have: a message whose reason is "poison" ends the process that handles it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

import sqlalchemy as sa

from services.chassis import faultpoints, inbox, scan
from services.chassis.consumer import Consumer
from tests.example import Loan, make_service

MOST_LIVES = 25
SECONDS = 60


def live(url: str, uri: str, effects: int, fault: str) -> None:
    """One life, as a service's process has it: the consumer in a thread, the scan beside it."""
    faultpoints._name, faultpoints._left = fault, 1
    handle = inbox.handle

    def handled(work: Any, partner: str | None, incoming: Any) -> None:
        if incoming.data.get("reason") == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        handle(work, partner, incoming)

    inbox.handle = handled
    service = make_service()
    service.open(url)
    consumer = Consumer(service, uri)
    reading = threading.Thread(target=consumer.run, daemon=True)
    reading.start()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        scan.tick(service)
        with service.database.read() as session:
            if (session.scalar(sa.select(sa.func.count()).select_from(Loan)) or 0) >= effects:
                break
        time.sleep(0.2)
    consumer.stopping = True
    reading.join(10)
    service.close()


def ended_well(*life: Any) -> bool:
    """Whether a life came to its end."""
    child = os.fork()
    if child == 0:
        live(*life)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main(url: str, uri: str, deaths: str, effects: str) -> None:
    for number in range(int(deaths)):
        assert not ended_well(url, uri, int(effects), "consumer_after_receive"), (
            f"nothing was left for life {number} to hold"
        )
    for number in range(MOST_LIVES):
        if ended_well(url, uri, int(effects), ""):
            print(number)
            return
    raise SystemExit(f"{MOST_LIVES} lives were not enough")


if __name__ == "__main__":
    main(*sys.argv[1:])
