"""Every example is a CloudEvent for the reference library, an event for our reader, and data for the event's schema."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from deploy.documents import examples, goldens
from services.chassis import wire
from services.contracts.events import Event

pytestmark = pytest.mark.unit
EVENTS = [pytest.param(event, id=f"{event.publisher}/{event.wire_name}") for event in goldens.all_events()]


def example_of(event: type[Event]) -> dict[str, Any]:
    """The committed example."""
    golden = goldens.committed(goldens.path_of(event))
    assert golden is not None
    example: dict[str, Any] = golden["example"]
    return example


def test_the_reference_library_is_of_the_second_generation() -> None:
    assert version("cloudevents").startswith("2.")


@pytest.mark.parametrize("event", EVENTS)
def test_the_reference_library_reads_it(event: type[Event]) -> None:
    example = example_of(event)
    read = JSONFormat().read(CloudEvent, json.dumps(example).encode())
    assert read.get_type() == event.wire_name
    assert read.get_id() == example["id"]
    assert read.get_subject() == str(example["data"][event.subject])
    assert read.get_extension("dataversion") == event.dataversion
    assert read.get_data() == example["data"]
    assert (read.get_time() or examples.NOW).utcoffset() == examples.NOW.utcoffset()


@pytest.mark.parametrize("event", EVENTS)
def test_our_own_reader_and_the_schema_read_it(event: type[Event]) -> None:
    example = example_of(event)
    incoming = wire.read(wire.to_json(example).encode(), wire.CONTENT_TYPE, "utf-8", {})
    assert (incoming.name, incoming.subject, incoming.version) == (
        event.wire_name,
        example["subject"],
        event.dataversion,
    )
    assert event.load(incoming.data).dump() == example["data"]


@pytest.mark.parametrize("event", EVENTS)
def test_it_shows_every_field(event: type[Event]) -> None:
    data = example_of(event)["data"]
    assert [name for name, value in data.items() if value is None] == []
    assert list(data) == [field.name for field in event.fields()]


@pytest.mark.parametrize(
    "wrong",
    [{"specversion": "0.3"}, {"type": ""}, {"source": None}, {"id": ""}, {"correlation_id": "snake"}, {"time": "soon"}],
    ids=str,
)
def test_the_reference_library_does_refuse(wrong: dict[str, Any]) -> None:
    from services.contracts.events.maintenance import WorkOrderClosed

    broken = {**examples.cloud_event(WorkOrderClosed), **wrong}
    with pytest.raises(Exception):  # noqa: B017, PT011 - which of its own errors is the library's affair
        JSONFormat().read(CloudEvent, json.dumps(broken).encode())
