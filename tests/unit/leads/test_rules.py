"""The plain functions of leads, without a service or a database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.common import LifecycleStage
from services.leads import handovers, homes, title_deeds
from services.leads.customers.lifecycle import ORDER, furthest
from services.leads.customers.registration import normalised_id_no, normalised_phone
from services.leads.homes import Home
from services.leads.title_deeds import TitleDeedCase

pytestmark = pytest.mark.unit


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("010-6552 9988", "01065529988"),
        ("+852 2877 5588", "+85228775588"),
    ],
)
def test_a_telephone_has_one_form(typed: str, kept: str) -> None:
    assert normalised_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "12345", "99999999999", "+86 1", "abc", "+999 123456789"])
def test_what_is_no_telephone(typed: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        normalised_phone(typed)
    assert refusal.value.errors["phone"][0]["code"] == "invalid_phone"


@pytest.mark.requirement("L-05")
def test_the_check_digit_of_a_residents_number() -> None:
    assert normalised_id_no(" 11010519491231002x ", "person") == "11010519491231002X"
    for last in "0123456789":
        with pytest.raises(ValidationFailed):
            normalised_id_no("11010519491231002" + last, "person")
    assert normalised_id_no("e12345678", "person") == "E12345678"
    assert normalised_id_no("110105194912310020", "company") == "110105194912310020"
    assert normalised_id_no("", "person") is None


@pytest.mark.requirement("X-72")
def test_the_stage_overall_is_the_furthest() -> None:
    assert furthest(["registered", "contracted", "lost"]) is LifecycleStage.CONTRACTED
    assert furthest(["lost", "registered"]) is LifecycleStage.REGISTERED
    assert furthest([]) is LifecycleStage.REGISTERED
    assert set(ORDER) == set(LifecycleStage)
    assert ORDER[-4:] == ("reserved", "contracted", "owner", "old_owner")


def test_moves_are_plain_functions() -> None:
    home = Home(code="H1", building="1", unit="1", owner_uid="u1")
    homes.take_back(home, "解约")
    assert (home.owner_uid, home.reason) == (None, "解约")


@pytest.mark.requirement("L-112")
def test_the_safety_list_comes_first() -> None:
    handover: Any = SimpleNamespace(safety_confirmed=False, companions=None, arrived_at=None)
    with pytest.raises(ValidationFailed):
        handovers.start(handover, False, SimpleNamespace(now=None))  # type: ignore[arg-type]
    assert handover.arrived_at is None


def test_a_mortgaged_deed_is_not_filed_at_its_issue() -> None:
    work: Any = None
    case = TitleDeedCase(is_mortgaged=True)
    case.state = "issued"
    assert title_deeds._no_open_mortgage(case, work) is not None
    case.state = "guarantee_released"
    assert title_deeds._no_open_mortgage(case, work) is None
