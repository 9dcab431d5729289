"""Workbooks that tests import."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ("姓名", "手机号", "客户类型", "证件号码")


def workbook(rows: Sequence[Sequence[Any]], headings: Sequence[Any] = HEADINGS, merged: str = "") -> bytes:
    """An xlsx file with these rows below the headings."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in [headings, *rows]:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(content: bytes, project_id: str = "P01", **more: Any) -> dict[str, Any]:
    """The payload that hands it in."""
    said = {"project_id": project_id, "source": "activity"}
    text = base64.b64encode(content).decode()
    return {"register": "customer", "file_name": "客户.xlsx", "content": text, "given": said, **more}
