"""The topology as data: pinned by a golden file, and each name and argument that the architecture fixes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from services.chassis import topology
from services.contracts import SERVICES

pytestmark = pytest.mark.unit
GOLDEN = Path(__file__).with_name("topology.json")


def test_the_topology_is_the_pinned_one() -> None:
    """Set ANJU_TEST_WRITE_GOLDEN=1 to write the file anew; a change of it is a change of the wire."""
    text = json.dumps(topology.topology(companies=["evergreen"]), indent=1) + "\n"
    if os.environ.get("ANJU_TEST_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_each_service_has_exchange_inbox_and_parked_queue() -> None:
    whole = topology.topology()
    for service in SERVICES:
        assert {"name": f"{service}.events", "type": "topic"} in whole["exchanges"]
        inbox = next(q for q in whole["queues"] if q["name"] == f"{service}.inbox")
        # Any one of these missing makes dead-lettering at-most-once, silently.
        assert inbox["arguments"] == {
            "x-queue-type": "quorum",
            "x-delivery-limit": 1_000_000,
            "x-overflow": "reject-publish",
            "x-dead-letter-strategy": "at-least-once",
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{service}.parked",
        }
        assert {"name": f"{service}.parked", "arguments": {"x-queue-type": "quorum"}} in whole["queues"]


def test_an_inbox_is_bound_by_event_name() -> None:
    reactions = {"membership": {"reacts_to": [{"publisher": "leads", "event": "handover_completed"}] * 2}}
    whole = topology.topology(reactions=reactions)
    assert whole["bindings"] == [
        {"exchange": "leads.events", "queue": "membership.inbox", "routing_key": "handover_completed"}
    ]


def test_what_companies_say_is_heard_through_the_gateway() -> None:
    reactions = {"complaints": {"reacts_to": [{"publisher": "property", "event": "corrective_action_reported"}]}}
    assert topology.topology(reactions=reactions)["bindings"] == [
        {"exchange": "maintenance.events", "queue": "complaints.inbox", "routing_key": "corrective_action_reported"}
    ]


def test_a_service_alone_declares_what_it_binds_to() -> None:
    reactions = {"membership": {"reacts_to": [{"publisher": "leads", "event": "handover_completed"}]}}
    names = [one["name"] for one in topology.topology(["membership"], reactions=reactions)["exchanges"]]
    assert names == ["membership.events", "leads.events"]


def test_a_company_has_a_fanout_exchange_a_bounded_intake_and_an_inbox() -> None:
    whole = topology.company_topology("evergreen")
    assert whole["exchanges"] == [{"name": "property.evergreen", "type": "fanout"}]
    intake, mailbox = whole["queues"]
    assert intake["name"] == "maintenance.property.evergreen"
    assert intake["arguments"]["x-max-length"] == 50_000
    assert intake["arguments"]["x-overflow"] == "reject-publish"
    assert intake["arguments"]["x-dead-letter-routing-key"] == "maintenance.parked"
    assert mailbox["name"] == "property.evergreen.inbox"
    assert whole["bindings"] == [
        {"exchange": "property.evergreen", "queue": "maintenance.property.evergreen", "routing_key": ""},
        {"exchange": "property.outbound", "queue": "property.evergreen.inbox", "routing_key": "evergreen.#"},
    ]


@pytest.mark.parametrize("code", ["", "a", "A1", "a.b", "a#", "a*", "a b", "a-b", "x" * 21, "a\n", None, 12])
def test_a_company_code_is_checked_before_it_becomes_a_name(code: object) -> None:
    with pytest.raises(ValueError, match="company: must be 2 to 20 characters of a-z, 0-9 and _"):
        topology.company_topology(code)  # type: ignore[arg-type]


def test_subscribers_come_from_the_catalogues(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cause = {"publisher": "leads", "event": "handover_completed"}
    for service in ("membership", "maintenance"):
        (tmp_path / f"{service}.json").write_text(json.dumps({"reacts_to": [cause]}))
    monkeypatch.setattr(topology, "CATALOGUES", tmp_path)
    for cached in (topology.catalogues, topology.subscribers):
        cached.cache_clear()
    assert topology.subscribers("handover_completed") == ("maintenance", "membership")
    assert topology.subscribers("handover_completed", "complaints") == ()
    assert topology.subscribers("nobody_cares") == ()
    for cached in (topology.catalogues, topology.subscribers):
        cached.cache_clear()
