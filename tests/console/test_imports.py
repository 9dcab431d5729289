"""Imports in the console: what is taken, what is shown of a batch, and the workbooks that are given out (L-02)."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from admin import kept
from admin.accounts import create_account
from admin.doubles import FakeServices
from admin.models import WebSession, db
from services.contracts import workbooks
from services.contracts.fields import to_wire
from tests.console.conftest import Browser
from tests.console.leads_book import fake, real_words
from tests.sheets import workbook

__all__ = ["fake", "real_words"]

GIVEN = {"project_id": "P01", "project_id__text": "P01", "project_id__was": "P01", "source": "activity"}
SOON = timedelta(days=30)
CHECKED = {"add": 1, "update": 1, "wrong": 2}


@pytest.fixture
def enter(
    make_app: Any, fake: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Browser]:
    monkeypatch.setenv("ANJU_FILES", str(tmp_path / "files"))
    app = make_app(fake)
    with app.app_context():
        for user, role in (("steward", "data_steward"), ("other", "data_steward"), ("agent", "sales_agent")):
            create_account(user, "王某", "correct-horse-7", {role: ["group"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        return browser

    return one


def send(browser: Browser, content: bytes, name: str = "客户.xlsx", **more: Any) -> Any:
    data = {**GIVEN, "file": (io.BytesIO(content), name), **more}
    return browser.post("/imports/leads/customer", data, content_type="multipart/form-data")


def cells_of(answer: Any) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(answer.data))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_a_workbook_is_handed_in_with_what_is_said_for_all_of_it(enter: Any, fake: FakeServices) -> None:
    content = workbook([("李雷", "13800000001", None, None)])
    answer = send(enter("steward"), content)
    (call,) = [one for one in fake.calls if one[1] == "execute"]
    assert (call[2], base64.b64decode(call[3]["content"])) == ("upload_import_batch", content)
    assert {name: call[3][name] for name in ("register", "file_name", "given")} == {
        "register": "customer", "file_name": "客户.xlsx", "given": {"project_id": "P01", "source": "activity"},
    }  # fmt: skip
    assert set(call[3]) == {"register", "file_name", "content", "given"}
    (batch,) = fake.search("leads", "import_batch", {}, {"user": "x", "roles": {"data_steward": ["group"]}})["result"]
    assert answer.status_code == 302
    assert answer.location.endswith(f"/imports/leads/batch/{batch['id']}")


def test_what_cannot_be_a_workbook_is_refused_at_once(
    enter: Any, fake: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steward, right = enter("steward"), workbook([("李雷", "13800000001")])
    for refused in (send(steward, b"a,b", "a.csv"), send(steward, b"no archive"), send(steward, right, "a.xls")):
        assert refused.status_code == 422
        assert "不是 Excel 工作簿" in refused.text
        assert re.search(
            'id="i-customer-file"[^>]* aria-invalid="true" aria-describedby="i-customer-file-wrong"', refused.text
        )
    assert "必填" in send(steward, right, project_id="", project_id__text="", project_id__was="").text
    monkeypatch.setattr(workbooks, "MOST_BYTES", len(right) - 1)
    assert "超过" in send(steward, right).text
    assert not [one for one in fake.calls if one[1] == "execute"]
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and "files" in one.parts], "nothing of it is kept"
    agent = enter("agent")
    assert agent.get("/imports/").status_code == 403
    assert send(agent, right).status_code == 403


def put(fake: FakeServices, state: str = "checked", **more: Any) -> dict[str, Any]:
    said = {"register": "customer", "file_name": "客户.xlsx", "given": {"project_id": "P01"}, "created_by": "steward"}
    counts = {"rows": 4, "todo": 4, "done": 3, "counts": CHECKED}
    batch = fake.put("leads", "import_batch", state=state, **{**said, **counts, **more})
    wrong = [{"field": "phone", "code": "cell_is_number", "params": {"value": "1.38E+10"}}]
    twice = [{"field": "phone", "code": "import_twice", "params": {"row": 2}}]
    rows = [
        ("add", "李雷 138****0001", {}, []),
        ("update", "王芳 138****0002", {"name": ["王方", "王芳"]}, []),
        ("wrong", "=1+1 ****", {}, wrong),
        ("wrong", "李雷 138****0001", {}, twice),
    ]
    for number, (verdict, label, changes, reasons) in enumerate(rows, 2):
        row = {"batch_id": batch["id"], "row_number": number, "label": label, "changes": changes, "reasons": reasons}
        fake.put("leads", "import_row", state=verdict, **row)
    return batch


def test_a_batch_shows_its_tallies_the_diff_and_the_reasons(enter: Any, fake: FakeServices) -> None:
    steward, batch = enter("steward"), put(fake)
    url = f"/imports/leads/batch/{batch['id']}"
    page = steward.get(url).text
    assert "<del>王方</del> → <ins>王芳</ins>" in page
    assert "电话一栏：单元格被 Excel 当作数字（1.38E+10）" in page
    assert "电话一栏：与第 2 行重复。" in page
    assert f'action="{url}/run"' in page
    assert "data-follow" not in page
    narrowed = steward.get(f"{url}?state=update").text
    assert "王芳 138****0002" in narrowed
    assert "李雷" not in narrowed
    assert steward.post(f"{url}/run", {"command_id": "12345678-run"}).location.endswith(url)
    assert fake.fetch("leads", "import_batch", batch["id"], STEWARD)["result"]["state"] == "running"


STEWARD = {"user": "steward", "name": "王某", "roles": {"data_steward": ["group"]}}


def test_a_page_follows_what_goes_on_and_is_told_when_it_has_ended(enter: Any, fake: FakeServices) -> None:
    steward = enter("steward")
    running, done = put(fake, "running"), put(fake, "done")
    page = steward.get(f"/imports/leads/batch/{running['id']}").text
    assert f'data-follow="/imports/leads/batch/{running["id"]}/progress"' in page
    on = steward.get(f"/imports/leads/batch/{running['id']}/progress")
    assert ("X-Settled" in on.headers, 'value="75"' in on.text) == (False, True)
    assert steward.get(f"/imports/leads/batch/{done['id']}/progress").headers["X-Settled"] == "1"
    long_ago = datetime(2020, 1, 1)
    app = steward.client.application
    app.config["SESSION_IDLE"] = app.config["SESSION_ABSOLUTE"] = timedelta(days=36_500)

    def seen_at() -> datetime | None:
        with app.app_context():
            return db.session.scalar(sa.select(WebSession.seen_at).where(WebSession.user_id.is_not(None)))

    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.update(WebSession.__table__).values(seen_at=long_ago))
    steward.get(f"/imports/leads/batch/{running['id']}/progress")
    assert seen_at() == long_ago, "a page that asks by itself keeps nobody signed in"
    steward.get(f"/imports/leads/batch/{running['id']}")
    assert seen_at() != long_ago
    failed = put(fake, "failed", problem={"code": "columns_missing", "params": {"columns": ["phone", "name"]}})
    assert "缺少列：电话、姓名或名称。" in steward.get(f"/imports/leads/batch/{failed['id']}").text


def term(until: datetime) -> list[dict[str, Any]]:
    return [{"name": "kept", "due_at": to_wire(until), "started_at": to_wire(until - SOON), "stopped_at": None}]


def test_the_bad_rows_are_given_back_as_text_with_their_reasons(enter: Any, fake: FakeServices) -> None:
    content = workbook([("李雷", "13800000001"), ("王芳", "13800000002"), ("+1", "1.38E+10"), ("李雷", "13800000001")])
    batch = put(fake, "done", clocks=term(datetime.now(UTC) + SOON))
    steward, url = enter("steward"), f"/imports/leads/batch/{batch['id']}"
    kept.keep(batch, content)
    assert f"{url}/errors" in steward.get(url).text
    answer = steward.get(f"{url}/errors")
    found = cells_of(answer)
    assert [row[:2] for row in found] == [["姓名", "手机号"], ["+1", "1.38E+10"], ["李雷", "13800000001"]]
    assert found[0][-1] == "原因"
    assert "电话一栏：与第 2 行重复。" in found[2][-1]
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert enter("other").get(f"{url}/errors").status_code == 404, "telephones in full are for who handed them in"


@pytest.mark.requirement("X-65")
def test_nobody_gets_the_workbook_of_another_batch(enter: Any, fake: FakeServices) -> None:
    theirs = put(fake, "done", created_by="other", clocks=term(datetime.now(UTC) + SOON))
    other, steward = enter("other"), enter("steward")
    kept.keep(theirs, workbook([("李雷", "13800000001"), ("+1", "1.38E+10")]))
    own = put(fake, "done")
    assert "file" not in fake.catalogues["leads"]["resources"]["import_batch"]["fields"]
    assert steward.get(f"/imports/leads/batch/{theirs['id']}/errors").status_code == 404
    assert steward.get(f"/imports/leads/batch/{own['id']}/errors").status_code == 404
    assert other.get(f"/imports/leads/batch/{theirs['id']}/errors").status_code == 200


@pytest.mark.requirement("X-65")
def test_a_workbook_goes_with_the_term_of_its_batch(enter: Any, fake: FakeServices, tmp_path: Path) -> None:
    now, content = datetime.now(UTC), workbook([("李雷", "13800000001")])
    steward, folder = enter("steward"), tmp_path / "files" / "imports"
    batch = put(fake, "checked", clocks=term(now + SOON))
    kept.keep(batch, content)
    kept.keep(put(fake, "checked"), content)
    assert [one.name for one in folder.iterdir()] == [batch["id"]], "without a term nothing is kept"
    kept.keep_on({**batch, "clocks": term(now + 2 * SOON)})
    assert folder.joinpath(batch["id"]).stat().st_mtime == (now + 2 * SOON).timestamp()

    kept.keep_on({**batch, "state": "discarded", "clocks": [{**one, "stopped_at": to_wire(now)} for one in term(now)]})
    assert not list(folder.iterdir()), "what has ended goes at once"

    kept.keep(batch, content)
    os.utime(folder / batch["id"], (now.timestamp(), now.timestamp()))
    assert steward.get(f"/imports/leads/batch/{batch['id']}/errors").status_code == 404
    steward.get("/imports/")
    assert not list(folder.iterdir())


@pytest.mark.requirement("X-65")
def test_a_workbook_goes_when_somebody_sees_that_its_batch_was_taken_back(
    enter: Any, fake: FakeServices, tmp_path: Path
) -> None:
    now, steward, folder = datetime.now(UTC), enter("steward"), tmp_path / "files" / "imports"
    for seen in (
        "/imports/leads/batch/{}",
        "/imports/leads/batch/{}/progress",
        "/imports/leads/batch/{}/errors",
        "/imports/",
    ):
        running = put(fake, "reverting", clocks=term(now + SOON))
        url = seen.format(running["id"])
        kept.keep(running, workbook([("李雷", "13800000001")]))
        steward.get(url)
        assert [one.name for one in folder.iterdir()] == [running["id"]], seen
        ended = {"state": "reverted", "clocks": [{**one, "stopped_at": to_wire(now)} for one in running["clocks"]]}
        fake._records["leads", "import_batch"][running["id"]] |= ended
        steward.get(url)
        assert not list(folder.iterdir()), seen


@pytest.mark.requirement("X-65")
def test_nothing_stays_of_a_workbook_that_was_written_by_half(
    fake: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANJU_FILES", str(tmp_path / "files"))

    def full(_: int) -> None:
        raise OSError("no space left")

    batch, half = put(fake, clocks=term(datetime.now(UTC) + SOON)), tmp_path / "files" / "imports.tmp"
    with monkeypatch.context() as broken, pytest.raises(OSError, match="no space"):
        broken.setattr(os, "fsync", full)
        kept.keep(batch, b"x")
    assert not list(half.iterdir())
    (half / "killed").write_bytes(b"x")
    kept.sweep()
    assert list(half.iterdir()), "somebody may be writing it"
    monkeypatch.setattr(kept, "GIVEN_UP", 0)
    kept.sweep()
    assert not list(half.iterdir())
    assert not (tmp_path / "files" / "imports").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_has_the_headings_and_an_example_beside_them(enter: Any, language: str) -> None:
    steward = enter("steward")
    steward.post("/language/", {"language": language})
    answer = steward.get("/imports/leads/customer/template")
    found = cells_of(answer)
    headings = {
        "zh": ["姓名或名称*", "电话*", "类型", "证件号码"],
        "en": ["Name*", "Phone*", "Kind", "Identity number"],
    }
    assert found[0] == headings[language]
    assert len(found) == 1, "a row of examples would become a customer"
    notes = [one.comment.text for one in load_workbook(io.BytesIO(answer.data)).worksheets[0][1]]
    assert "13800138000" in notes[1]
