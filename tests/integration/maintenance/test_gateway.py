"""A property company's messages against the running service: what takes effect, and what is kept, told and harmless."""

from __future__ import annotations

import base64
import bz2
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.integration.live import CLOUD_EVENTS, Company, Live, awaited
from tests.integration.maintenance.conftest import FOREIGN_HOME, HOME

pytestmark = pytest.mark.integration

REPORT = {
    "source_ref": "T-1",
    "home_id": HOME,
    "reporter": "王",
    "repair_class": "equipment",
    "description": "The pump is loud",
    "reported_at": "2026-11-01T08:00:00Z",
}


def event(**changes: Any) -> bytes:
    whole = {
        "specversion": "1.0",
        "id": "m-1",
        "source": "/property/acme",
        "type": "repair_reported",
        "time": "2026-11-01T08:00:00Z",
        "subject": "T-1",
        "data": dict(REPORT),
    }
    whole.update(changes)
    return json.dumps(whole).encode()


@pytest.mark.requirement("M-25.1", "X-403")
def test_a_report_makes_one_order_however_often_it_is_sent(
    maintenance: Live, acme: Company, until: Callable[..., Any]
) -> None:
    acme.tell("repair_reported", message_id="same", **REPORT)
    acme.tell("repair_reported", message_id="same", **REPORT)
    acme.tell("repair_reported", message_id="other-id-same-ref", **REPORT)
    acme.tell("repair_reported", message_id="another", **{**REPORT, "source_ref": "T-2", "repair_class": "decoration"})
    numbers = until(
        lambda: len(found := maintenance.rows("SELECT number FROM work_order ORDER BY number")) == 2 and found, 20
    )
    assert [row[0][-11:] for row in numbers] == ["-P01-000001", "-P01-000002"]
    receipts = maintenance.rows("SELECT count(*) FROM receipt WHERE source = 'company:acme'")
    assert receipts[0][0] == 3
    assert maintenance.rows("SELECT count(*) FROM parked_message") == [(0,)]


def test_the_same_message_id_with_another_payload_is_a_conflict_and_kept(
    maintenance: Live, acme: Company, until: Callable[..., Any]
) -> None:
    acme.tell("repair_reported", message_id="m-9", **REPORT)
    acme.tell("repair_reported", message_id="m-9", **{**REPORT, "description": "something else"})
    assert until(
        lambda: maintenance.rows("SELECT state, reason FROM parked_message") == [("conflict", "message_id_reused")], 20
    )
    assert maintenance.rows("SELECT count(*) FROM work_order") == [(1,)]
    assert awaited(until, acme, "message_rejected")["data"]["reason"] == "message_id_reused"


BAD: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "not json": ({"body": b"{not json"}, "not_json", None),
    "no object": ({"body": b"[1, 2]"}, "not_an_object", None),
    "deeply nested": ({"body": b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}"}, "too_deep", None),
    "nested a little too deep": ({"body": b'{"data":' + b"[" * 12 + b"]" * 12 + b"}"}, "too_deep", None),
    "nul bytes": ({"body": event(id="a\x00b")}, "nul_character", None),
    "raw nul": ({"body": event() + b"\x00"}, "nul_character", None),
    "wrong content type": ({"body": event(), "content_type": "application/json"}, "wrong_content_type", None),
    "no content type": ({"body": event(), "content_type": None}, "wrong_content_type", None),
    "pickle": (
        {"body": b"cos\nsystem\n", "content_type": "application/x-python-serialize"},
        "wrong_content_type",
        None,
    ),
    "another encoding": ({"body": event(), "content_encoding": "utf-16"}, "wrong_encoding", None),
    "not utf-8": ({"body": b'{"id": "\xff\xfe"}'}, "wrong_encoding", None),
    "a bomb of 700 bytes": (
        {"body": bz2.compress(b"0" * 500_000_000)[:256_000], "application_headers": {"compression": "bzip2"}},
        "compressed",
        None,
    ),
    "kombu's type marker": (
        {"body": event(data={**REPORT, "reported_at": {"__type__": "datetime", "__value__": "2026-11-21"}})},
        "type_marker",
        None,
    ),
    "nan": ({"body": event().replace(b'"2026-11-01T08:00:00Z", "subject"', b'NaN, "subject"')}, "not_json", None),
    "missing field": (
        {"body": event(data={k: v for k, v in REPORT.items() if k != "description"})},
        "field_invalid",
        "description",
    ),
    "wrongly typed field": ({"body": event(data={**REPORT, "reporter": 7})}, "field_invalid", "reporter"),
    "unknown class": ({"body": event(data={**REPORT, "repair_class": "magic"})}, "field_invalid", "repair_class"),
    "data that is no object": ({"body": event(data=[1])}, "field_invalid", "description"),
    "envelope without id": ({"body": json.dumps({"specversion": "1.0"}).encode()}, "field_invalid", "id"),
    "unknown event type": ({"body": event(type="repair_invented")}, "unknown_event", None),
    "an event of ours": ({"body": event(type="work_order_closed")}, "unknown_event", None),
    "another company's project": (
        {"body": event(data={**REPORT, "home_id": FOREIGN_HOME})},
        "foreign_project",
        "home_id",
    ),
    "a home that is not known": ({"body": event(data={**REPORT, "home_id": "P09-1"})}, "unknown_reference", "home_id"),
    "another company's code": (
        {"body": event(data={**REPORT, "company_code": "zenith"})},
        "company_mismatch",
        "company_code",
    ),
    "an unknown order": (
        {
            "body": event(
                type="repair_accepted",
                data={"order_id": "nope", "technician": "a", "appointment": "2026-11-01T08:00:00Z"},
            )
        },
        "unknown_order",
        "order_id",
    ),
}


def test_each_bad_message_is_kept_whole_answered_and_harmless(
    maintenance: Live, acme: Company, until: Callable[..., Any]
) -> None:
    bodies = []
    for position, (message, _, _) in enumerate(BAD.values()):
        body = message["body"].replace(b'"m-1"', b'"m-1-%d"' % position)
        bodies.append(body)
        if "application_headers" in message:
            assert len(body) < 1000
        properties = {key: value for key, value in message.items() if key != "body"}
        acme.publish(body, **properties)
    for headers in ({"nameko.call_id_stack": [1]}, {"x-death": [{"count": 50, "queue": "q", "reason": "rejected"}]}):
        body = event(id=f"h-{len(headers)}-{next(iter(headers))}", data={**REPORT, "source_ref": next(iter(headers))})
        acme.publish(body, application_headers=headers)
    acme.tell("repair_reported", message_id="behind", **{**REPORT, "source_ref": "behind"})

    assert until(lambda: maintenance.rows("SELECT count(*) FROM work_order WHERE source_ref = 'behind'") == [(1,)], 30)
    kept = maintenance.rows("SELECT reason, body, problem, state FROM parked_message ORDER BY created_at, id")
    assert sorted(row[0] for row in kept) == sorted(reason for _, reason, _ in BAD.values())
    assert {row[3] for row in kept} == {"rejected"}
    assert sorted(base64.b64decode(row[1]) for row in kept) == sorted(bodies)
    # Headers of other systems are not ours to trust, and no reason to refuse a message.
    assert maintenance.rows("SELECT count(*) FROM work_order") == [(3,)]
    answers: list[dict[str, Any]] = []
    assert until(
        lambda: answers.extend(acme.inbox()) or sum(a["type"] == "message_rejected" for a in answers) >= len(BAD), 20
    )
    told = [(a["data"]["reason"], a["data"]["fields_at_fault"]) for a in answers if a["type"] == "message_rejected"]
    for _, reason, field in BAD.values():
        assert any(r == reason and (field is None or field in fields) for r, fields in told), (reason, field, told)
    assert maintenance.process is not None
    status = Path(f"/proc/{maintenance.process.pid}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) < 300_000, "a hostile message made the process grow"
    assert "The pump is loud" not in maintenance.log.read_text()


@pytest.mark.requirement("M-25.3", "M-25.4", "M-25.6", "M-25.12")
def test_the_company_moves_its_order_and_nobody_elses(
    maintenance: Live, acme: Company, zenith: Company, broker: Any, until: Callable[..., Any]
) -> None:
    acme.tell("repair_reported", **REPORT)
    (order_id,) = until(lambda: maintenance.rows("SELECT id FROM work_order"), 20)[0]
    from admin.rpc import Services

    services = Services(broker.uri)
    desk = {"user": "desk", "name": "Desk", "roles": {"maintenance_desk": ["project:P01"]}}

    def give(command: str, **payload: Any) -> dict[str, Any]:
        return services.execute(
            "maintenance", command, {"id": order_id, **payload}, actor=desk, command_id=f"{command}-{order_id}"
        )["result"]

    give("triage_work_order", repair_class="equipment", urgency="high", in_warranty=True)
    give("dispatch_work_order", property_company="acme")
    order = awaited(until, acme, "work_order_dispatched")["data"]
    assert order["order_id"] == order_id
    assert order["visit_due"] == "2026-11-03T08:00:00Z"
    accepted = {"order_id": order_id, "technician": "Li", "appointment": "2026-11-01T10:00:00Z"}
    zenith.tell("repair_accepted", **accepted)
    assert awaited(until, zenith, "message_rejected")["data"]["reason"] == "foreign_order"
    acme.tell("repair_completed", order_id=order_id, work_done="x", completed_at="2026-11-01T10:30:00Z")
    refused = awaited(until, acme, "message_rejected")["data"]
    assert (refused["reason"], refused["message_type"]) == ("illegal_move", "repair_completed")
    acme.tell("repair_accepted", **accepted)
    acme.tell("repair_arrived", order_id=order["number"], arrived_at="2026-11-01T10:00:00Z", technician="Li")
    acme.tell("repair_started", order_id=order_id)
    acme.tell("repair_completed", order_id=order_id, work_done="new bearing", completed_at="2026-11-01T11:00:00Z")
    assert until(lambda: maintenance.rows("SELECT state FROM work_order") == [("done",)], 20)
    stopped = maintenance.rows("SELECT name FROM clock WHERE stopped_at IS NOT NULL AND name = 'on_site'")
    assert stopped == [("on_site",)]
    give("verify_work_order", result="good")
    give("confirm_work_order", rating=5)
    assert give("close_work_order", cost="120.00", payer="developer")["state"] == "closed"
    users = [
        row[0] for row in maintenance.rows("SELECT \"user\" FROM audit WHERE resource = 'work_order' ORDER BY position")
    ]
    assert users[0] == "company:acme"
    assert "desk" in users


def test_an_ended_contract_is_answered(maintenance: Live, acme: Company, until: Callable[..., Any]) -> None:
    engine = sa.create_engine(maintenance.url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE property_company SET contract_until = '2026-01-01' WHERE code = 'acme'"))
    engine.dispose()
    acme.tell("repair_reported", **REPORT)
    assert awaited(until, acme, "message_rejected")["data"]["reason"] == "contract_ended"
    assert maintenance.rows("SELECT count(*) FROM work_order") == [(0,)]


def test_cloud_events_library_reads_what_we_send(maintenance: Live, acme: Company, until: Callable[..., Any]) -> None:
    acme.publish(b"{", content_type=CLOUD_EVENTS)
    answer = awaited(until, acme, "message_rejected")
    assert answer["specversion"] == "1.0"
    assert answer["source"] == "/anju/maintenance"
