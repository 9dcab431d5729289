"""Workbooks that rows are imported from (L-02): which are taken, and what stands in their rows.

A workbook is somebody else's file. Its archive is weighed before anything in it is unpacked, and its sheet is read by a
process of its own with bounded memory and time, so that whoever needs the rows goes on meanwhile and outlives any file:

    python -m services.contracts.workbooks <file> <most rows>

prints a line of JSON per row that holds something, the headings first: `[number, [cell, ...]]`. A text, a whole number
and a boolean stand for themselves; `{"number": "1.38E+10"}` is what a spreadsheet keeps as a broken or rounded number,
`{"moment": "2026-03-02T00:00:00"}` what it keeps as a date.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from services.contracts.errors import ValidationFailed

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 1_000
MOST_COLUMNS = 60
LONGEST_CELL = 4_000
READER_MEMORY = 1024 * 1024 * 1024
READER_SECONDS = 90
MERGED = re.compile(rb'<mergeCell\s+ref="[A-Z]+(\d+):')
BLOCK = 1024 * 1024


def weigh(content: IO[bytes], field: str) -> None:
    """Refuse what is no workbook, or unpacks to too much. Raises ValidationFailed that names the field and the rule."""
    try:
        with zipfile.ZipFile(content) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise ValidationFailed.of(field, "not_a_workbook") from None
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names or any(part.flag_bits & 1 for part in parts):
        raise ValidationFailed.of(field, "not_a_workbook")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise ValidationFailed.of(field, "workbook_too_large", max=MOST_UNPACKED // 1024 // 1024)


def lines(path: Path, most: int) -> list[str]:
    """The rows of a workbook as lines of JSON, the headings first. Raises ValidationFailed with the reason for none."""
    command = [sys.executable, "-m", "services.contracts.workbooks", str(path), str(most)]
    with tempfile.TemporaryFile() as told:
        done = subprocess.run(command, stdout=told, stderr=subprocess.DEVNULL, cwd=ROOT, check=False)
        told.seek(0)
        found = told.read().decode().splitlines()
    if found and found[-1].startswith("{"):
        refusal = json.loads(found[-1])
        raise ValidationFailed.of("file", refusal["code"], **refusal["params"])
    if done.returncode:
        raise ValidationFailed.of("file", "workbook_unreadable")
    return found


def rows(path: Path, most: int) -> Iterator[list[Any]]:
    """The same in this process. Raises ValidationFailed where the headings are merged or the rows are too many."""
    from openpyxl import load_workbook

    with path.open("rb") as file:  # by its content: the name need not tell what it is
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be so
        found, merged = 0, _merged(path, sheet._worksheet_path)
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            told = [_cell(value) for value in cells]
            while told and told[-1] in (None, ""):
                told.pop()
            if not told:
                continue
            if not found and merged is not None and merged <= number:
                raise ValidationFailed.of("file", "merged_headings")
            if found > most:
                raise ValidationFailed.of("file", "too_many_rows", max=most)
            found += 1
            yield [number, told]


def _merged(path: Path, part: str) -> int | None:
    """The first row of the first merged cells of a sheet, if there are any."""
    with zipfile.ZipFile(path) as archive, archive.open(part) as sheet:
        first, tail = None, b""
        while block := sheet.read(BLOCK):
            numbers = [int(one) for one in MERGED.findall(tail + block)]
            first = min([*numbers, *([first] if first is not None else [])], default=None)
            tail = block[-100:]
    return first


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()[:LONGEST_CELL]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (datetime, date, time)):
        return {"moment": value.isoformat()}
    return {"moment": str(value)} if isinstance(value, timedelta) else {"number": f"{value:G}"}


def main(path: str, most: str) -> None:
    """Print the rows; the last line is the refusal if there is one."""
    resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY, READER_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (READER_SECONDS, READER_SECONDS))
    try:
        for row in rows(Path(path), int(most)):
            print(json.dumps(row, ensure_ascii=True))
    except ValidationFailed as refusal:
        print(json.dumps(refusal.errors["file"][0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
