"""A stranger's bytes: never more work than their size is worth, and never an error that is not ours."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import wire
from services.contracts.masks import mask

pytestmark = pytest.mark.unit

GOOD = {
    "specversion": "1.0",
    "id": "1",
    "source": "/property/acme",
    "type": "repair_reported",
    "time": "2026-03-02T10:00:00+08:00",
    "data": {"a": 1},
}


def read(
    body: bytes, content_type: str | None = wire.CONTENT_TYPE, encoding: str | None = "utf-8", **headers: Any
) -> wire.Incoming:
    return wire.read(body, content_type, encoding, headers)


def test_a_good_event_is_read_with_its_time_in_utc() -> None:
    incoming = read(json.dumps(GOOD).encode(), "application/cloudevents+json; charset=utf-8")
    assert (incoming.name, incoming.message_id, incoming.data) == ("repair_reported", "1", {"a": 1})
    assert incoming.time.isoformat() == "2026-03-02T02:00:00+00:00"
    assert incoming.subject == "1", "without a subject each message stands alone"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-03-02T10:00:00"}, "time"),
        ({"specversion": "0.3"}, "specversion"),
        ({"type": "x" * 81}, "type"),
        ({"dataversion": "1"}, "dataversion"),
    ],
)
def test_a_bad_envelope_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(wire.Undecodable) as refused:
        read(json.dumps({**GOOD, **change}).encode())
    assert refused.value.params["field"] == field


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_our_own_error(body: bytes) -> None:
    with pytest.raises(wire.Undecodable):
        read(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.just("__type__"), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "__type__", "subject", "dataversion"]), json_values))
def test_no_json_raises_anything_but_our_own_error(changes: dict[str, Any]) -> None:
    with contextlib.suppress(wire.Undecodable):
        read(json.dumps({**GOOD, **changes}).encode())


@given(st.none() | st.text(max_size=40), st.none() | st.text(max_size=20))
def test_only_our_content_type_and_encoding_are_read(content_type: str | None, encoding: str | None) -> None:
    with contextlib.suppress(wire.Undecodable):
        read(json.dumps(GOOD).encode(), content_type, encoding)
        assert (content_type or "").split(";")[0].strip().lower() == wire.CONTENT_TYPE


def test_size_is_checked_before_anything_is_parsed() -> None:
    with pytest.raises(wire.Undecodable) as refused:
        read(b"[" * (wire.MAX_BYTES + 1))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812341234", "138****1234"),
        ("phone", "+86 138 1234 1234", "138****1234"),
        ("phone", "0571-8666 0001", "057****0001"),
        ("phone", "1234", "****"),
        ("phone", None, None),
        ("id_no", "330102199001011234", "3" + "*" * 16 + "4"),
    ],
)
def test_masks(kind: str, value: str | None, shown: str | None) -> None:
    assert mask(kind, value) == shown


@pytest.mark.parametrize("change", [{"id": "a\ud800"}, {"data": {"home_id": "\udc00"}}, {"\ud800": 1}])
def test_half_a_surrogate_pair_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(wire.Undecodable) as refused:
        read(json.dumps({**GOOD, **change}).encode())
    assert refused.value.code == "wrong_encoding"


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read(json.dumps({**GOOD, "data": {"a": "😀"}}).encode()).data == {"a": "😀"}
