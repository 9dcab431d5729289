"""What a service refuses to be declared as."""

from __future__ import annotations

import pytest

from services.chassis.process import Process
from services.chassis.service import Service
from tests.example import Loan


@pytest.mark.requirement("X-67")
def test_two_registers_never_count_with_one_series() -> None:
    twice = [Process(Loan, numbered="LN"), Process(Loan, numbered="LN")]
    with pytest.raises(TypeError, match="LN"):
        Service("example", twice)
