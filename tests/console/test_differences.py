"""What changed between two versions of a text: marked word by word, as a whole where little is left."""

from __future__ import annotations

import pytest

from admin.differences import pieces

pytestmark = pytest.mark.unit


def marked(before: str, now: str) -> list[str]:
    return ["".join(f"[{text}]" if changed else text for changed, text in one) for one in pieces(before, now)]


@pytest.mark.requirement("X-378")
@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("同意返修并补偿", "同意返修并补偿", ["同意返修并补偿", "同意返修并补偿"]),
        ("另补偿 5,000 元。", "另补偿 8,000 元。", ["另补偿 [5,000] 元。", "另补偿 [8,000] 元。"]),
        ("repair the window", "repair the whole window", ["repair the window", "repair the [whole ]window"]),
        ("局部补漏", "全部更换", ["[局部补漏]", "[全部更换]"]),
        ("", "新增", ["", "[新增]"]),
        ("删去", "", ["[删去]", ""]),
    ],
)
def test_what_differs_is_marked(before: str, now: str, expected: list[str]) -> None:
    assert marked(before, now) == expected


def test_long_texts_are_compared_as_a_whole() -> None:
    was, becomes = pieces("一" * 5_000, "一" * 4_999 + "二")
    assert (was[0][0], becomes[0][0]) == (True, True)
