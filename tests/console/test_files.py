"""Files in forms: kept once by their content, kept when the form is refused, read by whoever may read the record."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from admin.accounts import create_account
from admin.doubles import FakeServices
from services.contracts import glossary
from services.contracts.files import uploaded
from tests.console.conftest import Browser

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 2000
NEW = "/complaints/case/new/register_case"
GOOD = {
    "kind": "complaint", "uid": "U1", "uid__text": "U1", "uid__was": "U1", "category": "fee", "channel": "counter",
    "description": "收费有误", "project_id": "P01", "project_id__text": "P01", "project_id__was": "P01",
    "suggested_level": "1",
}  # fmt: skip


@pytest.fixture
def real_words() -> bool:
    return True


@pytest.fixture
def fake() -> FakeServices:
    return FakeServices({"complaints": glossary.catalogue("complaints")})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANJU_FILES", str(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
def enter(make_app: Any, fake: FakeServices, folder: Path) -> Iterator[Callable[[str], Browser]]:
    app = make_app(fake)
    with app.app_context():
        create_account("op", "热线", "correct-horse-7", {"hotline_operator": ["company:C1"]})
        create_account("far", "外地", "correct-horse-7", {"hotline_operator": ["company:C9"]})

    def one(name: str) -> Browser:
        browser = Browser(app.test_client())
        browser.login(name)
        return browser

    return one


def send(browser: Browser, name: str = "IMG 1.png", content: bytes = PICTURE, **more: Any) -> Any:
    data = {**GOOD, "evidence__file": (io.BytesIO(content), name), **more}
    return browser.post(NEW, data, content_type="multipart/form-data")


def executed(fake: FakeServices) -> list[dict[str, Any]]:
    return [call[3] for call in fake.calls if call[1] == "execute"]


@pytest.mark.requirement("C-11")
def test_a_file_is_kept_by_its_content_with_hash_and_time(enter: Any, fake: FakeServices, folder: Path) -> None:
    op = enter("op")
    assert send(op).status_code == 302
    assert send(op, uid="U2", uid__text="U2", uid__was="U2").status_code == 302
    first, second = (uploaded(one["evidence"][0]) for one in executed(fake))
    assert first.sha256 == second.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert (first.name, first.size) == ("IMG 1.png", len(PICTURE))
    assert [path.read_bytes() for path in folder.rglob("*") if path.is_file()] == [PICTURE]


def test_a_refused_form_keeps_its_files(enter: Any, fake: FakeServices) -> None:
    op = enter("op")
    refused = send(op, description="")
    assert refused.status_code == 422
    address = re.search(r'type="checkbox" name="evidence" value="(file:[^"]+)" checked', refused.text)
    assert address is not None
    assert op.post(NEW, {**GOOD, "evidence": address[1]}).status_code == 302
    assert executed(fake)[-1]["evidence"] == [address[1]]
    assert op.post(NEW, {**GOOD, "category": "other"}).status_code == 302
    assert not executed(fake)[-1].get("evidence"), "a file that is unticked is left out"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("run.exe", b"MZ", "run.exe"), ("page.html", b"<script>", "page.html"), ("empty.png", b"", "empty.png")],
)
def test_what_is_no_evidence_is_refused_by_name(
    enter: Any, fake: FakeServices, folder: Path, name: str, content: bytes, said: str
) -> None:
    refused = send(enter("op"), name, content)
    assert refused.status_code == 422
    assert said in refused.text
    assert executed(fake) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_too_large_a_file_is_refused(
    enter: Any, fake: FakeServices, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.files.MOST_BYTES", 1000)
    assert send(enter("op")).status_code == 422
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    monkeypatch.setattr("admin.files.MOST_REQUEST", 1500)
    assert send(enter("op")).status_code == 413


def test_a_file_is_read_by_whoever_may_read_the_record(enter: Any, fake: FakeServices) -> None:
    op = enter("op")
    send(op)
    address = executed(fake)[0]["evidence"][0]
    case = fake.put("complaints", "case", evidence=[address, "https://elsewhere.example/1.jpg"], company_id="C1")
    page = op.get(f"/complaints/case/{case['id']}").text
    sha256 = uploaded(address).sha256
    url = f"/files/complaints/case/{case['id']}/{sha256}"
    assert f'href="{url}"' in page
    assert "IMG 1.png · 1 KB" in page
    assert "https://elsewhere.example/1.jpg" in page
    answer = op.get(url, buffered=True)
    assert (answer.data, answer.mimetype) == (PICTURE, "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert enter("far").get(url).status_code == 404, "no record, no file"
    other = fake.put("complaints", "case", company_id="C1")
    assert op.get(f"/files/complaints/case/{other['id']}/{sha256}").status_code == 404, "the record does not name it"
    assert Browser(op.client.application.test_client()).get(url).status_code == 302


def test_uploads_over_rest(enter: Any, fake: FakeServices) -> None:
    client = enter("op").client.application.test_client()
    login = {"username": "op", "password": "correct-horse-7", "provider": "db"}
    head = {"Authorization": f"Bearer {client.post('/api/v1/security/login', json=login).json['access_token']}"}
    answer = client.post("/api/v1/files/", data={"file": (io.BytesIO(PICTURE), "a.png")}, headers=head)
    assert answer.status_code == 201
    assert uploaded(answer.json["file"]).size == len(PICTURE)
    refused = client.post("/api/v1/files/", data={"file": (io.BytesIO(b"x"), "a.exe")}, headers=head)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["file"])
    assert client.post("/api/v1/files/", data={}, headers=head).status_code in (415, 422)
    assert client.post("/api/v1/files/", data={"file": (io.BytesIO(b"x"), "a.png")}).status_code == 401
    command = {name: value for name, value in GOOD.items() if "__" not in name} | {"suggested_level": 1}
    done = client.post(
        "/api/v1/complaints/register_case",
        json={**command, "evidence": [answer.json["file"]]},
        headers={**head, "Idempotency-Key": "k-1"},
    )
    assert done.status_code == 200, done.json
    case = fake.put("complaints", "case", evidence=[answer.json["file"]], company_id="C1")
    url = f"/api/v1/complaints/case/{case['id']}/files/{uploaded(answer.json['file']).sha256}"
    assert client.get(url).status_code == 401
    read = client.get(url, headers=head, buffered=True)
    assert (read.data, read.mimetype) == (PICTURE, "image/png")
    unnamed = client.get(f"/api/v1/complaints/case/{case['id']}/files/{'0' * 64}", headers=head)
    assert (unnamed.status_code, unnamed.json["errors"][""][0]["code"]) == (404, "not_found")
