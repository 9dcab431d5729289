"""Which workbooks are taken, and what their cells become (L-02)."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.chassis.imports import cells
from services.contracts import workbooks
from services.contracts.errors import ValidationFailed
from services.leads.customers.importing import customer_import
from tests.sheets import HEADINGS, workbook

pytestmark = pytest.mark.unit


def codes(refused: ValidationFailed) -> list[str]:
    return [one["code"] for found in refused.errors.values() for one in found]


def refusal(call: Any, *given: Any) -> list[str]:
    with pytest.raises(ValidationFailed) as refused:
        call(*given)
    return codes(refused.value)


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[bytes], Path]:
    def keep(content: bytes) -> Path:
        with tempfile.NamedTemporaryFile(dir=tmp_path, delete=False) as file:
            file.write(content)
        return Path(file.name)

    return keep


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def test_what_is_no_workbook_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    right = workbook([("李", "13800000001")])
    workbooks.weigh(io.BytesIO(right), "file")
    for wrong in (b"", b"\xd0\xcf\x11\xe0 an older one", right[:-30], archive(xl__document=b"x")):
        assert refusal(workbooks.weigh, io.BytesIO(wrong), "file") == ["not_a_workbook"]
    bomb = archive(**{"[Content_Types].xml": b"", "xl__workbook.xml": b"", "xl__worksheets__s.xml": b"0" * 2_000_000})
    assert len(bomb) < 10_000
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 2_000_000 - 1)
    assert refusal(workbooks.weigh, io.BytesIO(bomb), "file") == ["workbook_too_large"]
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 2_000_000)
    workbooks.weigh(io.BytesIO(bomb), "file")


def test_rows_are_read_with_their_numbers_and_as_they_were_typed(kept: Any) -> None:
    typed = [("李", 13800000001), (None, None), ("王", 1.5, date(2026, 3, 2), True, None), ("=1+1", "")]
    found = list(workbooks.rows(kept(workbook(typed)), 3))
    assert found[0] == [1, list(HEADINGS)]
    assert found[1:3] == [
        [2, ["李", 13800000001]],
        [4, ["王", {"number": "1.5"}, {"moment": "2026-03-02T00:00:00"}, True]],
    ]


def test_so_many_rows_and_not_one_more(kept: Any) -> None:
    path = kept(workbook([("李", f"1380000000{number}") for number in range(3)]))
    assert len(list(workbooks.rows(path, 3))) == 4
    assert refusal(lambda: list(workbooks.rows(path, 2))) == ["too_many_rows"]


def test_merged_headings_are_refused_and_merged_cells_below_them_are_not(kept: Any) -> None:
    rows = [("李", "13800000001"), ("王", "13800000002")]
    assert refusal(lambda: list(workbooks.rows(kept(workbook(rows, merged="A1:B1")), 9))) == ["merged_headings"]
    assert len(list(workbooks.rows(kept(workbook(rows, merged="A2:B2")), 9))) == 3


def test_the_reader_is_a_process_of_its_own_and_its_refusal_is_told(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept(workbook([("李", "13800000001")]))
    assert len(workbooks.lines(path, 1)) == 2
    assert refusal(workbooks.lines, path, 0) == ["too_many_rows"]
    damaged = kept(archive(**{"[Content_Types].xml": b"<", "xl__workbook.xml": b"<"}))
    assert refusal(workbooks.lines, damaged, 9) == ["workbook_unreadable"]


@pytest.mark.parametrize(
    "headings",
    [
        ("姓名或名称*", "电话*", "类型", "证件号码"),
        (" 客户 姓名 ", "手机号码", "客户类型", "身份证号"),
        ("Name", "PHONE", "Kind", "Identity number"),
        ("name", "phone", "kind", "id_no"),
    ],
)
def test_headings_are_known_by_every_name_of_the_glossary(headings: tuple[str, ...]) -> None:
    assert cells.header("leads", customer_import, headings) == ["name", "phone", "kind", "id_no"]


def test_missing_and_doubled_columns_are_named_and_others_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationFailed) as missing:
        cells.header("leads", customer_import, ["备注", "姓名", None])
    assert missing.value.errors == {"file": [{"code": "columns_missing", "params": {"columns": ["phone"]}}]}
    with pytest.raises(ValidationFailed) as twice:
        cells.header("leads", customer_import, ["手机", "姓名", "电话"])
    assert twice.value.errors == {"file": [{"code": "columns_twice", "params": {"columns": ["phone"]}}]}
    assert cells.header("leads", customer_import, ["备注", "姓名", "电话"]) == [None, "name", "phone"]


def filled(*row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    cells.fill("leads", customer_import, values, zip(["name", "phone", "kind", "id_no"], row, strict=False))
    return customer_import.normalised(values)


def test_a_row_in_the_form_in_which_records_are_kept() -> None:
    assert filled("李雷", " +86 138-0000 0001", "单位", None) == {
        "name": "李雷", "phone": "13800000001", "kind": "company", "id_no": None,
    }  # fmt: skip
    assert filled("李雷", 13800000001, "Person", "11010519491231002x")["id_no"] == "11010519491231002X"
    assert filled("李雷", "13800000001")["kind"] is None


@pytest.mark.requirement("L-02")
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("李", "1.38E+10"), {"phone": "cell_is_number"}),
        (("李", {"number": "1.38E+10"}), {"phone": "cell_is_number"}),
        (("李", 1380000000112345), {"phone": "cell_is_number"}),
        (("李", {"moment": "2026-03-02T00:00:00"}), {"phone": "cell_is_date"}),
        (("李", True), {"phone": "cell_is_number"}),
        (("#N/A", "13800000001"), {"name": "cell_error"}),
        (("李", "12345678"), {"phone": "invalid_phone"}),
        (("李", "call me"), {"phone": "pattern"}),
        ((None, "13800000001"), {"name": "required"}),
        (("李", "13800000001", "nobody"), {"kind": "choice"}),
        (("李", "13800000001", "个人", "110105194912310021"), {"id_no": "invalid_id_no"}),
        (("李", "12345678", "个人", "110105194912310021"), {"phone": "invalid_phone", "id_no": "invalid_id_no"}),
        (("李" * 81, "1.38E+10"), {"name": "too_long", "phone": "cell_is_number"}),
    ],
)
def test_a_bad_cell_is_refused_by_the_name_of_its_rule(row: Any, said: dict[str, str]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        filled(*row)
    assert {name: found[0]["code"] for name, found in refused.value.errors.items()} == said


def test_a_label_shows_no_telephone_in_full() -> None:
    assert customer_import.label({"name": "李雷", "phone": "13800001234"}) == "李雷 138****1234"
    assert customer_import.label({"phone": "1.38E+10"}) == "****"
