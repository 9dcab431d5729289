"""Each import contract of pyproject.toml fails when it is violated: a rule that never failed proves nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import checks
from services.chassis import settings

pytestmark = pytest.mark.unit
PACKAGES = [
    *("services", "services/contracts", "services/chassis", "admin", "deploy"),
    *("services/leads", "services/complaints", "services/maintenance", "services/membership"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small copy of the tree: every package, empty."""
    for package in PACKAGES:
        (tmp_path / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
    for service in ("leads", "complaints", "maintenance", "membership"):
        (tmp_path / "services" / service / "service.py").touch()
    for module in ("admin/rpc.py", "admin/app.py", "deploy/seeding.py", "deploy/cli.py", "services/chassis/run.py"):
        (tmp_path / module).touch()
    return tmp_path


def lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [
            sys.executable,
            *checks.LINTERS["import-linter"],
            "--config",
            str(settings.ROOT / "pyproject.toml"),
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_allowed_passes(copy: Path) -> None:
    (copy / "services/leads/service.py").write_text(
        "import nameko\nimport services.chassis.run\nimport services.contracts\n"
    )
    (copy / "services/chassis/run.py").write_text("import nameko.containers\nimport services.contracts\n")
    (copy / "admin/rpc.py").write_text("import nameko.standalone.rpc\nimport services.contracts\n")
    (copy / "deploy/seeding.py").write_text("import admin.app\nimport services.chassis.run\n")
    code, text = lint(copy)
    assert code == 0, text


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("services/leads/visits.py", "import services.membership.service", "Services never import each other"),
        ("services/maintenance/x.py", "from services.complaints import service", "Services never import each other"),
        ("admin/page.py", "import services.chassis.run", "The console imports no service and no chassis"),
        ("admin/page.py", "from services.leads import service", "The console imports no service and no chassis"),
        ("services/contracts/x.py", "import services.chassis.run", "Contracts import nothing of ours"),
        ("services/chassis/x.py", "import services.leads.service", "The chassis imports contracts only"),
        ("services/chassis/x.py", "import admin.app", "The chassis imports contracts only"),
        ("services/leads/x.py", "import admin.app", "Services import neither the console nor the launcher"),
        ("deploy/cli.py", "import services.leads.service", "The launcher imports no service"),
        ("deploy/cli.py", "import admin.app", "The launcher imports no service"),
        ("services/leads/visits.py", "import nameko.rpc", "Nameko only in the chassis"),
        ("admin/page.py", "import nameko", "Nameko only in the chassis"),
        ("deploy/cli.py", "from nameko.standalone import rpc", "Nameko only in the chassis"),
    ],
)
def test_a_violation_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    (copy / module).write_text(line + "\n")
    code, text = lint(copy)
    assert code != 0
    broken = [row for row in text.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(contract) for row in broken), text
