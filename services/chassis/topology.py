"""The RabbitMQ topology, written once: exchanges, queues and bindings as data, and how they are declared and compared.

The names are those of the architecture's section 5. `topology` is pure: services, companies and the catalogues in,
plain data out (pinned by ``tests/topology/topology.json``). `declare` is idempotent; `compare` is the start-up check:
RabbitMQ answers a redeclaration with other arguments with PRECONDITION_FAILED, and that becomes a `TopologyMismatch`
that names the object and both values. Broker users and permissions are in `deploy.broker_users`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from operator import methodcaller
from pathlib import Path
from typing import Any, TypedDict

from amqp.exceptions import NotFound, PreconditionFailed, ResourceLocked

from services.contracts import SERVICES

CATALOGUES = Path(__file__).resolve().parents[1] / "contracts" / "catalogue"
GATEWAY = "maintenance"  # the only service that talks with property companies
COMPANIES = "property"  # the publisher of their events
OUTBOUND = "property.outbound"
REFUSALS = (NotFound, PreconditionFailed, ResourceLocked)
COMPANY_CODE = re.compile(r"[a-z0-9_]{2,20}")
COMPANY_CODE_RULE = "must be 2 to 20 characters of a-z, 0-9 and _"

# Quorum queues count a delivery for every message that a killed process had prefetched, so a service that dies again
# and again would push innocent messages over any small limit. The inbox looks at the count itself
# (`inbox.INTERRUPTED`) and counts attempts in its own table; this is the last fuse, eleven days of a restart a second.
DELIVERY_LIMIT = 1_000_000
# One company's flood fills its own queue and is refused there (reject-publish); nothing is dropped.
COMPANY_INTAKE_LENGTH = 50_000


class Exchange(TypedDict):
    name: str
    type: str


class Queue(TypedDict):
    name: str
    arguments: dict[str, Any]


class Binding(TypedDict):
    exchange: str
    queue: str
    routing_key: str


class Topology(TypedDict):
    exchanges: list[Exchange]
    queues: list[Queue]
    bindings: list[Binding]


class TopologyMismatch(RuntimeError):
    """The live broker differs from what the code declares; ``differences`` has one sentence per object."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        super().__init__("the broker's topology differs from the declared one: " + "; ".join(differences))


def topology(
    services: Iterable[str] = SERVICES, companies: Iterable[str] = (), reactions: Mapping[str, Any] | None = None
) -> Topology:
    """Everything that must exist on the broker. ``reactions``: per service its catalogue, default those on disk."""
    services = list(services)
    catalogue = catalogues() if reactions is None else reactions
    whole: Topology = {"exchanges": [], "queues": [], "bindings": []}
    for service in services:
        _add_service(whole, service)
    for service in services:
        for cause in catalogue.get(service, {}).get("reacts_to", []):
            # A service that starts alone declares its publishers' exchanges too: an exchange must be there to be bound.
            exchange = events_exchange(teller(cause["publisher"]))
            _add_exchange(whole, exchange)
            _bind(whole, exchange, inbox(service), cause["event"])
    if GATEWAY in services:
        _add_exchange(whole, OUTBOUND)
        for code in companies:
            _merge(whole, company_topology(code))
    return whole


def company_topology(code: str) -> Topology:
    """What one property company has: its exchange, our intake from it, and its inbox."""
    code = checked_company_code(code)
    intake, mailbox = company_intake(code), company_inbox(code)
    bounded = {"x-max-length": COMPANY_INTAKE_LENGTH}
    return {
        # Fanout: RabbitMQ 3.10 does not check CC and BCC against topic permissions; a fanout ignores routing keys.
        "exchanges": [{"name": company_exchange(code), "type": "fanout"}],
        "queues": [
            {"name": intake, "arguments": bounded | _fused(parked(GATEWAY))},
            {"name": mailbox, "arguments": _fused(parked(GATEWAY))},
        ],
        "bindings": [
            {"exchange": company_exchange(code), "queue": intake, "routing_key": ""},
            {"exchange": OUTBOUND, "queue": mailbox, "routing_key": f"{code}.#"},
        ],
    }


def checked_company_code(code: str) -> str:
    """The code itself, or ValueError: it becomes part of queue names, routing keys and permission patterns."""
    if not isinstance(code, str) or not COMPANY_CODE.fullmatch(code):
        raise ValueError(f"company: {COMPANY_CODE_RULE}, got {code!r}")
    return code


def events_exchange(service: str) -> str:
    return f"{service}.events"


def teller(publisher: str) -> str:
    """The service that tells the others a publisher's events: what property companies say, the gateway passes on."""
    return GATEWAY if publisher == COMPANIES else publisher


def inbox(service: str) -> str:
    return f"{service}.inbox"


def parked(service: str) -> str:
    return f"{service}.parked"


def company_exchange(code: str) -> str:
    return f"property.{code}"


def company_intake(code: str) -> str:
    return f"{GATEWAY}.property.{code}"


def company_inbox(code: str) -> str:
    return f"property.{code}.inbox"


@cache
def catalogues() -> dict[str, Any]:
    """The generated catalogue of each service, by service name; a service without one yet is absent."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CATALOGUES.glob("*.json"))}


@cache
def subscribers(event: str, publisher: str | None = None) -> tuple[str, ...]:
    """The services that react to an event; an event without one has no queue to go to and is not ``mandatory``."""
    return tuple(
        service
        for service, catalogue in catalogues().items()
        for cause in catalogue.get("reacts_to", [])
        if cause["event"] == event and publisher in (None, teller(cause["publisher"]))
    )


def declare(connection: Any, wanted: Topology) -> None:
    """Declare everything on a kombu connection; a live object with other arguments raises `TopologyMismatch`."""
    differences = _declare_each(connection, wanted)
    if differences:
        raise TopologyMismatch(differences)


def declare_company(connection: Any, code: str) -> None:
    """Declare one company's exchange and queues, as its first contract is registered."""
    declare(connection, company_topology(code))


def compare(connection: Any, wanted: Topology) -> list[str]:
    """What is missing or different on the live broker, one sentence each; creates nothing that is missing.

    Bindings can not be asked for over AMQP; they are idempotent, and `declare` puts them back.
    """
    differences = []
    present: Topology = {"exchanges": [], "queues": [], "bindings": []}
    for exchange in wanted["exchanges"]:
        if _refusal(connection, methodcaller("exchange_declare", exchange["name"], exchange["type"], passive=True)):
            differences.append(f"exchange {exchange['name']!r} is missing")
        else:
            present["exchanges"].append(exchange)
    for queue in wanted["queues"]:
        if _refusal(connection, methodcaller("queue_declare", queue["name"], passive=True)):
            differences.append(f"queue {queue['name']!r} is missing")
        else:
            present["queues"].append(queue)
    return differences + _declare_each(connection, present)


def _declare_each(connection: Any, wanted: Topology) -> list[str]:
    steps = [
        methodcaller("exchange_declare", one["name"], one["type"], durable=True, auto_delete=False)
        for one in wanted["exchanges"]
    ]
    steps += [
        methodcaller("queue_declare", one["name"], durable=True, auto_delete=False, arguments=one["arguments"])
        for one in wanted["queues"]
    ]
    steps += [
        methodcaller("queue_bind", one["queue"], one["exchange"], one["routing_key"]) for one in wanted["bindings"]
    ]
    channel = connection.channel()
    differences = []
    for step in steps:
        try:
            step(channel)
        except REFUSALS as refusal:  # the broker closes the channel with it
            differences.append(refusal.reply_text.removeprefix("PRECONDITION_FAILED - "))
            channel = connection.channel()
    channel.close()
    return differences


def _refusal(connection: Any, step: methodcaller) -> str | None:
    channel = connection.channel()
    try:
        step(channel)
    except REFUSALS as refusal:
        return str(refusal.reply_text)
    channel.close()
    return None


def _add_service(whole: Topology, service: str) -> None:
    _add_exchange(whole, events_exchange(service))
    # No limit of any kind on the parked queue: nothing may be dropped from the last place there is.
    whole["queues"].append({"name": parked(service), "arguments": {"x-queue-type": "quorum"}})
    whole["queues"].append({"name": inbox(service), "arguments": _fused(parked(service))})


def _fused(dead_letters: str) -> dict[str, Any]:
    # At-least-once dead-lettering needs all of these together; without any one of them it silently is at-most-once.
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-overflow": "reject-publish",
        "x-dead-letter-strategy": "at-least-once",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_letters,
    }


def _add_exchange(whole: Topology, name: str) -> None:
    exchange: Exchange = {"name": name, "type": "topic"}
    if exchange not in whole["exchanges"]:
        whole["exchanges"].append(exchange)


def _bind(whole: Topology, exchange: str, queue: str, routing_key: str) -> None:
    binding: Binding = {"exchange": exchange, "queue": queue, "routing_key": routing_key}
    if binding not in whole["bindings"]:
        whole["bindings"].append(binding)


def _merge(whole: Topology, part: Topology) -> None:
    whole["exchanges"] += part["exchanges"]
    whole["queues"] += part["queues"]
    whole["bindings"] += part["bindings"]
