"""The console runs with the published language beside it and no service's code on its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from services.chassis.settings import ROOT

PROGRAM = """
import sys
from admin import create_app
with create_app().test_client() as client:
    assert client.get("/login/").status_code == 200
loaded = {name for name in sys.modules if name.startswith("services.")}
assert not {name for name in loaded if name.split(".")[1] != "contracts"}, loaded
print("alone")
"""


def test_the_console_starts_without_the_services(tmp_path: Path) -> None:
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "admin", tmp_path / "admin", ignore=leave)
    shutil.copytree(ROOT / "services" / "contracts", tmp_path / "services" / "contracts", ignore=leave)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "ANJU_HOME": str(tmp_path / "home"),
        "ANJU_AMQP_URI": "amqp://nobody:nothing@127.0.0.1:1//",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip().endswith("alone"), done.stdout + done.stderr
