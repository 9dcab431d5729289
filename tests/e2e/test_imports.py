"""A steward imports customers, looks at what would happen first, and takes it all back (L-02)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e.desk import TELEPHONE, Desk
from tests.sheets import workbook

pytestmark = pytest.mark.e2e
#: The service works in small parts beside everything else.
PATIENCE = 30_000


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.requirement("L-02")
def test_a_steward_imports_a_sheet_and_takes_it_back(
    language: str, at_desk: Callable[..., Desk], estate: Any, tmp_path: Path
) -> None:
    phones = [f"139{random.randrange(10**8):08}" for _ in range(2)]
    known = {"kind": "person", "name": "顾旧名", "phone": phones[0], "project_id": "P01"}
    estate.person("zhao.min").do("leads", "register_customer", **known)
    sheet = [("新来客", phones[1]), ("顾新名", phones[0]), ("再来客", phones[1]), ("电话坏", "1.38E+10")]

    desk = at_desk("cao.rui", language, size=TELEPHONE)
    desk.page.wait_for_url(lambda url: "login" not in url)
    desk.open("/imports/")
    page, words = desk.page, desk.words
    page.locator('input[name="project_id__text"]').fill("P01")
    file = {"name": "客户.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(sheet)}
    page.locator('input[name="file"]').set_input_files(file)
    page.get_by_role("button", name=words.console("imports.check")).click()

    expect(page.get_by_role("main")).to_contain_text(words.console("imports.nothing_yet"), timeout=PATIENCE)
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(4)
    for at, state in enumerate(("add", "update", "wrong", "wrong")):
        expect(rows.nth(at)).to_contain_text(words.state("leads", "import_row", state))
    expect(rows.nth(1).locator("del")).to_have_text("顾旧名")
    expect(rows.nth(1).locator("ins")).to_have_text("顾新名")
    expect(rows.nth(0)).to_contain_text(f"{phones[1][:3]}****{phones[1][-4:]}")
    assert phones[0] not in page.content()
    assert desk.sticks_out <= 0

    page.get_by_role("button", name=words.command("leads", "run_import_batch")).click()
    expect(rows.nth(0)).to_contain_text(words.state("leads", "import_row", "added"), timeout=PATIENCE)
    expect(rows.nth(1)).to_contain_text(words.state("leads", "import_row", "updated"))
    with page.expect_download() as download:
        page.get_by_role("link", name=words.console("imports.get_bad", n=2)).click()
    download.value.save_as(tmp_path / "bad.xlsx")
    bad = list(load_workbook(tmp_path / "bad.xlsx").worksheets[0].iter_rows(values_only=True))
    assert [row[:2] for row in bad[1:]] == [("再来客", phones[1]), ("电话坏", "1.38E+10")]
    assert all(row[-1] for row in bad)

    page.get_by_role("button", name=words.command("leads", "revert_import_batch")).click()
    expect(rows.nth(0)).to_contain_text(words.state("leads", "import_row", "reverted"), timeout=PATIENCE)
    expect(rows.nth(1)).to_contain_text(words.state("leads", "import_row", "reverted"))
    found = estate.person("cao.rui").rows("leads/customer", q=phones[0])
    assert [one["name"] for one in found] == ["顾旧名"]
