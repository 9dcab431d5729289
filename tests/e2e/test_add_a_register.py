"""The how-to "Add a register", done step by step in a copy: the register is in the console and in the REST API."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chassis import settings

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
HOW_TO = settings.ROOT / "docs" / "how-to" / "add-a-register.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".anju", "__pycache__", "*.pyc", ".mypy_cache", ".pytest_cache", "images"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout with the how-to's text put where it says."""
    root = tmp_path_factory.mktemp("register") / "anju"
    shutil.copytree(settings.ROOT, root, ignore=LEFT_OUT)
    blocks = BLOCK.findall(HOW_TO.read_text(encoding="utf-8"))
    module, test = [text for language, text in blocks if language == "python"]
    door, menu = [text for language, text in blocks if language == "text"]
    words, commands, approval = [text for language, text in blocks if language == "toml"]
    (root / "services/leads/key_loans.py").write_text(module, encoding="utf-8")
    (root / "tests/unit/leads/test_key_loans.py").write_text(test, encoding="utf-8")
    service = root / "services/leads/service.py"
    put(service, "        projects,\n", door)
    put(service, "from services.leads import (\n", "    key_loans,\n")
    put(root / "admin/screens/sales.py", '    Screen("leads/customer", "sales", searched=True),\n', menu)
    glossary = root / "services/contracts/glossary/leads.toml"
    put(glossary, "[commands]\n", commands)
    put(glossary, "[choices.approval_kind]\n", approval)
    glossary.write_text(glossary.read_text(encoding="utf-8") + "\n" + words, encoding="utf-8")
    return root


def put(path: Path, after: str, text: str, instead: str | None = None) -> None:
    old = path.read_text(encoding="utf-8")
    assert old.count(after) == 1, f"{path.name}: {after!r}"
    path.write_text(old.replace(after, (instead or after) + text), encoding="utf-8")


def anju(root: Path, home: Path, *arguments: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "ANJU_HOME": str(home), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_module_is_short(copy: Path) -> None:
    assert len((copy / "services/leads/key_loans.py").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_register_is_in_the_console_and_in_the_rest_api(
    copy: Path, launch: Callable[..., Any], tmp_path: Path
) -> None:
    anju(copy, tmp_path, "deploy", "contracts")
    anju(copy, tmp_path, "deploy", "migrate", "--make", "key loans", "leads")
    anju(copy, tmp_path, "pytest", "-q", "tests/unit/leads/test_key_loans.py")
    anju(copy, tmp_path, "ruff", "check", "services/leads/key_loans.py")
    anju(copy, tmp_path, "mypy", "services/leads/key_loans.py")
    anju(copy, tmp_path, "pytest", "-q", "tests/integration/test_every_process.py", "-k", "leads")

    system = launch(demo=True, root=copy)
    agent, director = Caller(system, "zhao.min"), Caller(system, "sun.li")
    home = agent.get("leads/home")["result"][0]["id"]
    loan = {"home_id": home, "borrower": "李工", "purpose": "安装窗帘", "due_back": "2026-12-01"}
    made = agent.post("leads/request_key_loan", **loan)
    assert re.fullmatch(r"KL \d{4}-P\d\d-000001", made["number"])
    assert agent.get("leads/key_loan")["count"] == 1
    waiting = director.get("leads/approval")["result"]
    assert [one["record_number"] for one in waiting if one["resource"] == "key_loan"] == [made["number"]]
    lent = director.post("leads/approve_key_loan", id=made["id"])
    assert lent["state"] == "lent"
    page = Caller(system, "qian.jun").page("/leads/key_loan/")
    assert "钥匙借用" in page
    assert made["number"] in page


class Caller:
    """Somebody at the REST API and in the console."""

    def __init__(self, system: Any, user: str) -> None:
        self.system, self.user = system, user
        body = {"username": user, "password": system.password, "provider": "db"}
        self.token = self._call("POST", "/api/v1/security/login", body)["access_token"]

    def _call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        wanted = {"Content-Type": "application/json", **headers}
        if hasattr(self, "token"):
            wanted["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.system.url + path, data, wanted, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def get(self, resource: str) -> Any:
        return self._call("GET", f"/api/v1/{resource}")

    def post(self, command: str, **payload: Any) -> Any:
        return self._call("POST", f"/api/v1/{command}", payload, **{"Idempotency-Key": uuid.uuid4().hex})["result"]

    def page(self, path: str) -> str:
        """A page of the console, signed in as a person is."""
        import http.cookiejar
        import urllib.parse

        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with browser.open(self.system.url + "/login/", timeout=20) as answer:
            form = answer.read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token is not None
        fields = {"csrf_token": token[1], "username": self.user, "password": self.system.password}
        with browser.open(self.system.url + "/login/", urllib.parse.urlencode(fields).encode(), timeout=20):
            pass
        with browser.open(self.system.url + path, timeout=20) as answer:
            text: str = answer.read().decode()
            return text
