"""When two customers are alike, and the one form of what they are known by (L-03)."""

from __future__ import annotations

import pytest

from services.chassis.privacy import LOOK_UPS
from services.contracts.errors import ValidationFailed
from services.contracts.vocabulary.sales import KeyKind
from services.leads.customers.duplicates import LAST_DIGITS, _after, are_alike
from services.leads.customers.identity import normalised


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("王芳", "王芳", True),
        ("王 芳", "王芳", True),
        ("王先生", "王建国", True),
        ("王建国", "王女士", True),
        ("欧阳先生", "欧阳修", True),
        ("Li Lei", "lilei", True),
        ("建国", "王建国", True),
        ("王芳", "王方", False),
        ("李先生", "王建国", False),
        ("王", "王建国", False),
        ("先生", "王建国", False),
    ],
)
def test_names_that_may_be_one_persons(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike


@pytest.mark.parametrize(("ending", "after"), [("4321", "4322"), ("4399", "44"), ("0", "1")])
def test_the_first_text_behind_an_ending(ending: str, after: str) -> None:
    assert _after(ending) == after


def test_no_telephone_is_behind_an_ending_of_nines() -> None:
    assert _after("9999") > "9999" + "9" * 15


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (KeyKind.PHONE, "+86 138-0013 8000", "13800138000"),
        (KeyKind.ID_NO, "11010519491231 002x", "11010519491231002X"),
        (KeyKind.WECHAT, " Wang_Fang88 ", "wang_fang88"),
        (KeyKind.OPEN_ID, "oAbC_123-x", "oAbC_123-x"),
    ],
)
def test_each_kind_of_key_has_one_form(kind: KeyKind, written: str, kept: str) -> None:
    assert normalised(kind, written, field="key") == kept


@pytest.mark.parametrize("kind", [KeyKind.WECHAT, KeyKind.OPEN_ID])
@pytest.mark.parametrize("written", ["abc", "王芳的微信", "a" * 81])
def test_what_is_no_account_is_refused(kind: KeyKind, written: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        normalised(kind, written, field="key")
    assert refusal.value.errors["key"][0]["code"] == "invalid_account"


@pytest.mark.requirement("L-03")
def test_the_figures_of_the_design() -> None:
    assert (LAST_DIGITS.default, LOOK_UPS.default, LOOK_UPS.unit) == (4, 60, "times")
