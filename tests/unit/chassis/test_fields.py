"""Values at the ends of what Python can hold are refused as a rule, not met as a fault."""

from __future__ import annotations

import marshmallow as ma
import pytest

from services.contracts.fields import Field, marshmallow_field

pytestmark = pytest.mark.unit
MOMENT = marshmallow_field(Field("moment", "at"))


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+08:00",
        "0001-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
    ],
)
def test_a_moment_outside_three_centuries_is_refused(text: str) -> None:
    with pytest.raises(ma.ValidationError) as refused:
        MOMENT.deserialize(text)
    assert refused.value.messages == ["moment_range"]


@pytest.mark.parametrize("text", ["1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "1900-01-01T00:00:00+08:00"])
def test_a_moment_at_the_ends_is_taken(text: str) -> None:
    assert MOMENT.deserialize(text) is not None
