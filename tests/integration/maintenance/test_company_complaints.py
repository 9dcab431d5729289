"""Complaints and answers of a property company against the running service: passed on once, bad ones answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import amqp
import pytest
from kombu import Connection

from tests.integration.live import CLOUD_EVENTS, Company, Live, awaited, know
from tests.integration.maintenance.conftest import FOREIGN_HOME, HOME

pytestmark = pytest.mark.integration

FORWARDED = {
    "source_ref": "TS-7",
    "home_id": HOME,
    "channel": "counter",
    "category": "property_management",
    "description": "The lift has stood still for two days",
    "received_at": "2026-11-01T08:00:00Z",
}


def passed_on(maintenance: Live, name: str) -> list[dict[str, Any]]:
    """The data of what other services are told under this name."""
    found = "SELECT body FROM outbox WHERE name = '{}' AND exchange = 'maintenance.events' ORDER BY position"
    return [json.loads(body)["data"] for (body,) in maintenance.rows(found.format(name))]


def complaints_tells(broker: Any, name: str, data: dict[str, Any]) -> None:
    """An event of the complaints service, as its relay publishes it."""
    whole = {
        "specversion": "1.0",
        "id": f"{name}-1",
        "source": "/anju/complaints",
        "type": name,
        "time": "2026-11-01T08:00:00Z",
        "subject": data["case_id"],
        "dataversion": 1,
        "data": data,
    }
    with Connection(broker.uri) as connection:
        message = amqp.Message(json.dumps(whole).encode(), content_type=CLOUD_EVENTS, content_encoding="utf-8")
        connection.channel().basic_publish(message, exchange="complaints.events", routing_key=name)


@pytest.mark.requirement("C-01", "X-403")
def test_a_forwarded_complaint_is_passed_on_once_for_the_owner(
    maintenance: Live, acme: Company, until: Callable[..., Any]
) -> None:
    acme.tell("complaint_forwarded", message_id="same", **FORWARDED)
    acme.tell("complaint_forwarded", message_id="same", **FORWARDED)
    acme.tell("complaint_forwarded", message_id="same-ref", **{**FORWARDED, "description": "again"})
    acme.tell("complaint_forwarded", message_id="last", **{**FORWARDED, "source_ref": "TS-8", "uid": "u1"})
    assert until(lambda: len(passed_on(maintenance, "complaint_forwarded")) == 2, 30)
    first, second = passed_on(maintenance, "complaint_forwarded")
    assert first == {**FORWARDED, "uid": "u1", "photos": None, "company_code": "acme"}
    assert second["source_ref"] == "TS-8"
    assert maintenance.rows("SELECT count(*) FROM forwarded_complaint") == [(2,)]
    assert maintenance.rows("SELECT count(*) FROM parked_message") == [(0,)]


BAD = {
    "no description": ({"description": None}, "field_invalid", "description"),
    "no moment": ({"received_at": None}, "field_invalid", "received_at"),
    "a strange channel": ({"channel": "pigeon"}, "field_invalid", "channel"),
    "a strange category": ({"category": "weather"}, "field_invalid", "category"),
    "an unknown home": ({"home_id": "P09-1"}, "unknown_reference", "home_id"),
    "another project's home": ({"home_id": FOREIGN_HOME}, "foreign_project", "home_id"),
    "an unknown customer": ({"uid": "nobody"}, "validation_failed", "uid"),
    "a home without an owner": ({"home_id": "P01-1-102"}, "validation_failed", "uid"),
    "received in the future": ({"received_at": "2099-01-01T00:00:00Z"}, "validation_failed", "received_at"),
    "another company's code": ({"company_code": "zenith"}, "company_mismatch", "company_code"),
}


@pytest.mark.requirement("X-403")
def test_each_bad_one_is_answered_with_the_field_at_fault(
    maintenance: Live, acme: Company, until: Callable[..., Any]
) -> None:
    know(maintenance.url, "leads/home", "P01-1-102", project_id="P01", company_id="C1", owner_uid=None)
    for position, (changes, _, _) in enumerate(BAD.values()):
        data = {name: value for name, value in {**FORWARDED, **changes}.items() if value is not None}
        acme.tell("complaint_forwarded", message_id=f"bad-{position}", **{**data, "source_ref": f"TS-{position}"})
    answers: dict[str, tuple[str, list[str]]] = {}

    def all_answered() -> bool:
        for one in acme.inbox():
            if one["type"] == "message_rejected":
                answers[one["data"]["message_id"]] = (one["data"]["reason"], one["data"]["fields_at_fault"])
        return len(answers) == len(BAD)

    assert until(all_answered, 30), answers
    expected = {f"bad-{place}": (reason, [field]) for place, (_, reason, field) in enumerate(BAD.values())}
    assert answers == expected
    assert maintenance.rows("SELECT count(*) FROM forwarded_complaint") == [(0,)]


@pytest.mark.requirement("C-42", "X-403")
def test_only_the_company_that_was_asked_answers(
    maintenance: Live, acme: Company, zenith: Company, broker: Any, until: Callable[..., Any]
) -> None:
    asked = {
        "case_id": "case-1",
        "number": "CP 2026-P01-000001",
        "property_company": "acme",
        "home_id": HOME,
        "project_id": "P01",
        "question": "When was the lift last serviced?",
        "due_at": "2026-11-03T08:00:00Z",
    }
    answer = {"answer": "On 12 October; the report is attached.", "files": ["https://files.example.com/lift.pdf"]}
    acme.tell("complaint_information_supplied", case_id="case-1", **answer)
    assert awaited(until, acme, "message_rejected")["data"]["reason"] == "unknown_question"
    complaints_tells(broker, "complaint_information_requested", asked)
    assert awaited(until, acme, "complaint_information_requested")["data"]["question"] == asked["question"]
    zenith.tell("complaint_information_supplied", case_id="case-1", **answer)
    refused = awaited(until, zenith, "message_rejected")["data"]
    assert (refused["reason"], refused["fields_at_fault"]) == ("foreign_question", ["case_id"])
    acme.tell("complaint_information_supplied", case_id=asked["number"], **answer)
    assert until(lambda: len(passed_on(maintenance, "complaint_information_supplied")) == 1, 30)
    assert passed_on(maintenance, "complaint_information_supplied") == [{"case_id": "case-1", **answer}]
    assert maintenance.rows("SELECT state FROM company_question") == [("answered",)]
