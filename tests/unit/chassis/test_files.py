"""Addresses of uploaded files keep hash, size, time and name, and nothing of a stranger's is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.fields import Field, marshmallow_field
from services.contracts.files import LONGEST, UploadedFile, uploaded

pytestmark = pytest.mark.unit
AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.mark.requirement("C-11")
@given(name=st.text(min_size=1, max_size=400), size=st.integers(1, 20 * 1024 * 1024))
def test_an_address_fits_a_field_and_is_read_again(name: str, size: int) -> None:
    kept = UploadedFile(HASH, size, AT, name)
    assert len(kept.address) <= LONGEST
    assert marshmallow_field(Field("files")).deserialize([kept.address]) == [kept.address]
    again = uploaded(kept.address)
    assert again is not None
    assert (again.sha256, again.size, again.at) == (HASH, size, AT)


@pytest.mark.parametrize(
    "address",
    [
        "IMG_1.jpg",
        "https://x.example/a.jpg",
        f"file:{HASH[:-1]}/1/20261121T100000Z/a",
        f"file:{HASH}/1/20261399T100000Z/a",
    ],
)
def test_what_is_not_ours_is_none(address: str) -> None:
    assert uploaded(address) is None
