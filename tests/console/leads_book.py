"""The console with the real catalogue of leads, and the real words, for the tests that name these fixtures."""

from __future__ import annotations

import pytest

from admin.doubles import FakeServices
from services.contracts import glossary

__all__ = ["fake", "real_words"]


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    return FakeServices({"leads": glossary.catalogue("leads")})
