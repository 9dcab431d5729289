"""The command line: help, and errors in one line that name what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import checks
from services.chassis import settings

pytestmark = pytest.mark.unit


def anju(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=settings.ROOT,
        env={**os.environ, "COLUMNS": "300", "TERM": "dumb", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command() -> None:
    done = anju("--help")
    assert done.returncode == 0
    for command in ("up", "test", "migrate", "seed", "topology", "status", "replay", "contracts", "faults"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["up"], {"ANJU_PORT": "http"}, "ANJU_PORT: must be a whole number from 1 to 65535 (got 'http')"),
        (["up"], {"ANJU_LOG_LEVEL": "loud"}, "ANJU_LOG_LEVEL: must be one of debug, info, warning, error"),
        (["topology"], {"ANJU_AMQP_URI": "nowhere"}, "ANJU_AMQP_URI: must be amqp://"),
        (["topology"], {}, "ANJU_AMQP_URI: is not set and no private broker was started here"),
        (["topology"], {"ANJU_AMQP_URI": "amqp://127.0.0.1:1//"}, "Connection refused"),
        (["migrate"], {"ANJU_DATABASE_URL": "oracle://x/y"}, "ANJU_DATABASE_URL: must be postgresql://"),
        (["migrate", "sales"], {}, "service: must be one of leads, complaints, maintenance, membership (got 'sales')"),
        (["replay", "--note", ""], {}, "--note: must say why"),
        (["replay"], {}, "Missing option '--note'"),
        (["test", "nothing"], {}, "part: must be one of lint,"),
        (["faults", "--database", "oracle"], {}, "--database: must be postgresql or sqlite (got 'oracle')"),
        (["seed"], {"ANJU_PORT": "1"}, "the system is not up"),
        (["frobnicate"], {}, "No such command 'frobnicate'"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    anju_home: Path, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    done = anju(*arguments, **environment)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = anju("up", ANJU_HOME=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "ANJU_HOME: must be a folder" in done.stderr


def test_parts_of_the_suite_are_its_folders() -> None:
    assert {"lint", "deploy", "topology"} <= set(checks.parts())
