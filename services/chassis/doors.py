"""The doors of a service: its Nameko RPC methods, and the threads that live beside them in the process.

Nameko decodes, decompresses and reads headers by what a publisher says. Only the console reaches the RPC exchange, yet
the same guards stand here: no decompression, no header of a stranger in Nameko's call stack, no message acked away.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import eventlet
import kombu.compression
import sqlalchemy as sa
import structlog
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError
from nameko.extensions import DependencyProvider
from nameko.messaging import QueueConsumer
from nameko.rpc import Rpc, RpcConsumer

from services.chassis import advice, commands, imports, privacy, reports, scan, views
from services.chassis.actors import Actor
from services.chassis.consumer import Consumer
from services.chassis.database import is_away
from services.chassis.health import health_of
from services.chassis.relay import BATCH, Relay
from services.chassis.service import Service
from services.contracts.errors import AnjuError, ServiceUnavailable

log = structlog.get_logger()
SCAN_SECONDS = 1
POLL_SECONDS = 0.5

kombu.compression._decoders.clear()


class SafeQueueConsumer(QueueConsumer):
    """A message that cannot be decoded is dropped and never logged with its content; a lost broker is found soon."""

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """As kombu's, which waits up to 30 s between its attempts; the doors are open within seconds of the broker."""
        with self.create_connection() as connection:
            waits = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 2}
            connection.ensure_connection(self.on_connection_error, self.connect_max_retries, **waits)
            yield connection

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        log.warning("rpc_undecodable", fault=type(exc).__name__)
        message.reject(requeue=False)


class SafeRpcConsumer(RpcConsumer):
    """Drops what is no call before Nameko fails on it: a call that names no answer would end the whole container."""

    queue_consumer = SafeQueueConsumer()

    def setup(self) -> None:
        """In a cluster (several nodes in the URI) calls wait in a quorum queue: a plain one is away with its node."""
        super().setup()
        if ";" in self.container.config["AMQP_URI"]:
            self.queue.queue_arguments = {"x-queue-type": "quorum"}

    def handle_message(self, body: Any, message: Any) -> None:
        asked = isinstance(body, dict) and isinstance(body.get("args"), list) and isinstance(body.get("kwargs"), dict)
        if asked and message.properties.get("reply_to") and message.properties.get("correlation_id"):
            super().handle_message(body, message)
        else:
            log.warning("rpc_malformed")
            message.reject(requeue=False)

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> Any:
        """An answer that the broker does not take is lost, as the caller expects; Nameko would end the process."""
        try:
            return super().handle_result(message, result, exc_info)
        except (OSError, AMQPError, OperationalError) as lost:
            log.warning("answer_lost", fault=type(lost).__name__)
            with suppress(OSError, AMQPError, OperationalError):
                self.queue_consumer.ack_message(message)
            return result, exc_info


class SafeRpc(Rpc):
    """An RPC entrypoint that takes nothing from a message's headers."""

    rpc_consumer = SafeRpcConsumer()

    def unpack_message_headers(self, message: Any) -> dict[str, Any]:
        return {}


def door(method: Callable[..., Any]) -> Any:
    """An RPC method whose errors are those of the contracts; a fault is logged here and says nothing of its inside."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except AnjuError:
            raise
        except Exception as fault:
            if is_away(fault):
                log.error("database_away", door=method.__name__, fault=type(fault.__cause__ or fault).__name__)
                raise ServiceUnavailable(service=self.name) from None
            log.exception("door_failed", door=method.__name__)
            raise ServiceUnavailable(code="service_fault", service=self.name) from None

    return SafeRpc.decorator(guarded, expected_exceptions=AnjuError)


class Runtime(DependencyProvider):
    """Opens the service's database and runs its consumer, relay and scan for as long as the container lives."""

    def __init__(self, declared: Service) -> None:
        self.declared = declared

    def bind(self, container: Any, attr_name: str) -> Any:
        bound = super().bind(container, attr_name)
        bound.uri = container.config["AMQP_URI"]
        bound.stopping = False
        return bound

    def start(self) -> None:
        service = self.declared
        self.wake = eventlet.event.Event()
        self.publishing = False
        service.committed = self._wake_up
        service.breathe = lambda: eventlet.sleep(0)
        self.consumer = Consumer(service, self.uri, sleep=eventlet.sleep)
        works = [self.consumer.run, self._relay, self._scan, *([self._import] if service.importables else [])]
        self.threads = [eventlet.spawn(work) for work in works]
        for thread in self.threads:
            thread.link(self._ended)

    def _ended(self, thread: Any) -> None:
        """A thread that ends before the container does is a fault: the whole process ends, for its runner to see."""
        if not self.stopping:
            self.container.kill(_raised_by(thread))

    def _wake_up(self) -> None:
        if not self.wake.ready():
            self.wake.send(None)

    def _relay(self) -> None:
        """Publish while elected; after any failure the election is held again, for its lock may be lost with it."""
        while not self.stopping:
            relay = Relay(self.declared, self.uri)
            with self.declared.database.elected("relay", eventlet.sleep, lambda: self.stopping) as elected:
                try:
                    while elected and not self.stopping:
                        self.publishing = True
                        # What is committed from here on wakes it: the rows may be selected before, or after.
                        self.wake = eventlet.event.Event()
                        if relay.publish_due() < BATCH:
                            self._rest()
                except Exception as lost:
                    log.warning("relay_paused", fault=type(lost).__name__)
                finally:
                    self.publishing = False
                    relay.close()
            if not self.stopping:
                eventlet.sleep(1)

    def _rest(self) -> None:
        with eventlet.Timeout(POLL_SECONDS, False):
            self.wake.wait()

    def _scan(self) -> None:
        while not self.stopping:
            try:
                scan.tick(self.declared)
            except sa.exc.SQLAlchemyError as away:
                log.warning("scan_paused", fault=type(away).__name__)
            eventlet.sleep(SCAN_SECONDS)

    def _import(self) -> None:
        """The parts of imports; after each, as long as it took belongs to everybody else."""
        while not self.stopping:
            began, busy = time.monotonic(), False
            try:
                busy = imports.step(self.declared)
            except sa.exc.SQLAlchemyError as away:
                log.warning("import_paused", fault=type(away).__name__)
            eventlet.sleep(time.monotonic() - began if busy else SCAN_SECONDS)

    def stop(self) -> None:
        self.stopping = self.consumer.stopping = True
        self._wake_up()
        for thread in self.threads:
            thread.unlink(self._ended)
        with eventlet.Timeout(5, False):
            for thread in self.threads:
                thread.wait()
        self.declared.close()

    def kill(self) -> None:
        self.stopping = self.consumer.stopping = True

    def get_dependency(self, worker_ctx: Any) -> Runtime:
        return self


def _raised_by(thread: Any) -> Any:
    try:
        thread.wait()
    except Exception:
        import sys

        return sys.exc_info()
    return None


class Doors:
    """The methods that every service offers; a service's own class adds its name and its `Runtime`."""

    name: str
    runtime: Any

    @property
    def declared(self) -> Service:
        service: Service = self.runtime.declared
        return service

    @door
    def execute(self, command: str, payload: Any, envelope: Any) -> dict[str, Any]:
        return commands.execute(self.declared, command, payload, envelope)

    @door
    def fetch(self, resource: str, id: str, actor: Any) -> dict[str, Any]:
        with self.declared.reading(Actor.from_wire(actor)) as work:
            answer = views.fetch(work, resource, id)
            # Of the record that the id means today, which the reader may see.
            return answer | {"said": advice.explained(work, resource, answer["result"]["id"])}

    @door
    def search(self, resource: str, params: Any, actor: Any) -> dict[str, Any]:
        asked = params.get("q") if isinstance(params, dict) else None
        with privacy.looking(self.declared, Actor.from_wire(actor), resource, asked) as work:
            return views.search(work, resource, params)

    @door
    def search_each(self, asked: Any, actor: Any) -> dict[str, Any]:
        with self.declared.reading(Actor.from_wire(actor)) as work:
            return views.search_each(work, asked)

    @door
    def history(self, resource: str, id: str, actor: Any) -> dict[str, Any]:
        with self.declared.reading(Actor.from_wire(actor)) as work:
            return views.history(work, resource, id)

    @door
    def options(self, resource: str, q: Any, actor: Any) -> dict[str, Any]:
        with privacy.looking(self.declared, Actor.from_wire(actor), resource, q) as work:
            return views.options(work, resource, q)

    @door
    def advise(self, command: str, payload: Any, actor: Any) -> dict[str, Any]:
        person = Actor.from_wire(actor)
        payload = privacy.advisable(self.declared, person, command, payload)
        with self.declared.reading(person) as work:
            return advice.advise(work, command, payload)

    @door
    def report(self, name: str, params: Any, actor: Any) -> dict[str, Any]:
        with self.declared.reading(Actor.from_wire(actor)) as work:
            return reports.run(work, name, params)

    @door
    def health(self) -> dict[str, Any]:
        return health_of(self.declared, publishing=self.runtime.publishing)

    @door
    def resync(self, resource: str) -> dict[str, Any]:
        return {"told": self.declared.resync(resource)}


__all__ = ["Doors", "Runtime", "SafeQueueConsumer", "SafeRpc", "door"]
