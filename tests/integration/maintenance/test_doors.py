"""The RPC doors of the running service: hostile messages, a database that goes away, a driver that yields."""

from __future__ import annotations

import bz2
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import amqp
import pytest
from kombu import Connection

from admin.rpc import Services
from services.chassis import settings
from services.contracts.errors import AnjuError, ServiceUnavailable
from tests.integration.live import Live

pytestmark = pytest.mark.integration
DESK = {"user": "desk", "name": "Desk", "roles": {"maintenance_desk": ["project:P01"]}}


def memory(live: Live) -> int:
    """The most memory the process ever held, in kB."""
    assert live.process is not None
    return int(Path(f"/proc/{live.process.pid}/status").read_text().split("VmHWM:")[1].split()[0])


def test_hostile_calls_neither_stop_the_service_nor_leave_personal_data_in_the_log(
    maintenance: Live, broker: Any, until: Callable[..., Any]
) -> None:
    services = Services(broker.uri)
    assert until(lambda: _answers(services), 20)
    secret = b'{"args": [], "kwargs": {"q": "13812341234"'
    call = json.dumps({"args": [], "kwargs": {}}).encode()
    bomb = bz2.compress(b"0" * 300_000_000)
    hostile: list[tuple[bytes, dict[str, Any]]] = [
        (secret, {"content_type": "application/json", "content_encoding": "utf-8"}),
        (secret, {"content_type": "application/x-python-serialize", "content_encoding": "binary"}),
        (call, {"content_type": "text/plain"}),
        (call, {"headers": {"nameko.call_id_stack": [1]}}),
        (call, {"headers": {"nameko.call_id_stack": "x", "nameko.language": {"a": 1}}}),
        (bomb, {"headers": {"compression": "bzip2"}}),
        (b"[1, 2]", {}),
        (b'{"args": 7, "kwargs": []}', {}),
        (call, {"reply_to": ""}),
    ]
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        for body, properties in hostile:
            headers = properties.pop("headers", {})
            # A call that names no answer is dropped before anything else is looked at.
            asked = {"reply_to": "nobody", "correlation_id": "c"}
            plain = {"content_type": "application/json", "content_encoding": "utf-8", **asked, **properties}
            message = amqp.Message(body, application_headers=headers, **plain)
            channel.basic_publish(message, exchange="nameko-rpc", routing_key="maintenance.health")
    assert until(lambda: _answers(services), 10)
    assert maintenance.process is not None
    assert maintenance.process.poll() is None
    assert memory(maintenance) < 250_000
    assert "13812341234" not in maintenance.log.read_text()


def _answers(services: Services) -> bool:
    try:
        return bool(services.health("maintenance")["database"])
    except ServiceUnavailable:
        return False


BAD_ARGUMENTS: list[tuple[str, tuple[Any, ...]]] = [
    ("execute", ("report_work_order", [], DESK)),
    ("search", ("work_order", {"page": "x"}, DESK)),
    ("search", ("nothing", {}, DESK)),
    ("search", ("work_order", {}, {"user": 7})),
    ("fetch", ("work_order", "../../etc", DESK)),
    ("fetch", ("work_order", "x", {"user": "x", "roles": "all"})),
]


def test_bad_arguments_are_answered_with_our_own_errors(
    maintenance: Live, broker: Any, until: Callable[..., Any]
) -> None:
    services = Services(broker.uri)
    assert until(lambda: _answers(services), 20)
    for method, arguments in BAD_ARGUMENTS:
        with pytest.raises(AnjuError) as refused:
            if method == "execute":
                command, payload, actor = arguments
                services.execute("maintenance", command, payload, actor=actor, command_id="x")
            else:
                getattr(services, method)("maintenance", *arguments)
        assert refused.value.code != "service_fault", (method, arguments)
        assert refused.value.status in (403, 404, 422)
    with pytest.raises(AnjuError) as refused:
        services.search("maintenance", "work_order", {"page_size": 101}, DESK)
    assert refused.value.params["errors"]["page_size"][0]["params"] == {"min": 1, "max": 100}, "figures stay figures"


YIELDS = """
import warnings; warnings.simplefilter("ignore")
import eventlet; eventlet.monkey_patch()
from psycogreen.eventlet import patch_psycopg; patch_psycopg()
import sys, time
import psycopg2
from services.chassis.run import refuse_blocking_driver
refuse_blocking_driver()
def wait():
    connection = psycopg2.connect(sys.argv[1]); connection.cursor().execute("SELECT pg_sleep(0.7)"); connection.close()
started = time.monotonic()
[thread.wait() for thread in [eventlet.spawn(wait) for _ in range(4)]]
print(time.monotonic() - started)
"""


def test_the_database_driver_yields_and_a_blocking_one_is_refused(postgres: Any) -> None:
    url = postgres.new_database()
    command = [sys.executable, "-c", YIELDS, url.replace("+psycopg2", "")]
    taken = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=True)
    assert float(taken.stdout) < 2.4, "four waits of 0.7 s did not overlap"
    blocking = "import psycopg2; from services.chassis import run; import psycopg2.extensions as e; "
    blocking += "e.set_wait_callback(None); run.refuse_blocking_driver()"
    refused = subprocess.run(
        [sys.executable, "-c", blocking], cwd=settings.ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    assert "must yield" in refused.stderr
    postgres.drop_database(url)
