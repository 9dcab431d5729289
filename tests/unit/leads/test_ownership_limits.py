"""What the figures of ownership may be set to."""

from __future__ import annotations

import pytest

from services.leads.ownership.figures import CALL_SPLIT, DEAL_BY_CONTRACT, FIRST_VISIT, LAPSE_MODE, RETURN_VISIT
from services.leads.reception.entries import CALL_WINDOW

pytestmark = pytest.mark.unit


@pytest.mark.requirement("L-41", "L-43")
def test_the_figures_are_those_of_the_register_of_parameters() -> None:
    figures = (FIRST_VISIT, RETURN_VISIT, CALL_WINDOW, CALL_SPLIT, LAPSE_MODE, DEAL_BY_CONTRACT)
    assert [one.default for one in figures] == [15, 7, 5, 50, 0, 0]
    assert (CALL_SPLIT.most, LAPSE_MODE.most) == (100, 1)
