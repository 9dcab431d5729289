"""One service process: `python -m services.chassis.run <service>`."""

from __future__ import annotations

import gc

gc.disable()  # nothing of what is imported is ever garbage; looking for it is a tenth of the start

import warnings  # noqa: E402

warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from psycogreen.eventlet import patch_psycopg  # noqa: E402

patch_psycopg()

import psycopg2.extensions  # noqa: E402
import structlog  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from services.chassis import logs, settings  # noqa: E402
from services.chassis.catalogue import service_named  # noqa: E402
from services.contracts import SERVICES  # noqa: E402

log = structlog.get_logger()
WORKERS = 10
STOP_SECONDS = 6
AWAIT_SECONDS = 0.25


def refuse_blocking_driver() -> None:
    """A driver that does not yield would stop consumer, relay and doors with every query (T8)."""
    if psycopg2.extensions.get_wait_callback() is None or not eventlet.patcher.is_monkey_patched("socket"):
        raise SystemExit("anju: psycopg2 must yield under eventlet; start services by services.chassis.run")


def main(name: str) -> None:
    """Run until SIGTERM or SIGINT; a broker that is not there yet is waited for."""
    with settings.report_invalid():
        logs.configure(settings.log_level(), service=name)
        uri, url = settings.amqp_uri(), settings.database_url(name)
        declared = service_named(name)
        for check in declared.checks:
            check()
    refuse_blocking_driver()
    declared.open(url)
    doors = __import__(f"services.{name}.service", fromlist=["service"]).DOORS
    container = ServiceContainer(doors, config={"AMQP_URI": uri, "max_workers": WORKERS, "HEARTBEAT": 10})
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a transaction makes thousands of objects, and leaves no garbage in circles
    gc.enable()
    _start(container)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(container))
    log.info("service_started", service=name)
    container.wait()
    log.info("service_stopped", service=name)


def _stop(container: ServiceContainer) -> None:
    """Stop in order; when that hangs (Nameko waits for a broker that is gone) end anyway: it is safe at any moment."""
    eventlet.spawn_n(container.stop)
    eventlet.spawn_after(STOP_SECONDS, os._exit, 1)


def _start(container: ServiceContainer) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            container.start()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit("anju: the broker does not answer") from None
            log.warning("broker_awaited")
            eventlet.sleep(AWAIT_SECONDS)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SERVICES:
        raise SystemExit(f"usage: python -m services.chassis.run {{{'|'.join(SERVICES)}}}")
    main(sys.argv[1])
